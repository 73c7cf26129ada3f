package transcript

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

// A Diff says where a call left its transcript.
type Diff struct {
	File  string
	Line  int    // where in the file
	Title string // of the call
	What  string // in a few words
	Hunk  string // the lines around it: "-" what was written, "+" what came instead
	Hint  string // what may be the matter with the transcript itself
}

// String is what a designer reads. A nil Diff is nothing.
func (d *Diff) String() string {
	if d == nil {
		return ""
	}
	s := fmt.Sprintf("%s:%d: %s", d.File, d.Line, d.What)
	if d.Title != "" {
		s += " (" + d.Title + ")"
	}
	s += "\n" + d.Hunk
	if d.Hint != "" {
		s += "  " + d.Hint + "\n"
	}
	return s
}

// unknownKeys is the hint for a call with keys that no record has.
const unknownKeys = "keys that were secret stand here as ?, and were pressed as 0; write digits in their place"

// around is how many lines of context a hunk shows before and after.
const around = 3

// unexpected is the difference made by a step that is not the next one written.
func (r *Run) unexpected(s *engine.Step) *Diff {
	d := r.newDiff("ivrd did something else")
	got := fmt.Sprintf("+ > %s%s\n", stepText(s), origin(s))
	if r.next >= len(r.blocks) {
		d.What = "the flow went on"
		d.Hunk = r.context(d.Line, 0) + got
		return d
	}
	d.Hunk = r.context(d.Line-1, 0) + "- " + r.blocks[r.next].step.String() + "\n" + got + r.context(d.Line, around)
	return d
}

// missing is the difference made by a call that ended too soon.
func (r *Run) missing() *Diff {
	d := r.newDiff(fmt.Sprintf("the call ended (%s) but this never happened", r.over))
	d.Hunk = r.context(d.Line-1, 0)
	for _, b := range r.blocks[r.next:] {
		d.Hunk += "- " + b.step.String() + "\n"
	}
	return d
}

// unlike is the difference made by a real backend that answered something else.
func (r *Run) unlike(want *Line, s *engine.Step) *Diff {
	d := r.newDiff("the step had another result")
	got := replyLine(s)
	if s.Err != nil {
		got = Line{Word: Fail, Text: s.Err.Error()}
	}
	d.Line = want.Number
	d.Hunk = r.context(d.Line-1, 0) + "- " + want.String() + "\n+ " + got.String() + origin(s) + "\n" + r.context(d.Line, around)
	return d
}

// newDiff is one at the next step written, or at the last line if there is none.
func (r *Run) newDiff(what string) *Diff {
	d := &Diff{File: r.file, Title: r.call.Title, What: what}
	switch {
	case r.next < len(r.blocks):
		d.Line = r.blocks[r.next].step.Number
	case len(r.blocks) > 0:
		b := r.blocks[len(r.blocks)-1]
		d.Line = b.step.Number
		for _, l := range b.tail {
			if l.Word != Blank && l.Word != Comment {
				d.Line = l.Number
			}
		}
	default:
		d.Line = r.call.Head[len(r.call.Head)-1].Number
	}
	if slices.ContainsFunc(r.call.Lines, func(l Line) bool { return l.Number < d.Line && l.pressesUnknown() }) {
		d.Hint = unknownKeys
	}
	return d
}

// context is the lines up to number, or if after is given, that many of those behind it.
func (r *Run) context(number, after int) string {
	if number == 0 { // not read from a file
		return ""
	}
	var b strings.Builder
	for _, lines := range [][]Line{r.call.Head, r.call.Lines} {
		for i := range lines {
			n := lines[i].Number
			if after == 0 && n > number-around && n <= number || n > number && n <= number+after {
				b.WriteString(strings.TrimRight("  "+lines[i].String(), " ") + "\n")
			}
		}
	}
	return b.String()
}

// origin says where in the flow a step comes from.
func origin(s *engine.Step) string {
	switch {
	case s.Flow == "":
		return ""
	case s.Line == 0:
		return "    (" + s.Flow + ")"
	}
	return fmt.Sprintf("    (%s:%d)", s.Flow, s.Line)
}
