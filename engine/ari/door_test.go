package ari

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/ivrd/ivrd/engine"
)

// connectTo has the fake Asterisk open a websocket to a door and say that first. It returns when the other side
// has closed it, or the test is over.
func (f *fakeAsterisk) connectTo(t *testing.T, door *httptest.Server, user string, first ...map[string]any) {
	t.Helper()
	ws, _, err := websocket.Dial(soon(t), door.URL, &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {basic(user, "password")}}, Subprotocols: []string{"ari"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range first {
		f.write(ws, e)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.talk(ws)
	}()
	t.Cleanup(func() {
		ws.CloseNow()
		<-done
	})
	until(t, "the websocket is in use", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.ws == ws
	})
}

func registered(app string) map[string]any {
	return map[string]any{"type": "ApplicationRegistered", "application": app}
}

// serveDoor has a server behind a door.
func serveDoor(t *testing.T, f *fakeAsterisk, do func(ctx context.Context, c *channel)) (*Server, *httptest.Server, *fakeLog) {
	t.Helper()
	s, log := serveFake(t, f, &Server{Inbound: true}, do)
	door := httptest.NewUnstartedServer(nil)
	door.Config = Door{s}.HTTPServer()
	door.Start()
	t.Cleanup(door.Close)
	return s, door, log
}

// TestDoorQueue has Asterisk say what it has kept while nobody listened before it says what application that is.
func TestDoorQueue(t *testing.T) {
	t.Parallel()
	f := newFakeAsterisk(t, &fakeAsterisk{})
	keys := make(chan string, 1)
	s, door, _ := serveDoor(t, f, func(ctx context.Context, c *channel) {
		pressed := ""
		for range 3 {
			key, _ := c.ReadDigit(ctx, 10*time.Second)
			pressed += key.String()
		}
		keys <- pressed
		_ = c.Continue(ctx, engine.Location{})
	})
	f.mu.Lock()
	f.channels["1"] = true
	f.mu.Unlock()
	f.connectTo(t, door, "user", startOf("1"), pressed("1", "1"), startOf("gone"), pressed("1", "2"),
		map[string]any{"type": "StasisEnd", "application": "ivrd", "channel": channelOf("gone")}, registered("ivrd"))
	f.send(pressed("1", "3"))
	if got := wait(t, "the keys", keys); got != "123" {
		t.Errorf("got the keys %s", got)
	}
	f.leaves("1")
	until(t, "nothing is kept", func() bool { return len(s.owned()) == 0 })
}

// TestDoorTwice has Asterisk open a second websocket while the first one seems to be open still: calls go over it.
func TestDoorTwice(t *testing.T) {
	t.Parallel()
	f := newFakeAsterisk(t, &fakeAsterisk{})
	keys := make(chan engine.Digit, 2)
	s, door, _ := serveDoor(t, f, func(ctx context.Context, c *channel) {
		for range 2 {
			key, _ := c.ReadDigit(ctx, 10*time.Second)
			keys <- key
		}
		_ = c.Continue(ctx, engine.Location{})
	})
	f.connectTo(t, door, "user", registered("ivrd"))
	f.ring("1")
	f.send(pressed("1", "1"))
	wait(t, "the first key", keys)
	f.connectTo(t, door, "user", registered("ivrd"))
	f.send(pressed("1", "2"))
	if got := wait(t, "the second key", keys); got != '2' {
		t.Errorf("got key %q", got)
	}
	until(t, "the call goes on", func() bool { return f.count("POST", "channels/1/continue") > 0 }) // it may be told again
	f.leaves("1")
	until(t, "nothing is kept", func() bool { return len(s.owned()) == 0 })
}

// TestLanes has requests that wait go over a websocket of their own, and over the main one when that breaks.
func TestLanes(t *testing.T) {
	t.Parallel()
	main, extra := newFakeAsterisk(t, &fakeAsterisk{}), newFakeAsterisk(t, &fakeAsterisk{})
	extra.channels["1"] = true
	over := make(chan error, 2)
	s, door, log := serveDoor(t, main, func(ctx context.Context, c *channel) {
		for range 2 {
			over <- c.write(ctx, engine.Variable{Name: "A", Value: " 1"})
		}
	})
	main.connectTo(t, door, "user", registered("ivrd"))
	extra.connectTo(t, door, "user", registered("ivrd~2"))
	until(t, "there is a lane", func() bool { return log.lines("lane") != nil })
	if err := s.WaitConnected(soon(t)); err != nil {
		t.Fatal(err)
	}
	extra.answer = func(q fakeRequest) fakeAnswer {
		return fakeAnswer{cut: extra.count("POST", "channels/1/variable") > 1}
	}
	main.ring("1")
	for range 2 {
		if err := wait(t, "the variable", over); err != nil {
			t.Error(err)
		}
	}
	if n, m := extra.count("POST", "channels/1/variable"), main.count("POST", "channels/1/variable"); n != 2 || m != 1 {
		t.Errorf("%d requests went over the lane and %d over the main websocket, want 2 and 1", n, m)
	}
	until(t, "the call goes on", func() bool { return main.count("POST", "channels/1/continue") == 1 })
	main.leaves("1")
	until(t, "nothing is kept", func() bool { return len(s.owned()) == 0 })
}

// TestDoorRefuses tells each trouble once, however often Asterisk tries.
func TestDoorRefuses(t *testing.T) {
	t.Parallel()
	f := newFakeAsterisk(t, &fakeAsterisk{})
	_, door, log := serveDoor(t, f, func(context.Context, *channel) {})
	for range 3 {
		for _, user := range []string{"", "nobody"} {
			_, res, err := websocket.Dial(soon(t), door.URL, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {basic(user, "password")}}})
			if err == nil || res == nil || res.StatusCode != http.StatusUnauthorized {
				t.Errorf("%q got in: %v", user, err)
			}
		}
		_, res, err := websocket.Dial(soon(t), door.URL, nil)
		if err == nil || res == nil || res.StatusCode != http.StatusUnauthorized {
			t.Errorf("nobody got in: %v", err)
		}
		f.connectTo(t, door, "user", registered("other"))
		f.connectTo(t, door, "user", map[string]any{"type": ""})
	}
	for _, want := range []string{`\"nobody\"`, `\"\"`, "gives no user name", "application is other", "no type"} {
		until(t, "told of "+want, func() bool { return log.lines(want) != nil })
		if n := len(log.lines(want)); n != 1 {
			t.Errorf("%q is told %d times", want, n)
		}
	}
	if strings.Contains(strings.Join(log.lines(""), ""), "password\"") {
		t.Error("the log has the password")
	}
}
