package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A goFlow is a flow written in Go.
type goFlow struct {
	name string
	run  func(c *engine.Call) error
}

func (f *goFlow) Name() string                              { return f.name }
func (f *goFlow) Version() string                           { return "v-" + f.name }
func (f *goFlow) Run(c *engine.Call) error                  { return f.run(c) }
func (f *goFlow) Sound(string, string) (engine.Sound, bool) { return engine.Sound{}, false }

// flows is a set in which every call goes to "main".
type flows map[string]func(c *engine.Call) error

func (s flows) Flow(name string) (engine.Flow, bool) {
	run, ok := s[name]
	return &goFlow{name, run}, ok
}

func (s flows) Route(engine.Info) (engine.Route, error) {
	main, ok := s.Flow("main")
	if !ok {
		return engine.Route{}, fmt.Errorf("extension 100: %w", engine.ErrNoFlow)
	}
	return engine.Route{Flow: main}, nil
}

// fallback is the flow "sorry" if there is one.
func (s flows) fallback() engine.Fallback {
	if run, ok := s["sorry"]; ok {
		return engine.Fallback{Flow: &goFlow{"sorry", run}, To: engine.Location{Exten: "0"}}
	}
	return engine.Fallback{}
}

// A witness keeps a call's journal as lines.
type witness struct {
	mu    sync.Mutex
	lines []string
	end   engine.End
	stub  func(s *engine.Step) *engine.Outcome
}

func (w *witness) Begin(_ *engine.Call, s *engine.Step) *engine.Outcome {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, s.String())
	if w.stub != nil {
		return w.stub(s)
	}
	return nil
}
func (w *witness) End(*engine.Call, *engine.Step) {}
func (w *witness) Over(c *engine.Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end = c.Outcome()
}

