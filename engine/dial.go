package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Dialer calls other parties and connects one of them with the caller.
type Dialer interface {
	// Dial calls all targets at once and connects the first that answers, and confirms if that is asked. It
	// returns when their conversation is over or nobody took the call. A caller who is not answered yet is by
	// being connected. Whoever was called and is left over is hung up on.
	Dial(ctx context.Context, r DialRequest) (Talk, error)
}

// A DialRequest says whom to call and how. The zero values of its options are sound.
type DialRequest struct {
	Targets []string      // Asterisk's dial strings, such as "PJSIP/alice"
	Timeout time.Duration // for an answer; 0 means 30 seconds
	Music   string        // class of music that the caller hears until then; "" is a ringing tone
	Early   bool          // the caller hears what a single target plays before it answers

	Number string // who calls, as the targets see it; "" is the caller's own …
	Name   string // …

	Announce Prompts       // played to who answers, before the caller is connected
	Confirm  Digits        // keys of which who answers must press one; "" asks for none. Others play Announce again
	Wait     time.Duration // for that key; 0 means 10 seconds

	End      string        // keys with which the caller ends the ringing or the conversation, such as "*"; "" is none
	Most     time.Duration // longest conversation; 0 means no limit
	Warn     time.Duration // so long before its end Warning is played to the caller; 0 is never
	Repeat   time.Duration // and again each so long after that; 0 is once
	Warning  Prompts
	Transfer TransferKeys
}

// MostAsked is how often who answers is asked for a key of DialRequest.Confirm: somebody who presses nothing but others
// does not want the call.
const MostAsked = 10

// TransferKeys let a party hand the other one on, during a conversation.
type TransferKeys struct {
	Blind    string // keys for that, such as "##"; "" is none
	Attended string // keys to talk to the new party first, such as "*2"; "" is none
	Context  string // where extensions are looked up; "" is the call's own context
	Caller   bool   // the caller may
	Called   bool   // who was called may
}

// filled is r with its defaults.
func (r DialRequest) filled() DialRequest {
	fill(&r.Timeout, 30*time.Second)
	fill(&r.Wait, 10*time.Second)
	return r
}

// String is r as a transcript writes it.
func (r DialRequest) String() string {
	words := strings.Join(r.Targets, " ")
	if len(r.Announce) > 0 {
		words += " announce " + r.Announce.String()
	}
	if r.Confirm != "" {
		words += " confirm " + string(r.Confirm)
	}
	return words
}

// A Talk is what came of dialing. Its zero value is a call that nobody took.
type Talk struct {
	Status DialStatus
	Cause  Cause         // what the network said of a call that nobody took; 0 if nothing
	Target string        // who answered
	Lasted time.Duration // the conversation
	Ended  TalkEnd       // what ended it
	To     Location      // where the caller is to go on, after a transfer
}

// DialStatus says in one word what became of dialing.
type DialStatus string

const (
	Answered    DialStatus = "answered"
	Busy        DialStatus = "busy"
	NoAnswer    DialStatus = "no_answer"   // nobody answered in time
	Refused     DialStatus = "refused"     // somebody did and would not have the call
	Unavailable DialStatus = "unavailable" // there is no such party, or it is not registered
	Congestion  DialStatus = "congestion"  // the network could not
	Cancelled   DialStatus = "cancelled"   // the caller pressed DialRequest.End
)

// TalkEnd says what ended a conversation.
type TalkEnd string

const (
	EndedCalled   TalkEnd = "called"   // the other party hung up
	EndedKey      TalkEnd = "key"      // the caller pressed DialRequest.End
	EndedLimit    TalkEnd = "limit"    // it took too long
	EndedTransfer TalkEnd = "transfer" // one of them was handed on
)

// String is what the journal says of a talk: "answered PJSIP/alice 12.3s called", "busy 17".
func (t Talk) String() string {
	switch {
	case t.Status == Answered && t.Ended == EndedTransfer && !t.To.IsNext():
		return fmt.Sprintf("%s %s %s %s %s", t.Status, t.Target, Seconds(t.Lasted), t.Ended, t.To)
	case t.Status == Answered:
		return fmt.Sprintf("%s %s %s %s", t.Status, t.Target, Seconds(t.Lasted), t.Ended)
	case t.Cause != 0:
		return fmt.Sprintf("%s %d", t.Status, t.Cause)
	}
	return string(t.Status)
}

// parseTalk reads what String wrote, so that a journal or a transcript can answer for a dial. Words at the end
// may be left out.
func parseTalk(text string) Talk {
	words := append(strings.Fields(text), "", "", "", "", "")
	t := Talk{Status: DialStatus(words[0])}
	if t.Status != Answered {
		n, _ := strconv.Atoi(words[1])
		t.Cause = Cause(n)
		return t
	}
	t.Target, t.Ended = words[1], EndedCalled
	t.Lasted, _ = time.ParseDuration(words[2])
	if words[3] != "" {
		t.Ended = TalkEnd(words[3])
	}
	t.To, _ = ParseLocation(words[4])
	if words[4] == "" {
		t.To = Location{}
	}
	return t
}

// Dial calls others and connects one of them with the caller. Targets are called all at once, or one after the
// other, each in a step of its own, until one takes the call. A caller who was handed on leaves the flow.
func (c *Call) Dial(r DialRequest, inTurn bool) (Talk, error) {
	r = r.filled()
	if !inTurn {
		return c.dial(r)
	}
	var talk Talk
	for _, target := range r.Targets {
		one := r
		one.Targets = []string{target}
		var err error
		if talk, err = c.dial(one); err != nil || talk.Status == Answered || talk.Status == Cancelled {
			return talk, err
		}
	}
	return talk, nil
}

func (c *Call) dial(r DialRequest) (Talk, error) {
	text, err := c.channelStep(StepDial, r.String(), func(ctx context.Context) (string, error) {
		d, err := channelCan[Dialer](c, StepDial)
		if err != nil {
			return "", err
		}
		if r.Announce, err = c.render(ctx, r.Announce); err != nil {
			return "", err
		}
		if r.Warning, err = c.render(ctx, r.Warning); err != nil {
			return "", err
		}
		talk, err := d.Dial(ctx, r)
		return talk.String(), err
	})
	talk := parseTalk(text)
	if err != nil {
		return talk, err
	}
	if talk.Ended == EndedTransfer && !talk.To.IsNext() {
		return talk, c.Continue(talk.To)
	}
	return talk, nil
}

// DialStatus is what a cause means for dialing (Q.850, as main/dial.c and app_dial.c take it).
func (c Cause) DialStatus() DialStatus {
	switch c {
	case 17:
		return Busy
	case 21:
		return Refused
	case 0, 16, 18, 19, 26:
		return NoAnswer
	case 34, 38, 41, 42, 44, 47, 58:
		return Congestion
	}
	return Unavailable
}
