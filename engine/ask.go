package engine

import (
	"strings"
	"time"
)

// An AskRequest asks the caller for digits. Zero means zero: a Wait of 0 does not wait.
type AskRequest struct {
	Prompt  Prompts
	Min     int           // fewest digits
	Max     int           // most digits, which end the entry at once; 0 means longestEntry
	Stop    Digits        // digits that end the entry; they are not part of it
	Cancel  Digits        // digits that give up
	Wait    time.Duration // for the first digit, after the prompt
	Between time.Duration // between digits
	Tries   int           // attempts in all; less than 1 means 1
	NoInput []Prompts     // said when nobody pressed anything, by how often that happened; the last one repeats
	Invalid []Prompts     // said when the entry was not valid, likewise
	Hold    bool          // the prompts cannot be interrupted; digits pressed meanwhile count afterwards
	Flush   bool          // digits pressed before the prompt began do not count
	Secret  bool          // the digits stay out of the journal

	// Check judges an entry of the right length; nil accepts every one. why is for the journal.
	Check func(digits string) (ok bool, why string, err error)
}

// An Answer is what came of asking.
type Answer struct {
	Digits string
	Why    AnswerWhy
	Stop   Digit // the digit that ended the entry, or NoDigit
}

// AnswerWhy says why asking ended.
type AnswerWhy string

const (
	Match   AnswerWhy = "match"
	NoInput AnswerWhy = "no_input"
	Invalid AnswerWhy = "invalid"
	Cancel  AnswerWhy = "cancel"
)

// longestEntry bounds an entry without a Max, so that a stuck key ends.
const longestEntry = 128

// Ask plays the prompt and collects digits until they are valid, cancelled, or the attempts are used up.
// No-input and invalid attempts are counted apart, as VoiceXML does, and together use up Tries.
func (c *Call) Ask(r AskRequest) (Answer, error) {
	fill(&r.Max, longestEntry)
	in := input{
		prompt: r.Prompt, wait: r.Wait, between: r.Between, tries: r.Tries, noInput: r.NoInput, invalid: r.Invalid,
		stop: r.Stop, cancel: r.Cancel, hold: r.Hold, flush: r.Flush, secret: r.Secret,
	}
	in.more = func(digits string) next {
		if len(digits) >= r.Max {
			return nextDone
		}
		return nextBetween
	}
	in.valid = func(digits string) (bool, error) {
		if len(digits) < r.Min || len(digits) > r.Max {
			return false, nil
		}
		if r.Check == nil {
			return true, nil
		}
		ok, why, err := r.Check(digits)
		if !ok && err == nil && why != "" {
			c.note(StepLog, "invalid entry: "+why)
		}
		return ok, err
	}
	return c.collect(&in)
}

// An input is one way of asking for digits: what Ask and Menu have in common.
type input struct {
	prompt           Prompts
	wait, between    time.Duration
	tries            int
	noInput, invalid []Prompts
	stop, cancel     Digits
	hold             bool
	flush, secret    bool

	more  func(digits string) next          // what to do after each digit
	valid func(digits string) (bool, error) // judges a finished entry
}

// next is what follows a digit.
type next int

const (
	nextDone    next = iota // the entry is finished
	nextBetween             // wait for another digit, the time between digits
	nextWait                // wait for another digit, the longer time for a first one
)

// collect runs the attempts.
func (c *Call) collect(in *input) (Answer, error) {
	if in.flush {
		if err := c.flush(); err != nil {
			return Answer{}, err
		}
	}
	var last Answer
	var noInputs, invalids int
	first := NoDigit // a digit that interrupted the prompt before
	for try := 1; ; try++ {
		answer, err := c.attempt(in, first)
		if err != nil || answer.Why == Match || answer.Why == Cancel {
			return answer, err
		}
		if last = answer; try >= in.tries {
			return last, nil
		}
		var say Prompts
		if answer.Why == NoInput {
			say = escalate(in.noInput, &noInputs)
		} else {
			say = escalate(in.invalid, &invalids)
			if err := c.flush(); err != nil { // what was typed behind a wrong entry belongs to it
				return Answer{}, err
			}
		}
		if first, err = c.play(say, in.interrupt()); err != nil {
			return Answer{}, err
		}
	}
}

// escalate picks the prompt for the n-th failure of a kind; the last one repeats.
func escalate(prompts []Prompts, n *int) Prompts {
	if len(prompts) == 0 {
		return nil
	}
	p := prompts[min(*n, len(prompts)-1)]
	*n++
	return p
}

func (in *input) interrupt() Digits {
	if in.hold {
		return ""
	}
	return AnyDigit
}

// attempt plays the prompt, unless a digit is there already, and collects one entry.
func (c *Call) attempt(in *input, first Digit) (Answer, error) {
	var err error
	if first == NoDigit {
		if first, err = c.play(in.prompt, in.interrupt()); err != nil {
			return Answer{}, err
		}
	}
	answer, typed, err := c.entry(in, first)
	if err != nil {
		return Answer{}, err
	}
	c.noteEntry(in, typed)
	if answer.Why != Match {
		return answer, nil
	}
	ok, err := in.valid(answer.Digits)
	if err != nil {
		return Answer{}, err
	}
	if !ok {
		answer.Why = Invalid
	}
	return answer, nil
}

// entry collects digits until one ends it. typed is every key, those that end it included.
func (c *Call) entry(in *input, d Digit) (answer Answer, typed string, err error) {
	var digits, keys strings.Builder
	wait := in.wait
	for {
		if d == NoDigit {
			if d, err = c.readDigit(wait); err != nil {
				return Answer{}, "", err
			}
		}
		if d == NoDigit {
			break
		}
		keys.WriteByte(byte(d))
		if in.cancel.Has(d) {
			return Answer{Why: Cancel, Stop: d}, keys.String(), nil
		}
		if in.stop.Has(d) {
			return Answer{Digits: digits.String(), Why: Match, Stop: d}, keys.String(), nil
		}
		digits.WriteByte(byte(d))
		d = NoDigit
		switch in.more(digits.String()) {
		case nextDone:
			return Answer{Digits: digits.String(), Why: Match}, keys.String(), nil
		case nextWait:
			wait = in.wait
		case nextBetween:
			wait = in.between
		}
	}
	if digits.Len() == 0 {
		return Answer{Why: NoInput}, "", nil
	}
	return Answer{Digits: digits.String(), Why: Match}, keys.String(), nil
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
