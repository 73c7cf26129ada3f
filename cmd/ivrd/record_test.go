package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
)

// A recorded call is a transcript that passes when it is run again.
func TestRecordedCallsCanBeRun(t *testing.T) {
	dir := t.TempDir()
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	r, err := record(filepath.Join(dir, "journal"), logger)
	if err != nil {
		t.Fatal(err)
	}
	set, problems := flow.Load(fstest.MapFS{"100.lua": {Data: []byte(`call:answer()
call:play("pin")
local pin = call:ask { prompt = "enter-pin", max = 4, secret = true }
call:set("OK", #pin)
local n = call:ask { prompt = "enter-number", max = 2 }
call:play { "you-entered", say.digits(n) }
`)}}, flow.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	e := &engine.Engine{
		Flows: func() engine.Flows { return set }, Log: logger,
		Observe: func(engine.Info) engine.Observer { return whenOver{r.queue} },
	}
	for range 3 {
		ch := sim.New(sim.Call{Info: engine.Info{Exten: "100", CallerID: "5551234", ID: "17.1"}})
		ch.Phone().Press(0, "471112")
		e.Handle(t.Context(), ch)
	}
	r.Close()
	name := sim.Epoch.Format("2006-01-02") + ".call"
	text, err := os.ReadFile(filepath.Join(dir, "journal", name))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"call 17.1, flow 100 version ", ": completed after ", "press ????", "press 12", "> play you-entered digits:12"} {
		if n := strings.Count(string(text), want); n != 3 {
			t.Errorf("%q stands there %d times, want 3:\n%s", want, n, text)
		}
	}
	if strings.Contains(string(text), "4711") {
		t.Error("the secret digits are on record")
	}
	out := &strings.Builder{}
	test := tester{set: set, out: out}
	if err := test.run(t.Context(), folder{dir: filepath.Join(dir, "journal")}); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
