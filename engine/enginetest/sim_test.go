package enginetest

import (
	"context"
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/engine/transcript"
)

// simStage is the simulator as a backend of its own right: it answers itself, also where a transcript
// could stand in for it.
func simStage(set *flow.Set, realTime bool, dialed func(*transcript.Call, *sim.Channel)) *transcript.Stage {
	return &transcript.Stage{
		Live:   true,
		Engine: func() *engine.Engine { return newEngine(set) },
		Dial: func(c *transcript.Call) (engine.Channel, transcript.Phone) {
			ch := sim.New(sim.Call{
				Info: c.Info(), Vars: withPlaces(c.Vars()), Start: c.Clock, Real: realTime,
				Missing: func(p engine.Prompt, _ string) bool { return p.Text == Missing },
				Exec:    func(string, string) (string, error) { return "0", nil },
			})
			dialed(c, ch)
			return ch, ch.Phone()
		},
	}
}

// withPlaces is what a call arrives with, and where it can go.
func withPlaces(vars map[string]string) map[string]string {
	out := maps.Clone(vars)
	if out == nil {
		out = map[string]string{}
	}
	for context, exten := range places {
		out["DIALPLAN_EXISTS("+context+","+exten+",1)"] = "1"
	}
	return out
}

func TestSim(t *testing.T) {
	set, files := load(t)
	for _, f := range files {
		t.Run(strings.TrimSuffix(f.Name, transcript.Extension), func(t *testing.T) {
			runSim(t, set, f, false)
		})
	}
}

// In real time the simulator waits, here on a clock of the test's own.
func TestSimInRealTime(t *testing.T) {
	set, files := load(t)
	for _, f := range files {
		t.Run(strings.TrimSuffix(f.Name, transcript.Extension), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runSim(t, set, f, true) })
		})
	}
}

func runSim(t *testing.T, set *flow.Set, f *transcript.File, realTime bool) {
	channels := map[*transcript.Call]*sim.Channel{}
	stage := simStage(set, realTime, func(c *transcript.Call, ch *sim.Channel) { channels[c] = ch })
	for _, r := range stage.Run(context.Background(), f) {
		if r.Diff != nil {
			t.Error(r.Diff)
			continue
		}
		status, err := channels[r.Call].Var(context.Background(), "IVRD_STATUS")
		if want := r.Over.Status(); status != want || err != nil {
			t.Errorf("%s: IVRD_STATUS is %q, want %q", r.Call.Title, status, want)
		}
		if got, want := channels[r.Call].Ending().How, ending(r.Call); got != want {
			t.Errorf("%s: the channel ended by %q, want %q", r.Call.Title, got, want)
		}
	}
}

// ending is how a call's channel must end, by its transcript.
func ending(c *transcript.Call) sim.How {
	how := sim.HungUp
	for _, l := range c.Lines {
		switch {
		case l.Word != transcript.Step:
		case strings.HasPrefix(l.Text, "continue"):
			how = sim.Continued
		case strings.HasPrefix(l.Text, "hangup"):
			how = sim.Hangup
		}
	}
	return how
}

func TestSecretDigitsAreNotOnRecord(t *testing.T) {
	set, _ := load(t)
	f, err := transcript.Parse("secret.call", "ring ask_secret\n> answer\n> play enter-pin\npress 1234\n> set RIGHT yes\n> continue\n")
	if err != nil {
		t.Fatal(err)
	}
	var call *engine.Call
	stage := simStage(set, false, func(*transcript.Call, *sim.Channel) {})
	run := transcript.NewRun(f.Name, f.Calls[0])
	ch, phone := stage.Dial(f.Calls[0])
	run.Phone = phone
	e := newEngine(set)
	e.Observe = func(engine.Info) engine.Observer { return keeper{run, &call} }
	e.Handle(context.Background(), ch)
	text := transcript.Write(call).String()
	if strings.Contains(text, "1234") || !strings.Contains(text, "press ????") {
		t.Errorf("the journal says\n%s", text)
	}
}

// A keeper is a run that keeps the call.
type keeper struct {
	*transcript.Run
	call **engine.Call
}

func (k keeper) Over(c *engine.Call) {
	k.Run.Over(c)
	*k.call = c
}

// keysLate are transcripts of calls that do not pass when written from their journal: it has keys where they are
// taken, and these tell of keys that are not.
var keysLate = map[string]bool{
	"on_digit.call":  true, // a function hears of keys, which may be secret
	"ask_barge.call": true, // keys are forgotten
}

// Every call of the contract, written from its journal, passes.
func TestWrittenContractPasses(t *testing.T) {
	set, files := load(t)
	for _, f := range files {
		if keysLate[f.Name] {
			continue
		}
		for _, c := range f.Calls {
			var call *engine.Call
			run := transcript.NewRun(f.Name, c)
			stage := simStage(set, false, func(*transcript.Call, *sim.Channel) {})
			ch, phone := stage.Dial(c)
			run.Phone, run.Live = phone, true
			e := newEngine(set)
			e.Observe = func(engine.Info) engine.Observer { return keeper{run, &call} }
			e.Handle(context.Background(), ch)
			text := transcript.Write(call).String()
			written, err := transcript.Parse(f.Name, text)
			if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			stage.Live = false
			if r := stage.Run(context.Background(), written)[0]; r.Diff != nil && !strings.Contains(text, "press ??") {
				t.Errorf("%s\nwritten:\n%s", r.Diff, text)
			}
		}
	}
}

func BenchmarkContract(b *testing.B) {
	set, files := load(b)
	stage := simStage(set, false, func(*transcript.Call, *sim.Channel) {})
	calls := 0
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range files {
			calls += len(stage.Run(context.Background(), f))
		}
	}
	b.ReportMetric(float64(calls)/b.Elapsed().Seconds(), "transcripts/s")
}
