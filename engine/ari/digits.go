package ari

import (
	"context"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// maxKept bounds the digits kept for later; more than engine's longest entry nobody can want.
const maxKept = 128

// digit is the key that an event tells of, if the caller pressed it.
func (c *channel) digit(e *event) engine.Digit { return digitOf(e, c.now()) }

// digitOf is the key that an event says was pressed on a channel.
func digitOf(e *event, id string) engine.Digit {
	if e.Type != "ChannelDtmfReceived" || e.Digit == "" || !e.of(id) {
		return engine.NoDigit
	}
	if d := engine.Digit(e.Digit[0]); engine.AnyDigit.Has(d) {
		return d
	}
	return engine.NoDigit
}

// keepDigit keeps the digit that an event tells of. What is pressed for an application is none of ours.
func (c *channel) keepDigit(e *event) {
	if d := c.digit(e); d != engine.NoDigit && !c.away.Load() {
		c.keep(d)
	}
}

// keep saves a digit for later. When too many are kept the new one is lost.
func (c *channel) keep(d engine.Digit) {
	if len(c.kept) < maxKept {
		c.kept = append(c.kept, byte(d))
	}
}

// takeKept takes the first kept digit that is in set; the others stay, in their order.
func (c *channel) takeKept(set engine.Digits) engine.Digit {
	for i, b := range c.kept {
		if d := engine.Digit(b); set.Has(d) {
			c.kept = append(c.kept[:i], c.kept[i+1:]...)
			return d
		}
	}
	return engine.NoDigit
}

// ReadDigit takes the first digit kept, or waits for one.
func (c *channel) ReadDigit(ctx context.Context, wait time.Duration) (engine.Digit, error) {
	if err := c.begin(ctx); err != nil {
		return engine.NoDigit, c.news(err)
	}
	if d := c.takeKept(engine.AnyDigit); d != engine.NoDigit || wait <= 0 {
		return d, nil
	}
	return c.pass(ctx, wait, engine.AnyDigit)
}

// pass lets d pass, unless a digit in stop is pressed.
func (c *channel) pass(ctx context.Context, d time.Duration, stop engine.Digits) (engine.Digit, error) {
	key, err := c.await(ctx, d, stop, nil)
	if err == errTime {
		err = nil
	}
	return key, c.news(err)
}
