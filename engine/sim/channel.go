package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A Call says what kind of call to simulate. The zero Call is one in virtual time from a withheld number.
type Call struct {
	Info  engine.Info
	Vars  map[string]string // channel variables the call arrives with
	Start time.Time         // when the call arrives; zero means Epoch, or now in real time
	Real  bool              // wait in real time

	// Missing reports whether Asterisk would not find a sound, or a recording that the call has not made; nil means
	// that it finds all.
	Missing func(p engine.Prompt, language string) bool
	// Exec answers for a dialplan application; nil means that there are none.
	Exec func(app, args string) (string, error)
	// Idle is asked what the caller does, in virtual time, when the flow waits for a digit and nothing is
	// to happen before wait is over; nil means that the caller does nothing.
	Idle func(p *Phone, wait time.Duration)
	// Hear is told what the caller hears when it begins, and how long it is; nil tells nobody.
	Hear func(p engine.Prompt, d time.Duration)
}

// Epoch is when calls in virtual time arrive unless told otherwise: a Monday morning.
var Epoch = time.Date(2026, time.January, 5, 10, 0, 0, 0, time.UTC)

// patience is how long the caller speaks to a recording that nothing else ends.
const patience = time.Hour

var errContinued = errors.New("the call went back to the dialplan")

// A Channel is a simulated call.
type Channel struct {
	call    Call
	kept    engine.Digits // pressed and not yet taken
	notices []engine.EventKind
	notify  func(engine.Event) bool

	mu       sync.Mutex // guards what follows: the phone may be in other hands than the channel
	wake     chan struct{}
	now      time.Time // in virtual time
	queue    queue
	busy     time.Time // the caller's finger is free again
	speaking time.Time // the caller is not silent before
	vars     map[string]string
	set      []engine.Variable
	heard    []Heard
	ending   Ending
	hungUp   bool
	library  []engine.StoredRecording // what the call has recorded, newest first
	erased   map[string]bool          // names of recordings that are gone
	timers   int                      // that there were
}

// An Ending is what became of a channel.
type Ending struct {
	How   How
	To    engine.Location // where the call continued
	Cause engine.Cause    // why the flow hung up
}

// How is the way a channel ended.
type How string

const (
	Open      How = ""          // it has not
	HungUp    How = "hang up"   // the caller hung up
	Hangup    How = "hangup"    // the flow did
	Continued How = "continued" // it went back to the dialplan
)

var (
	_ engine.Channel   = (*Channel)(nil)
	_ engine.Timer     = (*Channel)(nil)
	_ engine.Executor  = (*Channel)(nil)
	_ engine.VarSetter = (*Channel)(nil)
	_ engine.Speaker   = (*Channel)(nil)
)

// New makes the channel of a call that arrives now.
func New(c Call) *Channel {
	if c.Info.Backend == "" {
		c.Info.Backend = "sim"
	}
	if c.Start.IsZero() && !c.Real {
		c.Start = Epoch
	}
	ch := &Channel{call: c, now: c.Start, vars: make(map[string]string, len(c.Vars)+4)}
	for name, value := range c.Vars {
		ch.vars[name] = value
	}
	if c.Real {
		ch.wake = make(chan struct{}, 1)
	}
	return ch
}

// Phone is the caller's side.
func (ch *Channel) Phone() *Phone { return &Phone{ch} }

// Info describes the call as it arrived.
func (ch *Channel) Info() engine.Info { return ch.call.Info }

// Speaks: it takes an estimate of the time, and shows what is said in one piece.
func (ch *Channel) Speaks() {}

// Now is the call's time.
func (ch *Channel) Now() time.Time {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.clock()
}

func (ch *Channel) clock() time.Time {
	if ch.call.Real {
		return time.Now()
	}
	return ch.now
}

// Virtual reports whether the call is in virtual time.
func (ch *Channel) Virtual() bool { return !ch.call.Real }

// AfterFunc calls f when d has passed.
func (ch *Channel) AfterFunc(d time.Duration, f func()) (stop func()) {
	if ch.call.Real {
		t := time.AfterFunc(d, f)
		return func() { t.Stop() }
	}
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.timers++
	number := ch.timers
	ch.queue.add(event{at: ch.now.Add(d), kind: timer, fire: f, number: number})
	return func() {
		ch.mu.Lock()
		defer ch.mu.Unlock()
		ch.queue = slices.DeleteFunc(ch.queue, func(ev event) bool { return ev.kind == timer && ev.number == number })
	}
}

// Ending tells how the channel ended.
func (ch *Channel) Ending() Ending {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return ch.ending
}

// Answer picks up, which takes no time.
func (ch *Channel) Answer(ctx context.Context) error { return ch.live(ctx) }

// live lets everything happen that is due and says whether the caller is still there.
func (ch *Channel) live(ctx context.Context) error {
	for {
		ev, err := ch.next(ctx, time.Time{})
		if err != nil || ev.kind == nothing {
			return err
		}
		ch.keep(ev)
	}
}

// keep puts a digit that nobody wants yet aside.
func (ch *Channel) keep(ev event) {
	if ev.kind == key {
		ch.kept += engine.Digits(ev.digit.String())
	}
}

