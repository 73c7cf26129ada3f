package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
)

// A plain channel can do what every channel can, and no more.
type plain struct{ engine.Channel }

// A vanishing channel is out of reach after a hangup.
type vanishing struct{ *sim.Channel }

func (vanishing) Vanishes() {}

// A lost channel is one whose connection is gone.
type lost struct{ *sim.Channel }

func (lost) Play(context.Context, []engine.Prompt, engine.Digits) (engine.Digit, error) {
	return engine.NoDigit, engine.ErrLost
}

// A lacking channel cannot mute a recording.
type lacking struct{ *sim.Channel }

func (lacking) Lacks() map[engine.Detail]string {
	return map[engine.Detail]string{"monitor mute": "it has no such button", "on hold": "it has no events"}
}

func handle(t *testing.T, ch engine.Channel, main func(c *engine.Call) error) *witness {
	t.Helper()
	w := &witness{}
	newEngine(flows{"main": main}, engine.Limits{}, w).Handle(t.Context(), ch)
	return w
}

// What a channel cannot do is an error that names the backend.
func TestCapabilities(t *testing.T) {
	var errs []error
	handle(t, plain{sim.New(sim.Call{})}, func(c *engine.Call) error {
		_, dial := c.Dial(engine.DialRequest{Targets: []string{"PJSIP/a"}}, false)
		_, conference := c.Conference(engine.ConferenceRequest{Room: "x"})
		_, ari := c.Request("GET", "/channels", nil)
		errs = append(errs, dial, conference, ari, c.Monitor(engine.MonitorRequest{Do: engine.MonitorStop}), c.On(engine.EventHold, nil))
		return nil
	})
	for _, err := range errs {
		var missing *engine.CapabilityError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), "not possible on the sim backend") {
			t.Errorf("got %v, want a capability error", err)
		}
	}
	if got := engine.AbilitiesOf(plain{}).Kinds; len(got) != 0 {
		t.Errorf("a plain channel can %v", got)
	}
	if why := engine.AbilitiesOf((*sim.Channel)(nil)).Missing("dial confirm"); why != "" {
		t.Errorf("the simulator cannot dial with a confirmation: %s", why)
	}
}

// What a channel lacks of something it can do is told before it is tried.
func TestLacks(t *testing.T) {
	var mute, pause, hold, talking error
	w := handle(t, lacking{sim.New(sim.Call{})}, func(c *engine.Call) error {
		mute = c.Monitor(engine.MonitorRequest{Do: engine.MonitorMute})
		pause = c.Monitor(engine.MonitorRequest{Do: engine.MonitorPause})
		never := func(engine.Event) (bool, error) { return false, nil }
		hold, talking = c.On(engine.EventHold, never), c.On(engine.EventTalking, never)
		return nil
	})
	if mute == nil || mute.Error() != "monitor mute is not possible on the sim backend: it has no such button" {
		t.Errorf("mute: %v", mute)
	}
	if hold == nil || pause != nil || talking != nil {
		t.Errorf("hold: %v, pause: %v, talking: %v", hold, pause, talking)
	}
	w.want(t, "ring", "monitor pause", "continue")
}

// The dialplan finds IVRD_STATUS=hangup also where nothing can be set any more.
func TestHangupIsForetold(t *testing.T) {
	ch := sim.New(sim.Call{Info: engine.Info{Exten: "100"}})
	ch.Phone().HangUp(time.Second)
	handle(t, vanishing{ch}, func(c *engine.Call) error {
		if got := status(ch); got != "IVRD_FLOW=main IVRD_VERSION=v-main IVRD_STATUS=hangup" {
			t.Errorf("at the beginning: %s", got)
		}
		return c.Wait(time.Minute)
	})
}

// A lost connection ends a flow, whatever the flow does about it, and nothing more is asked of the channel.
func TestLost(t *testing.T) {
	ch := sim.New(sim.Call{})
	var second error
	w := handle(t, lost{ch}, func(c *engine.Call) error {
		_ = play(c, "a")
		second = play(c, "b")
		return nil
	})
	if !errors.Is(second, engine.ErrLost) {
		t.Errorf("the step after: %v", second)
	}
	if w.end.Status() != "lost" || len(ch.Written()) > 0 {
		t.Errorf("ended %v, with %v set", w.end, ch.Written())
	}
	w.want(t, "ring", "play a", "end lost connection to Asterisk lost")
}

