package ari

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/ivrd/ivrd/engine"
)

// A fakeAsterisk is an Asterisk that fails as a real one cannot be made to. Its fields are set before it is used.
type fakeAsterisk struct {
	deaf bool // it takes no requests over websockets, as versions before 20.14

	// answer decides about a request. A zero answer is the usual one.
	answer func(q fakeRequest) fakeAnswer

	web *httptest.Server

	mu       sync.Mutex
	ws       *websocket.Conn
	apps     chan string // of websockets that were opened
	channels map[string]bool
	requests []fakeRequest
}

// A fakeRequest is one that came.
type fakeRequest struct {
	Way, Method, Path string // Way is websocket or HTTP
	Body              map[string]any
}

func (q fakeRequest) String() string { return q.Method + " " + q.Path }

// is reports whether that is the method and how the path begins.
func (q fakeRequest) is(method, path string) bool {
	return q.Method == method && strings.HasPrefix(q.Path, path)
}

// A fakeAnswer is what becomes of a request.
type fakeAnswer struct {
	status int
	body   string
	cut    bool // the connection breaks instead
}

func newFakeAsterisk(t *testing.T, f *fakeAsterisk) *fakeAsterisk {
	t.Helper()
	f.apps, f.channels = make(chan string, 100), map[string]bool{}
	f.web = httptest.NewServer(f)
	t.Cleanup(f.web.Close)
	return f
}

