package enginetest

import (
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

// What compares must be able to fail.
func TestUnheard(t *testing.T) {
	const ms = time.Millisecond
	play := func(prompts string, took time.Duration) engine.Step {
		return engine.Step{Kind: engine.StepPlay, Args: prompts, Took: took}
	}
	heard := func(name string, d time.Duration) asterisk.Segment { return asterisk.Segment{Name: name, Duration: d} }
	tests := []struct {
		name  string
		steps []engine.Step
		heard []asterisk.Segment
		want  string // a part of the complaint
	}{
		{"as played", []engine.Step{play("a digits:12", 1900*ms), play("b", 1100*ms)},
			[]asterisk.Segment{heard("a", 1010*ms), heard("digits/1", 300*ms), heard("digits/2", 300*ms), heard("b", 990*ms)}, ""},
		{"in pieces", []engine.Step{play("a", 1150*ms)}, []asterisk.Segment{heard("a", 400*ms), heard("a", 600*ms)}, ""},
		{"cut", []engine.Step{play("a b", 400*ms), play("a", 1100*ms)}, []asterisk.Segment{heard("a", 290*ms), heard("a", 1000*ms)}, ""},
		{"cut before it was heard", []engine.Step{play("a", 0), play("a", 1100*ms)}, []asterisk.Segment{heard("a", 1000*ms)}, ""},
		{"not heard", []engine.Step{play("a", 1100*ms)}, nil, "a was heard for 0s of 1s"},
		{"heard too short", []engine.Step{play("a", 1100*ms)}, []asterisk.Segment{heard("a", 500*ms)}, "a was heard for 500ms of 1s"},
		{"another one", []engine.Step{play("a", 1100*ms)}, []asterisk.Segment{heard("b", 1000*ms)}, "a was heard for 0s"},
		{"cut, but heard on", []engine.Step{play("a", 300*ms)}, []asterisk.Segment{heard("a", 1000*ms)}, "never played"},
		{"one too many", []engine.Step{play("a", 1100*ms)}, []asterisk.Segment{heard("a", 1000*ms), heard("b", 1000*ms)}, "never played"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := unheard(tt.steps, tt.heard)
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
