package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

const (
	stormReloads = 100 // every other one broken
	stormPeers   = 200 // calls in progress
	stormPhones  = 20  // more of them, whose callers listen
	stormTones   = 13  // versions before the same three prompts come again
)

// A storm reloads a flow again and again while callers come and go. Version n, if it is a good one, plays
// three prompts of its own: one from the flow itself, one from a module it requires at once, one from a
// module it requires late.
type storm struct {
	*site
	saved atomic.Int64 // last good version that is on disk
	live  atomic.Int64 // last one that ivrd said it serves
	done  chan struct{}

	mu       sync.Mutex
	versions map[string]int64 // good ones by their hash
	calls    []stormCall
	listened int // calls of phones
	problems []string
}

// A stormCall is what a scripted caller saw.
type stormCall struct {
	peer
	from, to int64 // the versions it may be of
}

// TestReloadStorm has 200 calls in progress, and 20 more whose callers listen, while a flow is reloaded a
// hundred times: no call fails, none mixes versions, no broken one answers.
func TestReloadStorm(t *testing.T) {
	t.Parallel()
	sounds := map[string]time.Duration{"storm-sorry": 300 * time.Millisecond}
	for n := range stormTones {
		for _, part := range []string{"a", "b", "c"} {
			sounds[fmt.Sprintf("s%d-%s", n, part)] = 300 * time.Millisecond
		}
	}
	for _, part := range []string{"a", "b", "c"} {
		sounds["broken-"+part] = 300 * time.Millisecond
	}
	st := &storm{done: make(chan struct{}), versions: map[string]int64{}}
	st.site = plan{Sounds: sounds}.start(t)
	st.mount(t)
	st.saveVersion(t, 0)

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var callers sync.WaitGroup
	for i := range stormPeers {
		callers.Go(func() { st.call(ctx, i) })
	}
	for i := range stormPhones {
		callers.Go(func() { st.listen(ctx, i) })
	}
	began := time.Now()
	func() {
		defer callers.Wait()
		defer close(st.done)
		for i := range stormReloads {
			if n := int64(i/2 + 1); i%2 == 0 {
				st.saveBroken(t, n)
			} else {
				st.saveVersion(t, n)
			}
		}
	}()
	t.Logf("%d reloads in %v, %d scripted calls, %d of phones", stormReloads, time.Since(began).Round(time.Millisecond), len(st.calls), st.listened)
	if len(st.calls) < 2*stormPeers || st.listened < 2*stormPhones {
		t.Error("too few calls for a storm")
	}
	for _, c := range st.calls {
		st.judge(c)
	}
	for i, p := range st.problems {
		if i == 10 {
			t.Errorf("and %d more", len(st.problems)-i)
			break
		}
		t.Error(p)
	}
	if line, ok := st.log.find(0, "flow ended early"); ok {
		t.Errorf("a flow failed: %s", line)
	}
}

// mount makes the flows folder like a volume of Kubernetes: all files are links through ..data, and swapping
// that link changes all of them in one moment.
func (st *storm) mount(t *testing.T) {
	t.Helper()
	for _, name := range []string{"100.lua", "fallback.lua", "lib"} {
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(st.dir, "flows", name)); err != nil {
			t.Fatal(err)
		}
	}
}

var stormActive = regexp.MustCompile(`"100 (?:is new \(|changed \(\w+ → )(\w+)\)`)

// saveVersion makes good version n live.
func (st *storm) saveVersion(t *testing.T, n int64) {
	t.Helper()
	from := st.log.mark()
	st.saved.Store(n)
	st.swap(t, fmt.Sprint("v", n), stormFiles(fmt.Sprintf("custom/s%d", n%stormTones), n))
	m := stormActive.FindStringSubmatch(st.waitLog(t, from, `"msg":"new calls get"`, `"100 `))
	if m == nil {
		t.Fatal("the log does not say which version is live")
	}
	st.mu.Lock()
	st.versions[m[1]] = n
	st.mu.Unlock()
	st.live.Store(n)
}

