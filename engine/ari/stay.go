package ari

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// stay waits while the caller is connected with something: until over accepts an event, a key in end is pressed,
// the call ends, or the time is up, which is errTime; a most of 0 is without end. Other keys are for what the
// caller is connected with: the flow does not get them.
func (c *channel) stay(ctx context.Context, most time.Duration, end engine.Digits, over func(*event) bool) (engine.Digit, error) {
	if most <= 0 {
		most = -1
	}
	kept := slices.Clone(c.kept)
	d, err := c.await(ctx, most, end, over)
	c.kept = kept
	return d, err
}

// startMusic has the caller hear music on hold until endMusic; "" is the default class.
func (c *channel) startMusic(ctx context.Context, class string) error {
	body := map[string]any{}
	if class != "" {
		body["mohClass"] = class
	}
	_, err := c.do(ctx, post(c.path("moh"), body))
	c.music = c.music || err == nil
	return err
}

// endMusic ends the music that the caller hears. Any sound interrupts it, but in a bridge Asterisk would take it up
// again behind the next one (bridge_channel.c, bridge_channel_playfile).
func (c *channel) endMusic(ctx context.Context) {
	if c.music && c.state() == nil {
		c.clear(ctx, remove(c.path("moh")))
	}
	c.music = false
}

// goes waits until a caller who has hung up is out of our application. If the bridge were taken away just then,
// Asterisk might keep the channel for ever.
func (c *channel) goes(ctx context.Context) {
	const most = time.Second
	bounded, stop := context.WithTimeout(context.WithoutCancel(ctx), most)
	defer stop()
	for c.hungUp && c.lost == nil && !c.out {
		if _, err := c.next(bounded, nil); err != nil {
			return
		}
	}
}

// isIn asks whether the caller is in a bridge.
func (c *channel) isIn(ctx context.Context, bridge string) (bool, error) {
	q := get(pathOf("bridges", bridge))
	r, err := c.do(ctx, q)
	if isStatus(err, 404) {
		return false, nil
	}
	var now bridgeInfo
	if err == nil {
		err = r.decode(q, &now)
	}
	return slices.Contains(now.Channels, c.now()), err
}

// ready makes the caller one who can be connected with others.
func (c *channel) ready(ctx context.Context) error {
	c.endMusic(ctx)
	return c.Answer(ctx)
}

// connectWith connects the caller with a channel of ours until that one is gone, a key in end is pressed, or the
// time is up, which is errTime; a most of 0 is without end.
func (c *channel) connectWith(ctx context.Context, p *party, most time.Duration, end engine.Digits) (engine.Digit, error) {
	b, err := c.newBridge(ctx)
	if err != nil {
		return engine.NoDigit, err
	}
	defer func() {
		b.remove(ctx)
		if c.lost != nil {
			c.server.later(remove(pathOf("channels", p.id)), remove(pathOf("bridges", b.id)))
		}
	}()
	if err := b.add(ctx, c.now(), p.id); err != nil {
		if isStatus(err, 400, 404, 409, 422) {
			err = nil // it is gone already
		}
		return engine.NoDigit, err
	}
	began := time.Now()
	for !p.gone && !p.left {
		left, regained := time.Duration(0), false
		if most > 0 {
			left = max(most-time.Since(began), 1)
		}
		d, err := c.stay(ctx, left, end, func(e *event) bool {
			p.hear(e)
			regained = e.Type == eventRegained
			return p.gone || p.left || regained
		})
		if d != engine.NoDigit || err != nil {
			return d, err
		}
		if regained {
			if err := p.look(ctx); err != nil {
				return engine.NoDigit, err
			}
		}
	}
	return engine.NoDigit, nil
}

// later sends requests when there is a connection again. What they take away may be gone by then.
func (s *Server) later(all ...*request) {
	s.work.Go(func() {
		for _, q := range all {
			_, _ = s.do(s.life, q, nil)
		}
	})
}

// enters waits until a channel that we have made is in our application: before, it can do nothing.
func (c *channel) enters(ctx context.Context, p *party) error {
	err := c.finishes(ctx, answerTime, func(e *event) bool {
		p.hear(e)
		return e.Type == "StasisStart" && e.of(p.id) || e.Type == eventRegained || p.gone
	})
	switch {
	case errors.Is(err, errTime):
		return fmt.Errorf("%s: %w", p.target, errSilent)
	case err == nil && p.gone:
		return fmt.Errorf("%s: it has gone", p.target)
	}
	return err
}
