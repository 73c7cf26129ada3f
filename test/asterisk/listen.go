package asterisk

import (
	"context"
	"fmt"
	"time"
)

// Audio is all that arrived so far.
func (p *Phone) Audio() []Chunk {
	p.mu.Lock()
	defer p.mu.Unlock()
	chunks := make([]Chunk, len(p.in))
	for i, in := range p.in {
		chunks[i] = Chunk{in.at, muDecodeAll(in.mu)}
	}
	return chunks
}

// Digits are the keys that Asterisk has pressed (SendDTMF).
func (p *Phone) Digits() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.digits)
}

// Heard is what arrived so far. A sound that is still going on is the last one, as long as it is by now.
func (p *Phone) Heard() []Segment {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.heard()
}

// WaitHeard waits until that prompt starts, and returns as soon as it does. Each call looks only at what started
// after the sound that the last one found: waiting twice for a name waits for it to be played twice.
func (p *Phone) WaitHeard(ctx context.Context, name string) (Segment, error) {
	for {
		s, ok, news := p.find(name)
		if ok {
			return s, nil
		}
		if news == nil {
			return s, fmt.Errorf("wait to hear %q: %w; heard %s", name, errEnded, describe(p.Heard()))
		}
		select {
		case <-news:
		case <-ctx.Done():
			return s, fmt.Errorf("wait to hear %q: %w; heard %s", name, context.Cause(ctx), describe(p.Heard()))
		}
	}
}

// find looks for a sound; if it is not there yet, news is closed at the next packet, or nil when none will come.
func (p *Phone) find(name string) (s Segment, ok bool, news chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.heard() {
		if s.Name == name && s.Start > p.cursor {
			p.cursor = s.Start
			return s, true, nil
		}
	}
	if p.deaf {
		return s, false, nil
	}
	if p.news == nil {
		p.news = make(chan struct{})
	}
	return s, false, p.news
}

// WaitSilence waits until nothing has been heard for d: silence arrives, or nothing at all.
func (p *Phone) WaitSilence(ctx context.Context, d time.Duration) error {
	for {
		heard := p.Heard()
		since := time.Since(p.began)
		if n := len(heard); n > 0 {
			since -= heard[n-1].End()
		}
		if since >= d {
			return nil
		}
		wait := time.NewTimer(d - since)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return fmt.Errorf("wait for silence: %w; heard %s", context.Cause(ctx), describe(heard))
		}
	}
}
