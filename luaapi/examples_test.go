package luaapi

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/say"
	"github.com/ivrd/ivrd/engine/sim"
)

// exampleSet is the set of flows that examples can mention.
type exampleSet map[string]engine.Flow

func (s exampleSet) Route(engine.Info) (engine.Route, error) {
	return engine.Route{Flow: s["example"]}, nil
}
func (s exampleSet) Flow(name string) (engine.Flow, bool) { f, ok := s[name]; return f, ok }

// exampleFlow is one example as a flow.
type exampleFlow struct{ program *Program }

func (f exampleFlow) Name() string                              { return f.program.Name }
func (f exampleFlow) Version() string                           { return "example" }
func (f exampleFlow) Run(c *engine.Call) error                  { return Run(f.program, c) }
func (f exampleFlow) Sound(string, string) (engine.Sound, bool) { return engine.Sound{}, false }

func newExample(t *testing.T, name, code string) engine.Flow {
	t.Helper()
	compiled, err := Compile(name+".lua", []byte(code))
	if err != nil {
		t.Fatal(err)
	}
	return exampleFlow{&Program{Name: name, Main: compiled}}
}

// agiSim is the simulator with an answer to every AGI command and ARI request, which it has not by itself.
type agiSim struct{ *sim.Channel }

func (agiSim) Command(context.Context, ...string) (result, text string, err error) {
	return "1", "yes", nil
}

// Request answers every request over ARI.
func (agiSim) Request(context.Context, string, string, map[string]any) (int, string, error) {
	return 200, `{"state": "NOT_INUSE"}`, nil
}

// Every function's example runs as it stands in the reference.
func TestExamplesRun(t *testing.T) {
	for _, m := range API().Modules {
		for _, f := range m.Funcs {
			t.Run(f.Call, func(t *testing.T) {
				if f.Example == "" {
					t.Fatal("there is no example")
				}
				if !strings.Contains(f.Example, f.Call) {
					t.Errorf("the example does not use %s:\n%s", f.Call, f.Example)
				}
				runExample(t, f.Example)
			})
		}
	}
}

func runExample(t *testing.T, code string) {
	t.Helper()
	set := exampleSet{
		"example": newExample(t, "example", code),
		"opening": newExample(t, "opening", `call:play("welcome")`),
		"sales":   newExample(t, "sales", `call:play("sales")`),
	}
	var over engine.End
	languages, err := say.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	e := &engine.Engine{
		Say:   languages.Say,
		Speak: func(context.Context, string, string) (engine.Sound, error) { return engine.Sound{}, nil },
		Flows: func() engine.Flows { return set }, Log: slog.New(slog.DiscardHandler),
		Observe: func(engine.Info) engine.Observer { return endObserver{&over} },
	}
	ch := sim.New(sim.Call{
		Info: engine.Info{CallerID: "5551234", ID: "1.1"},
		Exec: func(string, string) (string, error) { return "0", nil },
	})
	ch.Phone().Press(0, "1")
	e.Handle(context.Background(), agiSim{ch})
	if over.Err != nil {
		t.Errorf("%v\n%s", over.Err, code)
	}
}

// endObserver keeps how a call ended.
type endObserver struct{ over *engine.End }

func (endObserver) Begin(*engine.Call, *engine.Step) *engine.Outcome { return nil }
func (endObserver) End(*engine.Call, *engine.Step)                   {}
func (o endObserver) Over(c *engine.Call)                            { *o.over = c.Outcome() }
