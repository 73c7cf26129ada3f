package agi

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

// enter has a caller go into a conference, and stay until what is wanted.
func (x *exchange) enter(t *testing.T, r engine.ConferenceRequest, want engine.StayEnd) *visit {
	t.Helper()
	return x.visit(t, func(ctx context.Context, c *channel) {
		stay, err := c.Conference(ctx, r)
		switch {
		case want == "":
			wantErr(t, "conference", err, engine.ErrHangup)
		case stay.Why != want || err != nil:
			t.Errorf("stay %+v, %v, want %s", stay, err, want)
		case (stay.Lasted == 0) != (want == engine.StayLocked || want == engine.StayFull):
			t.Errorf("stay %+v", stay)
		}
	})
}

func conferenceTalk(t *testing.T, x *exchange) {
	came := x.served(t, "came").Sound.Media
	room := engine.ConferenceRequest{Room: "talk", Join: came, Leave: "custom/went", Count: true, Keys: engine.ConferenceKeys{Leave: "*", Mute: "11", Count: "3"}}
	a := x.enter(t, room, engine.StayKey)
	a.hears(a.Phone, "conf-onlyperson")
	a.hears(a.Phone, "music")
	b := x.enter(t, room, engine.StayKey)
	b.hears(b.Phone, "conf-onlyone") // there besides
	a.hears(a.Phone, "came")
	a.talk(a.Phone, b.Phone)
	b.press(b.Phone, "11")
	b.hears(b.Phone, "conf-muted")
	b.quiet(a.Phone, b.Phone)
	b.press(b.Phone, "11")
	b.hears(b.Phone, "conf-unmuted")
	a.talk(a.Phone, b.Phone)
	b.press(b.Phone, "3")
	b.hears(b.Phone, "conf-onlyone")
	third := x.enter(t, room, engine.StayKey)
	a.talk(a.Phone, third.Phone)
	b.press(b.Phone, "*")
	b.over()
	a.hears(a.Phone, "went")
	third.press(third.Phone, "*")
	third.over()
	a.hears(a.Phone, "music")
	a.press(a.Phone, "*")
	a.over()
}

// quiet has b speak and a not hear it.
func (v *visit) quiet(a, b *asterisk.Phone) {
	v.t.Helper()
	before := count(a, "nothing")
	for range 3 {
		v.speak(b, "nothing")
	}
	if n := count(a, "nothing"); n != before {
		v.t.Errorf("%d words were heard", n-before)
	}
}

func conferenceModerator(t *testing.T, x *exchange) {
	guest := engine.ConferenceRequest{Room: "moderated", Wait: true, End: true, Music: "blues"}
	chair := engine.ConferenceRequest{Room: "moderated", Moderator: true, Keys: engine.ConferenceKeys{Leave: "*", Lock: "1", MuteAll: "2", Kick: "3"}}
	a := x.enter(t, guest, engine.StayEnded)
	a.hears(a.Phone, "music")
	b := x.enter(t, guest, engine.StayKicked)
	b.hears(b.Phone, "music")
	a.quiet(b.Phone, a.Phone)
	m := x.enter(t, chair, engine.StayKey)
	m.talk(m.Phone, a.Phone)
	m.talk(a.Phone, b.Phone)
	m.press(m.Phone, "2")
	m.hears(b.Phone, "conf-now-muted")
	m.quiet(b.Phone, a.Phone)
	m.until(a.Phone, "ping", func() { m.speak(m.Phone, "ping") }) // the moderator is heard
	m.press(m.Phone, "2")
	m.hears(b.Phone, "conf-now-unmuted")
	m.talk(a.Phone, b.Phone)
	m.press(m.Phone, "1")
	m.hears(m.Phone, "conf-lockednow")
	x.enter(t, guest, engine.StayLocked).over()
	m.press(m.Phone, "1")
	m.hears(m.Phone, "conf-unlockednow")
	m.press(m.Phone, "3")
	b.hears(b.Phone, "conf-kicked")
	b.over()
	m.press(m.Phone, "*")
	m.over()
	a.over()
}

func conferenceFull(t *testing.T, x *exchange) {
	room := engine.ConferenceRequest{Room: "full", Most: 2, Quiet: true, Muted: true, Record: "full-room"}
	a := x.enter(t, room, "")
	a.hears(a.Phone, "music")
	room.Muted = false
	b := x.enter(t, room, "")
	a.until(a.Phone, "ping", func() { b.speak(b.Phone, "ping") })
	a.quiet(b.Phone, a.Phone) // muted from the start
	full := x.enter(t, room, engine.StayFull)
	full.over()
	if heard := full.Heard(); len(heard) > 0 {
		t.Errorf("who was not let in heard %v", heard)
	}
	a.hangsUp(a.Phone)
	a.over()
	b.hangsUp(b.Phone)
	b.over()
	for _, s := range append(a.Heard(), b.Heard()...) {
		if strings.HasPrefix(s.Name, "conf") || s.Name == "?" {
			t.Errorf("heard an announcement: %v", s)
		}
	}
	b.recorded("full-room.wav", "ping")
}

func conferenceRefused(t *testing.T, x *exchange) {
	x.visit(t, func(ctx context.Context, c *channel) {
		for _, r := range []engine.ConferenceRequest{
			{Room: "a,b"}, {Room: "a", Join: "x)y"}, {Room: "a", Music: "a b"}, {Room: "a", Keys: engine.ConferenceKeys{Leave: "x"}},
		} {
			if _, err := c.Conference(ctx, r); err == nil || errors.Is(err, engine.ErrHangup) {
				t.Errorf("%+v: %v", r, err)
			}
		}
	}).over()
}

// recorded waits until a recording has a word, and returns all that it has.
func (v *visit) recorded(name, word string) []string {
	v.t.Helper()
	for {
		words := v.x.words(name)
		if slices.Contains(words, word) {
			return words
		}
		select {
		case <-v.ctx.Done():
			v.t.Fatalf("the recording %s has %v, want %s", name, words, word)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// words are those in a recording so far.
func (x *exchange) words(name string) []string {
	path, err := x.Recording(name)
	if err != nil {
		return nil
	}
	wav, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	pcm, err := asterisk.ReadWAV(wav)
	if err != nil {
		return nil
	}
	return asterisk.Names(x.Tones.Hear(pcm))
}
