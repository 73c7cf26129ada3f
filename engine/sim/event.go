package sim

import (
	"context"
	"slices"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// An event is something the caller does.
type event struct {
	at     time.Time
	kind   eventKind
	digit  engine.Digit
	length time.Duration // of speech
	party  string        // who does it, if not the caller
	other  engine.Event
	fire   func() // of a timer
	number int    // …
}

type eventKind int

const (
	nothing eventKind = iota // the time was up
	key                      // a key came up
	speech
	hangUp
	answer     // of a party
	busy       // …
	refuse     // …
	partyKey   // …
	partyLeave // …
	other      // something that flows can be told of
	timer      // of the engine's
)

// A queue holds what is to happen, in order; what is to happen at the same time, as it came.
type queue []event

func (q *queue) add(ev event) {
	i := len(*q)
	for i > 0 && ev.at.Before((*q)[i-1].at) {
		i--
	}
	*q = slices.Insert(*q, i, ev)
}

// nextEvent is the first thing that happens until end, or nothing if there is none; the zero end means now. It
// is the one place where time passes.
func (ch *Channel) nextEvent(ctx context.Context, end time.Time) (event, error) {
	for {
		if err := context.Cause(ctx); err != nil {
			return event{}, err
		}
		ev, wait, err := ch.due(end)
		if ev.kind == timer {
			ev.fire()
			continue
		}
		if err != nil || wait <= 0 {
			return ev, err
		}
		if err := ch.sleep(ctx, wait); err != nil {
			return event{}, err
		}
	}
}

// due is what happens now, or how long to wait until something does. In virtual time waiting is a jump
// of the clock, so there is never anything to wait for.
func (ch *Channel) due(end time.Time) (event, time.Duration, error) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	switch {
	case ch.hungUp, ch.ending.How == Hangup:
		return event{}, 0, engine.ErrHangup
	case ch.ending.How == Continued:
		return event{}, 0, errContinued
	}
	now := ch.clock()
	first := len(ch.queue) > 0 && !ch.queue[0].at.After(maxTime(now, end))
	until := end
	if first {
		until = ch.queue[0].at
	}
	if until.After(now) {
		if ch.call.Real {
			return event{}, until.Sub(now), nil
		}
		ch.now = until
	}
	if !first {
		return event{}, 0, nil
	}
	return ch.happened()
}

// happened takes the first event off the queue.
func (ch *Channel) happened() (event, time.Duration, error) {
	ev := ch.queue[0]
	ch.queue = ch.queue[1:]
	switch ev.kind {
	case speech:
		ch.speaking = maxTime(ch.speaking, ev.at.Add(ev.length))
	case hangUp:
		ch.hungUp, ch.ending = true, Ending{How: HungUp}
		return ev, 0, engine.ErrHangup
	}
	return ev, 0, nil
}

// next is nextEvent with the flow told of what it wants to hear of. If that ends the step, nothing happens.
func (ch *Channel) next(ctx context.Context, end time.Time) (event, error) {
	for {
		ev, err := ch.nextEvent(ctx, end)
		if err != nil || ch.notify == nil {
			return ev, err
		}
		e := ev.other
		if ev.kind == key {
			e = engine.Event{Kind: engine.EventDigit, Text: ev.digit.String()}
		}
		if e.Kind == "" || !slices.Contains(ch.notices, e.Kind) || !ch.notify(e) {
			return ev, nil
		}
		if err := context.Cause(ctx); err != nil {
			return event{}, err
		}
		ch.keep(ev)
		return event{}, nil
	}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// sleep waits in real time for d, something new on the queue, or the end of ctx.
func (ch *Channel) sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ch.wake:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// rouse ends a sleep early, since there is something new on the queue.
func (ch *Channel) rouse() {
	if ch.wake == nil {
		return
	}
	select {
	case ch.wake <- struct{}{}:
	default:
	}
}
