package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ivrd/ivrd/engine"
)

// A scribe writes down what it is told, and answers steps.
type scribe struct {
	name    string
	answers *engine.Outcome
	log     *[]string
}

func (o scribe) Begin(_ *engine.Call, s *engine.Step) *engine.Outcome {
	*o.log = append(*o.log, fmt.Sprintf("%s begin %s", o.name, s))
	return o.answers
}

func (o scribe) End(_ *engine.Call, s *engine.Step) {
	*o.log = append(*o.log, fmt.Sprintf("%s end %s", o.name, s))
}
func (o scribe) Over(*engine.Call) { *o.log = append(*o.log, o.name+" over") }

// All observers are told everything, and the first one that answers decides.
func TestObservers(t *testing.T) {
	var log []string
	all := observers{scribe{"a", nil, &log}, scribe{"b", &engine.Outcome{Result: "b"}, &log}, scribe{"c", &engine.Outcome{Result: "c"}, &log}}
	step := &engine.Step{Kind: engine.StepAnswer}
	if o := all.Begin(nil, step); o == nil || o.Result != "b" {
		t.Errorf("the outcome is %v", o)
	}
	all.End(nil, step)
	all.Over(nil)
	want := []string{"a begin answer", "b begin answer", "c begin answer", "a end answer", "b end answer", "c end answer", "a over", "b over", "c over"}
	if !slices.Equal(log, want) {
		t.Errorf("told %q", log)
	}
}
