package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Call is one caller's visit, arrival to hangup, as flows see it. Its methods are called by one
// goroutine, the one that runs the flow.
type Call struct {
	info     Info
	ch       Channel
	flows    Flows
	limits   Limits
	observer Observer
	log      *slog.Logger

	ctx    context.Context // ends when the flow must; its cause says why
	cancel context.CancelCauseFunc
	ending bool // on_end functions run: the channel takes no more steps

	began    time.Time
	language string
	kept     []Digit // pressed during a PlayUntilKey, for the next entry; older than those the channel keeps
	steps    []Step
	maxSteps int
	route    Route
	flow     Flow // the one running now
	depth    int  // of flows run by flows
	where    func() (file string, line int)

	to         *Location // set by Continue
	fallbackTo Location  // where a call goes whose flow failed
	admitted   bool      // it counts against the limit of calls
	hungUp     bool      // by us or by the caller
	statusSet  bool      // IVRD_STATUS and the others are on the channel
	outcome    End
	took       time.Duration // once it is over
}

// Why says in one word why a call ended.
type Why string

const (
	Completed Why = "completed" // the flow ran off its end or hung up
	Continued Why = "continued" // the flow gave the call back to the dialplan
	HungUp    Why = "hangup"    // the caller hung up
	Failed    Why = "error"     // the flow failed
	Limited   Why = "limit"     // the flow used up a limit
	Drained   Why = "drain"     // ivrd shut down
)

// An End tells how a call, or the flow that ran in it, ended.
type End struct {
	Why      Why
	Err      error // what went wrong, for error and limit
	Fallback bool  // a fallback flow took over
}

// Status is what IVRD_STATUS says of the end.
func (e End) Status() string {
	if e.Fallback {
		return "fallback"
	}
	return string(e.Why)
}

// Info describes the call as it arrived.
func (c *Call) Info() Info { return c.info }

// Context ends when the flow must end; context.Cause says why.
func (c *Call) Context() context.Context { return c.ctx }

// Limits are those of this call, with all defaults filled in.
func (c *Call) Limits() Limits { return c.limits }

// Journal is every step so far. It must not be changed.
func (c *Call) Journal() []Step { return c.steps }

// Began is when the call arrived.
func (c *Call) Began() time.Time { return c.began }

// Flow is the flow that runs now; nil before one was found.
func (c *Call) Flow() Flow { return c.flow }

// Took is how long the call lasted, or has lasted so far.
func (c *Call) Took() time.Duration {
	if c.took > 0 {
		return c.took
	}
	return c.clockNow().Sub(c.began)
}

// Routed is the flow that the call was for; nil if there was none.
func (c *Call) Routed() Flow { return c.route.Flow }

// Outcome is how the call ended; it is complete once the call is over.
func (c *Call) Outcome() End { return c.outcome }

// Args are the query parameters of the request with those of the route beneath them.
func (c *Call) Args() map[string]string { return c.route.Args }

// Language is Asterisk's code of the language prompts are played in.
func (c *Call) Language() string { return c.language }

// SetWhere tells the call how to find the line a flow is at, for the journal. It returns the function
// that was set before.
func (c *Call) SetWhere(where func() (file string, line int)) func() (string, int) {
	before := c.where
	c.where = where
	return before
}

func (c *Call) clockNow() time.Time {
	if clock, ok := c.ch.(Clock); ok {
		return clock.Now()
	}
	return time.Now()
}

// Do is the one way a call acts on the world: it consults the limits, journals the step, does it, and
// journals what came of it. args is the step as a transcript writes it. An observer may answer in place
// of do, so everything the flow learns from a step must be in the result's text.
func (c *Call) Do(kind Kind, args string, do func(ctx context.Context) (string, error)) (string, error) {
	i, err := c.begin(kind, args)
	if err != nil {
		return "", err
	}
	if c.observer != nil {
		if o := c.observer.Begin(c, &c.steps[i]); o != nil {
			return o.Result, c.end(i, o.Result, o.Err)
		}
	}
	result, err := do(c.ctx)
	return result, c.end(i, result, err)
}

