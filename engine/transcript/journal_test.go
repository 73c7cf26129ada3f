package transcript_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/engine/transcript"
)

// over keeps a call's journal.
type over struct{ call *engine.Call }

func (o *over) Begin(*engine.Call, *engine.Step) *engine.Outcome { return nil }
func (o *over) End(*engine.Call, *engine.Step)                   {}
func (o *over) Over(c *engine.Call)                              { o.call = c }

// record runs a flow with a caller and returns the call.
func record(f flow, call sim.Call, caller func(p *sim.Phone)) *engine.Call {
	ch := sim.New(call)
	caller(ch.Phone())
	var o over
	e := stage(f).Engine()
	e.Observe = func(engine.Info) engine.Observer { return &o }
	e.Handle(context.Background(), ch)
	return o.call
}

func TestWrite(t *testing.T) {
	flow := flow(func(c *engine.Call) error {
		c.Now()
		c.Ask(engine.AskRequest{Asking: engine.Asking{Prompt: sounds("pin"), Wait: 5e9, Between: 3e9}, Max: 4, Secret: true})
		c.Ask(engine.AskRequest{Asking: engine.Asking{Wait: 5e9, Between: 3e9}, Min: 1, Max: 2})
		if _, err := c.Play(sounds("a", "missing"), ""); err == nil {
			return errors.New("a missing prompt was played")
		}
		if v, err := c.Exec("Queue", "sales"); err != nil || v != "0\n" {
			return fmt.Errorf("got %q, %v", v, err)
		}
		_, err := c.Record(engine.RecordRequest{Name: "msg", Stop: "#"})
		return err
	})
	c := record(flow, sim.Call{
		Info:    engine.Info{Exten: "100", CallerID: "555", CallerName: "Ana Maria", Context: "default", Language: "en"},
		Missing: func(p engine.Prompt, _ string) bool { return p.Text == "missing" },
		Exec:    func(string, string) (string, error) { return "0\n", nil },
	}, func(p *sim.Phone) {
		p.Press(0, "123478")
		p.HangUp(20 * time.Second)
	})
	want := `clock 2026-01-05T10:00:00Z
ring 100 from 555 name "Ana Maria"
clock 2026-01-05T10:00:00Z
> play pin
press ????
then press 78
> play a missing
fail play missing: no such sound
> exec Queue sales
reply "0\n"
> record msg
at 18.855s hang up
`
	got := transcript.Write(c).String()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := run(t, flow, got); diff != "" {
		t.Errorf("what was written does not pass: %s", diff)
	}
}

// Whatever a flow does and a caller too: the call as text, run again, is the same call.
func TestWrittenCallsPass(t *testing.T) {
	for seed := range uint64(5000) {
		f := randomFlow(seed)
		caller := rand.New(rand.NewPCG(seed, 2))
		c := record(f, sim.Call{Info: engine.Info{Exten: "1", Context: "default", Language: "en"},
			Missing: func(p engine.Prompt, _ string) bool { return p.Text == "missing" },
			Exec:    func(app, args string) (string, error) { return args + strings.Repeat("\n ", len(args)), nil },
		}, func(p *sim.Phone) {
			for range caller.IntN(6) {
				p.Press(time.Duration(caller.IntN(20000))*time.Millisecond, strconv.Itoa(caller.IntN(200))+strings.Repeat("#", caller.IntN(2)))
			}
			if caller.IntN(2) == 0 {
				p.HangUp(time.Duration(caller.IntN(30000)) * time.Millisecond)
			}
		})
		text := transcript.Write(c).String()
		again := ""
		s := stage(f)
		s.Dial = func(c *transcript.Call) (engine.Channel, transcript.Phone) {
			ch := sim.New(sim.Call{Info: c.Info(), Start: c.Clock})
			return ch, ch.Phone()
		}
		for _, r := range s.Run(context.Background(), parse(t, text)) {
			again += r.Diff.String()
		}
		if again != "" {
			t.Fatalf("seed %d: %s\nwritten:\n%s", seed, again, text)
		}
	}
}

// randomFlow is a flow that decides by chance, and remembers all it learns in variables.
func randomFlow(seed uint64) flow {
	return func(c *engine.Call) error {
		r := rand.New(rand.NewPCG(seed, 1))
		var learned []string
		chance := chance{Rand: r}
		for i := range 1 + r.IntN(8) {
			what, err := chance.step(c)
			if cause := context.Cause(c.Context()); cause != nil {
				return cause
			}
			if err != nil {
				what += " " + err.Error()
			}
			learned = append(learned, what)
			if r.IntN(3) == 0 {
				if err := c.SetVar(fmt.Sprintf("V%d", i), strings.Join(learned, ";")); err != nil {
					return err
				}
			}
		}
		if r.IntN(4) == 0 {
			return errors.New("broken " + strings.Join(learned, ";"))
		}
		return nil
	}
}

