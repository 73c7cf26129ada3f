package engine

import "time"

// Asking is how to ask the caller for digits: what Ask and Menu have in common. Zero means zero: a Wait of 0
// does not wait.
type Asking struct {
	Prompt  Prompts
	Again   Prompts       // the question from the second attempt on; nil is Prompt, an empty list asks nothing
	Stop    Digits        // digits that end the entry; they are not part of it
	Cancel  Digits        // digits that give up
	Wait    time.Duration // for the first digit, after the prompt
	Between time.Duration // between digits
	Hold    bool          // the prompts cannot be interrupted; digits pressed meanwhile count afterwards
	Flush   bool          // digits pressed before the prompt began do not count
	Match   MatchMode     // what to do when an entry fits a pattern but could go on; "" means longest

	Tries        int       // attempts in all; less than 1 means 1
	NoInputTries int       // attempts without a digit after which to give up; 0 leaves it to Tries
	InvalidTries int       // attempts that were not valid, likewise
	NoInput      []Prompts // said when nobody pressed anything, by how often that happened; the last one repeats
	Invalid      []Prompts // said when the entry was not valid, likewise
	Failed       Prompts   // said when the attempts are used up
}

// An AskRequest asks the caller for digits.
type AskRequest struct {
	Asking
	Min      int           // fewest digits
	Max      int           // most digits, which end the entry; 0 means longestEntry
	Term     time.Duration // with Max digits there, how long to wait for a digit in Stop behind them
	NeedStop bool          // only a digit in Stop makes an entry valid
	Patterns []Pattern     // what an entry may be; it ends when no pattern could fit anything longer. None: anything
	Checks   []Check       // what an entry must stand up to, in this order
	Confirm  *Confirmation // has the caller confirm a valid entry
	Secret   bool          // the digits stay out of the journal
}

// A Check judges an entry.
type Check struct {
	Test    func(digits string) (ok bool, why string, err error) // why is for the journal
	Invalid Prompts                                              // said instead of Asking.Invalid; nil does not
}

// An Answer is what came of asking.
type Answer struct {
	Digits string // what was entered, also if it was not valid
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

// Ask plays the prompt and collects digits until they are valid and confirmed, cancelled, or the attempts are
// used up. No-input and invalid attempts are counted apart, as VoiceXML does, and together use up Tries; an
// entry that the caller declines to confirm uses up one as well.
//
// The timers are VoiceXML's: Wait before the first digit, Between before each further one, Term before a digit
// that may follow a full entry. (VoiceXML 2.0, appendix D.) Fewer digits than Min are never an answer. What cannot
// become right any more is taken until the caller stops typing.
func (c *Call) Ask(r AskRequest) (Answer, error) {
	fill(&r.Max, longestEntry)
	in := input{Asking: &r.Asking, term: r.Term, needStop: r.NeedStop, secret: r.Secret, more: r.next, valid: r.valid(c)}
	if r.Confirm != nil {
		in.confirm = func(a *attempt) error { return c.confirm(&r, a) }
	}
	return c.collect(&in)
}

// next says what follows the digits so far.
func (r *AskRequest) next(digits string) next {
	if len(digits) >= r.Max {
		return nextDone
	}
	if len(r.Patterns) > 0 {
		return r.Match.next(r.Patterns, digits)
	}
	return nextBetween
}

// valid is the judgement of an entry: what is said of it if it is not valid.
func (r *AskRequest) valid(c *Call) func(string) (bool, Prompts, error) {
	return func(digits string) (bool, Prompts, error) {
		if len(digits) < r.Min || len(digits) > r.Max {
			return false, nil, nil
		}
		if len(r.Patterns) > 0 && pick(r.Patterns, digits) < 0 {
			return false, nil, nil
		}
		for _, check := range r.Checks {
			ok, why, err := check.Test(digits)
			if err != nil || ok {
				if err != nil {
					return false, nil, err
				}
				continue
			}
			if why != "" {
				c.note(StepLog, "invalid entry: "+why)
			}
			return false, check.Invalid, nil
		}
		return true, nil, nil
	}
}

// A Confirmation has the caller say whether an entry is the right one.
type Confirmation struct {
	Prompt func(digits string) (Prompts, error) // "you entered 1 2 3; if that is right, press 1, else 2"
	Yes    Digits
	No     Digits
}

// confirm has the caller judge a valid entry. Nobody who does not answer that is asked all over again.
func (c *Call) confirm(r *AskRequest, a *attempt) error {
	prompt, err := r.Confirm.Prompt(a.Digits)
	if err != nil {
		return err
	}
	m := MenuRequest{Asking: Asking{Prompt: prompt, Cancel: r.Cancel, Wait: r.Wait, Between: r.Between, Tries: r.Tries,
		NoInputTries: r.NoInputTries, InvalidTries: r.InvalidTries}}
	for _, key := range r.Confirm.Yes + r.Confirm.No {
		m.Choices = append(m.Choices, keyPattern(string(key)))
	}
	_, said, err := c.Menu(m)
	switch {
	case err != nil || said.Why == Match && r.Confirm.Yes.Has(Digit(said.Digits[0])):
	case said.Why == Match:
		a.Answer, a.declined = Answer{Why: Invalid}, true
	default:
		a.Answer, a.last = said, true
	}
	return err
}
