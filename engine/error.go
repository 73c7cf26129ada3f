package engine

import (
	"errors"
	"fmt"
)

var (
	// ErrHangup ends a flow because the caller hung up; it is not a fault.
	ErrHangup = errors.New("caller hung up")
	// ErrDrain ends a flow because ivrd is shutting down and the time for running calls is over.
	ErrDrain = errors.New("ivrd is shutting down")
	// ErrLost ends a flow because the connection to its channel is gone: Asterisk stopped, or cannot be reached.
	ErrLost = errors.New("connection to Asterisk lost")
	// ErrOver is what a step gets after the flow itself ended the call, by hangup or continue.
	ErrOver = errors.New("the call is over")
	// ErrUnspoken means that nobody but Asterisk itself can say a prompt in a language.
	ErrUnspoken = errors.New("only Asterisk can say that")
	// ErrNoFlow means that no route leads from the call to a flow.
	ErrNoFlow = errors.New("no flow for this call")
)

// A PlayError is a prompt that could not be played, as a rule because Asterisk has no such file.
type PlayError struct {
	Prompt Prompt
	Why    string // what the backend knows of the reason
}

func (e *PlayError) Error() string { return fmt.Sprintf("play %s: %s", e.Prompt, e.Why) }

// A LimitError ends a flow that used more than it may.
type LimitError struct {
	What string // what ran out, such as "steps", "time", "computing time", "memory", "nested calls"
	Max  string // the limit, with its unit
	Hint string // what to do about it
}

func (e *LimitError) Error() string {
	s := fmt.Sprintf("flow used up its %s (%s)", e.What, e.Max)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// A CapabilityError is a step that this call's backend cannot do.
type CapabilityError struct {
	Step    Kind
	Backend string
}

func (e *CapabilityError) Error() string {
	return fmt.Sprintf("%s is not possible on the %s backend", e.Step, e.Backend)
}

// A LibraryError is recordings that cannot be reached.
type LibraryError struct{ Err error }

func (e *LibraryError) Error() string { return "recordings: " + e.Err.Error() }

func (e *LibraryError) Unwrap() error { return e.Err }

// A FlowError is a flow that failed: wrong use of a function, an error raised by its own code.
type FlowError struct {
	Flow   string
	File   string
	Line   int    // 0 if unknown
	Text   string // what went wrong
	Source string // the line itself
	Trace  string // the calls that led there, one per line
}

func (e *FlowError) Error() string {
	if e.Line == 0 {
		return e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}
