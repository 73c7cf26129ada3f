package engine

import (
	"strings"
	"time"
)

// An input is one way of asking for digits.
type input struct {
	*Asking
	term     time.Duration
	needStop bool
	secret   bool

	more    func(digits string) next                   // what to do after each digit
	valid   func(digits string) (bool, Prompts, error) // judges a finished entry, and what to say of it
	confirm func(a *attempt) error                     // asks whether a valid entry is right; nil does not
}

// next is what follows a digit.
type next int

const (
	nextDone    next = iota // the entry is finished
	nextBetween             // wait for another digit, the time between digits
	nextWait                // wait for another digit, the longer time for a first one
	nextWrong               // the entry cannot become right; take what is typed behind it
)

// typing is how long a pause ends a wrong entry whose caller types on: what comes within it belongs to the entry,
// and would otherwise interrupt what is said of it and begin the next one.
const typing = time.Second

// collect runs the attempts.
func (c *Call) collect(in *input) (Answer, error) {
	if in.Flush {
		if err := c.flush(); err != nil {
			return Answer{}, err
		}
	}
	var t tally
	question, first := in.Prompt, NoDigit // a digit that interrupted the prompt before
	for {
		a, err := c.attempt(in, question, first)
		if err != nil || a.Why == Match || a.Why == Cancel {
			return a.Answer, err
		}
		say, over := t.count(in.Asking, a)
		if over || a.last {
			_, err := c.play(in.Failed, "")
			return a.Answer, err
		}
		if a.Why == Invalid {
			if err := c.flush(); err != nil { // what was typed behind a wrong entry belongs to it
				return Answer{}, err
			}
		}
		if question = in.Prompt; in.Again != nil {
			question = in.Again
		}
		if first, err = c.play(say, in.interrupt()); err != nil {
			return Answer{}, err
		}
	}
}

// A tally counts what went wrong.
type tally struct{ tries, noInputs, invalids int }

// count adds an attempt that failed and says what to say of it, and whether it was the last.
func (t *tally) count(in *Asking, a attempt) (say Prompts, over bool) {
	t.tries++
	over = t.tries >= in.Tries
	switch {
	case a.Why == NoInput:
		say, t.noInputs = escalate(in.NoInput, t.noInputs), t.noInputs+1
		over = over || in.NoInputTries > 0 && t.noInputs >= in.NoInputTries
	case a.declined:
	default:
		say, t.invalids = escalate(in.Invalid, t.invalids), t.invalids+1
		over = over || in.InvalidTries > 0 && t.invalids >= in.InvalidTries
		if a.complaint != nil {
			say = a.complaint
		}
	}
	return say, over
}

// escalate picks the prompt for a failure of a kind after n before it; the last one repeats.
func escalate(prompts []Prompts, n int) Prompts {
	if len(prompts) == 0 {
		return nil
	}
	return prompts[min(n, len(prompts)-1)]
}

func (in *input) interrupt() Digits {
	if in.Hold {
		return ""
	}
	return AnyDigit
}

// An attempt is what came of asking once.
type attempt struct {
	Answer
	complaint Prompts // what to say of an entry that is not valid, if it is nothing that goes for all
	declined  bool    // it was valid, and the caller said that it is not the right one
	last      bool    // there is no use in another one
}

// attempt plays the question, unless a digit is there already, collects one entry and judges it.
func (c *Call) attempt(in *input, question Prompts, first Digit) (a attempt, err error) {
	if first == NoDigit {
		if first, err = c.play(question, in.interrupt()); err != nil {
			return a, err
		}
	}
	var typed string
	if a.Answer, typed, err = c.entry(in, first); err != nil {
		return a, err
	}
	if in.secret {
		c.keepSecret(a.Digits)
	}
	c.noteEntry(in, typed)
	if a.Why != Match {
		return a, nil
	}
	ok, complaint, err := in.valid(a.Digits)
	switch {
	case err != nil:
	case !ok:
		a.Why, a.complaint = Invalid, complaint
	case in.confirm != nil:
		err = in.confirm(&a)
	}
	return a, err
}

// entry collects digits until one ends it. typed is every key, those that end it included.
func (c *Call) entry(in *input, d Digit) (answer Answer, typed string, err error) {
	var digits, keys strings.Builder
	for wait := in.Wait; ; {
		if d == NoDigit {
			if d, err = c.readDigit(wait); err != nil {
				return Answer{}, "", err
			}
		}
		if d == NoDigit {
			break
		}
		keys.WriteByte(byte(d))
		if in.Cancel.Has(d) {
			return Answer{Why: Cancel, Stop: d}, keys.String(), nil
		}
		if in.Stop.Has(d) {
			return Answer{Digits: digits.String(), Why: Match, Stop: d}, keys.String(), nil
		}
		digits.WriteByte(byte(d))
		d = NoDigit
		more := in.more(digits.String())
		if more == nextDone && in.needStop && digits.Len() < longestEntry {
			more = nextBetween
		}
		switch more {
		case nextDone:
			return c.full(in, digits.String(), keys.String())
		case nextWait:
			wait = in.Wait
		case nextBetween:
			wait = in.Between
		case nextWrong:
			wait = min(in.Between, typing)
		}
	}
	if digits.Len() == 0 {
		return Answer{Why: NoInput}, "", nil
	}
	return in.unstopped(digits.String()), keys.String(), nil
}

// full is an entry that cannot go on, but for a digit that ends it.
func (c *Call) full(in *input, digits, keys string) (answer Answer, typed string, err error) {
	d, err := c.terminator(in)
	switch {
	case d == NoDigit:
		return in.unstopped(digits), keys, err
	case in.Cancel.Has(d):
		return Answer{Why: Cancel, Stop: d}, keys + d.String(), err
	}
	return Answer{Digits: digits, Why: Match, Stop: d}, keys + d.String(), err
}

// unstopped is an entry that no digit ended.
func (in *input) unstopped(digits string) Answer {
	if in.needStop {
		return Answer{Digits: digits, Why: Invalid}
	}
	return Answer{Digits: digits, Why: Match}
}

// terminator waits for the digit that may follow a full entry. Another digit is the beginning of what comes next.
func (c *Call) terminator(in *input) (Digit, error) {
	if in.term == 0 {
		return NoDigit, nil
	}
	d, err := c.readDigit(in.term)
	if d != NoDigit && !in.Stop.Has(d) && !in.Cancel.Has(d) {
		c.kept = append([]Digit{d}, c.kept...)
		d = NoDigit
	}
	return d, err
}

// readDigit reads one digit without a step of its own: the entry it belongs to is journaled whole.
func (c *Call) readDigit(wait time.Duration) (Digit, error) {
	if c.ending {
		return NoDigit, ErrOver
	}
	if err := c.allow(); err != nil {
		return NoDigit, err
	}
	if d := c.keptDigit(AnyDigit); d != NoDigit {
		return d, nil
	}
	d, err := c.ch.ReadDigit(c.ctx, wait)
	return d, c.settle(err)
}

// flush forgets the digits that were kept.
func (c *Call) flush() error {
	for {
		d, err := c.readDigit(0)
		if err != nil || d == NoDigit {
			return err
		}
	}
}

// noteEntry journals what the caller did in one attempt.
func (c *Call) noteEntry(in *input, typed string) {
	switch {
	case typed == "":
		c.note(StepSilence, "")
	case in.secret:
		c.note(StepPress, strings.Repeat("?", len(typed)))
	default:
		c.note(StepPress, typed)
	}
}
