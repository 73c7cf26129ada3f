package transcript

import (
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

// An update collects the call as it goes, line by line.
type update struct{ lines []Line }

// match finds what is written for a step. What is written for a later step was left out; a step of the
// same kind takes the place of the one written; everything else is new.
func (u *update) match(r *Run, s *engine.Step) *block {
	rest := r.blocks[r.next:]
	same := slices.IndexFunc(rest, func(b block) bool { return matches(b.step.Text, s) })
	switch {
	case same >= 0:
	case len(rest) > 0 && kind(rest[0].step.Text) == string(s.Kind):
		same = 0
		rest[0].step.Text = stepText(s)
	default:
		u.lines = append(u.lines, Line{Word: Step, Text: stepText(s)})
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
