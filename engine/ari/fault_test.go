package ari

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// TestWithoutRESTOverWebsocket has an Asterisk that takes requests over HTTP only: before 20.14, 21.9 and 22.4.
func TestWithoutRESTOverWebsocket(t *testing.T) {
	t.Parallel()
	f := newFakeAsterisk(t, &fakeAsterisk{deaf: true})
	f.answer = func(q fakeRequest) fakeAnswer {
		if q.is("POST", "channels/1/play/") {
			id := q.Path[len("channels/1/play/"):]
			f.send(map[string]any{"type": "PlaybackFinished", "playback": map[string]any{"id": id, "target_uri": "channel:1", "state": "done"}})
		}
		return fakeAnswer{}
	}
	over := make(chan error, 1)
	began := time.Now()
	_, log := serveFake(t, f, &Server{}, func(ctx context.Context, c *channel) {
		_, played := c.Play(ctx, []engine.Prompt{{Text: "hello"}}, "")
		key, read := c.ReadDigit(ctx, 10*time.Second)
		if key != '5' {
			read = errors.Join(read, fmt.Errorf("key %q", key))
		}
		over <- errors.Join(c.Answer(ctx), played, read, c.SetVar(ctx, "A", "1"), c.Continue(ctx, engine.Location{}))
	})
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v to find out", took)
	}
	f.ring("1")
	f.send(pressed("1", "5"))
	if err := wait(t, "the end of the flow", over); err != nil {
		t.Error(err)
	}
	f.leaves("1")
	if log.lines("requests=HTTP") == nil {
		t.Error("the log does not say that requests go over HTTP")
	}
}

// TestVariablesOneByOne has an Asterisk that takes one variable at a time: before 20.20, 22.10 and 23.4.
func TestVariablesOneByOne(t *testing.T) {
	t.Parallel()
	f := newFakeAsterisk(t, &fakeAsterisk{answer: func(q fakeRequest) fakeAnswer {
		if q.is("GET", "channels/1/variables") {
			return fakeAnswer{status: 404, body: `{"message": "Resource not found"}`}
		}
		return fakeAnswer{}
	}})
	over := make(chan error, 1)
	serveFake(t, f, &Server{}, func(ctx context.Context, c *channel) {
		vars := []engine.Variable{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}}
		over <- errors.Join(c.SetVars(ctx, vars), c.SetVars(ctx, vars))
	})
	f.ring("1")
	if err := wait(t, "the end of the flow", over); err != nil {
		t.Error(err)
	}
	if n := f.count("GET", "channels/1/variables"); n != 1 {
		t.Errorf("it was tried %d times", n)
	}
	f.leaves("1")
}

// TestUnreadableEvents has Asterisk send what is no event, and events with other fields than expected. They cost
// the calls nothing.
func TestUnreadableEvents(t *testing.T) {
	t.Parallel()
	f := newFakeAsterisk(t, &fakeAsterisk{})
	keys := make(chan engine.Digit, 10)
	s, log := serveFake(t, f, &Server{}, func(ctx context.Context, c *channel) {
		for {
			key, err := c.ReadDigit(ctx, 20*time.Second)
			if err != nil || key == '#' {
				return
			}
			keys <- key
		}
	})
	wait(t, "the websocket", f.apps)
	f.ring("1")
	for _, text := range []string{"", "garbage", "[]", `{"type": 7}`, `{"no": "type"}`, "\xff\xfe", `{"type": "ChannelDtmfReceived", "channel": `} {
		f.send(text)
	}
	other := pressed("1", "1")
	other["duration"], other["cause"] = "a while", map[string]int{"code": 16}
	f.send(other)
	f.send(map[string]any{"type": "SomethingNew", "channel": channelOf("1"), "value": 1})
	f.send(pressed("1", "2"))
	for _, want := range []engine.Digit{'1', '2'} {
		if got := wait(t, "a key", keys); got != want {
			t.Errorf("got key %q, want %q", got, want)
		}
	}
	f.send(pressed("1", "#"))
	until(t, "the flow is over", func() bool { return s.snapshot() == nil || len(s.snapshot()) == 0 })
	f.leaves("1")
	if lines := log.lines("no event"); len(lines) != 1 {
		t.Errorf("want one line about it: %q", lines)
	}
	select {
	case <-f.apps:
		t.Error("the connection was opened anew")
	default:
	}
}

