package luaapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/say"
	"github.com/ivrd/ivrd/engine/sim"
)

// exampleSet is the set of flows that examples can mention.
type exampleSet map[string]engine.Flow

func (s exampleSet) Route(engine.Info) (engine.Route, error) {
	return engine.Route{Flow: s["example"]}, nil
}
func (f exampleFlow) Hours(string, time.Time, []engine.Override) (engine.Hours, error) {
	return engine.Hours{Why: "holiday", Changes: time.Unix(1796288400, 0)}, nil
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

var comments = regexp.MustCompile(`--.*`)

// Every function's example runs as it stands in the reference.
func TestExamplesRun(t *testing.T) {
	for _, m := range API().Modules {
		for _, f := range m.Funcs {
			t.Run(f.Call, func(t *testing.T) {
				if f.Example == "" {
					t.Fatal("there is no example")
				}
				called := f.Call
				if m.Class { // of whatever name
					called = ":" + f.Name
				}
				if code := comments.ReplaceAllString(f.Example, ""); !strings.Contains(code, called) {
					t.Errorf("the example does not use %s:\n%s", f.Call, f.Example)
				}
				runExample(t, f.Example, slog.New(slog.DiscardHandler), exampleCaller{keys: []string{"1"}})
			})
		}
	}
}

// Every part of an example runs too, for one caller or another: the functions in it, and what it does if something
// is so.
func TestPartsOfExamplesRun(t *testing.T) {
	parts := regexp.MustCompile(`function\([^)]*\)|\bthen\b`)
	for _, m := range API().Modules {
		for _, f := range m.Funcs {
			n := 0
			marked := parts.ReplaceAllStringFunc(f.Example, func(part string) string {
				n++
				return fmt.Sprintf("%s log.info(\"part %d\") ", part, n)
			})
			if n == 0 {
				continue
			}
			t.Run(f.Call, func(t *testing.T) {
				var lines bytes.Buffer
				for _, caller := range exampleCallers {
					runExample(t, marked+"\ncall:wait(5)", slog.New(slog.NewTextHandler(&lines, nil)), caller)
				}
				for i := range n {
					if !strings.Contains(lines.String(), fmt.Sprintf("\"part %d\"", i+1)) {
						t.Errorf("part %d of the example never runs:\n%s", i+1, marked)
					}
				}
			})
		}
	}
}

// An exampleCaller is how the world is for a run of an example.
type exampleCaller struct {
	keys  []string // pressed at each question, one after the other
	at    time.Time
	comes map[string]engine.Outcome // of steps that begin so
}

// exampleCallers are such as examples have callers for. All put the call on hold in the end.
var exampleCallers = []exampleCaller{
	{at: time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC), comes: map[string]engine.Outcome{ // a Sunday
		"conference": {Result: "locked"}, "http": {Result: "404"}, "db value": {Result: "10"}, "db crm value": {Result: "10"},
		"redis HGET": {Result: `"Ann"`}, "redis cache HGET": {Result: `"Ann"`},
	}},
	{keys: []string{"1"}, comes: map[string]engine.Outcome{
		"http": {Err: errors.New("timeout")}, "db one": {Err: errors.New("no answer")}, "db crm one": {Err: errors.New("no answer")},
		"redis HGET": {Err: errors.New("no answer")}, "redis cache HGET": {Err: errors.New("no answer")},
		"kv incr": {Result: "4"}, "kv shared incr": {Result: "4"},
		"kv compare_and_set lock": {Result: "false"}, "metrics time payment": {Result: "75s"},
	}},
	{keys: []string{"123456#", "1"}},
	{keys: []string{"28112026", "1"}, comes: map[string]engine.Outcome{
		"hours office": {Result: "closed override"}, "hours clear": {Result: "true"},
	}},
	{keys: []string{"12*5#", "1"}},
}

func runExample(t *testing.T, code string, log *slog.Logger, caller exampleCaller) {
	t.Helper()
	set := exampleSet{
		"example": newExample(t, "example", code),
		"opening": newExample(t, "opening", `call:play("welcome")`),
		"sales":   newExample(t, "sales", `call:play("sales")`),
	}
	languages, err := say.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	ch := sim.New(sim.Call{
		Info:  engine.Info{CallerID: "11987654321", ID: "1.1"},
		Exec:  func(string, string) (string, error) { return "0", nil },
		Vars:  map[string]string{"DEVICE_STATE(PJSIP/alice)": "NOT_INUSE"},
		Start: caller.at,
	})
	o := &exampleObserver{exampleCaller: caller, phone: ch.Phone()}
	e := &engine.Engine{
		Say: languages.Say, Databases: exampleDatabases(t), Secrets: func(string) (string, error) { return "2811", nil },
		Speak: func(context.Context, string, string) (engine.Sound, error) { return engine.Sound{}, nil },
		Flows: func() engine.Flows { return set }, Log: log,
		Observe: func(engine.Info) engine.Observer { return o },
	}
	e.Handle(context.Background(), agiSim{ch})
	if o.over.Err != nil {
		t.Errorf("%v\n%s", o.over.Err, code)
	}
}

// An exampleObserver has the caller press keys while something plays, and be put on hold while the flow waits. It
// keeps how the call ended.
type exampleObserver struct {
	exampleCaller
	phone *sim.Phone
	over  engine.End
}

func (o *exampleObserver) Begin(_ *engine.Call, s *engine.Step) *engine.Outcome {
	for step, outcome := range o.comes {
		if strings.HasPrefix(s.String(), step) {
			return &outcome
		}
	}
	switch {
	case s.Kind == engine.StepPlay && len(o.keys) > 0:
		o.phone.Press(0, o.keys[0])
		o.keys = o.keys[1:]
	case s.Kind == engine.StepWait:
		o.phone.Happen(0, engine.Event{Kind: engine.EventHold})
		o.phone.Press(time.Second, "#")
	case s.Kind == engine.StepHTTP:
		return &engine.Outcome{Result: `200 {"balance": 1250.4}`}
	case s.Kind == engine.StepRedis:
		return &engine.Outcome{Result: "null"}
	}
	return nil
}

func (o *exampleObserver) End(*engine.Call, *engine.Step) {}
func (o *exampleObserver) Over(c *engine.Call)            { o.over = c.Outcome() }
