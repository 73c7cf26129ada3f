package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

const (
	// mostPending is how many steps of one call may be under way in the background.
	mostPending = 20
	// forever is longer than any flow may run.
	forever = 24 * time.Hour
)

var (
	errAnswered  = errors.New("the answer is there")
	errAbandoned = errors.New("the flow did not wait for it")
)

// A Timer is a Clock that tells when a time has passed. In virtual time, time passes only while the channel waits,
// so what takes real time has to be waited for elsewhere.
type Timer interface {
	Clock
	// AfterFunc calls f when d has passed, on whatever goroutine notices it. stop reports nothing.
	AfterFunc(d time.Duration, f func()) (stop func())
	// Virtual reports whether time is virtual.
	Virtual() bool
}

// A Filler is what the caller hears while the call waits for another system. The zero Filler is silence.
type Filler struct {
	After   time.Duration // silence before it
	Prompts Prompts       // played again and again, or once if music follows
	Pause   time.Duration // between two times
	Music   bool          // music on hold
	Class   string        // of it
}

func (f Filler) empty() bool { return len(f.Prompts) == 0 && !f.Music }

// A Pending is a step that is under way in the background: a request to another system.
type Pending struct {
	call    *Call
	step    int             // its index in the journal
	waiting context.Context // ends when the answer is there, or with the call
	answer  context.CancelCauseFunc
	done    chan struct{}      // closed when nothing of it runs any more
	cancel  context.CancelFunc // ends the request itself; nil if an observer answers in its place
	stop    func()             // of an observer's answer that is to come

	// Shown is what the record has of a result; nil is all of it.
	Shown func(result string) string

	result string
	err    error
	over   bool // its result is in the journal
}

// Start is Do for what another system has to answer: the flow goes on, and Wait has the outcome. do runs on a
// goroutine of its own and must not touch the call; its context ends with the flow, at the latest.
func (c *Call) Start(kind Kind, args string, do func(ctx context.Context) (string, error)) (*Pending, error) {
	if len(c.pending) >= mostPending {
		return nil, fmt.Errorf("%d requests are under way already; wait for some of them first", mostPending)
	}
	i, err := c.begin(kind, args)
	if err != nil {
		return nil, err
	}
	p := &Pending{call: c, step: i, done: make(chan struct{})}
	p.waiting, p.answer = context.WithCancelCause(c.ctx)
	c.pending = append(c.pending, p)
	if c.observer != nil {
		if o := c.observer.Begin(c, &c.steps[i]); o != nil {
			p.answerWith(o)
			return p, nil
		}
	}
	ctx, cancel := context.WithCancel(c.ctx)
	p.cancel = cancel
	go func() {
		defer close(p.done)
		defer p.answer(errAnswered)
		defer func() {
			if fault := recover(); fault != nil {
				p.err = fmt.Errorf("ivrd itself failed: %v\n%s", fault, debug.Stack())
			}
		}()
		p.result, p.err = do(ctx)
	}()
	return p, nil
}

// answerWith has an observer's outcome stand in for the request, after the time that it takes.
func (p *Pending) answerWith(o *Outcome) {
	answered := func() { p.answer(errAnswered) }
	p.result, p.err = o.Result, o.Err
	close(p.done)
	if o.After == 0 {
		answered()
		return
	}
	if t, ok := p.call.ch.(Timer); ok {
		p.stop = t.AfterFunc(o.After, answered)
		return
	}
	timer := time.AfterFunc(o.After, answered)
	p.stop = func() { timer.Stop() }
}

// answered reports whether the answer is there.
func (p *Pending) answered() bool { return context.Cause(p.waiting) == errAnswered }

// Wait returns what came of it, as soon as that is known. Meanwhile the caller hears f.
func (p *Pending) Wait(f Filler) (string, error) {
	if p.over {
		return p.result, p.err
	}
	err := p.attend(f)
	switch {
	case p.over: // a function of call:on has waited too
		return p.result, p.err
	case p.answered():
	case err != nil:
		return "", p.conclude("", err)
	case p.call.ctx.Err() != nil:
		return "", p.conclude("", context.Cause(p.call.ctx))
	default: // the flow that began it has been ended, and its on_end function asks for it
		return "", p.conclude("", context.Cause(p.waiting))
	}
	result, ended := p.result, p.conclude(p.result, p.err)
	if err != nil {
		return "", p.call.settle(err)
	}
	return result, ended
}

