package transcript

import (
	"context"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A Stage is where the calls of transcripts take place. Both functions are called once per call.
type Stage struct {
	Engine func() *engine.Engine // its Observe is replaced
	Dial   func(c *Call) (engine.Channel, Phone)
	Live   bool // see Run
}

// A Result is what came of one call.
type Result struct {
	Call *Call
	Diff *Diff         // nil if the call went as written
	Took time.Duration // in the call's own time
	Over engine.End    // how the call ended
}

// Run runs all calls of f, one after the other.
func (s *Stage) Run(ctx context.Context, f *File) []Result {
	results := make([]Result, 0, len(f.Calls))
	for _, c := range f.Calls {
		run := NewRun(f.Name, c)
		s.play(ctx, run)
		results = append(results, run.Result())
	}
	return results
}

// Update runs all calls of f and returns f as they went: steps are rewritten, comments, blank lines and
// what the world did stay. Where a call goes another way, steps of the same kind are taken for each
// other, so read what changed.
func (s *Stage) Update(ctx context.Context, f *File) *File {
	updated := &File{Name: f.Name, rest: f.rest}
	for _, c := range f.Calls {
		run := NewRun(f.Name, c)
		run.update = &update{}
		s.play(ctx, run)
		lines := run.update.finish(run)
		updated.Calls = append(updated.Calls, newCall(c.Head, lines))
	}
	return updated
}

func (s *Stage) play(ctx context.Context, run *Run) {
	ch, phone := s.Dial(run.call)
	run.Phone, run.Live = phone, s.Live
	e := s.Engine()
	e.Observe = func(engine.Info) engine.Observer { return run }
	e.Handle(ctx, ch)
}