// TestLostAnswers has the connection break between a request and its answer. Whether Asterisk has carried the
// request out or not: in the end it has, once.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	const playing = "channels/1/play/"
	for _, test := range []struct {
		name    string
		path    string // of the request whose answer is lost
		carried bool   // Asterisk has carried it out
		do      func(ctx context.Context, c *channel) error
		want    int // such requests
	}{
		{"play, carried out", playing, true, playHello, 1},
		{"play, not carried out", playing, false, playHello, 2},
		{"record, carried out", "channels/1/record", true, recordHello, 1},
		{"record, not carried out", "channels/1/record", false, recordHello, 2},
		{"continue, carried out", "channels/1/continue", true, continueNext, 2},
		{"continue, not carried out", "channels/1/continue", false, continueNext, 2},
		{"exec, carried out", "channels/1/continue", true, execNoOp, 1},
		{"exec, not carried out", "channels/1/continue", false, execNoOp, 2},
		{"answer", "channels/1/answer", true, func(ctx context.Context, c *channel) error { return c.Answer(ctx) }, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFakeAsterisk(t, &fakeAsterisk{})
			f.answer = lostOnce(f, test.path, test.carried)
			over := make(chan error, 1)
			serveFake(t, f, &Server{}, func(ctx context.Context, c *channel) { over <- test.do(ctx, c) })
			f.ring("1")
			if err := wait(t, "the end of the flow", over); err != nil {
				t.Error(err)
			}
			got := 0
			for _, q := range f.asked() {
				if q.is("POST", test.path) && (q.Body["extension"] == "exec") == strings.HasPrefix(test.name, "exec") {
					got++
				}
			}
			if got != test.want {
				t.Errorf("it was asked for %d times, want %d", got, test.want)
			}
		})
	}
}

func playHello(ctx context.Context, c *channel) error {
	_, err := c.Play(ctx, []engine.Prompt{{Text: "hello"}}, "")
	return err
}

func recordHello(ctx context.Context, c *channel) error {
	_, err := c.Record(ctx, engine.RecordRequest{Name: "hello", Max: 100 * time.Millisecond})
	return err
}

func continueNext(ctx context.Context, c *channel) error { return c.Continue(ctx, engine.Location{}) }

func execNoOp(ctx context.Context, c *channel) error {
	_, err := c.Exec(ctx, "NoOp", "")
	return err
}

// lostOnce is an Asterisk that loses the answer to the first POST of a path, and then goes on as if it had carried
// the request out, or not.
func lostOnce(f *fakeAsterisk, path string, carried bool) func(fakeRequest) fakeAnswer {
	var lost, done, left atomic.Bool
	return func(q fakeRequest) fakeAnswer {
		if q.is("POST", path) && !lost.Swap(true) {
			done.Store(carried)
			left.Store(carried && strings.HasSuffix(path, "continue") && q.Body["extension"] == nil)
			f.breakOff()
			return fakeAnswer{cut: true}
		}
		if q.is("POST", path) && left.Load() {
			return fakeAnswer{status: 409, body: `{"message": "Channel not in Stasis application"}`}
		}
		done.Store(done.Load() || q.is("POST", path))
		switch {
		case q.is("GET", "playbacks/") && done.Load():
			go f.send(map[string]any{"type": "PlaybackFinished", "playback": map[string]any{"id": q.Path[len("playbacks/"):], "target_uri": "channel:1", "state": "done"}})
			return fakeAnswer{status: 200, body: `{}`}
		case q.is("POST", "channels/1/play/"):
			go f.send(map[string]any{"type": "PlaybackFinished", "playback": map[string]any{"id": q.Path[len("channels/1/play/"):], "target_uri": "channel:1", "state": "done"}})
		case q.is("GET", "recordings/live/hello") && done.Load():
			return fakeAnswer{status: 200, body: `{"name": "hello", "target_uri": "channel:1"}`}
		case q.is("POST", "recordings/live/hello/stop"):
			go f.send(map[string]any{"type": "RecordingFinished", "recording": map[string]any{"name": "hello", "target_uri": "channel:1"}})
		case q.is("POST", "channels/1/record"):
			go f.send(map[string]any{"type": "RecordingStarted", "recording": map[string]any{"name": "hello", "target_uri": "channel:1"}})
		case q.is("GET", "channels/1/variable?variable=DIALPLAN_EXISTS"):
			return fakeAnswer{status: 200, body: `{"value": "1"}`}
		case q.is("GET", "channels/1/variable?variable=IVRD_RAN") && done.Load():
			go f.send(map[string]any{"type": "StasisStart", "application": "ivrd", "args": []string{"ivrd:back"}, "channel": channelOf("1")})
			return fakeAnswer{status: 200, body: `{"value": "1"}`}
		case q.is("POST", "channels/1/continue") && q.Body["extension"] == "exec":
			go f.send(map[string]any{"type": "StasisStart", "application": "ivrd", "args": []string{"ivrd:back"}, "channel": channelOf("1")})
		}
		return fakeAnswer{}
	}
}

