package engine

// A MenuRequest offers the caller choices.
type MenuRequest struct {
	Asking            // of Stop and Cancel counts what is not part of a choice
	Choices []Pattern // what may be pressed; the order is Asterisk's, not theirs

	// Check says whether a choice that was picked can be had; nil means all can. One that cannot is not valid.
	Check func(choice int, digits string) (bool, error)
}

// MatchMode decides between choices of which one begins like another, such as 1 and 123.
type MatchMode string

const (
	MatchLongest MatchMode = "longest" // wait for more digits as long as for a first one
	MatchFirst   MatchMode = "first"   // the shortest choice wins at once
	MatchTimer   MatchMode = "timer"   // wait for more digits only the time between digits
)

// Menu plays the prompt until the caller picks a choice, which it returns by its index in Choices with
// what was pressed. The index is -1 when Answer.Why is not Match.
func (c *Call) Menu(r MenuRequest) (int, Answer, error) {
	for _, p := range r.Choices {
		r.Stop, r.Cancel = without(r.Stop, p), without(r.Cancel, p)
	}
	choice := -1
	in := input{Asking: &r.Asking, more: func(digits string) next { return r.Match.next(r.Choices, digits) }}
	in.valid = func(digits string) (ok bool, _ Prompts, err error) {
		choice = pick(r.Choices, digits)
		if ok = choice >= 0; ok && r.Check != nil {
			ok, err = r.Check(choice, digits)
		}
		return ok, nil, err
	}
	answer, err := c.collect(&in)
	if err != nil || answer.Why != Match {
		return -1, answer, err
	}
	return choice, answer, nil
}

// next weighs all patterns: is the entry finished, and if not, how long to wait?
func (m MatchMode) next(patterns []Pattern, digits string) next {
	var matched, longer bool
	for _, p := range patterns {
		switch p.Fit(digits) {
		case Full:
			matched = true
		case Open:
			matched, longer = true, true
		case Partial:
			longer = true
		}
	}
	switch {
	case !longer && !matched && len(digits) < longest(patterns):
		return nextWrong
	case !longer, len(digits) >= longestEntry:
		return nextDone
	case matched && m == MatchFirst:
		return nextDone
	case matched && m != MatchTimer:
		return nextWait
	}
	return nextBetween
}

// longest is how many digits patterns describe at most.
func longest(patterns []Pattern) int {
	n := 0
	for _, p := range patterns {
		if p.rest != 0 {
			return longestEntry
		}
		n = max(n, len(p.elems))
	}
	return n
}

// pick is the pattern Asterisk would take for digits, -1 if there is none.
func pick(patterns []Pattern, digits string) int {
	best := -1
	for i, p := range patterns {
		if p.Matches(digits) && (best < 0 || p.Compare(patterns[best]) < 0) {
			best = i
		}
	}
	return best
}

// without removes from keys what p itself can contain.
func without(keys Digits, p Pattern) Digits {
	var kept Digits
	for i := 0; i < len(keys); i++ {
		if !p.takes(keys[i]) {
			kept += keys[i : i+1]
		}
	}
	return kept
}
