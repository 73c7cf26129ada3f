package luaapi

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// testNow is the time of all calls in these tests.
var testNow = time.Date(2026, 3, 4, 15, 16, 17, 0, time.FixedZone("BRT", -3*3600))

// A quietChannel is a caller who does nothing.
type quietChannel struct{ engine.Channel }

func (quietChannel) Info() engine.Info                               { return engine.Info{Backend: "test"} }
func (quietChannel) Now() time.Time                                  { return testNow }
func (quietChannel) SetVar(context.Context, string, string) error    { return nil }
func (quietChannel) Continue(context.Context, engine.Location) error { return nil }
func (quietChannel) Hangup(context.Context, engine.Cause) error      { return nil }
func (quietChannel) Play(context.Context, []engine.Prompt, engine.Digits) (engine.Digit, error) {
	return engine.NoDigit, nil
}

// A testFlow is one flow that is all flows.
type testFlow func(c *engine.Call) error

func (f testFlow) Name() string                              { return "test" }
func (f testFlow) Version() string                           { return "1" }
func (f testFlow) Run(c *engine.Call) error                  { return f(c) }
func (f testFlow) Sound(string, string) (engine.Sound, bool) { return engine.Sound{}, false }
func (f testFlow) Route(engine.Info) (engine.Route, error)   { return engine.Route{Flow: f}, nil }
func (f testFlow) Flow(string) (engine.Flow, bool)           { return nil, false }

// withCall runs do as the flow of a call.
func withCall(ctx context.Context, limits engine.Limits, do func(c *engine.Call)) {
	flow := testFlow(func(c *engine.Call) error { do(c); return nil })
	e := engine.Engine{Flows: func() engine.Flows { return flow }, Limits: limits}
	e.Handle(ctx, quietChannel{})
}

// program compiles files, of which the first is the main one: name, source, name, source …
func program(t testing.TB, files ...string) *Program {
	t.Helper()
	p := &Program{Name: strings.TrimSuffix(files[0], ".lua"), Modules: map[string]*Code{}}
	for i := 0; i < len(files); i += 2 {
		c, err := Compile(files[i], []byte(files[i+1]))
		if err != nil {
			t.Fatalf("compile: %v", err)
		}
		if i == 0 {
			p.Main = c
			continue
		}
		p.Modules[strings.TrimSuffix(files[i], ".lua")] = c
	}
	return p
}

// runProgram runs p in a call and returns what print wrote and how it ended.
func runProgram(p *Program, limits engine.Limits) (printed string, err error) {
	withCall(context.Background(), limits, func(c *engine.Call) { printed, err = runIn(c, p) })
	return printed, err
}

func runIn(c *engine.Call, p *Program) (string, error) {
	var out strings.Builder
	rt := &runtime{call: c, program: p, limits: c.Limits()}
	rt.print = func(s string) {
		if out.Len() < 1<<20 {
			out.WriteString(s + "\n")
		}
	}
	L := newState(rt)
	_, err := rt.run(L, L.NewFunctionFromProto(p.Main.Proto), 0)
	rt.giveBack(err)
	return out.String(), err
}

// runLua runs source as flow.lua.
func runLua(t testing.TB, source string) (string, error) {
	t.Helper()
	return runProgram(program(t, "flow.lua", source), engine.Limits{})
}

// cpuTime is what this process has used. Other than the clock it does not run faster on a busy machine.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestStandardLibrary runs the Lua files in testdata/std, each of which asserts how a part of the library behaves.
func TestStandardLibrary(t *testing.T) {
	files, err := filepath.Glob("testdata/std/*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = runProgram(program(t, filepath.Base(file), string(source)), engine.Limits{})
			if fault, ok := errors.AsType[*engine.FlowError](err); ok {
				t.Fatalf("%v\n%s", err, fault.Trace)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
