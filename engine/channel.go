package engine

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// A Channel is one leg of a live call. One goroutine calls its methods, one at a time; each blocks until
// its work is done, the caller hangs up (ErrHangup), or ctx ends. Times a caller can notice are
// arguments, never deadlines of ctx: most AGI commands cannot be cancelled without ending the call
// (Play and ReadDigit can be, which is how a filler stops).
//
// No digit falls between two methods where the protocol allows it: a digit pressed while a method that
// does not want it runs is kept, in order, and Play and ReadDigit take kept digits first.
type Channel interface {
	// Info describes the call as it arrived. It does not change.
	Info() Info
	// Answer picks up. Answering an answered call does nothing.
	Answer(ctx context.Context) error
	// Play plays p in order until its end (NoDigit) or until a digit in stop is pressed, which it returns.
	// A kept digit in stop ends it before anything is heard. A prompt that cannot be played is a
	// *PlayError; the rest of the list is not played then.
	Play(ctx context.Context, p []Prompt, stop Digits) (Digit, error)
	// ReadDigit waits up to wait for one digit; NoDigit means nobody pressed. A wait of 0 returns a kept
	// digit or NoDigit at once.
	ReadDigit(ctx context.Context, wait time.Duration) (Digit, error)
	// Record records the caller as r says.
	Record(ctx context.Context, r RecordRequest) (Recording, error)
	// Var reads a channel variable or dialplan function, such as "CHANNEL(language)". Unset is "". Like
	// SetVar it may be the first to notice a hangup, and say so once although it did its work.
	Var(ctx context.Context, name string) (string, error)
	// SetVar sets a channel variable or writes a dialplan function. It works after a hangup too, as long
	// as the backend still has the channel.
	SetVar(ctx context.Context, name, value string) error
	// Continue gives the call back to the dialplan; the zero Location is the next priority.
	Continue(ctx context.Context, to Location) error
	// Hangup ends the call with a cause.
	Hangup(ctx context.Context, why Cause) error
}

// An Executor can run a dialplan application. args is what stands between the parentheses in
// extensions.conf. It returns what the application returned, as text.
type Executor interface {
	Exec(ctx context.Context, app, args string) (string, error)
}

// A Commander takes commands of its own protocol: FastAGI takes AGI commands, word by word.
// It returns the reply's result and the text in parentheses behind it.
type Commander interface {
	Command(ctx context.Context, words ...string) (result, text string, err error)
}

// A Speaker is a channel that takes prompts which are said in a language as they are: the simulator. Others play
// recordings.
type Speaker interface{ Speaks() }

// A VarSetter sets several variables in one step. Channels without it get one SetVar each.
type VarSetter interface {
	SetVars(ctx context.Context, vars []Variable) error
}

// A Variable is a channel variable's name and value.
type Variable struct{ Name, Value string }

// A Vanisher is a channel that is out of reach as soon as its caller hangs up, so that what the dialplan is to
// find then has to be on it before.
type Vanisher interface{ Vanishes() }

// A Clock tells a call's time. Channels that have a time of their own (the simulator) implement it;
// for all others it is the machine's.
type Clock interface {
	Now() time.Time
}

// A Handler sees one call through to its end. A backend calls it on a goroutine of the call's own and
// lets go of the channel when it returns.
type Handler func(ctx context.Context, ch Channel)

// Info is what is known of a call when it arrives.
type Info struct {
	Backend    string            // "agi", "ari" or "sim"
	ID         string            // Asterisk's unique id of the channel
	Channel    string            // its name, such as "PJSIP/alice-00000001"
	CallerID   string            // the caller's number, "" if withheld
	CallerName string            // the caller's name, "" if unknown
	Dialed     string            // the number dialed (DNID), "" if unknown
	Context    string            // where in the dialplan the call came from …
	Exten      string            // …
	Priority   int               // …
	Language   string            // Asterisk's language code, such as "en" or "pt_BR"
	Path       string            // flow asked for by name: the path of agi://host/path or the name in Stasis(app,name), "" if none
	Args       map[string]string // the query behind it
	Argv       []string          // positional arguments of AGI(url,one,two) or Stasis(app,name,one,two)
}