func (f *fakeAsterisk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/ari/")
	if path == "events" {
		if ws, err := websocket.Accept(w, r, nil); err == nil {
			f.apps <- r.FormValue("app")
			f.talk(ws)
		}
		return
	}
	body, _ := io.ReadAll(r.Body)
	q := fakeRequest{Way: "HTTP", Method: r.Method, Path: strings.TrimPrefix(r.URL.RequestURI(), "/ari/")}
	_ = json.Unmarshal(body, &q.Body)
	a := f.decide(q)
	if a.cut {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
		return
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// talk is Asterisk's side of a websocket.
func (f *fakeAsterisk) talk(ws *websocket.Conn) {
	ws.SetReadLimit(-1)
	f.mu.Lock()
	f.ws = ws
	f.mu.Unlock()
	defer ws.CloseNow()
	for {
		_, b, err := ws.Read(context.Background())
		if err != nil {
			return
		}
		if f.deaf {
			continue
		}
		var m restRequest
		if json.Unmarshal(b, &m) != nil {
			return
		}
		q := fakeRequest{Way: "websocket", Method: m.Method, Path: m.URI}
		_ = json.Unmarshal([]byte(m.Body), &q.Body)
		a := f.decide(q)
		if a.cut {
			return
		}
		f.write(ws, map[string]any{"type": "RESTResponse", "request_id": m.RequestID, "status_code": a.status, "message_body": a.body})
	}
}

// decide is the answer to a request.
func (f *fakeAsterisk) decide(q fakeRequest) fakeAnswer {
	f.mu.Lock()
	f.requests = append(f.requests, q)
	f.mu.Unlock()
	var a fakeAnswer
	if f.answer != nil {
		a = f.answer(q)
	}
	if a.status == 0 {
		a.status, a.body = f.usual(q)
	}
	return a
}

func (f *fakeAsterisk) usual(q fakeRequest) (int, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path, _, _ := strings.Cut(q.Path, "?")
	parts := strings.Split(path, "/")
	app := map[string]any{"name": "ivrd", "channel_ids": sortedIDs(f.channels), "bridge_ids": []string{}}
	switch {
	case path == "applications":
		return 200, toJSON([]any{app})
	case path == "applications/ivrd":
		return 200, toJSON(app)
	case parts[0] == "applications" && len(parts) == 2:
		return 200, toJSON(map[string]any{"name": parts[1]})
	case path == "bridges":
		return 200, "[]"
	case parts[0] == "channels" && !f.channels[parts[1]]:
		return 404, `{"message": "Channel not found"}`
	case parts[0] == "channels" && len(parts) == 3 && parts[2] == "variable":
		return 200, `{"value": ""}`
	case parts[0] == "playbacks", parts[0] == "recordings":
		return 404, `{"message": "not found"}`
	}
	return 204, ""
}

func sortedIDs(m map[string]bool) []string {
	ids := []string{}
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // what tests say can be written
	}
	return string(b)
}

func (f *fakeAsterisk) write(ws *websocket.Conn, m any) {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	text, ok := m.(string)
	if !ok {
		text = toJSON(m)
	}
	_ = ws.Write(ctx, websocket.MessageText, []byte(text)) // what is cut the reader sees
}

// send sends an event, or a text that is none.
func (f *fakeAsterisk) send(m any) {
	f.mu.Lock()
	ws := f.ws
	f.mu.Unlock()
	f.write(ws, m)
}

// ring has a call come in.
func (f *fakeAsterisk) ring(id string) {
	f.mu.Lock()
	f.channels[id] = true
	f.mu.Unlock()
	f.send(startOf(id))
}

func startOf(id string) map[string]any {
	return map[string]any{"type": "StasisStart", "application": "ivrd", "args": []string{}, "channel": channelOf(id)}
}

func channelOf(id string) map[string]any {
	return map[string]any{"id": id, "name": "PJSIP/" + id, "state": "Ring", "dialplan": map[string]any{"context": "callers", "exten": "100", "priority": 2}}
}

// pressed is the event of a key.
func pressed(id, digit string) map[string]any {
	return map[string]any{"type": "ChannelDtmfReceived", "application": "ivrd", "digit": digit, "channel": channelOf(id)}
}

// leaves has a channel leave the application.
func (f *fakeAsterisk) leaves(id string) {
	f.mu.Lock()
	delete(f.channels, id)
	f.mu.Unlock()
	f.send(map[string]any{"type": "StasisEnd", "application": "ivrd", "channel": channelOf(id)})
}

// breakOff cuts the websocket.
func (f *fakeAsterisk) breakOff() {
	f.mu.Lock()
	ws := f.ws
	f.mu.Unlock()
	ws.CloseNow()
}

// count is how many requests came with that method and such a path.
func (f *fakeAsterisk) count(method, path string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, q := range f.requests {
		if q.is(method, path) {
			n++
		}
	}
	return n
}

// asked is all requests so far.
func (f *fakeAsterisk) asked() []fakeRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

// A fakeLog keeps what a server logs.
type fakeLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *fakeLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// lines is those that hold a text.
func (l *fakeLog) lines(text string) (found []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, text) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// serveFake has a server take the calls of a fake Asterisk until the test is over. do is the flow of all calls.
func serveFake(t *testing.T, f *fakeAsterisk, s *Server, do func(ctx context.Context, c *channel)) (*Server, *fakeLog) {
	t.Helper()
	log := &fakeLog{}
	s.App, s.Username, s.Password = "ivrd", "user", "password"
	s.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.Handler = func(ctx context.Context, ch engine.Channel) { do(ctx, ch.(*channel)) }
	if !s.Inbound {
		s.URL = f.web.URL + "/ari"
	}
	ctx, end := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		end()
		<-served
		bounded, stop := context.WithTimeout(context.Background(), 5*time.Second)
		defer stop()
		if err := s.Shutdown(bounded); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if t.Failed() {
			t.Logf("requests: %v\nlog:\n%s", f.asked(), strings.Join(log.lines(""), "\n"))
		}
	})
	if !s.Inbound {
		if err := s.WaitConnected(soon(t)); err != nil {
			t.Fatal(err)
		}
	}
	return s, log
}

// soon is the time that one step of a test may take.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// wait waits for something to come, or fails the test.
func wait[T any](t *testing.T, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-soon(t).Done():
		t.Fatalf("%s never came", what)
	}
	return v
}

// until waits until a condition holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for ctx := soon(t); !holds(); {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("it never was so: %s", what)
		}
	}
}

// owned is the ids that have owners.
func (s *Server) owned() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for id, to := range s.owners {
		ids = append(ids, fmt.Sprintf("%s %T", id, to))
	}
	return ids
}
