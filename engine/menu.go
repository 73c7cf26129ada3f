package engine

import "time"

// A MenuRequest offers the caller choices. Zero means zero: a Wait of 0 does not wait.
type MenuRequest struct {
	Prompt  Prompts
	Choices []Pattern     // what may be pressed; the order is Asterisk's, not theirs
	Match   MatchMode     // what to do when an entry matches but could go on; "" means longest
	Wait    time.Duration // for the first digit, after the prompt
	Between time.Duration // between digits
	Tries   int           // attempts in all; less than 1 means 1
	Stop    Digits        // digits that end an entry early, if they are not part of a choice
	NoInput []Prompts     // said when nobody pressed anything, by how often that happened; the last one repeats
	Invalid []Prompts     // said when there was no such choice, likewise
	Hold    bool          // the prompts cannot be interrupted
	Flush   bool          // digits pressed before the prompt began do not count
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
	in := input{
		prompt: r.Prompt, wait: r.Wait, between: r.Between, tries: r.Tries, noInput: r.NoInput, invalid: r.Invalid,
		stop: r.Stop, hold: r.Hold, flush: r.Flush,
	}
	in.more = func(digits string) next { return r.next(digits) }
	in.valid = func(digits string) (bool, error) { return r.pick(digits) >= 0, nil }
	for _, p := range r.Choices {
		in.stop = without(in.stop, p)
	}
	answer, err := c.collect(&in)
	if err != nil || answer.Why != Match {
		return -1, answer, err
	}
	return r.pick(answer.Digits), answer, nil
}

// next weighs all choices: is the entry finished, and if not, how long to wait?
func (r *MenuRequest) next(digits string) next {
	var matched, longer bool
	for _, p := range r.Choices {
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
	case !longer, len(digits) >= longestEntry:
		return nextDone
	case matched && r.Match == MatchFirst:
		return nextDone
	case matched && r.Match != MatchTimer:
		return nextWait
	}
	return nextBetween
}

// pick is the choice Asterisk would take for digits, -1 if there is none.
func (r *MenuRequest) pick(digits string) int {
	best := -1
	for i, p := range r.Choices {
		if p.Matches(digits) && (best < 0 || p.Compare(r.Choices[best]) < 0) {
			best = i
		}
	}
	return best
}

// without removes from stop what p itself can contain.
func without(stop Digits, p Pattern) Digits {
	var kept Digits
	for i := 0; i < len(stop); i++ {
		if !p.takes(stop[i]) {
			kept += stop[i : i+1]
		}
	}
	return kept
}