// TestLeavers has many calls leave, whose StasisEnd comes before or after the answer to what they were told.
// Nothing of them is kept.
func TestLeavers(t *testing.T) {
	t.Parallel()
	const calls = 200
	f := newFakeAsterisk(t, &fakeAsterisk{})
	f.answer = func(q fakeRequest) fakeAnswer {
		if id, ok := strings.CutSuffix(q.Path, "/continue"); ok {
			id = strings.TrimPrefix(id, "channels/")
			if strings.HasSuffix(id, "0") {
				f.leaves(id)
			} else {
				go f.leaves(id)
			}
			return fakeAnswer{status: 204}
		}
		return fakeAnswer{}
	}
	s, _ := serveFake(t, f, &Server{}, func(ctx context.Context, c *channel) { _ = c.Continue(ctx, engine.Location{}) })
	for i := range calls {
		f.ring(fmt.Sprint("call-", i))
	}
	until(t, "all have left", func() bool { return f.count("POST", "channels/call-") >= calls && len(s.owned()) == 0 })
}

// TestHTTPFails has HTTP fail though the websocket is up.
func TestHTTPFails(t *testing.T) {
	t.Parallel()
	t.Run("the websocket takes requests", func(t *testing.T) {
		t.Parallel()
		var broken atomic.Bool
		f := newFakeAsterisk(t, &fakeAsterisk{answer: func(q fakeRequest) fakeAnswer {
			return fakeAnswer{cut: q.Way == "HTTP" && broken.Load()}
		}})
		over := make(chan error, 1)
		_, log := serveFake(t, f, &Server{}, func(ctx context.Context, c *channel) {
			over <- errors.Join(c.Answer(ctx), c.write(ctx, engine.Variable{Name: "A", Value: " 1"}))
		})
		broken.Store(true)
		f.ring("1")
		if err := wait(t, "the end of the flow", over); err != nil {
			t.Error(err)
		}
		if lines := log.lines("goes over the websocket"); len(lines) != 1 {
			t.Errorf("want one line about it: %q", lines)
		}
	})
	t.Run("it does not", func(t *testing.T) {
		t.Parallel()
		var broken atomic.Bool
		f := newFakeAsterisk(t, &fakeAsterisk{deaf: true, answer: func(q fakeRequest) fakeAnswer {
			return fakeAnswer{cut: broken.Load()}
		}})
		over := make(chan error, 1)
		serveFake(t, f, &Server{Outage: 100 * time.Millisecond}, func(ctx context.Context, c *channel) {
			broken.Store(true)
			over <- c.Answer(ctx)
			broken.Store(false)
		})
		f.ring("1")
		began := time.Now()
		if err := wait(t, "the end of the flow", over); !errors.Is(err, engine.ErrLost) {
			t.Errorf("got %v, want that it is lost", err)
		}
		if took := time.Since(began); took < leastPatience || took > leastPatience+3*time.Second {
			t.Errorf("it was given up after %v", took)
		}
	})
}

// TestLateCalls has calls come in while the server waits for its last one, and while it closes the connection: they
// go on in the dialplan, though the server does not answer them any more.
func TestLateCalls(t *testing.T) {
	t.Parallel()
	f := newFakeAsterisk(t, &fakeAsterisk{})
	begun, over := make(chan bool), make(chan bool)
	s, _ := serveFake(t, f, &Server{}, func(ctx context.Context, c *channel) {
		if c.now() != "1" {
			t.Errorf("the flow of %s ran", c.now())
			return
		}
		begun <- true
		<-over
	})
	f.ring("1")
	<-begun
	shut := make(chan error, 1)
	go func() { shut <- s.Shutdown(soon(t)) }()
	until(t, "no more calls are taken", func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.full
	})
	f.ring("2")
	until(t, "it was told to continue", func() bool { return f.count("POST", "channels/2/continue") == 1 })
	close(over)
	until(t, "the last one was told to continue", func() bool { return f.count("POST", "channels/1/continue") == 1 })
	if err := wait(t, "the end", shut); err != nil {
		t.Error(err)
	}
}

