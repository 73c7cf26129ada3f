package enginetest

import (
	"context"
	"sync"
	"time"

	"github.com/ivrd/ivrd/engine/transcript"
	"github.com/ivrd/ivrd/test/asterisk"
)

// A sipPhone makes a phone of the lab do what transcripts say. What it does before it is started, since
// ivrd may see the call before the phone knows that it dialed, it does then.
type sipPhone struct {
	mu      sync.Mutex
	busy    time.Time     // the caller's finger is free again
	pressed chan struct{} // closed when the keys before are pressed
	phone   *asterisk.Phone
	ctx     context.Context
	cancel  context.CancelFunc
	ready   chan struct{}
	actions sync.WaitGroup
	lab     *asterisk.Lab
	parties map[string]*sipParty // by name
}

var (
	_ transcript.Phone       = (*sipPhone)(nil)
	_ transcript.Switchboard = (*sipPhone)(nil)
)

func newSIPPhone(lab *asterisk.Lab) *sipPhone {
	done := make(chan struct{})
	close(done)
	ctx, cancel := context.WithCancel(context.Background())
	return &sipPhone{ready: make(chan struct{}), pressed: done, ctx: ctx, cancel: cancel, lab: lab, parties: map[string]*sipParty{}}
}

func (p *sipPhone) start(_ context.Context, phone *asterisk.Phone) {
	p.phone = phone
	close(p.ready)
}

// stop ends what the phone and the parties still do.
func (p *sipPhone) stop() {
	p.cancel()
	p.actions.Wait()
	for _, one := range p.parties {
		if one.phone != nil {
			one.phone.Close()
		}
	}
}

// after does something later, on a goroutine of its own.
func (p *sipPhone) after(d time.Duration, do func()) {
	p.actions.Go(func() {
		select {
		case <-p.ctx.Done():
			return
		case <-p.ready:
		}
		select {
		case <-p.ctx.Done():
		case <-time.After(d):
			do()
		}
	})
}

// afterMedia is after for what takes audio to do.
func (p *sipPhone) afterMedia(d time.Duration, do func()) {
	p.after(d, func() {
		if p.phone.WaitMedia(p.ctx) == nil { // a call that is over takes nothing, which is no fault
			do()
		}
	})
}

// How long keys are down, and how long up. A key that Asterisk takes for shorter than 80 ms it stretches, and then
// takes the next one for a part of it, or for two (channel.c, __ast_read); on a busy machine 80 ms are too near to that.
const (
	keyDown = 120 * time.Millisecond
	keyUp   = 120 * time.Millisecond
)

// Press presses keys one after the other.
func (p *sipPhone) Press(after time.Duration, digits string) time.Duration {
	const pace = keyDown + keyUp
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	down := now.Add(after)
	if down.Before(p.busy) {
		down = p.busy
	}
	before, done := p.pressed, make(chan struct{})
	p.busy, p.pressed = down.Add(time.Duration(len(digits))*pace), done
	p.afterMedia(down.Sub(now), func() {
		<-before
		p.phone.Press(p.ctx, digits) // a call that is over takes no keys, which is no fault
		close(done)
	})
	return p.busy.Sub(now)
}

// voice is the name of the tone that a caller speaks.
const voice = "the caller's voice"

// Speak sends a tone that is no prompt's.
func (p *sipPhone) Speak(after, d time.Duration) {
	p.afterMedia(after, func() { p.phone.Speak(p.ctx, p.lab.Tones.Tone(voice), d) })
}

// HangUp hangs up.
func (p *sipPhone) HangUp(after time.Duration) {
	p.after(after, func() { p.phone.HangUp() })
}

// heard is what the caller recognised.
func (p *sipPhone) heard() []asterisk.Segment {
	var known []asterisk.Segment
	for _, s := range p.phone.Heard() {
		if s.Name != "?" {
			known = append(known, s)
		}
	}
	return known
}

// A sipParty is a phone that the flow dials.
type sipParty struct {
	last  chan struct{} // closed when what it did before is done
	rings sync.Once
	phone *asterisk.Phone // nil if it never rang
}

// party does something at a party, after what it did before. A call that is over takes nothing, which is no
// fault.
func (p *sipPhone) party(name string, after time.Duration, do func(phone *asterisk.Phone)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	one := p.parties[name]
	if one == nil {
		one = &sipParty{last: make(chan struct{})}
		close(one.last)
		p.parties[name] = one
	}
	before, done := one.last, make(chan struct{})
	one.last = done
	p.after(after, func() {
		defer close(done)
		<-before
		one.rings.Do(func() { one.phone, _ = p.lab.WaitRing(p.ctx, name) })
		if one.phone != nil {
			do(one.phone)
		}
	})
}

func (p *sipPhone) PartyAnswers(name string, after time.Duration) {
	p.party(name, after, func(phone *asterisk.Phone) { phone.Answer() })
}

func (p *sipPhone) PartyRefuses(name string, after time.Duration, busy bool) {
	status := 603
	if busy {
		status = 486
	}
	p.party(name, after, func(phone *asterisk.Phone) { phone.Refuse(status) })
}

func (p *sipPhone) PartyPresses(name string, after time.Duration, digits string) time.Duration {
	p.party(name, after, func(phone *asterisk.Phone) { phone.Press(p.ctx, digits) })
	return after
}

func (p *sipPhone) PartyHangsUp(name string, after time.Duration) {
	p.party(name, after, func(phone *asterisk.Phone) { phone.HangUp() })
}
