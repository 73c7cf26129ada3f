package agi

import (
	"context"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// maxKept bounds the digits kept for later; more than engine's longest entry nobody can want.
const maxKept = 128

// listenFor is how long one WAIT FOR DIGIT of the listener lasts.
const listenFor = time.Hour

// keep saves a digit for later. When too many are kept the new one is lost.
func (c *channel) keep(d engine.Digit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) < maxKept {
		c.kept = append(c.kept, byte(d))
	}
}

// keepUntold saves a digit of which the flow has not heard yet.
func (c *channel) keepUntold(d engine.Digit) {
	if d == engine.NoDigit {
		return
	}
	c.keep(d)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.untold) < maxKept {
		c.untold = append(c.untold, d)
	}
}

// takeKept takes the first kept digit that is in set; the others stay, in their order.
func (c *channel) takeKept(set engine.Digits) engine.Digit {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, b := range c.kept {
		if d := engine.Digit(b); set.Has(d) {
			c.kept = append(c.kept[:i], c.kept[i+1:]...)
			return d
		}
	}
	return engine.NoDigit
}

// end leaves the session to the listener, should the flow not come back soon.
func (c *channel) end() {
	if c.typeAhead < 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = c.over || c.hungUp || c.lost != nil || c.owed != ""
	c.turn++
	if c.busy || c.armed {
		return
	}
	c.armed, c.armedTurn = true, c.turn
	if c.timer == nil {
		c.timer = time.AfterFunc(c.typeAhead, c.onIdle)
	} else {
		c.timer.Reset(c.typeAhead)
	}
}

// onIdle listens if no method has run since the timer started. That it does not start anew with each
// method makes end cheap.
func (c *channel) onIdle() {
	c.mu.Lock()
	switch {
	case c.busy:
		c.armed = false
		c.mu.Unlock()
		return
	case c.turn != c.armedTurn:
		c.armedTurn = c.turn
		c.timer.Reset(c.typeAhead)
		c.mu.Unlock()
		return
	}
	c.armed = false
	done := make(chan struct{})
	c.listening = done
	c.mu.Unlock()
	defer close(done)
	for c.listenOnce() {
	}
}

// listenOnce keeps one digit. It reports whether to go on.
func (c *channel) listenOnce() bool {
	const command = "WAIT FOR DIGIT"
	if c.stopping.Load() || c.hungUp {
		return false
	}
	if c.send(command, milliseconds(listenFor)) != nil {
		return false
	}
	r, err := c.receive(context.Background(), 0, command)
	if err == errWoken {
		c.owed = command
		return false
	}
	return err == nil && c.listened(r)
}

func (c *channel) listened(r reply) bool {
	c.keepUntold(r.digit())
	if r.failed() {
		c.hungUp = true
	}
	return !c.hungUp
}

// takeOver ends the listener, if there is one, and keeps the digit it may just have heard.
func (c *channel) takeOver() error {
	c.mu.Lock()
	c.busy = true
	done := c.listening
	c.listening = nil
	c.mu.Unlock()
	if done == nil {
		return nil
	}
	c.stopping.Store(true)
	c.wake()
	<-done
	c.stopping.Store(false)
	if c.owed == "" {
		return nil
	}
	r, err := c.sync(context.Background(), c.owed)
	if err == nil {
		c.listened(r)
	}
	return err
}

// quick is begin for steps that send nothing. It leaves the listener alone.
func (c *channel) quick(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.over:
		return engine.ErrOver
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case c.isListening():
		return nil // it alone knows
	case c.hungUp:
		return engine.ErrHangup
	}
	return nil
}

// isListening reports whether the listener runs. mu is held.
func (c *channel) isListening() bool {
	if c.listening == nil {
		return false
	}
	select {
	case <-c.listening:
		return false
	default:
		return true
	}
}

// retire ends the listener for good.
func (c *channel) retire() {
	c.mu.Lock()
	c.busy = true
	done := c.listening
	if c.timer != nil {
		c.timer.Stop()
	}
	c.mu.Unlock()
	if done != nil {
		c.stopping.Store(true)
		c.wake()
		<-done
	}
}

// digit is the key a reply tells of. 1 is no key but an interrupted WAIT FOR DIGIT.
func (r reply) digit() engine.Digit {
	if n, ok := r.number(); ok && n > 0 && n < 128 && strings.IndexByte(string(engine.AnyDigit), byte(n)) >= 0 {
		return engine.Digit(n)
	}
	return engine.NoDigit
}
