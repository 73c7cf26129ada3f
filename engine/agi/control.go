package agi

import (
	"context"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Controller = (*channel)(nil)

// PlayControlled plays a recording as Play does, from one key to the next: CONTROL STREAM FILE would lose all
// keys that mean nothing to it, cannot be stopped and knows no restart. Positions are those of a recording with
// 8000 samples per second, as Asterisk's own applications assume. What is no recording cannot be steered and is
// played as Play does.
func (c *channel) PlayControlled(ctx context.Context, p engine.Prompt, keys engine.ControlKeys, stop engine.Digits) (engine.Digit, time.Duration, error) {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return engine.NoDigit, 0, c.news(err)
	}
	if err := c.tellKept(); err != nil {
		return engine.NoDigit, keys.From, c.news(err)
	}
	if d := c.takeKept(stop); d != engine.NoDigit {
		return d, keys.From, nil
	}
	if !p.FromFile() {
		began := time.Now()
		d, err := c.playOne(ctx, &p, stop)
		return d, time.Since(began).Round(time.Millisecond), c.news(err)
	}
	s := &steered{call: c, prompt: p, keys: keys, stop: stop, at: keys.From}
	d, err := c.eitherSound(ctx, &p, func(file string) (engine.Digit, error) {
		s.file = file
		return s.play(ctx)
	})
	return d, s.at, c.news(err)
}

// steered is a recording that plays, or is paused.
type steered struct {
	call   *channel
	prompt engine.Prompt
	file   string
	keys   engine.ControlKeys
	stop   engine.Digits
	at     time.Duration
	paused bool
}

func (s *steered) play(ctx context.Context) (engine.Digit, error) {
	for {
		next := s.untilKey
		if s.paused {
			next = s.pause
		}
		d, err := next(ctx)
		if err != nil || d == engine.NoDigit {
			return engine.NoDigit, err
		}
		err = s.call.notice(d)
		if s.stop.Has(d) {
			return d, nil
		}
		if s.obey(d); err != nil {
			return engine.NoDigit, err
		}
	}
}

// untilKey plays on to the next key; none is the end.
func (s *steered) untilKey(ctx context.Context) (engine.Digit, error) {
	c := s.call
	r, err := c.stream(ctx, 0, s.file, int64(s.at*sampleRate/time.Second))
	if pos, ok := r.endpos(); ok && pos >= 0 && !r.failed() {
		s.at = time.Duration(pos) * time.Second / sampleRate
	}
	d := r.digit()
	switch {
	case err != nil:
		c.keepUntold(d)
		return engine.NoDigit, err
	case r.failed():
		return engine.NoDigit, c.unplayable(ctx, &s.prompt, noSuchSound)
	}
	return d, nil
}

// pause waits for the next key.
func (s *steered) pause(ctx context.Context) (engine.Digit, error) {
	for {
		d, err := s.call.waitDigit(ctx, time.Hour)
		if d != engine.NoDigit || err != nil {
			return d, err
		}
	}
}

// obey does what a key says; one that says nothing is kept.
func (s *steered) obey(d engine.Digit) {
	switch k := &s.keys; d {
	case k.Pause:
		s.paused = !s.paused
	case k.Forward:
		s.at += k.Skip
	case k.Rewind:
		s.at = max(0, s.at-k.Skip)
	case k.Restart:
		s.at = 0
	default:
		s.call.keep(d)
	}
}