func newEngine(set flows, limits engine.Limits, w *witness) *engine.Engine {
	return &engine.Engine{
		Flows: func() engine.Flows { return set }, Fallback: set.fallback, Limits: limits,
		Observe: func(engine.Info) engine.Observer { return w },
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

// call runs one simulated call and returns its journal, its end and its channel.
func call(t *testing.T, set flows, limits engine.Limits, caller func(p *sim.Phone)) (*witness, *sim.Channel) {
	t.Helper()
	w := &witness{}
	ch := sim.New(sim.Call{Info: engine.Info{Exten: "100"}})
	if caller != nil {
		caller(ch.Phone())
	}
	newEngine(set, limits, w).Handle(t.Context(), ch)
	return w, ch
}

func say(name string) engine.Prompts { return engine.Prompts{{Text: name}} }

func play(c *engine.Call, name string) error {
	_, err := c.Play(say(name), "")
	return err
}

func (w *witness) want(t *testing.T, lines ...string) {
	t.Helper()
	if !slices.Equal(w.lines, lines) {
		t.Errorf("journal\n got %s\nwant %s", strings.Join(w.lines, " | "), strings.Join(lines, " | "))
	}
}

// status is what the dialplan sees, and in which order it was set.
func status(ch *sim.Channel) string {
	var names []string
	for _, v := range ch.Written() {
		names = append(names, v.Name+"="+v.Value)
	}
	return strings.Join(names, " ")
}

func TestEnds(t *testing.T) {
	sorry := func(c *engine.Call) error { return play(c, "sorry") }
	for name, c := range map[string]struct {
		set    flows
		caller func(p *sim.Phone)
		lines  string
		status string
		how    sim.How
	}{
		"runs off its end": {
			set:    flows{"main": func(c *engine.Call) error { return play(c, "a") }},
			lines:  "ring 100 | play a | continue",
			status: "completed", how: sim.Continued,
		},
		"continues": {
			set:    flows{"main": func(c *engine.Call) error { return c.Continue(engine.Location{Context: "x", Exten: "s"}) }},
			lines:  "ring 100 | continue x,s,1",
			status: "continued", how: sim.Continued,
		},
		"hangs up": {
			set:    flows{"main": func(c *engine.Call) error { return c.Hangup(17) }},
			lines:  "ring 100 | hangup busy",
			status: "completed", how: sim.Hangup,
		},
		"caller hangs up": {
			set:    flows{"main": func(c *engine.Call) error { return errors.Join(play(c, "a"), play(c, "b")) }},
			caller: func(p *sim.Phone) { p.HangUp(0) },
			lines:  "ring 100 | play a | hang up",
			status: "hangup", how: sim.HungUp,
		},
		"fails without a fallback": {
			set:    flows{"main": func(*engine.Call) error { return errors.New("broken") }},
			lines:  "ring 100 | end error broken | continue",
			status: "error", how: sim.Continued,
		},
		"fails with one": {
			set:    flows{"main": func(*engine.Call) error { return errors.New("broken") }, "sorry": sorry},
			lines:  "ring 100 | end error broken | run sorry | play sorry | continue 0,1",
			status: "fallback", how: sim.Continued,
		},
		"panics": {
			set:    flows{"main": func(*engine.Call) error { panic("oops") }, "sorry": sorry},
			lines:  "ring 100 | end error flow main: panic: oops | run sorry | play sorry | continue 0,1",
			status: "fallback", how: sim.Continued,
		},
		"fallback fails too": {
			set: flows{"main": func(*engine.Call) error { return errors.New("broken") },
				"sorry": func(*engine.Call) error { return errors.New("this too") }},
			lines:  "ring 100 | end error broken | run sorry | end error this too | continue 0,1",
			status: "fallback", how: sim.Continued,
		},
		"caller hangs up on the fallback": {
			set:    flows{"main": func(*engine.Call) error { return errors.New("broken") }, "sorry": sorry},
			caller: func(p *sim.Phone) { p.HangUp(0) },
			lines:  "ring 100 | end error broken | run sorry | play sorry | hang up",
			status: "fallback", how: sim.HungUp,
		},
		"no route": {
			set:    flows{"sorry": sorry},
			lines:  "ring 100 | end error extension 100: no flow for this call | run sorry | play sorry | continue 0,1",
			status: "fallback", how: sim.Continued,
		},
		"runs another flow": {
			set: flows{"main": func(c *engine.Call) error { return errors.Join(c.Run("other"), play(c, "back")) },
				"other": func(c *engine.Call) error { return play(c, "there") }},
			lines:  "ring 100 | run other | play there | play back | continue",
			status: "completed", how: sim.Continued,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, ch := call(t, c.set, engine.Limits{}, c.caller)
			w.want(t, strings.Split(c.lines, " | ")...)
			if got := status(ch); !strings.HasSuffix(got, "IVRD_STATUS="+c.status) {
				t.Errorf("the last variable is %q, want status %s", got, c.status)
			}
			if got := ch.Ending().How; got != c.how {
				t.Errorf("the channel ended by %q, want %q", got, c.how)
			}
		})
	}
}

func TestStatusNamesFlowAndVersion(t *testing.T) {
	_, ch := call(t, flows{"main": func(c *engine.Call) error { return nil }}, engine.Limits{}, nil)
	if got, want := status(ch), "IVRD_FLOW=main IVRD_VERSION=v-main IVRD_STATUS=completed"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestStepsAreLimited(t *testing.T) {
	for name, forever := range map[string]func(c *engine.Call) error{
		"steps": func(c *engine.Call) error {
			for {
				if err := c.SetVar("X", "1"); err != nil {
					return err
				}
			}
		},
		"questions without a prompt": func(c *engine.Call) error {
			for {
				if _, err := c.Ask(engine.AskRequest{}); err != nil {
					return err
				}
			}
		},
		"flows that run each other": func(c *engine.Call) error { return c.Run("main") },
		"errors that are swallowed": func(c *engine.Call) error {
			for c.Context().Err() == nil {
				_ = c.SetVar("X", "1")
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, ch := call(t, flows{"main": forever}, engine.Limits{Steps: 100}, nil)
			if w.end.Why != engine.Limited {
				t.Errorf("ended with %v", w.end)
			}
			if len(w.lines) > 110 {
				t.Errorf("%d steps", len(w.lines))
			}
			if got := status(ch); !strings.HasSuffix(got, "IVRD_STATUS=limit") {
				t.Error(got)
			}
		})
	}
}

// on_end functions can still act, within bounds of their own.
func TestStepsAtEnd(t *testing.T) {
	set := flows{"main": func(c *engine.Call) error {
		var err error
		for err == nil {
			err = c.SetVar("X", "1")
		}
		c.AtEnd(err, func(context.Context, engine.Why) {
			for err = nil; err == nil; {
				err = c.Remember(engine.Remembered{Key: "ended"}, "true", 0)
			}
		})
		return err
	}}
	w, _ := call(t, set, engine.Limits{Steps: 50}, nil)
	if n := strings.Count(strings.Join(w.lines, "\n"), "kv set ended true"); n != 100 || w.end.Why != engine.Limited {
		t.Errorf("ended with %v, after %d steps at the end", w.end, n)
	}
}

func TestTimeIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &witness{}
		ch := sim.New(sim.Call{Real: true})
		wait := func(c *engine.Call) error { return c.Wait(time.Hour) }
		began := time.Now()
		newEngine(flows{"main": wait}, engine.Limits{FlowTime: time.Minute}, w).Handle(t.Context(), ch)
		if took := time.Since(began); took != time.Minute {
			t.Errorf("took %s", took)
		}
		if w.end.Why != engine.Limited || !strings.Contains(w.end.Err.Error(), "1m0s") {
			t.Errorf("ended with %v", w.end)
		}
	})
}

func TestCallsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &witness{}
		set := flows{
			"main":  func(c *engine.Call) error { return c.Wait(time.Minute) },
			"sorry": func(c *engine.Call) error { return play(c, "all-busy") },
		}
		e := newEngine(set, engine.Limits{Calls: 1}, w)
		var first sync.WaitGroup
		first.Go(func() { e.Handle(t.Context(), sim.New(sim.Call{Real: true})) })
		synctest.Wait()
		second := sim.New(sim.Call{Real: true})
		e.Handle(t.Context(), second)
		if got := second.Phone().Heard(); len(got) != 1 || got[0].Prompt.Text != "all-busy" {
			t.Errorf("the second caller heard %v", got)
		}
		first.Wait()
		if n := e.Calls(); n != 0 {
			t.Errorf("%d calls are left", n)
		}
	})
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := flows{"main": func(c *engine.Call) error { return c.Wait(time.Minute) }}
		e := newEngine(set, engine.Limits{}, &witness{})
		var calls sync.WaitGroup
		soon, late := sim.New(sim.Call{Real: true}), sim.New(sim.Call{Real: true})
		calls.Go(func() { e.Handle(t.Context(), soon) })
		<-time.After(40 * time.Second)
		calls.Go(func() { e.Handle(t.Context(), late) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if ended := e.Drain(ctx); ended != 1 {
			t.Errorf("%d calls were ended, want 1", ended)
		}
		refused := sim.New(sim.Call{Real: true})
		e.Handle(t.Context(), refused)
		calls.Wait()
		for ch, want := range map[*sim.Channel]string{soon: "completed", late: "drain", refused: "drain"} {
			if got := status(ch); !strings.HasSuffix(got, "IVRD_STATUS="+want) {
				t.Errorf("got %s, want %s", got, want)
			}
			if ch.Ending().How != sim.Continued {
				t.Errorf("%s: ended by %q", want, ch.Ending().How)
			}
		}
	})
}