// SplitTarget takes the path and the query of a target such as sales?queue=gold apart, which Asterisk leaves to
// us. Of a parameter given twice the first counts; what is badly encoded may not be encoded at all and stays.
func SplitTarget(target string) (path string, args map[string]string) {
	path, query, _ := strings.Cut(target, "?")
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, value, _ := strings.Cut(pair, "=")
		if name = decode(name, url.QueryUnescape); name == "" {
			continue
		}
		if args == nil {
			args = map[string]string{}
		}
		if _, given := args[name]; !given {
			args[name] = decode(value, url.QueryUnescape)
		}
	}
	return decode(path, url.PathUnescape), args
}

func decode(s string, unescape func(string) (string, error)) string {
	if plain, err := unescape(s); err == nil {
		return plain
	}
	return s
}

// A RecordRequest says what to record and when to stop.
type RecordRequest struct {
	Name    string        // see CheckRecordingName
	Format  string        // Asterisk's name of the format; "" means wav
	Stop    Digits        // digits that end the recording
	Max     time.Duration // longest recording; 0 means no limit
	Silence time.Duration // silence that ends it; 0 means none does
	Beep    bool          // a beep says that recording starts
	Keep    bool          // it does not expire
}

// A Recording is what Record made.
type Recording struct {
	Name     string
	Duration time.Duration
	Digit    Digit // the digit that ended it, or NoDigit
	Why      RecordEnd
}

// String is what the journal says of a recording: "4.5s digit #".
func (r Recording) String() string {
	return strings.TrimSpace(Seconds(r.Duration) + " " + string(r.Why) + " " + r.Digit.String())
}

// parseRecording reads what String wrote, so that a journal can answer for a recording.
func parseRecording(name, text string) Recording {
	r := Recording{Name: name}
	words := strings.Fields(text)
	if len(words) > 0 {
		r.Duration, _ = time.ParseDuration(words[0])
	}
	if len(words) > 1 {
		r.Why = RecordEnd(words[1])
	}
	if len(words) > 2 {
		r.Digit = Digit(words[2][0])
	}
	return r
}

// RecordEnd says what ended a recording.
type RecordEnd string

const (
	RecordDigit   RecordEnd = "digit"   // a stop digit
	RecordTimeout RecordEnd = "timeout" // Max or Silence; AGI does not tell them apart
	RecordHangup  RecordEnd = "hangup"  // the caller hung up; what was recorded is kept
)

// A Location is a place in the dialplan. The zero Location is the priority after the one that called ivrd.
type Location struct {
	Context  string // "" keeps the context
	Exten    string // "" keeps the extension, or is "s" in another context
	Priority string // a number or a label; "" is 1
}

// IsNext reports whether l is the next priority.
func (l Location) IsNext() bool { return l == Location{} }

// String is l as Goto takes it: context,exten,priority. The next priority is "".
func (l Location) String() string {
	if l.IsNext() {
		return ""
	}
	exten, priority := l.Exten, l.Priority
	if exten == "" && l.Context != "" {
		exten = "s"
	}
	if priority == "" {
		priority = "1"
	}
	switch {
	case l.Context != "":
		return l.Context + "," + exten + "," + priority
	case exten != "":
		return exten + "," + priority
	default:
		return priority
	}
}

// ParseLocation reads context,exten,priority with parts missing from the left, as Goto does: "1" is a
// priority, "100,1" an extension and a priority.
func ParseLocation(s string) (Location, error) {
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	var l Location
	switch len(parts) {
	case 1:
		l.Priority = parts[0]
	case 2:
		l.Exten, l.Priority = parts[0], parts[1]
	case 3:
		l.Context, l.Exten, l.Priority = parts[0], parts[1], parts[2]
	default:
		return l, fmt.Errorf("%q is no place in the dialplan; write context,exten,priority", s)
	}
	return l, l.Check()
}

// Check refuses what cannot be part of a place in the dialplan.
func (l Location) Check() error {
	for _, part := range []string{l.Context, l.Exten, l.Priority} {
		if strings.ContainsFunc(part, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`,"\\`, r) }) {
			return fmt.Errorf("%q cannot be part of a place in the dialplan", part)
		}
	}
	return nil
}
