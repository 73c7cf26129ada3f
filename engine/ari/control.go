package ari

import (
	"context"
	"errors"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Controller = (*channel)(nil)

// PlayControlled plays a recording that the caller steers. What Asterisk says by itself, silence and tones cannot be
// steered: they are played as Play does. Asterisk does not tell how far a recording is, so that is measured.
func (c *channel) PlayControlled(ctx context.Context, p engine.Prompt, keys engine.ControlKeys, stop engine.Digits) (engine.Digit, time.Duration, error) {
	if err := c.begin(ctx); err != nil {
		return engine.NoDigit, keys.From, c.news(err)
	}
	if d := c.takeKept(stop); d != engine.NoDigit {
		return d, keys.From, nil
	}
	if !p.FromFile() {
		began := time.Now()
		d, err := c.playOne(ctx, &p, stop)
		return d, time.Since(began), c.news(err)
	}
	run := &steered{keys: keys, stop: stop, length: p.Sound.Duration, at: keys.From}
	d, err := c.eitherSound(ctx, &p, func(uri string) (engine.Digit, error) { return run.play(ctx, c, &p, uri) })
	return d, run.position(), c.news(err)
}

// A steered is a recording that the caller steers.
type steered struct {
	playback
	keys   engine.ControlKeys
	stop   engine.Digits
	length time.Duration // 0 if unknown

	at     time.Duration // how far it was …
	since  time.Time     // … at that time; zero while it stands still
	paused bool
	moved  bool // while it was paused: Asterisk does not know
}

// position is how far it is.
func (s *steered) position() time.Duration {
	at := s.at
	if !s.since.IsZero() {
		at += time.Since(s.since)
	}
	return s.within(at)
}

// within is a position that there is.
func (s *steered) within(at time.Duration) time.Duration {
	if s.length > 0 {
		at = min(at, s.length)
	}
	return max(at, 0)
}

// play plays it to its end, or until a digit in stop.
func (s *steered) play(ctx context.Context, c *channel, p *engine.Prompt, uri string) (engine.Digit, error) {
	s.channel, s.uri = c, uri
	if err := s.begin(ctx); err != nil {
		return engine.NoDigit, err
	}
	d, err := s.follow(ctx)
	s.at, s.since = s.position(), time.Time{}
	switch {
	case err != nil || d != engine.NoDigit:
		s.playback.stop(ctx)
		return d, err
	case s.state == "failed":
		return engine.NoDigit, s.failure(ctx, p)
	}
	return engine.NoDigit, nil
}

// begin plays it from where it is.
func (s *steered) begin(ctx context.Context) error {
	s.playback = playback{channel: s.channel, id: s.channel.playName(), uri: s.uri, options: map[string]any{
		"offsetms": s.at.Milliseconds(), "skipms": s.keys.Skip.Milliseconds(),
	}}
	s.since = time.Time{}
	return s.start(ctx)
}

// follow does what the caller wants until the end.
func (s *steered) follow(ctx context.Context) (engine.Digit, error) {
	wanted := s.stop + s.steers()
	for {
		look := false
		d, err := s.channel.await(ctx, lookEvery, wanted, func(e *event) bool {
			look = e.Type == eventRegained
			if e.Type == "PlaybackStarted" && e.Playback != nil && e.Playback.ID == s.id {
				s.since = time.Now() // also after a pause
			}
			return s.hear(e) || look
		})
		switch {
		case err != nil && !errors.Is(err, errTime):
			return engine.NoDigit, err
		case s.state != "":
			return engine.NoDigit, nil
		case s.stop.Has(d):
			return d, nil
		case d != engine.NoDigit:
			err = s.steer(ctx, d)
		default:
			err = s.look(ctx)
		}
		if err != nil || s.state != "" {
			return engine.NoDigit, err
		}
	}
}

// steers is the keys that steer.
func (s *steered) steers() engine.Digits {
	var keys engine.Digits
	for _, d := range []engine.Digit{s.keys.Forward, s.keys.Rewind, s.keys.Pause, s.keys.Restart} {
		if d != engine.NoDigit {
			keys += engine.Digits(d.String())
		}
	}
	return keys
}

// steer does what a key means.
func (s *steered) steer(ctx context.Context, d engine.Digit) error {
	switch d {
	case s.keys.Pause:
		return s.pause(ctx)
	case s.keys.Forward:
		return s.move(ctx, "forward", s.position()+s.keys.Skip)
	case s.keys.Rewind:
		return s.move(ctx, "reverse", s.position()-s.keys.Skip)
	}
	return s.move(ctx, "restart", 0)
}

func (s *steered) pause(ctx context.Context) error {
	switch {
	case !s.paused:
		done, err := s.control(ctx, "pause")
		if done {
			s.at, s.since, s.paused = s.position(), time.Time{}, true
		}
		return err
	case s.moved:
		s.paused, s.moved = false, false
		s.playback.stop(ctx)
		return s.begin(ctx)
	}
	done, err := s.control(ctx, "unpause")
	s.paused = !done
	return err
}

// move goes to another place. While it is paused Asterisk does not move it: then it goes on from there later.
func (s *steered) move(ctx context.Context, operation string, to time.Duration) error {
	if s.paused {
		s.at, s.moved = s.within(to), true
		return nil
	}
	done, err := s.control(ctx, operation)
	if done {
		s.at, s.since = s.within(to), time.Now()
	}
	return err
}

// control tells Asterisk what to do. It refuses what is over or has not begun.
func (s *steered) control(ctx context.Context, operation string) (bool, error) {
	_, err := s.channel.do(ctx, post(pathOf("playbacks", s.id, "control"), map[string]any{"operation": operation}))
	if isStatus(err, 404, 409) {
		return false, nil
	}
	return err == nil, err
}
