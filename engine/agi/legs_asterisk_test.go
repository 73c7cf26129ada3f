package agi

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// waits is a call that hears music until it is over, and the name of its channel.
func (x *exchange) waits(t *testing.T) (*visit, string) {
	t.Helper()
	name := make(chan string, 1)
	v := x.visit(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		name <- c.info.Channel
		_, err := c.Exec(ctx, "MusicOnHold", "")
		wantErr(t, "music", err, engine.ErrHangup)
	})
	v.hears(v.Phone, "music")
	return v, <-name
}

func bridgeTalk(t *testing.T, x *exchange) {
	other, name := x.waits(t)
	v := x.visit(t, func(ctx context.Context, c *channel) {
		noErr(t, "bridge", c.Bridge(ctx, name))
		_, err := c.Play(ctx, sound("custom/went"), "")
		noErr(t, "play", err)
	})
	v.talk(v.Phone, other.Phone)
	other.hangsUp(other.Phone)
	v.hears(v.Phone, "went")
	v.over()
	other.over()

	other, name = x.waits(t)
	v = x.visit(t, func(ctx context.Context, c *channel) {
		wantErr(t, "bridge", c.Bridge(ctx, name), engine.ErrHangup)
	})
	v.talk(v.Phone, other.Phone)
	v.hangsUp(v.Phone)
	v.over()
	other.over() // its dialplan goes on at the next priority

	x.visit(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		for _, name := range []string{"PJSIP/nobody", c.info.Channel, "a,b"} {
			if err := c.Bridge(ctx, name); err == nil || errors.Is(err, engine.ErrHangup) {
				t.Errorf("bridge %s: %v", name, err)
			}
		}
	}).over()
}

// park has a caller wait at a slot.
func (x *exchange) park(t *testing.T, r engine.ParkRequest, want func(*testing.T, engine.Talk, error)) *visit {
	t.Helper()
	return x.visit(t, func(ctx context.Context, c *channel) {
		talk, err := c.Park(ctx, r)
		if talk.Status == engine.Answered {
			if talk.Target == "" {
				t.Error("nobody picked up")
			}
			talk.Target = ""
		}
		want(t, talk, err)
		if err == nil {
			_, err := c.Play(ctx, sound("custom/went"), "")
			noErr(t, "play", err)
		}
	})
}

func (x *exchange) pickup(t *testing.T, slot string, want func(*testing.T, engine.Talk, error)) *visit {
	t.Helper()
	return x.visit(t, func(ctx context.Context, c *channel) {
		talk, err := c.Pickup(ctx, slot)
		if talk.Status == engine.Answered {
			if talk.Target == "" {
				t.Error("nobody was picked up")
			}
			talk.Target = ""
		}
		want(t, talk, err)
		if err == nil {
			_, err := c.Play(ctx, sound("custom/came"), "")
			noErr(t, "play", err)
		}
	})
}

func parkTalk(t *testing.T, x *exchange) {
	talked := wantTalk("", engine.EndedCalled, aWord)
	// Whoever waits longest is picked up first; who picks up hangs up.
	first := x.park(t, engine.ParkRequest{Slot: "701"}, talked)
	first.hears(first.Phone, "music")
	second := x.park(t, engine.ParkRequest{Slot: "701", Music: "blues"}, wantHangup)
	second.hears(second.Phone, "music")
	v := x.pickup(t, "701", wantHangup)
	v.talk(v.Phone, first.Phone)
	w := x.pickup(t, "701", talked)
	w.talk(w.Phone, second.Phone)
	x.pickup(t, "701", wantStatus(engine.Talk{Status: engine.Unavailable})).over()
	v.hangsUp(v.Phone)
	v.over()
	first.hears(first.Phone, "went")
	first.over()
	// Who was parked hangs up.
	second.hangsUp(second.Phone)
	w.hears(w.Phone, "came")
	w.over()
	<-second.done
}

func parkNobody(t *testing.T, x *exchange) {
	v := x.park(t, engine.ParkRequest{Slot: "a_1-b", Timeout: 700 * time.Millisecond}, wantStatus(engine.Talk{Status: engine.NoAnswer}))
	v.hears(v.Phone, "music")
	v.hears(v.Phone, "went")
	v.over()
	v = x.park(t, engine.ParkRequest{Slot: "702"}, wantHangup)
	v.hears(v.Phone, "music")
	v.hangsUp(v.Phone)
	v.over()
	x.visit(t, func(ctx context.Context, c *channel) {
		if _, err := c.Park(ctx, engine.ParkRequest{Slot: "a@b"}); err == nil {
			t.Error("a@b")
		}
		if _, err := c.Pickup(ctx, "a;b"); err == nil {
			t.Error("a;b")
		}
	}).over()
}

