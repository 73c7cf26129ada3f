package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A keyboard is a caller whose keys are there at once; a blank is silence until the time is up, and a key behind ^
// interrupts a prompt.
type keyboard struct {
	engine.Channel
	keys      string
	questions int
}

func (k *keyboard) Info() engine.Info                               { return engine.Info{ID: "1.1", Exten: "100"} }
func (k *keyboard) SetVar(context.Context, string, string) error    { return nil }
func (k *keyboard) Continue(context.Context, engine.Location) error { return nil }
func (k *keyboard) Hangup(context.Context, engine.Cause) error      { return nil }

func (k *keyboard) Play(_ context.Context, p []engine.Prompt, stop engine.Digits) (engine.Digit, error) {
	if p[0].Text == "question" {
		k.questions++
	}
	if len(k.keys) > 1 && k.keys[0] == '^' && stop.Has(engine.Digit(k.keys[1])) {
		d := engine.Digit(k.keys[1])
		k.keys = k.keys[2:]
		return d, nil
	}
	return engine.NoDigit, nil
}

func (k *keyboard) ReadDigit(_ context.Context, wait time.Duration) (engine.Digit, error) {
	k.keys = strings.TrimLeft(k.keys, "^")
	if k.keys == "" || wait == 0 {
		return engine.NoDigit, nil
	}
	d := k.keys[0]
	k.keys = k.keys[1:]
	if d == ' ' {
		return engine.NoDigit, nil
	}
	return engine.Digit(d), nil
}

// FuzzAsk asks in any way and has the caller press anything. What comes back keeps to what was asked for, and asking
// ends after as many questions as there may be.
func FuzzAsk(f *testing.F) {
	f.Add("123#", "#", "*", "", 1, 4, 3, false)
	f.Add("12 ^1 99#345#", "#", "*", "1XX [3-5].", 0, 8, 5, true)
	f.Add("   ", "", "", "X", 2, 2, 2, false)
	f.Add("0987654321", "#*", "", "[1-9]9XXXX 12!", 1, 6, 2, true)
	f.Fuzz(func(t *testing.T, keys, stop, cancel, patterns string, least, most, tries int, needStop bool) {
		const all = "0123456789*#"
		if strings.Trim(keys, all+" ^") != "" || strings.Trim(stop+cancel, all) != "" || len(keys) > 1000 || tries > 50 {
			return
		}
		r := engine.AskRequest{Min: max(0, least), Max: max(1, most), NeedStop: needStop}
		r.Asking = engine.Asking{
			Prompt: engine.Prompts{{Text: "question"}}, Stop: engine.Digits(stop), Cancel: engine.Digits(cancel),
			Wait: time.Second, Between: time.Second, Tries: tries, Invalid: []engine.Prompts{{{Text: "invalid"}}},
		}
		for text := range strings.FieldsSeq(patterns) {
			if p, err := engine.ParsePattern(text); err == nil {
				r.Patterns = append(r.Patterns, p)
			}
		}
		k := &keyboard{keys: keys}
		e := &engine.Engine{Flows: func() engine.Flows {
			return flows{"main": func(c *engine.Call) error {
				answer, err := c.Ask(r)
				if err != nil {
					t.Error(err)
				}
				checkAnswer(t, &r, answer)
				return nil
			}}
		}}
		e.Handle(t.Context(), k)
		if most := max(1, tries); k.questions > most {
			t.Errorf("%d questions, and at most %d", k.questions, most)
		}
	})
}

// checkAnswer compares an answer with what was asked for.
func checkAnswer(t *testing.T, r *engine.AskRequest, a engine.Answer) {
	t.Helper()
	switch a.Why {
	case engine.Match:
		if n := len(a.Digits); n < r.Min || n > r.Max || len(r.Patterns) > 0 && !engine.AnyMatches(r.Patterns, a.Digits) {
			t.Errorf("%q is no answer", a.Digits)
		}
		if strings.ContainsAny(a.Digits, string(r.Stop+r.Cancel)) {
			t.Errorf("%q has a key in it that ends an entry", a.Digits)
		}
		if a.Stop != engine.NoDigit && !r.Stop.Has(a.Stop) || a.Stop == engine.NoDigit && r.NeedStop {
			t.Errorf("%q was ended by %q", a.Digits, a.Stop)
		}
	case engine.Cancel:
		if !r.Cancel.Has(a.Stop) {
			t.Errorf("%q cancelled", a.Stop)
		}
	case engine.NoInput, engine.Invalid:
	default:
		t.Errorf("it ended for %q", a.Why)
	}
}
