package ari

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

var signalTests = []labTest{
	{"ringing and progress before the answer", signalsUnanswered},
	{"music until the next prompt", signalsMusic},
	{"music does not come back in a conversation", signalsMusicOver},
	{"hold", signalsHold},
	{"digits are sent, and those pressed meanwhile are kept", sendsDigits},
	{"a text is sent", sendsText},
	{"a snapshot", takesSnapshot},
	{"events go out", emits},
	{"events come in", hearsUserEvents},
	{"a phone holds, a caller speaks", hearsPhone},
	{"a caller is handed on", transfers},
	{"a caller is handed on without ivrd's part of the dialplan", redirects},
	{"a caller is handed on before the answer", transfersUnanswered},
	{"a caller is connected with another call", bridges},
}

func signal(t *testing.T, ctx context.Context, c *channel, kind engine.SignalKind, class string) {
	t.Helper()
	noErr(t, string(kind), c.Signal(ctx, engine.Signal{Kind: kind, Class: class}))
}

func play(t *testing.T, ctx context.Context, c *channel, sound string) {
	t.Helper()
	_, err := c.Play(ctx, []engine.Prompt{{Text: sound}}, "")
	noErr(t, "play "+sound, err)
}

func signalsUnanswered(t *testing.T, st *station) {
	v := st.call(t, func(ctx context.Context, c *channel) {
		signal(t, ctx, c, engine.SignalRinging, "")
		signal(t, ctx, c, engine.SignalProgress, "")
		play(t, ctx, c, "short")
		if c.up {
			t.Error("it is answered")
		}
	})
	noErr(t, "ringing", v.WaitStatus(within(t), 180))
	noErr(t, "progress", v.WaitStatus(within(t), 183))
	v.ends("short")
}

func signalsMusic(t *testing.T, st *station) {
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		signal(t, ctx, c, engine.SignalMusic, "other")
		_, err := c.Play(ctx, []engine.Prompt{engine.Silence(500 * time.Millisecond)}, "")
		noErr(t, "silence", err)
		play(t, ctx, c, "short")
		_, err = c.Play(ctx, []engine.Prompt{engine.Silence(300 * time.Millisecond)}, "")
		noErr(t, "silence", err)
		play(t, ctx, c, "join")
		signal(t, ctx, c, engine.SignalMusic, "")
		_, err = c.ReadDigit(ctx, 500*time.Millisecond)
		noErr(t, "wait", err)
		signal(t, ctx, c, engine.SignalNoMusic, "")
		_, err = c.ReadDigit(ctx, 300*time.Millisecond)
		noErr(t, "wait", err)
		play(t, ctx, c, "leave")
	})
	v.ends("leave")
	if heard := strings.Join(asterisk.Names(v.Heard()), " "); heard != otherMusic+" short join "+music+" leave" {
		t.Errorf("heard %s: %v", heard, v.Heard())
	}
}

func signalsMusicOver(t *testing.T, st *station) {
	name := st.phone(t)
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		signal(t, ctx, c, engine.SignalMusic, "")
		_, err := c.ReadDigit(ctx, 500*time.Millisecond)
		noErr(t, "wait", err)
		talk, err := c.Dial(ctx, engine.DialRequest{
			Targets: []string{"PJSIP/" + name}, Timeout: answerTime, Most: 2 * time.Second, Warn: 1500 * time.Millisecond, Warning: engine.Prompts{{Text: "beep"}},
		})
		if talk.Ended != engine.EndedLimit || err != nil {
			t.Errorf("dial: %v, %v", talk, err)
		}
	})
	called, err := st.WaitRing(within(t), name)
	if err != nil {
		t.Fatal(err)
	}
	noErr(t, "answer", called.Answer())
	v.ends("beep")
	wantHeard(t, v.Phone, "", music)
	wantHeard(t, v.Phone, "beep", "!"+music)
}

func signalsHold(t *testing.T, st *station) {
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		signal(t, ctx, c, engine.SignalHold, "")
		_, err := c.ReadDigit(ctx, 500*time.Millisecond)
		noErr(t, "wait", err)
		signal(t, ctx, c, engine.SignalUnhold, "")
		_, err = c.ReadDigit(ctx, 300*time.Millisecond)
		noErr(t, "wait", err)
		play(t, ctx, c, "short")
	})
	v.ends("short")
	if heard := strings.Join(asterisk.Names(v.Heard()), " "); heard != music+" short" {
		t.Errorf("heard %s: %v", heard, v.Heard())
	}
}