// A chance does what comes up.
type chance struct {
	*rand.Rand
	stopped bool // the last prompt could be stopped by a key
}

func (r *chance) seconds(n int) time.Duration {
	return time.Duration(r.IntN(n*10)) * 100 * time.Millisecond
}

// unhurried is a time for keys: less than a finger needs for two of them cannot be told from a journal.
func (r *chance) unhurried() time.Duration { return 500*time.Millisecond + r.seconds(4) }

// digits is the beginning of s.
func (r *chance) digits(s engine.Digits) engine.Digits { return s[:r.IntN(len(s)+1)] }

func (r *chance) prompts() engine.Prompts {
	all := [][]string{nil, {"a"}, {"a", "b"}, {"missing"}, {"a", "missing", "b"}}
	return sounds(all[r.IntN(1+r.IntN(len(all)))]...)
}

// question is the prompt of an entry. A journal does not tell whether a key stopped the prompt before, or
// came for a question without one.
func (r *chance) question() engine.Prompts {
	p := r.prompts()
	if len(p) == 0 && r.stopped {
		p = sounds("a")
	}
	r.stopped = false
	return p
}

// asking is any way of asking.
func (r *chance) asking(p engine.Prompts) engine.Asking {
	a := engine.Asking{
		Prompt: p, Stop: r.digits("#"), Cancel: r.digits("9"), Wait: r.unhurried(), Between: r.unhurried(), Hold: r.IntN(3) == 0,
		Flush: len(p) > 0 && r.IntN(4) == 0, Match: []engine.MatchMode{"longest", "first", "timer"}[r.IntN(3)], Tries: r.IntN(4),
		NoInputTries: r.IntN(3), InvalidTries: r.IntN(3), NoInput: []engine.Prompts{r.prompts()}, Invalid: []engine.Prompts{r.prompts()},
	}
	if r.IntN(3) == 0 {
		a.Again = r.prompts()
	}
	if r.IntN(3) == 0 {
		a.Failed = r.prompts()
	}
	return a
}

func (r *chance) step(c *engine.Call) (string, error) {
	switch r.IntN(12) {
	case 0:
		stop := r.digits("12#")
		r.stopped = true
		d, err := c.Play(r.prompts(), stop)
		return "play " + d.String(), err
	case 1, 2, 3:
		p := r.question()
		ask := engine.AskRequest{Asking: r.asking(p), Min: r.IntN(3), Max: 1 + r.IntN(3)}
		if r.IntN(3) == 0 {
			ask.Term = r.unhurried()
		}
		if r.IntN(3) == 0 {
			ask.Patterns = []engine.Pattern{pattern("1X"), pattern("2.")}
		}
		if r.IntN(3) == 0 {
			ask.Confirm = &engine.Confirmation{Yes: "1", No: "2", Prompt: func(string) (engine.Prompts, error) { return r.question(), nil }}
		}
		a, err := c.Ask(ask)
		return fmt.Sprintf("ask %s %s %s", a.Digits, a.Why, a.Stop), err
	case 4:
		i, a, err := c.Menu(engine.MenuRequest{Asking: r.asking(r.question()),
			Choices: []engine.Pattern{pattern("1"), pattern("12"), pattern("5X")}})
		return fmt.Sprintf("menu %d %s %s", i, a.Digits, a.Why), err
	case 5:
		rec, err := c.Record(engine.RecordRequest{Name: "msg", Max: r.unhurried(), Stop: r.digits("#1")})
		return fmt.Sprintf("record %s %s %s", rec.Why, rec.Duration, rec.Digit), err
	case 6:
		return "wait", c.Wait(r.seconds(3))
	case 7:
		return c.Exec("App", "x\ty  z"[:r.IntN(7)])
	case 8:
		return "time " + c.Now().Format(time.RFC3339Nano) + " " + strconv.FormatInt(c.Seed(), 10), nil
	case 9:
		return c.Var("V0")
	case 10:
		m := engine.Metric{Name: "n", Labels: []engine.Label{{Name: "l", Value: "x\ty  \"z"[:r.IntN(8)]}}}
		seconds, err := c.TimeMetric(m, r.Float64())
		return fmt.Sprintf("metric %v", seconds), errors.Join(err, c.CountMetric(m, r.Float64()))
	}
	return "language", c.SetLanguage("de")
}
