package flow

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Problem is something in the flows folder that somebody has to put right.
type Problem struct {
	File    string // below the flows folder; "" is the folder itself
	Line    int    // 0 if it is not about one line
	Column  int    // 0 if unknown
	Text    string // what is wrong
	Hint    string // what to do about it, if that can be told
	Source  string // the line itself
	Detail  string // more lines about it, such as what came instead of what was written
	Keeps   []Kept // what it holds back
	Warning bool   // it holds nothing back
}

// A Kept is a flow, the routes or a prompt that a problem holds back. Its last good version stays in force.
type Kept struct {
	Name    string // the flow's name, or the file's
	Version string // "" means there is no good version
}

// Where is the place as editors take it: file:line:column.
func (p Problem) Where() string {
	s := cmp.Or(p.File, "flows folder")
	if p.Line > 0 {
		s += fmt.Sprintf(":%d", p.Line)
		if p.Column > 0 {
			s += fmt.Sprintf(":%d", p.Column)
		}
	}
	return s
}

// Error is the problem in one line.
func (p Problem) Error() string {
	s := p.Where() + ": " + p.Text
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}

// String is the problem with the line it is about and what it holds back.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.Error())
	if p.Source != "" {
		number := fmt.Sprint(p.Line)
		fmt.Fprintf(&b, "\n  %s | %s", number, strings.ReplaceAll(p.Source, "\t", " "))
		if p.Column > 0 {
			fmt.Fprintf(&b, "\n  %s | %s^", strings.Repeat(" ", len(number)), strings.Repeat(" ", p.Column-1))
		}
	}
	if p.Detail != "" {
		b.WriteString("\n  " + strings.ReplaceAll(strings.TrimRight(p.Detail, "\n"), "\n", "\n  "))
	}
	const most = 5
	for i, k := range p.Keeps {
		if i == most {
			fmt.Fprintf(&b, "\n  and %d more", len(p.Keeps)-most)
			break
		}
		b.WriteString("\n  " + k.String())
	}
	return b.String()
}

func (k Kept) String() string {
	if k.Version == "" {
		return k.Name + " has no good version and cannot answer"
	}
	return fmt.Sprintf("%s keeps answering with its last good version %s", k.Name, k.Version)
}

// sourceLine is one line of a file, as a message shows it.
func sourceLine(source []byte, line int) string {
	for i := 1; i < line; i++ {
		_, rest, found := bytes.Cut(source, newline)
		if !found {
			return ""
		}
		source = rest
	}
	if line < 1 {
		return ""
	}
	text, _, _ := bytes.Cut(source, newline)
	return shown(text)
}

// shown is a line as a message shows it.
func shown(line []byte) string {
	const most = 200
	return strings.ToValidUTF8(string(bytes.TrimRight(line[:min(len(line), most)], "\r")), "?")
}

var newline = []byte("\n")

func sortProblems(ps []Problem) {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Text, b.Text))
	})
}

func equalProblems(a, b []Problem) bool {
	return slices.EqualFunc(a, b, func(x, y Problem) bool {
		return x.String() == y.String() && x.Warning == y.Warning && slices.Equal(x.Keeps, y.Keeps)
	})
}
