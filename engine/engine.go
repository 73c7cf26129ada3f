package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// An Engine takes calls from backends and runs their flows. Its fields are set before the first call.
type Engine struct {
	Flows    func() Flows             // the set of flows a new call gets
	Fallback func() Fallback          // for calls whose route has none, or that have no route; nil means the zero Fallback
	Limits   Limits                   // zero is a sound default
	Observe  func(info Info) Observer // follows a new call; nil, or a nil Observer, follows none
	Log      *slog.Logger             // nil means slog.Default()

	// Say turns what is said in a language into recordings; ErrUnspoken leaves it to the backend. nil leaves all.
	Say func(p Prompt, language string) (Prompts, error)

	// Speak is the sound of a text, which may take a while to make. Channels that are Speakers are given the text
	// itself. nil means that nobody can speak.
	Speak func(ctx context.Context, text, language string) (Sound, error)

	// Library looks after the recordings of a new call; nil, or a nil Librarian, leaves that to its channel.
	Library func(info Info) Librarian
	// Expire is told of each recording when it begins, and whether to keep it for ever; and to keep, so that no
	// other file of the same name is taken for it, one that is deleted. It must not block. nil keeps all.
	Expire func(l Librarian, r StoredRecording, keep bool)
	// Systems is what the library of flows reaches other systems with; the engine only hands it on. nil, in
	// transcripts, lets nothing out.
	Systems any

	Databases Databases    // what flows' queries reach; nil answers none, as in transcripts
	Redis     RedisServers // likewise of flows' commands to Redis
	KV        KV           // what flows remember; nil is a Memory for each call, as in transcripts
	Metrics   Metrics      // what flows count and time; nil, in transcripts, is nowhere

	// Secrets gives the secret of a name. nil, as in transcripts, has each name stand for itself.
	Secrets func(name string) (string, error)

	overrides  lastOverrides // of schedules
	complaints Throttle      // of calls about what is outside

	mu       sync.Mutex
	calls    map[*Call]context.CancelCauseFunc
	admitted int // of calls; the others hear their fallback because there were too many
	draining bool
	ended    bool          // a drain has run out of patience
	idle     chan struct{} // closed when the last call of a drain is over
}

// Handle sees one call through to its end. It is a Handler.
func (e *Engine) Handle(ctx context.Context, ch Channel) {
	c := e.newCall(ctx, ch)
	defer func() { c.cancel(nil) }() // the last one there is: a fallback opens the call anew
	refused := e.admit(c)
	defer e.release(c)
	c.note(StepRing, c.info.Exten)
	c.flows = e.Flows()
	e.run(ctx, c, refused)
	c.leave(ctx)
	e.report(c)
}

func (e *Engine) newCall(ctx context.Context, ch Channel) *Call {
	c := &Call{ch: ch, info: ch.Info(), limits: e.Limits.Filled(), log: e.logger(), say: e.Say, voice: e.Speak,
		complaints: &e.complaints, expire: e.Expire, systems: e.Systems, asked: e.Databases, servers: e.Redis, remembers: e.KV,
		overrides: &e.overrides, metrics: e.Metrics, disclose: e.Secrets}
	c.language = c.info.Language
	c.maxSteps = c.limits.Steps
	c.clock, _ = ch.(Clock)
	c.began = c.clockNow()
	c.steps = make([]Step, 0, 12)
	c.open(ctx)
	if e.Library != nil {
		c.library = e.Library(c.info)
	}
	if e.Observe != nil {
		c.observer = e.Observe(c.info)
	}
	return c
}

// open gives the call a context of its own, which ends after the longest time a flow may take.
func (c *Call) open(ctx context.Context) {
	own, cancel := context.WithCancelCause(ctx)
	most := c.limits.FlowTime
	timer := time.AfterFunc(most, func() { cancel(flowTimeError(most)) })
	c.ctx = own
	c.cancel = func(cause error) {
		cancel(cause)
		timer.Stop()
	}
}

// admit counts the call in, or says why its flow cannot run.
func (e *Engine) admit(c *Call) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.draining {
		return ErrDrain
	}
	if e.calls == nil {
		e.calls = map[*Call]context.CancelCauseFunc{}
	}
	e.calls[c] = c.cancel
	if most := c.limits.Calls; most > 0 && e.admitted >= most {
		return &LimitError{What: "calls", Max: strconv.Itoa(most), Hint: "limits.calls in ivrd.yaml raises it"}
	}
	e.admitted++
	c.admitted = true
	return nil
}

func (e *Engine) release(c *Call) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.calls, c)
	if c.admitted {
		e.admitted--
	}
	if e.draining && len(e.calls) == 0 && e.idle != nil {
		close(e.idle)
		e.idle = nil
	}
}

// Calls is the number of calls in progress.
func (e *Engine) Calls() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.calls)
}