// Functions hear of events while a step waits, can end it, and cannot use the channel themselves.
func TestOn(t *testing.T) {
	ch := sim.New(sim.Call{})
	ch.Phone().Happen(time.Second, engine.Event{Kind: engine.EventHold})
	ch.Phone().Press(2*time.Second, "5")
	var heard []string
	var inside error
	var took time.Duration
	w := handle(t, ch, func(c *engine.Call) error {
		must := func(err error) {
			if err != nil {
				t.Error(err)
			}
		}
		must(c.On(engine.EventHold, func(e engine.Event) (bool, error) {
			heard = append(heard, e.String())
			inside = play(c, "x")
			return false, nil
		}))
		must(c.On(engine.EventDigit, func(e engine.Event) (bool, error) {
			heard = append(heard, e.String())
			return e.Text == "5", nil
		}))
		began := ch.Now()
		must(c.Wait(time.Minute))
		took = ch.Now().Sub(began)
		answer, err := c.Ask(engine.AskRequest{Asking: engine.Asking{Wait: time.Second}, Min: 1, Max: 1})
		must(err)
		heard = append(heard, "entry "+answer.Digits)
		return nil
	})
	if got := strings.Join(heard, ", "); got != "hold, digit 5, entry 5" {
		t.Errorf("heard %s", got)
	}
	if inside == nil || !strings.Contains(inside.Error(), "not in a function of call:on") {
		t.Errorf("a step in a function: %v", inside)
	}
	if took > 3*time.Second {
		t.Errorf("the wait went on for %v", took)
	}
	w.want(t, "ring", "wait 60s", "event hold", "press 5", "continue")
}

// The error of such a function ends the flow.
func TestOnFails(t *testing.T) {
	ch := sim.New(sim.Call{})
	ch.Phone().Press(0, "1")
	w := handle(t, ch, func(c *engine.Call) error {
		if err := c.On(engine.EventDigit, func(engine.Event) (bool, error) { return false, errors.New("broken") }); err != nil {
			t.Error(err)
		}
		return errors.Join(c.Wait(time.Minute), play(c, "never"))
	})
	w.want(t, "ring", "wait 60s", "end error broken", "continue")
}

// A caller who was handed on leaves the flow.
func TestTransferEndsTheFlow(t *testing.T) {
	w := &witness{stub: func(s *engine.Step) *engine.Outcome {
		if s.Kind == engine.StepDial {
			return &engine.Outcome{Result: "answered PJSIP/a 3s transfer sales,200,1"}
		}
		return nil
	}}
	ch := sim.New(sim.Call{})
	newEngine(flows{"main": func(c *engine.Call) error {
		_, err := c.Dial(engine.DialRequest{Targets: []string{"PJSIP/a"}}, false)
		return errors.Join(err, play(c, "never"))
	}}, engine.Limits{}, w).Handle(t.Context(), ch)
	w.want(t, "ring", "dial PJSIP/a", "continue sales,200,1")
	if got := ch.Ending(); got.How != sim.Continued || got.To.String() != "sales,200,1" {
		t.Errorf("the call went to %+v", got)
	}
}

// What is said in a language becomes recordings, unless only Asterisk can say it.
func TestRender(t *testing.T) {
	ch := sim.New(sim.Call{})
	e := newEngine(flows{"main": func(c *engine.Call) error {
		_, err := c.Play(engine.Prompts{{Text: "you-have"}, {Kind: engine.NumberPrompt, Text: "12"}, {Kind: engine.DigitsPrompt, Text: "1"}}, "")
		return err
	}}, engine.Limits{}, &witness{})
	e.Say = func(p engine.Prompt, language string) (engine.Prompts, error) {
		if p.Kind != engine.NumberPrompt {
			return nil, engine.ErrUnspoken
		}
		return engine.Prompts{{Text: language + "-" + p.Text + "-a"}, {Text: p.Text + "-b"}}, nil
	}
	e.Handle(t.Context(), plain{ch}) // the simulator itself takes all prompts as they are
	var heard []string
	for _, h := range ch.Phone().Heard() {
		heard = append(heard, h.Prompt.String())
	}
	if got := strings.Join(heard, " "); got != "you-have -12-a 12-b digits:1" {
		t.Errorf("heard %s", got)
	}
}
