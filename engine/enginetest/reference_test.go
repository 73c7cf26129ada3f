package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/engine/transcript"
	"github.com/ivrd/ivrd/luaapi"
)

// What the examples of the reference play and say is heard on a real Asterisk as the simulator plays it.
func TestReferenceAGI(t *testing.T) { runReference(t, new(agiBackend)) }

func TestReferenceARI(t *testing.T) { runReference(t, new(ariBackend)) }

func runReference(t *testing.T, on backend) {
	set, files := reference(t)
	runOnAsterisk(t, set, files, on)
}

// heardOnly are the steps of an example of which the caller hears all there is.
var heardOnly = []engine.Kind{engine.StepRing, engine.StepAnswer, engine.StepPlay, engine.StepLanguage, engine.StepClock, engine.StepSeed, engine.StepLog,
	engine.StepContinue, engine.StepRun, engine.StepControl}

// reference is the examples of the reference that only play something, as flows, with transcripts of how they go on
// the simulator.
func reference(t *testing.T) (*flow.Set, []*transcript.File) {
	t.Helper()
	folder := fstest.MapFS{ // flows that examples run, and the fallback
		"fallback.lua": {Data: []byte(`call:play("sorry")`)},
		"opening.lua":  {Data: []byte(`call:play("welcome")`)},
		"sales.lua":    {Data: []byte(`call:play("sales")`)},
	}
	var names []string
	for _, m := range luaapi.API().Modules {
		for _, f := range m.Funcs {
			name := strings.NewReplacer(":", "_", ".", "_").Replace(f.Call)
			names = append(names, name)
			folder[name+".lua"] = &fstest.MapFile{Data: []byte("call:answer()\n" + f.Example + "\n")}
		}
	}
	set, problems := flow.Load(folder, flow.Options{})
	for _, p := range problems {
		t.Fatal(p)
	}
	var files []*transcript.File
	for _, name := range names {
		text := onlyHeard(t, set, fmt.Sprintf("ring %s from %d\n", name, 3000+len(files)))
		if text == "" {
			continue
		}
		f, err := transcript.Parse(name+transcript.Extension, text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		c := f.Calls[0] // how long a recording is, each backend finds out for itself
		c.Lines = slices.DeleteFunc(c.Lines, func(l transcript.Line) bool { return l.Word == transcript.Reply })
		files = append(files, f)
	}
	if len(files) < 15 {
		t.Fatalf("only %d examples play something", len(files))
	}
	return set, files
}

// onlyHeard is a call as it goes on the simulator, "" if something else happens in it than that the caller hears
// something.
func onlyHeard(t *testing.T, set *flow.Set, ring string) string {
	t.Helper()
	f, err := transcript.Parse("ring.call", ring)
	if err != nil {
		t.Fatal(err)
	}
	var call *engine.Call
	ch, _ := simStage(set, false, func(*transcript.Call, *sim.Channel) {}).Dial(f.Calls[0])
	e := newEngine(set)
	e.Observe = func(engine.Info) engine.Observer { return onlooker{&call} }
	e.Handle(context.Background(), ch)
	plays := false
	for _, s := range call.Journal() {
		plays = plays || s.Kind == engine.StepPlay
		if !slices.Contains(heardOnly, s.Kind) {
			return ""
		}
	}
	if !plays {
		return ""
	}
	return transcript.Write(call).String()
}

// An onlooker keeps a call when it is over.
type onlooker struct{ call **engine.Call }

func (onlooker) Begin(*engine.Call, *engine.Step) *engine.Outcome { return nil }
func (onlooker) End(*engine.Call, *engine.Step)                   {}
func (o onlooker) Over(c *engine.Call)                            { *o.call = c }