func spyModes(t *testing.T, x *exchange) {
	names, targets := x.phones(t, 1)
	var name string
	talking := make(chan bool)
	v := x.visit(t, func(ctx context.Context, c *channel) {
		name = c.info.Channel
		close(talking)
		_, err := c.Dial(ctx, engine.DialRequest{Targets: targets, Timeout: 10 * time.Second})
		noErr(t, "dial", err)
	})
	<-talking
	p := v.answers(names[0])
	v.talk(v.Phone, p)
	spy := func(mode engine.SpyMode, end engine.Digits) *visit {
		s := x.visit(t, func(ctx context.Context, c *channel) {
			noErr(t, "spy", c.Spy(ctx, engine.SpyRequest{Channel: name, Mode: mode, End: end}))
			_, err := c.Play(ctx, sound("custom/went"), "")
			noErr(t, "play", err)
		})
		s.until(s.Phone, "ping", func() { s.speak(v.Phone, "ping") })
		s.until(s.Phone, "pong", func() { s.speak(p, "pong") })
		return s
	}
	end := func(s *visit, keys string) {
		s.press(s.Phone, keys)
		s.hears(s.Phone, "went")
		s.over()
	}
	s := spy(engine.SpyListen, "5")
	s.quiet(v.Phone, s.Phone)
	s.quiet(p, s.Phone)
	end(s, "5")
	s = spy(engine.SpyWhisper, "*#")
	s.until(v.Phone, "press-one", func() { s.speak(s.Phone, "press-one") })
	if count(p, "press-one") > 0 {
		t.Error("the whisper was heard by the other party")
	}
	end(s, "#")
	s = spy(engine.SpyBarge, "")
	s.until(v.Phone, "who-calls", func() { s.speak(s.Phone, "who-calls") })
	s.until(p, "who-calls", func() { s.speak(s.Phone, "who-calls") })
	s.press(s.Phone, "*") // ends nothing
	s.until(s.Phone, "ping", func() { s.speak(v.Phone, "ping") })
	v.hangsUp(p)
	v.over()
	s.hears(s.Phone, "went")
	s.over()
	x.visit(t, func(ctx context.Context, c *channel) {
		for _, r := range []engine.SpyRequest{{Channel: "PJSIP/nobody"}, {Channel: c.info.Channel}, {Channel: name, End: "123"}, {Channel: "a,b"}} {
			if err := c.Spy(ctx, r); err == nil || errors.Is(err, engine.ErrHangup) {
				t.Errorf("spy %+v: %v", r, err)
			}
		}
	}).over()
}

func transferAway(t *testing.T, x *exchange) {
	v := x.visit(t, func(ctx context.Context, c *channel) { // 302
		noErr(t, "transfer", c.Transfer(ctx, "sip:bob@example.net"))
		wantErr(t, "answer", c.Answer(ctx), engine.ErrHangup)
	})
	if cause, err := v.WaitEnded(v.ctx); cause.SIP != 302 || err != nil {
		t.Errorf("the caller saw %+v, %v", cause, err)
	}
	v.over()
	v = x.visit(t, func(ctx context.Context, c *channel) { // REFER
		noErr(t, "answer", c.Answer(ctx))
		// The lab's phones may hang up before they have said how it went.
		if err := c.Transfer(ctx, "PJSIP/sip:bob@example.net"); err != nil && !errors.Is(err, engine.ErrHangup) {
			t.Errorf("transfer: %v", err)
		}
	})
	v.over()
	if to := v.Referred(); !strings.Contains(to, "sip:bob@example.net") {
		t.Errorf("handed on to %q", to)
	}
	stays := make(chan bool)
	v = x.visit(t, func(ctx context.Context, c *channel) {
		<-stays
		noErr(t, "answer", c.Answer(ctx))
		for _, to := range []string{"sip:bob@example.net", "DAHDI/1", "a,b", ""} {
			if err := c.Transfer(ctx, to); err == nil || errors.Is(err, engine.ErrHangup) {
				t.Errorf("transfer to %q: %v", to, err)
			}
		}
	})
	v.StayWhenReferred()
	close(stays)
	v.over()
}