func (c *Call) begin(kind Kind, args string) (int, error) {
	if err := c.allow(); err != nil {
		return 0, err
	}
	return c.add(kind, args), nil
}

// allow says whether the call may go on, and ends it if it has used up its steps.
func (c *Call) allow() error {
	if c.ctx.Err() != nil {
		return context.Cause(c.ctx)
	}
	if len(c.steps) >= c.maxSteps {
		err := stepsError(c.limits.Steps)
		if c.where != nil {
			file, line := c.where()
			err = fmt.Errorf("%s:%d: %w", file, line, err)
		}
		c.cancel(err)
		return err
	}
	return nil
}

func (c *Call) add(kind Kind, args string) int {
	s := Step{At: c.clockNow().Sub(c.began), Kind: kind, Args: args}
	if c.where != nil {
		s.Flow, s.Line = c.where()
	}
	c.steps = append(c.steps, s)
	return len(c.steps) - 1
}

func (c *Call) end(i int, result string, err error) error {
	s := &c.steps[i]
	s.Took = c.clockNow().Sub(c.began) - s.At
	s.Result, s.Err = result, err
	if c.observer != nil {
		c.observer.End(c, s)
	}
	return c.settle(err)
}

// settle draws the consequences of what the channel said: after a hangup the flow is over, and an error
// that came of the call being over says why it is.
func (c *Call) settle(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrHangup) && !c.hungUp {
		c.hungUp = true
		c.note(StepHungUp, "")
		if !c.ending { // on_end functions still run to their end
			c.cancel(ErrHangup)
		}
	}
	if c.ctx.Err() != nil {
		return context.Cause(c.ctx)
	}
	return err
}

// note journals what was not ours to do.
func (c *Call) note(kind Kind, args string) {
	i := c.add(kind, args)
	if c.observer != nil {
		c.observer.Begin(c, &c.steps[i])
		c.observer.End(c, &c.steps[i])
	}
}

// channelStep is Do for what needs the caller on the line, which on_end functions no longer have.
func (c *Call) channelStep(kind Kind, args string, do func(ctx context.Context) (string, error)) (string, error) {
	if c.ending {
		return "", fmt.Errorf("%s: %w; on_end functions cannot reach the caller", kind, ErrOver)
	}
	return c.Do(kind, args, do)
}

// Answer picks up.
func (c *Call) Answer() error {
	_, err := c.channelStep(StepAnswer, "", func(ctx context.Context) (string, error) {
		return "", c.ch.Answer(ctx)
	})
	return err
}

// Play plays p until its end or a digit in stop, which it returns and journals.
func (c *Call) Play(p Prompts, stop Digits) (Digit, error) {
	d, err := c.play(p, stop)
	if d != NoDigit {
		c.note(StepPress, d.String())
	}
	return d, err
}

// play is Play without a record of the digit, for callers that journal a whole entry.
func (c *Call) play(p Prompts, stop Digits) (Digit, error) {
	if len(p) == 0 {
		return NoDigit, nil
	}
	var d Digit
	_, err := c.channelStep(StepPlay, p.String(), func(ctx context.Context) (string, error) {
		if d = c.keptDigit(stop); d != NoDigit {
			return "", nil
		}
		var err error
		d, err = c.ch.Play(ctx, c.resolve(p), stop)
		return "", err
	})
	return d, err
}

// PlayUntilKey plays p until its end or any digit, which counts for the next entry.
func (c *Call) PlayUntilKey(p Prompts) error {
	d, err := c.play(p, AnyDigit)
	if d != NoDigit {
		c.kept = append(c.kept, d)
	}
	return err
}

// keptDigit takes the first kept digit that is in want.
func (c *Call) keptDigit(want Digits) Digit {
	for i, d := range c.kept {
		if want.Has(d) {
			c.kept = slices.Delete(c.kept, i, i+1)
			return d
		}
	}
	return NoDigit
}

