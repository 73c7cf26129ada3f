package luaapi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// errRunning is what Err says while nothing has ended; gopher-lua never asks then.
var errRunning = errors.New("still running")

// A quota is the context of a call's Lua states and so their instruction hook: gopher-lua asks Done before
// each instruction, on the goroutine that runs the flow. Every 128 instructions it looks at the limits and
// at the call. Once it has ended it stays so, and every further instruction fails; no pcall outlives it.
//
// The embedded context is the call's own. What blocks must wait on that and never on the quota's Done.
type quota struct {
	context.Context
	rt *runtime

	done  <-chan struct{} // nil until err is set
	err   error
	where string // file:line at which a limit was reached

	n, most int64 // instructions
	until   time.Time
	rested  bool // until is to be set anew
}

var closed = func() <-chan struct{} { c := make(chan struct{}); close(c); return c }()

func newQuota(ctx context.Context, rt *runtime) *quota {
	return &quota{Context: ctx, rt: rt, most: rt.limits.Instructions, rested: true}
}

// Done counts an instruction.
func (q *quota) Done() <-chan struct{} {
	q.n++
	if q.n&127 == 0 && q.done == nil {
		q.look()
	}
	return q.done
}

// Err is why the quota ended.
func (q *quota) Err() error {
	if q.err == nil {
		return errRunning
	}
	return q.err
}

// rest starts the time that Lua may run without a step anew. A binding calls it when it comes back from one.
func (q *quota) rest() { q.rested = true }

// end makes every further instruction fail with err. The first reason stands.
func (q *quota) end(err error) {
	if q.err == nil {
		q.err, q.done = err, closed
	}
}

func (q *quota) endAtLimit(what, most, hint string) {
	if q.err == nil {
		q.where = q.rt.line()
		q.end(&engine.LimitError{What: what, Max: most, Hint: hint})
	}
}

func (q *quota) look() {
	select {
	case <-q.Context.Done():
		q.end(context.Cause(q.Context))
		return
	default:
	}
	if q.n >= q.most {
		q.endAtLimit("instructions", strconv.FormatInt(q.most, 10), "a loop in the flow probably never ends")
		return
	}
	if now := time.Now(); q.rested {
		q.until, q.rested = now.Add(q.rt.limits.RunTime), false
	} else if now.After(q.until) {
		q.endAtLimit("computing time", q.rt.limits.RunTime.String()+" between two steps", "a loop in the flow takes too long")
		return
	}
	q.rt.heap.charge(q, 128*instructionBytes)
	if q.rt.heap.due() {
		q.rt.heap.weigh(q)
	}
}

// soon makes the next instruction look at the limits.
func (q *quota) soon() { q.n |= 127 }

// ended is what ended the flow, with the line at which it reached a limit; nil while it may run.
func (q *quota) ended() error {
	if q.err != nil && q.where != "" {
		return fmt.Errorf("%s: %w", q.where, q.err)
	}
	return q.err
}

// setQuota gives the call's main state a fresh quota under ctx, for the flow itself and again for its on_end
// functions. Coroutines keep the one they were made under.
func (rt *runtime) setQuota(ctx context.Context) *quota {
	rt.quota = newQuota(ctx, rt)
	rt.main.SetContext(rt.quota)
	return rt.quota
}