// TestLastMoment has a call come in that cannot be turned away any more over the websocket.
func TestLastMoment(t *testing.T) {
	t.Parallel()
	f := newFakeAsterisk(t, &fakeAsterisk{})
	s, _ := serveFake(t, f, &Server{}, func(context.Context, *channel) { t.Error("its flow ran") })
	f.mu.Lock()
	f.channels["1"] = true
	f.mu.Unlock()
	s.late = []string{"1"}
	s.farewell()
	if n := f.count("POST", "channels/1/continue"); n != 1 {
		t.Errorf("it was told to continue %d times", n)
	}
}

// TestHungUpBefore has a call be gone before anything could be asked of it: its flow does not run.
func TestHungUpBefore(t *testing.T) {
	t.Parallel()
	f := newFakeAsterisk(t, &fakeAsterisk{})
	s, log := serveFake(t, f, &Server{}, func(context.Context, *channel) { t.Error("its flow ran") })
	f.send(startOf("1"))
	until(t, "it is over", func() bool { return log.lines("over before its flow could begin") != nil && len(s.owned()) == 0 })
}

// TestForeignProgram has a program take the application that is no ivrd. It does not answer whether it lives, so the
// application is taken back, once: if it is quick to take it again it lives.
func TestForeignProgram(t *testing.T) {
	t.Parallel()
	f := newFakeAsterisk(t, &fakeAsterisk{})
	s, log := serveFake(t, f, &Server{}, func(context.Context, *channel) {})
	replaced := map[string]any{"type": "ApplicationReplaced", "application": "ivrd"}
	for _, want := range []string{"ivrd", s.ownName(), "ivrd", s.ownName()} {
		if got := wait(t, "a websocket", f.apps); got != want {
			t.Fatalf("a websocket for %s was opened, want %s", got, want)
		}
		until(t, "it is used", func() bool { return len(log.lines("connected to Asterisk")) > 0 && s.current() == want })
		if want == "ivrd" {
			f.send(replaced)
		}
	}
	select {
	case app := <-f.apps:
		t.Errorf("it was taken again: a websocket for %s", app)
	case <-time.After(3 * (standbyEvery + askTime)):
	}
	if n := len(log.lines("taken over")); n != 2 {
		t.Errorf("it was taken over %d times", n)
	}
}

// current is the name that the connection in use is for.
func (s *Server) current() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == nil || s.link.socket != s.latest {
		return ""
	}
	return s.app
}

// TestPings has Asterisk answer none: it is busy, or it is gone.
func TestPings(t *testing.T) {
	t.Parallel()
	const longest = pingEvery + pingTime + 2*time.Second
	for _, busy := range []bool{true, false} {
		t.Run(fmt.Sprint("busy ", busy), func(t *testing.T) {
			t.Parallel()
			release := make(chan struct{})
			f := newFakeAsterisk(t, &fakeAsterisk{})
			f.answer = func(q fakeRequest) fakeAnswer {
				if q.is("GET", "asterisk/info") { // one websocket's requests wait for each other, pings too
					<-release
				}
				return fakeAnswer{}
			}
			s, _ := serveFake(t, f, &Server{}, func(context.Context, *channel) {})
			wait(t, "the websocket", f.apps)
			answered := make(chan error, 1)
			go func() {
				_, err := s.do(t.Context(), get("asterisk/info"), nil)
				answered <- err
			}()
			defer func() { <-answered }()
			defer close(release)
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for end := time.After(longest); ; {
				select {
				case <-tick.C:
					if busy {
						f.send(map[string]any{"type": "SomethingNew"})
					}
				case <-f.apps:
					if busy {
						t.Error("it was taken to be gone")
					}
					return
				case <-end:
					if !busy {
						t.Error("nobody noticed that it is gone")
					}
					return
				}
			}
		})
	}
}