// resolve fills in what the flows folder knows of the sounds in p.
func (c *Call) resolve(p Prompts) Prompts {
	var out Prompts
	for i, one := range p {
		if one.Kind != SoundPrompt || c.flow == nil {
			continue
		}
		sound, ok := c.flow.Sound(one.Text, c.language)
		if !ok {
			continue
		}
		if out == nil {
			out = append(out, p...)
		}
		out[i].Sound = sound
	}
	if out == nil {
		return p
	}
	return out
}

// Wait lets d pass. Digits pressed meanwhile are kept.
func (c *Call) Wait(d time.Duration) error {
	_, err := c.channelStep(StepWait, Seconds(d), func(ctx context.Context) (string, error) {
		_, err := c.ch.Play(ctx, []Prompt{Silence(d)}, "")
		return "", err
	})
	return err
}

// Record records the caller.
func (c *Call) Record(r RecordRequest) (Recording, error) {
	result, err := c.channelStep(StepRecord, r.Name, func(ctx context.Context) (string, error) {
		rec, err := c.ch.Record(ctx, r)
		return rec.String(), err
	})
	rec := parseRecording(r.Name, result)
	if rec.Digit != NoDigit {
		c.note(StepPress, rec.Digit.String())
	}
	return rec, err
}

// Var reads a channel variable or dialplan function.
func (c *Call) Var(name string) (string, error) {
	return c.Do(StepGet, name, func(ctx context.Context) (string, error) {
		return c.ch.Var(ctx, name)
	})
}

// SetVar sets a channel variable or writes a dialplan function.
func (c *Call) SetVar(name, value string) error {
	_, err := c.Do(StepSet, name+" "+value, func(ctx context.Context) (string, error) {
		return "", c.ch.SetVar(ctx, name, value)
	})
	return err
}

// SetLanguage chooses the language of all later prompts, by Asterisk's code.
func (c *Call) SetLanguage(code string) error {
	_, err := c.channelStep(StepLanguage, code, func(ctx context.Context) (string, error) {
		return "", c.ch.SetVar(ctx, "CHANNEL(language)", code)
	})
	if err == nil {
		c.language = code
	}
	return err
}

// Exec runs a dialplan application, with args as they stand in extensions.conf.
func (c *Call) Exec(app, args string) (string, error) {
	return c.channelStep(StepExec, strings.TrimSpace(app+" "+args), func(ctx context.Context) (string, error) {
		x, ok := c.ch.(Executor)
		if !ok {
			return "", &CapabilityError{StepExec, c.info.Backend}
		}
		return x.Exec(ctx, app, args)
	})
}

// Command sends an AGI command, word by word, and returns its result and the text behind it.
func (c *Call) Command(words ...string) (result, text string, err error) {
	reply, err := c.channelStep(StepAGI, strings.Join(words, " "), func(ctx context.Context) (string, error) {
		x, ok := c.ch.(Commander)
		if !ok {
			return "", &CapabilityError{StepAGI, c.info.Backend}
		}
		result, text, err := x.Command(ctx, words...)
		return strings.TrimSpace(result + " " + text), err
	})
	result, text, _ = strings.Cut(reply, " ")
	return result, text, err
}

// Continue ends the flow and gives the call back to the dialplan. It always returns an error, ErrOver
// when all went well, so that the flow unwinds; the dialplan has the call once on_end functions ran.
func (c *Call) Continue(to Location) error {
	if c.ending {
		return fmt.Errorf("continue: %w", ErrOver)
	}
	_, err := c.Do(StepContinue, to.String(), func(context.Context) (string, error) { return "", nil })
	if err != nil {
		return err
	}
	c.to = &to
	c.cancel(ErrOver)
	return ErrOver
}

