package ari

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

var controlTests = []labTest{
	{"a recording is steered forward", func(t *testing.T, st *station) { controlSteers(t, st, "66", 2*time.Second) }},
	{"a recording is steered back", func(t *testing.T, st *station) { controlSteers(t, st, "64", 0) }},
	{"a recording is begun anew", func(t *testing.T, st *station) { controlSteers(t, st, "61", -200*time.Millisecond) }},
	{"a recording is paused, and moved meanwhile", controlPauses},
	{"a recording ends by a key, begins later, and keeps other keys", controlStops},
	{"recordings that are not there, and what cannot be steered", controlOthers},
}

var steering = engine.ControlKeys{Forward: '6', Rewind: '4', Pause: '5', Restart: '1', Skip: time.Second}

var long = engine.Prompt{Text: "long", Sound: engine.Sound{Duration: 4*time.Second + 100*time.Millisecond}}

// about reports whether a time is within what a loaded machine may take longer.
func about(got, want time.Duration) bool {
	return got > want-250*time.Millisecond && got < want+600*time.Millisecond
}

// heardFor is how long a phone has heard a sound.
func heardFor(phone *asterisk.Phone, name string) (d time.Duration) {
	for _, s := range phone.Heard() {
		if s.Name == name {
			d += s.Duration
		}
	}
	return d
}

// steered is a call that plays a recording and another sound behind it.
func (st *station) steered(t *testing.T, keys engine.ControlKeys, stop engine.Digits, then func(d engine.Digit, at time.Duration, c *channel)) *visit {
	return st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		d, at, err := c.PlayControlled(ctx, long, keys, stop)
		noErr(t, "play", err)
		then(d, at, c)
		_, err = c.Play(ctx, []engine.Prompt{{Text: "short"}}, "")
		noErr(t, "play", err)
	})
}

func controlSteers(t *testing.T, st *station, keys string, skipped time.Duration) {
	v := st.steered(t, steering, "#", func(d engine.Digit, at time.Duration, _ *channel) {
		if d != engine.NoDigit || !about(at, long.Sound.Duration) {
			t.Errorf("it ended by %q at %v", d, at)
		}
	})
	v.hears("long")
	v.press(keys)
	v.ends("short")
	if d := heardFor(v.Phone, "long"); !about(d, 4*time.Second-skipped) {
		t.Errorf("%v were heard: %v", d, v.Heard())
	}
}

func controlPauses(t *testing.T, st *station) {
	v := st.steered(t, steering, "#", func(_ engine.Digit, at time.Duration, _ *channel) {
		if !about(at, long.Sound.Duration) {
			t.Errorf("it ended at %v", at)
		}
	})
	v.hears("long")
	v.press("5")
	noErr(t, "silence", v.WaitSilence(within(t), 300*time.Millisecond))
	v.press("5566") // forward twice while it is paused
	noErr(t, "silence", v.WaitSilence(within(t), 300*time.Millisecond))
	v.press("5")
	v.ends("short")
	heard := v.Heard()
	if took := heard[0].End() - heard[0].Start; took < 2400*time.Millisecond {
		t.Errorf("with two pauses it took %v: %v", took, heard)
	}
	if d := heardFor(v.Phone, "long"); !about(d, 2*time.Second) {
		t.Errorf("%v were heard: %v", d, v.Heard())
	}
}

func controlStops(t *testing.T, st *station) {
	keys := steering
	keys.From = 3 * time.Second
	v := st.steered(t, keys, "#*", func(d engine.Digit, at time.Duration, c *channel) {
		if d != '#' || !about(at, 3300*time.Millisecond) {
			t.Errorf("it ended by %v at %v", d, at)
		}
		if kept := string(c.kept); kept != "9" {
			t.Errorf("kept %q", kept)
		}
		if d, at, err := c.PlayControlled(t.Context(), long, keys, "9"); d != '9' || at != keys.From || err != nil {
			t.Errorf("a kept key: %v at %v, %v", d, at, err)
		}
	})
	v.hears("long")
	v.press("9#")
	v.ends("short")

	v = st.steered(t, keys, "", func(_ engine.Digit, at time.Duration, _ *channel) {
		if !about(at, long.Sound.Duration) {
			t.Errorf("it ended at %v", at)
		}
	})
	v.ends("short")
	if d := heardFor(v.Phone, "long"); !about(d, 1100*time.Millisecond) {
		t.Errorf("%v were heard: %v", d, v.Heard())
	}

	v = st.call(t, func(ctx context.Context, c *channel) {
		if _, at, err := c.PlayControlled(ctx, long, steering, ""); !errors.Is(err, engine.ErrHangup) || at <= 0 {
			t.Errorf("it ended at %v with %v", at, err)
		}
	})
	v.hears("long")
	v.hangUp()
}

func controlOthers(t *testing.T, st *station) {
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		var failed *engine.PlayError
		_, _, err := c.PlayControlled(ctx, engine.Prompt{Text: "nowhere"}, steering, "")
		if !errors.As(err, &failed) {
			t.Errorf("a missing one: %v", err)
		}
		_, at, err := c.PlayControlled(ctx, engine.Silence(200*time.Millisecond), steering, "")
		if err != nil || !about(at, 200*time.Millisecond) {
			t.Errorf("silence: %v, %v", at, err)
		}
		_, err = c.Record(ctx, engine.RecordRequest{Name: "steered", Max: 600 * time.Millisecond})
		noErr(t, "record", err)
		_, _, err = c.PlayControlled(ctx, engine.Prompt{Text: "steered"}, steering, "")
		noErr(t, "play what was recorded", err)
	})
	go func() {
		if v.WaitMedia(t.Context()) == nil {
			_ = v.Speak(t.Context(), st.Tones.Tone("recorded"), 3*time.Second)
		}
	}()
	v.hears("recorded")
	v.over()
}