// take removes the first kept digit that is in set.
func (ch *Channel) take(set engine.Digits) engine.Digit {
	for i := 0; i < len(ch.kept); i++ {
		if d := engine.Digit(ch.kept[i]); set.Has(d) {
			ch.kept = ch.kept[:i] + ch.kept[i+1:]
			return d
		}
	}
	return engine.NoDigit
}

// Play lets the time pass that p takes, unless a digit in stop ends it.
func (ch *Channel) Play(ctx context.Context, p []engine.Prompt, stop engine.Digits) (engine.Digit, error) {
	if err := ch.live(ctx); err != nil {
		return engine.NoDigit, err
	}
	if d := ch.take(stop); d != engine.NoDigit {
		return d, nil
	}
	for _, one := range p {
		if d, err := ch.playOne(ctx, one, stop); d != engine.NoDigit || err != nil {
			return d, err
		}
	}
	return engine.NoDigit, nil
}

func (ch *Channel) playOne(ctx context.Context, p engine.Prompt, stop engine.Digits) (engine.Digit, error) {
	language, _ := ch.variable("CHANNEL(language)")
	if ch.missing(p, language) {
		return engine.NoDigit, &engine.PlayError{Prompt: p, Why: "no such sound"}
	}
	length := ch.length(p)
	if ch.call.Hear != nil {
		ch.call.Hear(p, length)
	}
	began := ch.Now()
	d, err := ch.until(ctx, began.Add(length), stop)
	ch.mu.Lock()
	defer ch.mu.Unlock()
	took := ch.clock().Sub(began)
	ch.heard = append(ch.heard, Heard{Prompt: p, Began: began, Took: took, Cut: d != engine.NoDigit || err != nil})
	return d, err
}

// until lets time pass until end or until a digit in stop.
func (ch *Channel) until(ctx context.Context, end time.Time, stop engine.Digits) (engine.Digit, error) {
	for {
		ev, err := ch.next(ctx, end)
		if err != nil || ev.kind == nothing {
			return engine.NoDigit, err
		}
		if ev.kind == key && stop.Has(ev.digit) {
			return ev.digit, nil
		}
		ch.keep(ev)
	}
}

// ReadDigit waits for one digit.
func (ch *Channel) ReadDigit(ctx context.Context, wait time.Duration) (engine.Digit, error) {
	if err := ch.live(ctx); err != nil {
		return engine.NoDigit, err
	}
	if d := ch.take(engine.AnyDigit); d != engine.NoDigit {
		return d, nil
	}
	end := ch.Now().Add(wait)
	if ch.call.Idle != nil && wait > 0 && !ch.expects(end) {
		ch.call.Idle(ch.Phone(), wait)
	}
	return ch.until(ctx, end, engine.AnyDigit)
}

// expects reports whether something is to happen until end.
func (ch *Channel) expects(end time.Time) bool {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return len(ch.queue) > 0 && !ch.queue[0].at.After(end)
}

// Var reads a variable: one that was set, or what the channel knows of itself.
func (ch *Channel) Var(_ context.Context, name string) (string, error) {
	value, _ := ch.variable(name)
	return value, nil
}

func (ch *Channel) variable(name string) (string, bool) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if value, ok := ch.vars[name]; ok {
		return value, true
	}
	info := &ch.call.Info
	switch name {
	case "CHANNEL(language)":
		return info.Language, true
	case "CALLERID(num)":
		return info.CallerID, true
	case "CALLERID(name)":
		return info.CallerName, true
	case "CALLERID(dnid)":
		return info.Dialed, true
	case "CHANNEL", "CHANNEL(name)":
		return info.Channel, true
	case "UNIQUEID", "CHANNEL(uniqueid)":
		return info.ID, true
	case "EXTEN":
		return info.Exten, true
	case "CONTEXT":
		return info.Context, true
	}
	return "", false
}

// SetVar sets a variable. It works at all times.
func (ch *Channel) SetVar(_ context.Context, name, value string) error {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.vars[name] = value
	ch.set = append(ch.set, engine.Variable{Name: name, Value: value})
	return nil
}

// SetVars sets several variables.
func (ch *Channel) SetVars(ctx context.Context, vars []engine.Variable) error {
	for _, v := range vars {
		if err := ch.SetVar(ctx, v.Name, v.Value); err != nil {
			return err
		}
	}
	return nil
}

// Written is every variable that was set, in order.
func (ch *Channel) Written() []engine.Variable {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	return append([]engine.Variable(nil), ch.set...)
}

// Exec asks Call.Exec what the application would do.
func (ch *Channel) Exec(ctx context.Context, app, args string) (string, error) {
	if err := ch.live(ctx); err != nil {
		return "", err
	}
	if ch.call.Exec == nil {
		return "", fmt.Errorf("exec %s: the simulator has no dialplan applications; a transcript says what it returns, in a line such as: reply 0", app)
	}
	return ch.call.Exec(app, args)
}

// Continue notes where the call went.
func (ch *Channel) Continue(ctx context.Context, to engine.Location) error {
	if err := ch.live(ctx); err != nil {
		return err
	}
	ch.end(Ending{How: Continued, To: to})
	return nil
}

// Hangup ends the call.
func (ch *Channel) Hangup(ctx context.Context, why engine.Cause) error {
	if err := ch.live(ctx); err != nil {
		return err
	}
	ch.end(Ending{How: Hangup, Cause: why})
	return nil
}

func (ch *Channel) end(e Ending) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.ending = e
}
