package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// A Call is one caller's visit, arrival to hangup, as flows see it. Its methods are called by one
// goroutine, the one that runs the flow.
type Call struct {
	info       Info
	ch         Channel
	clock      Clock // the channel's own; nil is the machine's
	flows      Flows
	limits     Limits
	systems    any
	observer   Observer
	log        *slog.Logger
	complaints *Throttle // the engine's

	ctx    context.Context // ends when the flow must; its cause says why
	cancel context.CancelCauseFunc
	ending bool // on_end functions run: the channel takes no more steps

	began    time.Time
	language string
	kept     []Digit  // pressed during a PlayUntilKey, for the next entry; older than those the channel keeps
	secrets  []string // entries of the caller's
	named    []namedSecret
	names    *strings.Replacer                 // puts names in the place of these; nil if there are none
	disclose func(name string) (string, error) // nil in a transcript
	steps    []Step
	pending  []*Pending // steps under way in the background, in the order they began
	maxSteps int
	route    Route
	flow     Flow // the one running now
	depth    int  // of flows run by flows
	say      func(p Prompt, language string) (Prompts, error)
	voice    func(ctx context.Context, text, language string) (Sound, error)
	library  Librarian // nil is the channel itself
	expire   func(l Librarian, r StoredRecording, keep bool)
	handlers map[EventKind]handler
	handling bool // one of them runs: the channel takes no steps
	where    func() (file string, line int)
	random   *rand.ChaCha8 // of Random; nil before its first use

	asked         Databases      // nil in a transcript
	servers       RedisServers   // likewise
	inTransaction map[string]*Tx // by database
	remembers     KV             // nil until it is needed in a transcript
	overrides     *lastOverrides // what remembers has of schedules
	answers       int            // bytes of what they gave
	metrics       Metrics        // nil in a transcript

	to         *Location // set by Continue
	fallbackTo Location  // where a call goes whose flow failed
	admitted   bool      // it counts against the limit of calls
	hungUp     bool      // by us or by the caller
	statusSet  bool      // IVRD_STATUS and the others are on the channel
	outcome    End
	took       time.Duration // once it is over
}

// Info describes the call as it arrived.
func (c *Call) Info() Info { return c.info }

// Context ends when the flow must end; context.Cause says why.
func (c *Call) Context() context.Context { return c.ctx }

// Limits are those of this call, with all defaults filled in.
func (c *Call) Limits() Limits { return c.limits }

// Systems is what the engine was given for reaching other systems.
func (c *Call) Systems() any { return c.systems }

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
	return c.since()
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
	if c.clock != nil {
		return c.clock.Now()
	}
	return time.Now()
}

// since is how long ago the call began.
func (c *Call) since() time.Duration {
	if c.clock != nil {
		return c.clock.Now().Sub(c.began)
	}
	return time.Since(c.began) // reads one clock, time.Now two
}

// Do is the one way a call acts on the world: it consults the limits, journals the step, does it, and
// journals what came of it. args is the step as a transcript writes it. An observer may answer in place
// of do, so everything the flow learns from a step must be in the result's text. Start does the same in the background.
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
	if kind == StepPress {
		args = c.pressed(args)
	}
	s := Step{At: c.since(), Kind: kind, Args: c.mask(args)}
	if c.where != nil {
		s.Flow, s.Line = c.where()
	}
	c.steps = append(c.steps, s)
	return len(c.steps) - 1
}

func (c *Call) end(i int, result string, err error) error {
	s := &c.steps[i]
	s.Took = c.since() - s.At
	s.Result, s.Err = c.mask(result), c.maskError(err)
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
	if errors.Is(err, ErrLost) && !c.ending {
		c.cancel(err)
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
	switch {
	case c.ending:
		return "", fmt.Errorf("%s: %w; on_end functions cannot reach the caller", kind, ErrOver)
	case c.handling:
		return "", fmt.Errorf("%s: not in a function of call:on, which runs while another step waits", kind)
	}
	return c.Do(kind, args, do)
}

// Log writes a line of the flow's own to ivrd's log. Secret entries in it are masked.
func (c *Call) Log(ctx context.Context, level slog.Level, text string, more ...any) {
	attrs := append([]any{"call", c.info.ID}, more...)
	if c.flow != nil {
		attrs = append(attrs, "flow", c.flow.Name())
	}
	if c.where != nil {
		file, line := c.where()
		attrs = append(attrs, "at", fmt.Sprintf("%s:%d", file, line))
	}
	c.log.Log(ctx, level, c.mask(text), attrs...)
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

// Random fills b with bytes that cannot be told from those before. They come from one seed of the call, which is on
// record, so that a replayed call draws the same.
func (c *Call) Random(b []byte) {
	if c.random == nil {
		c.random = rand.NewChaCha8(sha256.Sum256([]byte(strconv.FormatInt(c.Seed(), 10))))
	}
	_, _ = c.random.Read(b) // never fails
}
