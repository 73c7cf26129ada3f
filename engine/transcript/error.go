package transcript

import "fmt"

// A ParseError is a line that is not understood.
type ParseError struct {
	File   string
	Line   int
	Column int // in characters, from 1
	Text   string
	Hint   string // what to write instead, "" if nobody knows
}

func (e *ParseError) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}