func sendsDigits(t *testing.T, st *station) {
	sent := make(chan struct{})
	started := make(chan struct{})
	var v *visit
	v = st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		close(started)
		began := time.Now()
		noErr(t, "send", c.SendDigits(ctx, "12w#A", 100*time.Millisecond, 150*time.Millisecond))
		if took := time.Since(began); took < 1500*time.Millisecond {
			t.Errorf("they were sent in %v", took)
		}
		close(sent)
		d, err := c.ReadDigit(ctx, 0)
		if d != '7' || err != nil {
			t.Errorf("kept: %v, %v", d, err)
		}
		play(t, ctx, c, "short")
	})
	<-started
	v.press("7")
	<-sent
	v.ends("short")
	if got := v.Digits(); got != "12#A" {
		t.Errorf("the phone got %q", got)
	}
}

func sendsText(t *testing.T, st *station) {
	const text = `Hello, "Ada" (${EXTEN}); ü\` + "\nand more"
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		noErr(t, "text", c.SendText(ctx, text))
		noErr(t, "text", c.SendText(ctx, "plain"))
		play(t, ctx, c, "short")
	})
	v.ends("short")
	if got := v.Texts(); len(got) != 2 || got[0] != text || got[1] != "plain" {
		t.Errorf("the phone got %q", got)
	}
}

func takesSnapshot(t *testing.T, st *station) {
	var v *visit
	ready := make(chan struct{})
	v = st.call(t, func(ctx context.Context, c *channel) {
		<-ready
		for _, state := range []string{"ring", "up"} {
			got, err := c.Snapshot(ctx)
			want := engine.Snapshot{
				Name: c.info.Channel, State: state, Number: v.id, Language: "en", Context: "callers", Exten: v.id, Priority: "1",
			}
			if got != want || err != nil {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
			noErr(t, "answer", c.Answer(ctx))
		}
	})
	close(ready)
	v.over()
}

func emits(t *testing.T, st *station) {
	manager := st.listenToAMI(t)
	data := map[string]string{"order": "4711", "text": `a, b: "ü"`}
	heard := make(chan string, 9)
	other := make(chan struct{})
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		noErr(t, "notify", c.Notify(ctx, []engine.EventKind{engine.EventUserEvent}, func(e engine.Event) bool {
			heard <- e.Text
			return true
		}))
		noErr(t, "emit", c.Emit(ctx, "Alone", data)) // only AMI hears it
		<-other
		noErr(t, "emit", c.Emit(ctx, "Order placed", data))
		noErr(t, "emit", c.Emit(ctx, "Bare", nil))
		_, err := c.server.do(ctx, post("events/user/Foreign", map[string]any{"application": "ivrd", "source": []string{"channel:" + c.now()}}), nil)
		noErr(t, "an event of others", err)
		if _, err := c.ReadDigit(ctx, answerTime); err != nil { // the event ends it, also if it came before
			t.Errorf("wait: %v", err)
		}
		noErr(t, "hang up", c.Hangup(ctx, engine.Cause(16)))
		noErr(t, "emit after the end", c.Emit(ctx, "After", nil))
	})
	for _, line := range []string{"UserEvent: Alone", "order: 4711"} {
		manager.wait(t, line)
	}
	events := st.listen(t, "other")
	close(other)
	for _, want := range []string{
		`{"eventname":"Order placed","order":"4711","text":"a, b: \"ü\""}`, `{"eventname":"Bare"}`, `{"eventname":"After"}`,
	} {
		e := <-events
		if got := string(e.UserEvent); !sameJSON(got, want) || e.EventName != "After" && e.Channel == nil {
			t.Errorf("the other program heard %s %s, want %s", e.EventName, e.UserEvent, want)
		}
	}
	manager.wait(t, "UserEvent: Order placed")
	v.over()
	if got := <-heard; got != "Foreign" || len(heard) > 0 {
		t.Errorf("the flow heard %s and %d more", got, len(heard))
	}
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// listen is the user events that another program with a websocket of its own hears.
func (st *station) listen(t *testing.T, app string) <-chan *event {
	t.Helper()
	s := &Server{App: app, Username: asterisk.User, Password: asterisk.Secret, URL: st.ARIURL()}
	s.setUp()
	socket, err := s.dial(app)
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan *event, 99)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = socket.run(s.life, func(e *event) {
			if e.Type == "ChannelUserevent" {
				events <- e
			}
		})
	}()
	t.Cleanup(func() {
		s.end(ErrServerClosed)
		<-done
		s.http.close()
	})
	return events
}

// An ami is what a manager hears.
type ami struct{ lines chan string }

// wait waits for a line.
func (a *ami) wait(t *testing.T, line string) {
	t.Helper()
	ctx := within(t)
	for {
		select {
		case got, open := <-a.lines:
			if got == line {
				return
			}
			if open {
				continue
			}
		case <-ctx.Done():
		}
		t.Fatalf("AMI has not said %q", line)
	}
}

func (st *station) listenToAMI(t *testing.T) *ami {
	t.Helper()
	conn, err := net.Dial("tcp4", st.AMIAddr())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "Action: Login\r\nUsername: %s\r\nSecret: %s\r\nEvents: user\r\n\r\n", asterisk.User, asterisk.Secret)
	a := &ami{make(chan string, 9999)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(a.lines)
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			a.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-read
	})
	a.wait(t, "Message: Authentication accepted")
	return a
}

func hearsUserEvents(t *testing.T, st *station) {
	id := make(chan string, 1)
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		var got engine.Event
		noErr(t, "notify", c.Notify(ctx, []engine.EventKind{engine.EventUserEvent}, func(e engine.Event) bool {
			got = e
			return e.Text == "Second"
		}))
		id <- c.now()
		_, err := c.Play(ctx, []engine.Prompt{{Text: "long"}}, "")
		noErr(t, "play", err)
		if want := (engine.Event{Kind: engine.EventUserEvent, Text: "Second", Data: `{"a":"1"}`}); got != want {
			t.Errorf("heard %+v, want %+v", got, want)
		}
		play(t, ctx, c, "short")
	})
	v.hears("long")
	source := []string{"channel:" + <-id}
	for _, name := range []string{"First", "Second"} {
		_, err := st.server.do(within(t), post("events/user/"+name, map[string]any{"application": "ivrd", "source": source, "variables": map[string]string{"a": "1"}}), nil)
		noErr(t, "event", err)
	}
	v.ends("short")
}

func hearsPhone(t *testing.T, st *station) {
	heard := make(chan engine.Event, 99)
	ready := make(chan struct{})
	kinds := []engine.EventKind{engine.EventHold, engine.EventUnhold, engine.EventTalking, engine.EventQuiet}
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		noErr(t, "notify", c.Notify(ctx, kinds, func(e engine.Event) bool {
			heard <- e
			return e.Kind == engine.EventUnhold
		}))
		close(ready)
		_, err := c.ReadDigit(ctx, answerTime)
		noErr(t, "wait", err)
	})
	<-ready
	st.speaks(t, v, "talking")
	for _, kind := range kinds[2:] {
		if e := <-heard; e.Kind != kind {
			t.Errorf("heard %+v, want %s", e, kind)
		}
	}
	noErr(t, "hold", v.Hold(true))
	noErr(t, "unhold", v.Hold(false))
	for _, kind := range kinds[:2] {
		if e := <-heard; e.Kind != kind {
			t.Errorf("heard %+v, want %s", e, kind)
		}
	}
	v.over()
}

func transfers(t *testing.T, st *station) {
	const target = "sip:bob@127.0.0.1"
	refused := make(chan struct{})
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		<-refused
		if err := c.Transfer(ctx, target); err == nil || !strings.Contains(err.Error(), "did not agree (603)") {
			t.Errorf("refused: %v", err)
		}
		play(t, ctx, c, "short")
	})
	noErr(t, "media", v.WaitMedia(within(t)))
	v.StayWhenReferred()
	close(refused)
	v.ends("short")

	v = st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		noErr(t, "transfer", c.Transfer(ctx, target))
		if _, err := c.ReadDigit(ctx, answerTime); !errors.Is(err, engine.ErrHangup) {
			t.Errorf("afterwards: %v", err)
		}
	})
	v.over()
	if !strings.Contains(v.Referred(), target) {
		t.Errorf("handed on to %q", v.Referred())
	}
}

func redirects(t *testing.T, st *station) {
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		if err := c.redirect(ctx, "IAX2/bob"); err == nil || !strings.Contains(err.Error(), "no means") {
			t.Errorf("over another technology: %v", err)
		}
		noErr(t, "redirect", c.redirect(ctx, "sip:bob@127.0.0.1"))
	})
	v.over()
	if !strings.Contains(v.Referred(), "sip:bob@127.0.0.1") {
		t.Errorf("handed on to %q", v.Referred())
	}
}

func transfersUnanswered(t *testing.T, st *station) {
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "transfer", c.Transfer(ctx, "sip:bob@127.0.0.1"))
	})
	if cause, err := v.WaitEnded(within(t)); cause.SIP != 302 || err != nil {
		t.Errorf("ended by %+v, %v", cause, err)
	}
}

func bridges(t *testing.T, st *station) {
	name := make(chan string, 1)
	waits := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		name <- c.info.Channel
		if _, err := c.ReadDigit(ctx, answerTime); !errors.Is(err, engine.ErrHangup) {
			t.Errorf("whoever was taken: %v", err)
		}
	})
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		if err := c.Bridge(ctx, "PJSIP/nobody"); err == nil || !strings.Contains(err.Error(), "no channel PJSIP/nobody") {
			t.Errorf("nobody: %v", err)
		}
		noErr(t, "bridge", c.Bridge(ctx, <-name))
		play(t, ctx, c, "short")
	})
	st.says(t, waits, "waits", v)
	st.says(t, v, "calls", waits)
	noErr(t, "hang up", waits.HangUp())
	v.ends("short")
}
