package say

import (
	"fmt"
	"strings"
)

// A Problem is something in a language file that somebody has to put right.
type Problem struct {
	File   string
	Line   int    // 0 if it is not about one line
	Column int    // 0 if unknown
	Key    string // where it stands: rules.cardinal.20
	Text   string // what is wrong
	Hint   string // what to do about it, if that can be told
	Source string // the line itself
}

// Error is the problem in one line.
func (p Problem) Error() string {
	s := p.File
	if p.Line > 0 {
		s += fmt.Sprintf(":%d", p.Line)
		if p.Column > 0 {
			s += fmt.Sprintf(":%d", p.Column)
		}
	}
	if p.Key != "" {
		s += ": " + p.Key
	}
	s += ": " + p.Text
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

// Problems is all that is wrong with the language files, the error that Load returns.
type Problems []Problem

// Error is the problems, one per line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}
