package agi

import (
	"errors"
	"fmt"
)

// ErrServerClosed ends the calls that Shutdown or Close could not wait for.
var ErrServerClosed = errors.New("FastAGI server closed")

// A CommandError is a command that Asterisk refused.
type CommandError struct {
	Command string // its name, such as "SAY NUMBER"
	Code    int    // 510: no such command, 520: wrong arguments, 503: out of memory
	Text    string // what Asterisk said
}

func (e *CommandError) Error() string {
	return fmt.Sprintf("%s: Asterisk answered %d %s", e.Command, e.Code, e.Text)
}

// errWoken comes out of a read that was to end because its context did.
var errWoken = errors.New("context ended")
