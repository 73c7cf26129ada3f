package engine

import "time"

// Kind names what a step does, in the words of transcripts.
type Kind string

const (
	StepAnswer   Kind = "answer"
	StepPlay     Kind = "play"
	StepRecord   Kind = "record"
	StepWait     Kind = "wait"
	StepGet      Kind = "get"
	StepSet      Kind = "set"
	StepLanguage Kind = "language"
	StepExec     Kind = "exec"
	StepAGI      Kind = "agi"
	StepRun      Kind = "run"
	StepHTTP     Kind = "http"
	StepHours    Kind = "hours"

	// What some backends can do; see capability.go.
	StepDial       Kind = "dial"
	StepTransfer   Kind = "transfer"
	StepBridge     Kind = "bridge"
	StepPark       Kind = "park"
	StepPickup     Kind = "pickup"
	StepConference Kind = "conference"
	StepSpy        Kind = "spy"
	StepMonitor    Kind = "monitor"
	StepControl    Kind = "control" // a recording that the caller steers
	StepSignal     Kind = "signal"
	StepSendDigits Kind = "send"
	StepSendText   Kind = "text"
	StepSnapshot   Kind = "snapshot"
	StepMedia      Kind = "media"
	StepEmit       Kind = "emit"
	StepRecordings Kind = "recordings"
	StepARI        Kind = "ari"
	StepOn         Kind = "on" // no step: what Call.On needs

	// Systems beside the call.
	StepDB Kind = "db"
	StepKV Kind = "kv"

	StepContinue Kind = "continue"
	StepHangup   Kind = "hangup"
	StepEnd      Kind = "end" // why the flow ended, where that is not plain from the step before

	// What the world did.
	StepPress   Kind = "press"
	StepSilence Kind = "silence"
	StepHungUp  Kind = "hang up"
	StepEvent   Kind = "event"

	// On record, but not part of a transcript.
	StepRing   Kind = "ring"
	StepClock  Kind = "clock"
	StepSeed   Kind = "seed"
	StepSecret Kind = "secret"
	StepLog    Kind = "log"
)

// Source says who caused a step, and so where a transcript writes it.
type Source int

const (
	Ours  Source = iota // ivrd did it: a line beginning with >
	World               // the caller or another system did it
	Quiet               // on record only
)

// Source tells whose step a kind is.
func (k Kind) Source() Source {
	switch k {
	case StepPress, StepSilence, StepHungUp, StepEvent:
		return World
	case StepRing, StepClock, StepSeed, StepSecret, StepLog:
		return Quiet
	}
	return Ours
}

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