// Hangup hangs up on the caller and ends the flow. It always returns an error, ErrOver when all went
// well, so that the flow unwinds.
func (c *Call) Hangup(why Cause) error {
	if c.ending {
		return fmt.Errorf("hangup: %w", ErrOver)
	}
	if err := context.Cause(c.ctx); err != nil {
		return err
	}
	c.setStatus(c.ctx, End{Why: Completed, Fallback: c.outcome.Fallback})
	_, err := c.Do(StepHangup, why.String(), func(ctx context.Context) (string, error) {
		return "", c.ch.Hangup(ctx, why)
	})
	if err != nil {
		return err
	}
	c.hungUp, c.statusSet = true, true
	c.cancel(ErrOver)
	return ErrOver
}

// Run runs another flow of the same set and comes back when it is over.
func (c *Call) Run(name string) error {
	const deepest = 20
	flow, ok := c.flows.Flow(name)
	if !ok {
		return fmt.Errorf("there is no flow %q", name)
	}
	if c.depth >= deepest {
		err := &LimitError{What: "nested flows", Max: strconv.Itoa(deepest), Hint: "flows that run each other without end? use return"}
		c.cancel(err)
		return err
	}
	if _, err := c.Do(StepRun, name, func(context.Context) (string, error) { return "", nil }); err != nil {
		return err
	}
	return c.runFlow(flow)
}

func (c *Call) runFlow(flow Flow) (err error) {
	caller, where := c.flow, c.where
	c.flow, c.depth = flow, c.depth+1
	defer func() {
		c.flow, c.where, c.depth = caller, where, c.depth-1
		if p := recover(); p != nil {
			err = fmt.Errorf("flow %s: panic: %v", flow.Name(), p)
		}
	}()
	if err := flow.Run(c); err != nil {
		return err
	}
	return context.Cause(c.ctx)
}

// AtEnd runs do, the flow's on_end functions, in a time of their own that the end of the call does not cut
// short. why is how the flow ended, given what it returned.
func (c *Call) AtEnd(flowErr error, do func(ctx context.Context, why Why)) {
	ctx, cancel, ending := c.ctx, c.cancel, c.ending
	bounded, stop := context.WithTimeoutCause(context.WithoutCancel(ctx), c.limits.EndTime,
		&LimitError{What: "time", Max: c.limits.EndTime.String(), Hint: "on_end functions must be short"})
	defer stop()
	endCtx, endCancel := context.WithCancelCause(bounded)
	defer endCancel(nil)
	why := c.why(flowErr).Why
	c.ctx, c.cancel, c.ending = endCtx, endCancel, true
	do(endCtx, why)
	c.ctx, c.cancel, c.ending = ctx, cancel, ending
}

// why reads the end of a flow from what it returned and from what became of the call.
func (c *Call) why(err error) End {
	if cause := context.Cause(c.ctx); cause != nil {
		err = cause
	}
	var limit *LimitError
	switch {
	case err == nil:
		return End{Why: Completed}
	case errors.Is(err, ErrOver) && c.to != nil:
		return End{Why: Continued}
	case errors.Is(err, ErrOver):
		return End{Why: Completed}
	case errors.Is(err, ErrHangup):
		return End{Why: HungUp}
	case errors.Is(err, ErrDrain):
		return End{Why: Drained}
	case errors.As(err, &limit):
		return End{Why: Limited, Err: err}
	}
	return End{Why: Failed, Err: err}
}

// Now is the time, on record so that a replayed call sees the same.
func (c *Call) Now() time.Time {
	now := c.clockNow()
	text, err := c.Do(StepClock, "", func(context.Context) (string, error) {
		return now.Format(time.RFC3339Nano), nil
	})
	if err != nil {
		return now
	}
	if given, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return given
	}
	return now
}

// Seed is a seed for the flow's random numbers, on record so that a replayed call draws the same.
func (c *Call) Seed() int64 {
	text, err := c.Do(StepSeed, "", func(context.Context) (string, error) {
		return strconv.FormatInt(rand.Int64(), 10), nil
	})
	if err != nil {
		return 1
	}
	seed, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 1
	}
	return seed
}
