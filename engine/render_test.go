package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
)

// A player is a channel that plays recordings only, and notes what it is told to play.
type player struct {
	engine.Channel // no Speaker
	media          []string
}

func (p *player) Play(ctx context.Context, list []engine.Prompt, stop engine.Digits) (engine.Digit, error) {
	for _, one := range list {
		if one.Kind != engine.SilencePrompt {
			p.media = append(p.media, one.Sound.Media)
		}
	}
	return p.Channel.Play(ctx, list, stop)
}

// A knowing flow, which is a set of one, has a sound for every name that it knows.
type knowing struct {
	goFlow
	sounds map[string]engine.Sound
}

func (k *knowing) Sound(name, _ string) (engine.Sound, bool) {
	s, ok := k.sounds[name]
	return s, ok
}

func (k *knowing) Flow(string) (engine.Flow, bool)         { return k, true }
func (k *knowing) Route(engine.Info) (engine.Route, error) { return engine.Route{Flow: k}, nil }

// speaking runs a call in real time on a channel that plays recordings only.
func speaking(t *testing.T, sounds map[string]engine.Sound, voice func(context.Context, string, string) (engine.Sound, error),
	caller func(p *sim.Phone), run func(c *engine.Call) error) (*player, engine.End) {
	t.Helper()
	ch := sim.New(sim.Call{Info: engine.Info{Exten: "100", Language: "en"}, Real: true})
	if caller != nil {
		caller(ch.Phone())
	}
	w, p := &witness{}, &player{Channel: ch}
	e := newEngine(nil, engine.Limits{}, w)
	e.Flows = func() engine.Flows { return &knowing{goFlow{"main", run}, sounds} }
	e.Fallback = func() engine.Fallback { return engine.Fallback{} }
	e.Speak = voice
	e.Handle(t.Context(), p)
	return p, w.end
}

var textPrompt = engine.Prompt{Kind: engine.SpeechPrompt, Text: "Hello.", In: "pt_BR"}

// Texts become sounds, those of prompts in the language they are in; what fails is stood in for.
func TestSpeech(t *testing.T) {
	sounds := map[string]engine.Sound{
		"recorded": {Media: "recorded.wav", Text: "Words."}, "spoken": {Text: "Words.", Spoken: "pt"},
		"stand-in": {Media: "other.wav", Text: "Broken.", Spoken: "en"}, "silent": {Text: "Broken.", Spoken: "en"},
	}
	var asked []string
	voice := func(_ context.Context, text, language string) (engine.Sound, error) {
		asked = append(asked, language+" "+text)
		if text == "Broken." {
			return engine.Sound{}, errors.New("no licence")
		}
		return engine.Sound{Media: text + language, Duration: time.Second}, nil
	}
	synctest.Test(t, func(t *testing.T) {
		p, end := speaking(t, sounds, voice, nil, func(c *engine.Call) error {
			_, err := c.Play(engine.Prompts{{Text: "recorded"}, {Text: "spoken"}, textPrompt, {Text: "stand-in"}}, "")
			return err
		})
		want := []string{"recorded.wav", "Words.pt", "Hello.pt_BR", "other.wav"}
		if end.Why != engine.Completed || !slices.Equal(p.media, want) {
			t.Errorf("played %q, want %q; %v", p.media, want, end)
		}
		if want := []string{"pt Words.", "pt_BR Hello.", "en Broken."}; !slices.Equal(asked, want) {
			t.Errorf("asked for %q, want %q", asked, want)
		}
		for name, want := range map[string]string{"silent": "play silent: no licence"} {
			if _, end := speaking(t, sounds, voice, nil, func(c *engine.Call) error { return play(c, name) }); end.Err == nil || end.Err.Error() != want {
				t.Errorf("%s: %v, want %s", name, end.Err, want)
			}
		}
		_, end = speaking(t, sounds, nil, nil, func(c *engine.Call) error {
			_, err := c.Play(engine.Prompts{textPrompt}, "")
			return err
		})
		if end.Err == nil || !strings.Contains(end.Err.Error(), "there is no text-to-speech engine") {
			t.Errorf("without an engine: %v", end.Err)
		}
	})
}

// slowly is a voice that takes three seconds, and says whether it was stopped.
func slowly(stopped *bool) func(context.Context, string, string) (engine.Sound, error) {
	return func(ctx context.Context, text, _ string) (engine.Sound, error) {
		select {
		case <-time.After(3 * time.Second):
			return engine.Sound{Media: text, Duration: time.Second}, nil
		case <-ctx.Done():
			*stopped = true
			return engine.Sound{}, context.Cause(ctx)
		}
	}
}

// While a text is made keys are kept, and a hangup ends the wait and the making.
func TestSlowSpeech(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := false
		var digit engine.Digit
		began := time.Now()
		p, end := speaking(t, nil, slowly(&stopped), func(p *sim.Phone) { p.Press(time.Second, "7") }, func(c *engine.Call) error {
			if _, err := c.Play(engine.Prompts{textPrompt}, ""); err != nil {
				return err
			}
			var err error
			digit, err = c.Play(say("next"), "7")
			return err
		})
		if end.Why != engine.Completed || digit != '7' || len(p.media) == 0 || p.media[0] != "Hello." || stopped || time.Since(began) != 4*time.Second {
			t.Errorf("played %q, digit %q, %v after %v", p.media, digit, end, time.Since(began))
		}
		began = time.Now()
		p, end = speaking(t, nil, slowly(&stopped), func(p *sim.Phone) { p.HangUp(time.Second) }, func(c *engine.Call) error {
			_, err := c.Play(engine.Prompts{textPrompt}, "")
			return err
		})
		if end.Why != engine.HungUp || len(p.media) > 0 || !stopped || time.Since(began) != time.Second {
			t.Errorf("hung up: played %q, %v after %v, stopped: %v", p.media, end, time.Since(began), stopped)
		}
	})
}
