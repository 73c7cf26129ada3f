package engine

import "time"

// A Step is one journaled action of a call.
type Step struct {
	At     time.Duration // when it began, since the call began
	Took   time.Duration
	Kind   Kind
	Args   string // as a transcript writes them
	Result string // what came of it, "" if nothing did
	Err    error  // nil if it went well
	Flow   string // the flow that did it …
	Line   int    // … and its line there, 0 if unknown
}

func (s *Step) String() string {
	if s.Args == "" {
		return string(s.Kind)
	}
	return string(s.Kind) + " " + s.Args
}

// An Observer follows one call as it happens. Its methods run on the call's goroutine, so they must be
// quick and never block on a disk or a network.
type Observer interface {
	// Begin is told of a step before it is done. A non-nil Outcome stands in for doing it: that is how
	// transcripts answer for systems that are not there.
	Begin(c *Call, s *Step) *Outcome
	// End is told of a step when it is done.
	End(c *Call, s *Step)
	// Over is told that the call is over; its journal is complete.
	Over(c *Call)
}

// An Outcome is what came of a step.
type Outcome struct {
	Result string
	Err    error
	After  time.Duration // how long the step takes, if it is one that another system answers
}