// Drain takes no more calls and waits for those in progress. When ctx ends it ends them with ErrDrain,
// which continues them in the dialplan, and waits for that. It returns how many it had to end.
func (e *Engine) Drain(ctx context.Context) int {
	e.mu.Lock()
	e.draining = true
	if len(e.calls) == 0 {
		e.mu.Unlock()
		return 0
	}
	if e.idle == nil {
		e.idle = make(chan struct{})
	}
	idle := e.idle
	e.mu.Unlock()
	select {
	case <-idle:
		return 0
	case <-ctx.Done():
	}
	ended := e.endAll()
	<-idle
	return ended
}

func (e *Engine) endAll() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	for _, cancel := range e.calls {
		cancel(ErrDrain)
	}
	return len(e.calls)
}

// run finds the call's flow and runs it, unless the call was refused, and the fallback if that fails.
func (e *Engine) run(ctx context.Context, c *Call, refused error) {
	err := refused
	if err == nil {
		err = c.find()
	}
	if err == nil {
		c.foretell()
		err = c.guarded(c.route.Flow)
	}
	e.conclude(ctx, c, err)
}

// find stands by itself, as other functions do that are over while the caller is on the line: what is below
// such a caller fits in 8 KB of stack, and would take 16 with what find needs.
//
//go:noinline
func (c *Call) find() (err error) {
	c.route, err = c.flows.Route(c.info)
	return err
}

// conclude draws the consequences of how the flow ended.
func (e *Engine) conclude(ctx context.Context, c *Call, err error) {
	c.outcome = c.why(err)
	switch c.outcome.Why {
	case Failed, Limited:
		c.note(StepEnd, c.outcome.String())
		e.warn(c)
		if !c.hungUp {
			e.fallback(ctx, c)
		}
	case Lost:
		c.note(StepEnd, c.outcome.String())
		e.warn(c)
	case Drained:
		c.note(StepEnd, c.outcome.String())
	}
}

// guarded runs flow so that a fault of ours ends this call only.
func (c *Call) guarded(flow Flow) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("ivrd itself failed: %v\n%s", p, debug.Stack())
		}
	}()
	return c.runFlow(flow)
}

// fallback gives the caller of a failed flow something to hear, in a time of its own.
func (e *Engine) fallback(ctx context.Context, c *Call) {
	f := c.route.Fallback
	if f == (Fallback{}) && e.Fallback != nil {
		f = e.Fallback()
	}
	c.fallbackTo = f.To
	if f.Flow == nil || f.Flow == c.route.Flow {
		return
	}
	e.reopen(ctx, c)
	c.maxSteps = len(c.steps) + c.limits.Steps
	c.outcome.Fallback = true
	c.note(StepRun, f.Flow.Name())
	end := c.why(c.guarded(f.Flow))
	switch {
	case end.Why == Drained: // the caller has not heard all of it: for the dialplan that is no fallback
		c.outcome = end
		c.note(StepEnd, end.String())
	case end.Err != nil:
		c.note(StepEnd, end.String())
		e.logger().Error("fallback failed", "call", c.info.ID, "flow", f.Flow.Name(), "error", end.Err)
	}
}

// reopen opens a call anew whose flow has used up its context. What a drain ends is the new one from now on.
func (e *Engine) reopen(ctx context.Context, c *Call) {
	c.cancel(nil)
	e.mu.Lock()
	defer e.mu.Unlock()
	c.open(ctx)
	if e.calls[c] != nil {
		e.calls[c] = c.cancel
	}
	if e.ended {
		c.cancel(ErrDrain)
	}
}

func (e *Engine) logger() *slog.Logger {
	if e.Log == nil {
		return slog.Default()
	}
	return e.Log
}

func (e *Engine) warn(c *Call) {
	attrs := []any{"call", c.info.ID, "exten", c.info.Exten, "why", string(c.outcome.Why)}
	if flow := c.route.Flow; flow != nil {
		attrs = append(attrs, "flow", flow.Name(), "version", flow.Version())
	}
	if c.outcome.Err != nil {
		attrs = append(attrs, "error", c.outcome.Err)
	}
	var fault *FlowError
	if errors.As(c.outcome.Err, &fault) {
		attrs = append(attrs, "source", fault.Source, "trace", fault.Trace)
	}
	e.logger().Warn("flow ended early", attrs...)
}

func (e *Engine) report(c *Call) {
	c.took = c.Took()
	if c.observer != nil {
		c.observer.Over(c)
	}
	if log := e.logger(); log.Enabled(context.Background(), slog.LevelDebug) {
		log.Debug("call over", "call", c.info.ID, "why", c.outcome.Status(),
			"took", c.took.Round(time.Millisecond), "steps", len(c.steps))
	}
}
