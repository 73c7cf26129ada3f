package e2e

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/ivrd/ivrd/test/asterisk"
)

const (
	ariLeakWarm   = 1_000 // calls before anything is counted
	ariLeakCalls  = 9_000
	ariLeakPart   = 3_000 // after each of them memory is looked at
	ariLeakAtOnce = 50
	ariCrowd      = 200
)

// TestARILeak makes ten thousand calls over ARI, fifty at once and at the end two hundred, and wants both ivrd and
// Asterisk to be what they were: no channel, bridge, playback, goroutine, socket or file more.
func TestARILeak(t *testing.T) {
	s := plan{
		Flows: map[string]string{
			"100.lua": `
call:on_end(function(why) call.over = why end)
call:answer()
call:play { "custom/hello", "hello" }
call:set("DONE", "1")`,
			"200.lua":      `call:answer() call:nonsense()`,
			"300.lua":      `call:answer() call:hangup()`,
			"400.lua":      `call:answer() call:ask { wait = 0.05, tries = 1 } call:exec("NoOp") call:continue()`,
			"500.lua":      `call:answer() call:record { name = "leak-" .. call.caller.number, max = 0.2 }`,
			"600.lua":      `call:answer() call:wait(4)`,
			"fallback.lua": `call:answer() call:play("custom/hello")`,
		},
		Prompts:  map[string]time.Duration{"hello": 20 * time.Millisecond},
		Sounds:   map[string]time.Duration{"hello": 20 * time.Millisecond},
		Dialplan: "exten => _X.,1,Stasis(ivrd)\n same => n,Hangup()\n",
		ARI:      true,
		Env:      []string{"GODEBUG=gctrace=1,schedtrace=500,scheddetail=1"},
	}.start(t)
	callers := newLocalCallers(t, s.lab, s.rest)
	goroutines := s.goroutines(t)
	callers.call(t, ariLeakWarm)
	idle, files, open := s.descriptors(t), s.labFiles(t), s.lab.Descriptors()
	began := time.Now()
	var live []int
	for range ariLeakCalls / ariLeakPart {
		callers.call(t, ariLeakPart)
		live = append(live, s.liveHeap(t))
	}
	t.Logf("%d calls in %v; live heap after each %d: %d MiB; %d files open; %d goroutines",
		ariLeakCalls, time.Since(began).Round(time.Second), ariLeakPart, live, idle, goroutines)
	if first, last := live[0], live[len(live)-1]; last > first+2 {
		t.Errorf("the live heap grew from %d to %d MiB: %d", first, last, live)
	}
	callers.crowd(t, ariCrowd)
	s.wantNothingLeft(t)
	s.wantNoMore(t, idle, goroutines)
	if n := s.lab.Descriptors(); n > open {
		t.Errorf("Asterisk has %d files and sockets open; it had %d", n, open)
	}
	if after := s.labFiles(t); after > files {
		t.Errorf("Asterisk has %d files; it had %d", after, files)
	}
}

// labFiles is how many files Asterisk has in its folder, recordings left out.
func (s *site) labFiles(t *testing.T) (n int) {
	t.Helper()
	err := filepath.WalkDir(s.lab.Path(s.lab.Dir()), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !strings.Contains(path, "spool/recording") {
			n++
		}
		return nil // what has just gone is not there
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// localCallers call ivrd from within Asterisk: each is a Local channel of which one half is in an application of
// the test's own and the other half in the dialplan.
type localCallers struct {
	rest *restClient
	last atomic.Int64

	mu   sync.Mutex
	gone map[string]chan struct{} // closed when the channel is
}

func newLocalCallers(t *testing.T, lab *asterisk.Lab, rest *restClient) *localCallers {
	t.Helper()
	c := &localCallers{rest: rest, gone: map[string]chan struct{}{}}
	ws := listenAs(t, lab, "callers")
	read := make(chan struct{})
	go func() {
		defer close(read)
		c.read(ws)
	}()
	t.Cleanup(func() {
		ws.CloseNow()
		<-read
	})
	return c
}

// listenAs opens a websocket of the test's own to an application.
func listenAs(t *testing.T, lab *asterisk.Lab, app string) *websocket.Conn {
	t.Helper()
	key := base64.StdEncoding.EncodeToString([]byte(asterisk.User + ":" + asterisk.Secret))
	ws, _, err := websocket.Dial(timeout(t), strings.Replace(lab.ARIURL(), "http", "ws", 1)+"/events?app="+app,
		&websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Basic " + key}}})
	if err != nil {
		t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	return ws
}

func (c *localCallers) read(ws *websocket.Conn) {
	for {
		_, b, err := ws.Read(context.Background())
		if err != nil {
			return
		}
		var e struct {
			Type    string `json:"type"`
			Channel struct {
				ID string `json:"id"`
			} `json:"channel"`
		}
		if json.Unmarshal(b, &e) != nil || e.Type != "ChannelDestroyed" {
			continue
		}
		c.mu.Lock()
		if gone := c.gone[e.Channel.ID]; gone != nil {
			close(gone)
			delete(c.gone, e.Channel.ID)
		}
		c.mu.Unlock()
	}
}

// one makes a call and returns when it is over.
func (c *localCallers) one(ctx context.Context, exten string) error {
	id := fmt.Sprintf("caller-%06d", c.last.Add(1)) // Asterisk refuses an id that another one begins with
	gone := make(chan struct{})
	c.mu.Lock()
	c.gone[id] = gone
	c.mu.Unlock()
	status, answer, err := c.rest.do(ctx, "POST", "/channels", map[string]any{
		"endpoint": "Local/" + exten + "@callers/n", "app": "callers", "channelId": id, "callerId": id[len("caller-"):],
	})
	if err != nil || status != 200 {
		return fmt.Errorf("call %s to %s: %d %s, %v", id, exten, status, answer, err)
	}
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("call %s to %s is not over: %w", id, exten, context.Cause(ctx))
	}
}

// call makes n calls.
func (c *localCallers) call(t *testing.T, n int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var next atomic.Int64
	var callers sync.WaitGroup
	for range ariLeakAtOnce {
		callers.Go(func() {
			for i := next.Add(1); i <= n && !t.Failed(); i = next.Add(1) {
				exten := []string{"100", "200", "300", "400", "500", "999"}[i%6]
				if err := c.one(ctx, exten); err != nil {
					t.Error(err)
				}
			}
		})
	}
	callers.Wait()
}

// crowd has n calls at once.
func (c *localCallers) crowd(t *testing.T, n int) {
	t.Helper()
	var callers sync.WaitGroup
	for range n {
		callers.Go(func() {
			if err := c.one(timeout(t), "600"); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
}
