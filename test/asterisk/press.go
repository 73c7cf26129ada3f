package asterisk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// WaitMedia waits until Asterisk takes audio and keys: it has answered, or plays early media. A server may know of
// the answer before the phone does.
func (p *Phone) WaitMedia(ctx context.Context) error {
	select {
	case <-p.known:
		return nil
	case <-p.ended:
		return fmt.Errorf("wait for media: %w", errEnded)
	case <-ctx.Done():
		return fmt.Errorf("wait for media: %w", context.Cause(ctx))
	}
}

// Press presses keys (0 to 9, *, #, A to D), one after the other, and returns when the last one is released.
func (p *Phone) Press(ctx context.Context, keys string) error {
	items, err := p.out.keys(keys)
	if err == nil {
		err = p.enqueue(ctx, items...)
	}
	if err != nil {
		return fmt.Errorf("press %s: %w", keys, err)
	}
	return nil
}

// Tone is the tone of a name in the codebook that all phones of its lab hear with.
func (p *Phone) Tone(name string) Tone { return p.tones.Tone(name) }

// Speak sends a tone instead of silence for d, and returns when it is sent.
func (p *Phone) Speak(ctx context.Context, t Tone, d time.Duration) error {
	pcm := t.Samples(max(d.Round(frame), frame))
	sound := make([]byte, len(pcm))
	for i, s := range pcm {
		sound[i] = muEncode(s)
	}
	if err := p.enqueue(ctx, &item{sound: sound, done: make(chan struct{})}); err != nil {
		return fmt.Errorf("speak: %w", err)
	}
	return nil
}

// enqueue has items sent after what is sent already, and waits for the last one.
func (p *Phone) enqueue(ctx context.Context, items ...*item) error {
	if len(items) == 0 {
		return nil
	}
	if err := p.queue(items); err != nil {
		return err
	}
	last := items[len(items)-1]
	select {
	case <-last.done:
		return last.err
	case <-ctx.Done():
		p.mu.Lock()
		defer p.mu.Unlock()
		p.out.withdraw(items)
		return context.Cause(ctx)
	}
}

func (p *Phone) queue(items []*item) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return errEnded
	}
	if !p.out.to.IsValid() {
		return errors.New("no media yet: the call is not answered")
	}
	p.out.queue = slices.Concat(p.out.queue, items)
	return nil
}
