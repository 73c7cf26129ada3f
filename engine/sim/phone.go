package sim

import (
	"slices"
	"time"

	"github.com/ivrd/ivrd/engine"
)

const (
	// KeyTime is how long a key is down; like Asterisk, the channel hears of it when it comes up.
	KeyTime = 80 * time.Millisecond
	// KeyGap is the least time between two keys.
	KeyGap = 60 * time.Millisecond
)

// A Phone is the caller's side of a channel. It may be used by other goroutines than the channel.
type Phone struct{ ch *Channel }

// Heard is something that was played to the caller.
type Heard struct {
	Prompt engine.Prompt
	Began  time.Time
	Took   time.Duration
	Cut    bool // it was not played to its end
}

// Press presses digits one by one, the first after the time given or when the keys pressed before are up.
// It returns how long from now it takes until the caller's finger is free again.
func (p *Phone) Press(after time.Duration, digits string) time.Duration {
	ch := p.ch
	ch.mu.Lock()
	defer ch.mu.Unlock()
	now := ch.clock()
	down := now.Add(after)
	if down.Before(ch.busy) {
		down = ch.busy
	}
	for i := 0; i < len(digits); i++ {
		ch.queue.add(event{at: down.Add(KeyTime), kind: key, digit: engine.Digit(digits[i])})
		down = down.Add(KeyTime + KeyGap)
	}
	ch.busy = down
	ch.rouse()
	return down.Sub(now)
}

// Speak makes the caller speak for d.
func (p *Phone) Speak(after, d time.Duration) {
	p.ch.happen(after, event{kind: speech, length: d})
}

// HangUp makes the caller hang up.
func (p *Phone) HangUp(after time.Duration) { p.ch.happen(after, event{kind: hangUp}) }

// Heard is everything the caller has heard so far.
func (p *Phone) Heard() []Heard {
	p.ch.mu.Lock()
	defer p.ch.mu.Unlock()
	return slices.Clone(p.ch.heard)
}

func (ch *Channel) happen(after time.Duration, ev event) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ev.at = ch.clock().Add(after)
	ch.queue.add(ev)
	ch.rouse()
}