func TestAtEnd(t *testing.T) {
	for name, c := range map[string]struct {
		body   func(c *engine.Call) error
		caller func(p *sim.Phone)
		want   engine.Why
	}{
		"completed":           {body: func(c *engine.Call) error { return nil }, want: engine.Completed},
		"continued":           {body: func(c *engine.Call) error { return c.Continue(engine.Location{}) }, want: engine.Continued},
		"hung up by the flow": {body: func(c *engine.Call) error { return c.Hangup(0) }, want: engine.Completed},
		"hung up": {
			body:   func(c *engine.Call) error { return play(c, "a") },
			caller: func(p *sim.Phone) { p.HangUp(0) }, want: engine.HungUp,
		},
		"error": {body: func(c *engine.Call) error { return errors.New("broken") }, want: engine.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			var why engine.Why
			main := func(call *engine.Call) error {
				err := c.body(call)
				call.AtEnd(err, func(ctx context.Context, w engine.Why) {
					why = w
					if ctx.Err() != nil {
						t.Error("the end has no time")
					}
					if err := play(call, "too-late"); !errors.Is(err, engine.ErrOver) {
						t.Errorf("play: got %v, want ErrOver", err)
					}
					if err := call.SetVar("LAST", "words"); err != nil {
						t.Errorf("set: %v", err)
					}
				})
				return err
			}
			_, ch := call(t, flows{"main": main}, engine.Limits{}, c.caller)
			if why != c.want {
				t.Errorf("got %s, want %s", why, c.want)
			}
			if got := status(ch); !strings.Contains(got, "LAST=words") {
				t.Error(got)
			}
		})
	}
}

func TestAnObserverAnswersForTheWorld(t *testing.T) {
	var got string
	var fault error
	var recording engine.Recording
	set := flows{"main": func(c *engine.Call) error {
		got, _ = c.Var("BALANCE")
		_, fault = c.Exec("Queue", "sales")
		var err error
		recording, err = c.Record(engine.RecordRequest{Name: "msg"})
		return err
	}}
	w := &witness{stub: func(s *engine.Step) *engine.Outcome {
		switch s.Kind {
		case engine.StepGet:
			return &engine.Outcome{Result: "42"}
		case engine.StepExec:
			return &engine.Outcome{Err: errors.New("nobody is there")}
		case engine.StepRecord:
			return &engine.Outcome{Result: "4.5s digit #"}
		}
		return nil
	}}
	newEngine(set, engine.Limits{}, w).Handle(t.Context(), sim.New(sim.Call{Info: engine.Info{Exten: "100"}}))
	if got != "42" || fault == nil || fault.Error() != "nobody is there" {
		t.Errorf("got %q and %v", got, fault)
	}
	want := engine.Recording{Name: "msg", Duration: 4500 * time.Millisecond, Why: engine.RecordDigit, Digit: '#'}
	if recording != want {
		t.Errorf("got %v, want %v", recording, want)
	}
	w.want(t, "ring 100", "get BALANCE", "exec Queue sales", "record msg", "press #", "continue")
}

func TestADigitThatStopsAPromptCountsForTheNextQuestion(t *testing.T) {
	var answer engine.Answer
	set := flows{"main": func(c *engine.Call) error {
		if err := c.PlayUntilKey(say("news")); err != nil {
			return err
		}
		var err error
		answer, err = c.Ask(engine.AskRequest{Asking: engine.Asking{Prompt: say("enter"), Wait: time.Second, Between: time.Second}, Min: 1, Max: 2})
		return err
	}}
	w, _ := call(t, set, engine.Limits{}, func(p *sim.Phone) { p.Press(0, "12") })
	if answer.Digits != "12" || answer.Why != engine.Match {
		t.Errorf("got %+v", answer)
	}
	w.want(t, "ring 100", "play news", "play enter", "press 12", "continue")
}

func TestSecretDigitsStayOutOfTheJournal(t *testing.T) {
	set := flows{"main": func(c *engine.Call) error {
		a, err := c.Ask(engine.AskRequest{Asking: engine.Asking{Prompt: say("pin"), Wait: time.Second, Between: time.Second}, Min: 1, Max: 4, Secret: true})
		if a.Digits != "4711" {
			t.Errorf("got %q", a.Digits)
		}
		return err
	}}
	w, _ := call(t, set, engine.Limits{}, func(p *sim.Phone) { p.Press(0, "4711") })
	w.want(t, "ring 100", "play pin", "press ????", "continue")
}
