package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// Why says in one word why a call ended.
type Why string

const (
	Completed Why = "completed" // the flow ran off its end or hung up
	Continued Why = "continued" // the flow gave the call back to the dialplan
	HungUp    Why = "hangup"    // the caller hung up
	Failed    Why = "error"     // the flow failed
	Limited   Why = "limit"     // the flow used up a limit
	Drained   Why = "drain"     // ivrd shut down
	Lost      Why = "lost"      // the connection to Asterisk was gone for too long
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

// String is the end as a transcript writes it: the word and, behind it, what went wrong.
func (e End) String() string {
	if e.Err == nil {
		return string(e.Why)
	}
	return string(e.Why) + " " + e.Err.Error()
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
	caller, where, pending := c.flow, c.where, len(c.pending)
	c.flow, c.depth = flow, c.depth+1
	defer func() {
		c.abandon(pending)
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
// short, and with steps of their own. why is how the flow ended, given what it returned.
func (c *Call) AtEnd(flowErr error, do func(ctx context.Context, why Why)) {
	const ownSteps = 100
	ctx, cancel, ending := c.ctx, c.cancel, c.ending
	bounded, stop := context.WithTimeoutCause(context.WithoutCancel(ctx), c.limits.EndTime,
		&LimitError{What: "time", Max: c.limits.EndTime.String(), Hint: "on_end functions must be short"})
	defer stop()
	endCtx, endCancel := context.WithCancelCause(bounded)
	defer endCancel(nil)
	why := c.why(flowErr).Why
	maxSteps := c.maxSteps
	c.ctx, c.cancel, c.ending, c.maxSteps = endCtx, endCancel, true, max(maxSteps, len(c.steps)+ownSteps)
	do(endCtx, why)
	c.ctx, c.cancel, c.ending, c.maxSteps = ctx, cancel, ending, maxSteps
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
	case errors.Is(err, ErrLost):
		return End{Why: Lost, Err: c.maskError(err)}
	case errors.As(err, &limit):
		return End{Why: Limited, Err: c.maskError(err)}
	}
	return End{Why: Failed, Err: c.maskError(err)}
}

// leave tells the dialplan how the call ended, last of all, and gives the call back to it. Both work on
// in spite of whatever ended the flow, unless that is the connection.
func (c *Call) leave(ctx context.Context) {
	if c.outcome.Why == Lost {
		return
	}
	ctx = context.WithoutCancel(ctx)
	if !c.statusSet {
		c.setStatus(ctx, c.outcome)
	}
	if c.hungUp {
		return
	}
	to := c.fallbackTo
	if c.to != nil {
		to = *c.to
	} else {
		c.note(StepContinue, to.String())
	}
	if err := c.ch.Continue(ctx, to); err != nil && !errors.Is(err, ErrHangup) {
		c.outcome.Err = errors.Join(c.outcome.Err, fmt.Errorf("continue %s: %w", to, err))
	}
}

// foretell leaves on a channel that cannot be reached after a hangup what the dialplan is to find then.
func (c *Call) foretell() {
	if _, vanishes := c.ch.(Vanisher); vanishes {
		c.setStatus(c.ctx, End{Why: HungUp})
	}
}

// setStatus sets IVRD_STATUS, IVRD_FLOW and IVRD_VERSION. It is not journaled: it is the journal's
// summary. A channel that is gone already cannot take it, which is no fault.
func (c *Call) setStatus(ctx context.Context, end End) {
	vars := make([]Variable, 0, 3)
	if flow := c.route.Flow; flow != nil {
		vars = append(vars, Variable{"IVRD_FLOW", flow.Name()}, Variable{"IVRD_VERSION", flow.Version()})
	}
	vars = append(vars, Variable{"IVRD_STATUS", end.Status()})
	if s, ok := c.ch.(VarSetter); ok {
		_ = s.SetVars(ctx, vars)
		return
	}
	for _, v := range vars {
		_ = c.ch.SetVar(ctx, v.Name, v.Value)
	}
}
