package transcript

import (
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

// An update collects the call as it goes, line by line.
type update struct{ lines []Line }

// match finds what is written for a step. If that is further down, the steps between are gone, unless the
// world did something at one of them; otherwise a step of the same kind takes the place of the one
// written, and everything else is new.
func (u *update) match(r *Run, s *engine.Step) *block {
	rest := r.blocks[r.next:]
	same := find(rest, s)
	switch {
	case same >= 0:
	case len(rest) > 0 && kind(rest[0].step.Text) == string(s.Kind):
		same = 0
		rest[0].step.Text = stepText(s)
	default:
		u.add(Line{Word: Step, Text: stepText(s)}, len(rest) == 0)
		return &block{}
	}
	b := block{step: rest[same].step}
	for _, gone := range rest[:same] {
		for _, l := range gone.tail {
			switch l.Word {
			case Blank, Comment:
				u.lines = append(u.lines, l)
			case Reply, Row, Fail:
			default:
				b.tail = append(b.tail, l)
			}
		}
	}
	b.tail = append(b.tail, rest[same].tail...)
	u.lines = append(append(u.lines, b.step), b.tail...)
	r.next += same + 1
	return &b
}

// add adds a step that is new. Behind the last one that is written it still belongs to the call, and not between
// the blank lines that end it and the next one's title.
func (u *update) add(step Line, last bool) {
	at := len(u.lines)
	for last && at > 0 && u.lines[at-1].Word == Blank {
		at--
	}
	u.lines = slices.Insert(u.lines, at, step)
}

// find is the index of the block that is written for s, -1 if there is none.
func find(blocks []block, s *engine.Step) int {
	for i, b := range blocks {
		if matches(b.step.Text, s) {
			return i
		}
		if slices.ContainsFunc(b.tail, func(l Line) bool { return l.Word == Press || l.Word == HangUp || l.Word == Say }) {
			break
		}
	}
	return -1
}

func kind(step string) string {
	kind, _, _ := strings.Cut(step, " ")
	return kind
}

// finish is the whole call, with the comments of steps that never came.
func (u *update) finish(r *Run) []Line {
	lines := append(slices.Clone(r.call.arrival()), u.lines...)
	for _, gone := range r.blocks[r.next:] {
		for _, l := range gone.tail {
			if l.Word == Blank || l.Word == Comment {
				lines = append(lines, l)
			}
		}
	}
	return lines
}