// saveBroken saves a version with a fault in one of its three files, and waits until it is refused.
func (st *storm) saveBroken(t *testing.T, n int64) {
	t.Helper()
	from := st.log.mark()
	files := stormFiles("custom/broken", n)
	name := []string{"100.lua", "lib/first.lua", "lib/late.lua"}[n%3]
	files[name] = fmt.Sprintf("local version %d = nil\n%s", n, files[name])
	st.swap(t, fmt.Sprint("broken", n), files)
	st.waitLog(t, from, `"level":"ERROR"`, fmt.Sprintf(`"where":"%s:1:`, name), fmt.Sprintf("version %d", n), "100 keeps answering")
}

func stormFiles(prompt string, n int64) map[string]string {
	return map[string]string{
		"100.lua": fmt.Sprintf(`-- version %d
local first = require "lib.first"
call:answer()
call:play("%s-a")
call:wait(0.3)
call:play(first)
call:wait(0.3)
call:play(require "lib.late")
`, n, prompt),
		"lib/first.lua": fmt.Sprintf("return %q\n", prompt+"-b"),
		"lib/late.lua":  fmt.Sprintf("return %q\n", prompt+"-c"),
		"fallback.lua":  `call:answer() call:play("custom/storm-sorry")`,
	}
}

// swap makes those files the folder's, in one moment.
func (st *storm) swap(t *testing.T, volume string, files map[string]string) {
	t.Helper()
	dir := filepath.Join(st.dir, "flows")
	for name, text := range files {
		st.save(t, filepath.Join(".."+volume, name), text)
	}
	link := filepath.Join(dir, "..data_tmp")
	if err := os.Symlink(".."+volume, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(link, filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
}

func (st *storm) over() bool {
	select {
	case <-st.done:
		return true
	default:
		return false
	}
}

func (st *storm) problem(format string, args ...any) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.problems = append(st.problems, fmt.Sprintf(format, args...))
}

// call is a scripted caller, who calls until the storm is over.
func (st *storm) call(ctx context.Context, i int) {
	for !st.over() {
		c := stormCall{from: st.live.Load()}
		c.peer = peer{exten: "100", from: fmt.Sprint(1000 + i), sound: time.Duration(300+5*i) * time.Millisecond}
		if err := c.peer.call(ctx, st.agi); err != nil {
			st.problem("scripted call: %v", err)
			return
		}
		c.to = st.saved.Load()
		st.mu.Lock()
		st.calls = append(st.calls, c)
		st.mu.Unlock()
	}
}

// judge looks at one scripted call after the storm.
func (st *storm) judge(c stormCall) {
	n, good := st.versions[c.vars["IVRD_VERSION"]]
	tone := n % stormTones
	want := []string{fmt.Sprintf("custom/s%d-a", tone), fmt.Sprintf("custom/s%d-b", tone), fmt.Sprintf("custom/s%d-c", tone)}
	switch {
	case c.vars["IVRD_STATUS"] != "completed":
		st.problem("a call ended with %v after %v", c.vars, c.played)
	case !good:
		st.problem("a call was of version %s, which was never good", c.vars["IVRD_VERSION"])
	case n < c.from || n > c.to:
		st.problem("a call was of version %d, although %d was live before and %d the last saved", n, c.from, c.to)
	case !slices.Equal(c.played, want):
		st.problem("a call of version %d played %v", n, c.played)
	}
}

// listen is a caller with ears, who calls until the storm is over.
func (st *storm) listen(ctx context.Context, i int) {
	for !st.over() {
		from := st.live.Load()
		p, err := st.lab.Dial(ctx, "100", asterisk.Call{From: fmt.Sprint(i)})
		if err != nil {
			st.problem("dial: %v", err)
			return
		}
		_, err = p.WaitEnded(ctx)
		p.Close()
		st.mu.Lock()
		st.listened++
		st.mu.Unlock()
		if err != nil {
			st.problem("phone %d: %v", i, err)
			return
		}
		if heard := p.Heard(); !st.ofOneVersion(asterisk.Names(heard), from, st.saved.Load()) {
			st.problem("phone %d: heard %v; versions %d to %d were live", i, heard, from, st.saved.Load())
		}
	}
}

// ofOneVersion reports whether that is what one of those versions sounds like.
func (st *storm) ofOneVersion(heard []string, from, to int64) bool {
	for n := from; n <= to; n++ {
		prefix := fmt.Sprintf("s%d-", n%stormTones)
		if strings.Join(heard, " ") == prefix+"a "+prefix+"b "+prefix+"c" {
			return true
		}
	}
	return false
}