// conclude ends all that still runs, and writes down what came of it.
func (p *Pending) conclude(result string, err error) error {
	p.over = true
	if p.cancel != nil {
		p.cancel()
	}
	if p.stop != nil {
		p.stop()
	}
	<-p.done
	for i, one := range p.call.pending {
		if one == p {
			p.call.pending = append(p.call.pending[:i], p.call.pending[i+1:]...)
			break
		}
	}
	p.result, p.err = result, err
	if p.Shown != nil {
		result = p.Shown(result)
	}
	return p.call.end(p.step, result, err)
}

// abandon ends what a flow has started and not waited for.
func (c *Call) abandon(before int) {
	for len(c.pending) > before {
		p := c.pending[len(c.pending)-1]
		if p.answered() {
			_ = p.conclude(p.result, p.err)
		} else {
			_ = p.conclude("", errAbandoned)
		}
	}
}

// attend lets the time pass until the answer is there or the call is over. It waits on the channel where it can:
// so a hangup is noticed at once, and no key is lost.
func (p *Pending) attend(f Filler) error {
	c := p.call
	if p.answered() {
		return nil
	}
	t, hasTimer := c.ch.(Timer)
	virtual := hasTimer && t.Virtual()
	switch {
	case !c.ending && !c.handling && (!virtual || p.cancel == nil):
		return p.fill(f)
	case virtual && p.cancel == nil: // nobody lets the time pass
		p.answer(errAnswered)
	default:
		c.idle(p.waiting)
	}
	return nil
}

// idle waits for the end of ctx elsewhere than on the channel.
func (c *Call) idle(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-c.ctx.Done():
	}
}

// fill is attend on the channel.
func (p *Pending) fill(f Filler) error {
	if f.empty() {
		return p.quiet(forever)
	}
	if err := p.quiet(f.After); err != nil || p.waiting.Err() != nil {
		return err
	}
	if len(f.Prompts) > 0 {
		if err := p.play(f); err != nil || p.waiting.Err() != nil {
			return err
		}
	}
	if f.Music {
		return p.music(f.Class)
	}
	return p.quiet(forever)
}

// quiet lets d pass, or less if the answer comes.
func (p *Pending) quiet(d time.Duration) error { return p.call.quiet(p.waiting, d) }

// quiet lets d pass on the channel, or less if ctx ends: keys are kept, and a hangup is noticed.
func (c *Call) quiet(ctx context.Context, d time.Duration) error {
	for end := c.clockNow().Add(d); d > 0 && ctx.Err() == nil; d = end.Sub(c.clockNow()) {
		_, err := c.ch.Play(ctx, []Prompt{Silence(d)}, "")
		switch {
		case isOver(err):
			return err
		case err != nil && ctx.Err() == nil: // a channel that cannot wait
			c.idle(ctx)
		}
	}
	return nil
}

// isOver reports whether a channel's error means that the call is over. Any other leaves the caller in silence.
func isOver(err error) bool { return errors.Is(err, ErrHangup) || errors.Is(err, ErrLost) }

// play is a step of its own, which the answer ends.
func (p *Pending) play(f Filler) error {
	c := p.call
	i, err := c.begin(StepPlay, f.Prompts.String())
	if err != nil {
		return err
	}
	if c.observer != nil {
		if o := c.observer.Begin(c, &c.steps[i]); o != nil {
			return onlyOver(c.end(i, o.Result, o.Err))
		}
	}
	list, err := c.render(p.waiting, f.Prompts)
	for err == nil && p.waiting.Err() == nil {
		if _, err = c.playRuns(p.waiting, list, ""); err != nil || f.Music {
			break
		}
		err = p.quiet(f.Pause)
	}
	if p.answered() && !isOver(err) {
		err = nil
	}
	return onlyOver(c.end(i, "", err))
}

// onlyOver is err if it means that the call is over.
func onlyOver(err error) error {
	var failed *PlayError
	var cannot *CapabilityError
	if errors.As(err, &failed) || errors.As(err, &cannot) {
		return nil
	}
	return err
}

// music plays until the answer is there.
func (p *Pending) music(class string) error {
	c := p.call
	if err := c.Signal(Signal{Kind: SignalMusic, Class: class}); err != nil {
		if err := onlyOver(err); err != nil {
			return err
		}
		return p.quiet(forever)
	}
	if err := p.quiet(forever); err != nil || c.ctx.Err() != nil {
		return err
	}
	return c.Signal(Signal{Kind: SignalNoMusic})
}
