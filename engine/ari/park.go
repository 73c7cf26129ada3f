package ari

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Parker = (*channel)(nil)

// eventTold tells a call that another one of ours has changed something that concerns it.
const eventTold = "ivrd:told"

func (c *channel) tell() { c.deliver(&event{Type: eventTold}) }

// A lot is where the calls of a server wait to be picked up.
type lot struct {
	mu    sync.Mutex
	slots map[string][]*parked // those of a slot in the order they came
}

// parked is a call that waits. The lot's mutex guards it.
type parked struct {
	call   *channel
	taken  bool     // another call is about to be connected with it
	meets  *meeting // it is connected
	absent bool     // it waits no more

	attends bool // the conversation; of the call's own goroutine
}

// enter has a call wait at a slot.
func (l *lot) enter(slot string, c *channel) *parked {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.slots == nil {
		l.slots = map[string][]*parked{}
	}
	p := &parked{call: c}
	l.slots[slot] = append(l.slots[slot], p)
	return p
}

// exit takes a call out of a slot. The lot is locked.
func (l *lot) exit(slot string, p *parked) {
	l.slots[slot] = slices.DeleteFunc(l.slots[slot], func(one *parked) bool { return one == p })
	if len(l.slots[slot]) == 0 {
		delete(l.slots, slot)
	}
}

// take is the call that waits longest at a slot, for one other call only, and was not tried in vain; nil if there is
// none.
func (l *lot) take(slot string, tried []*parked) *parked {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.slots[slot] {
		if !p.taken && !slices.Contains(tried, p) {
			p.taken = true
			return p
		}
	}
	return nil
}

// decide says what became of taking a call: it is connected, or waits on if m is nil. It reports whether the call is
// still there.
func (l *lot) decide(slot string, p *parked, m *meeting) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	p.taken, p.meets = false, m
	if m != nil {
		l.exit(slot, p)
	}
	p.call.tell()
	return !p.absent
}

// leave takes a call out of its slot, unless another call is about to be connected: then it reports false.
func (l *lot) leave(slot string, p *parked) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p.taken || p.meets != nil {
		return false
	}
	l.exit(slot, p)
	return true
}

// abandon takes a call out of its slot whatever is about to happen, and ends a conversation that the call does not attend.
func (l *lot) abandon(slot string, p *parked) {
	l.mu.Lock()
	p.absent = true
	l.exit(slot, p)
	m := p.meets
	l.mu.Unlock()
	if m != nil && !p.attends {
		m.miss(p.call)
	}
}

func (l *lot) meeting(p *parked) *meeting {
	l.mu.Lock()
	defer l.mu.Unlock()
	return p.meets
}

// Park has the caller hear music at a slot until another call picks it up.
func (c *channel) Park(ctx context.Context, r engine.ParkRequest) (engine.Talk, error) {
	err := c.begin(ctx)
	if err == nil {
		err = c.ready(ctx)
	}
	if err != nil {
		return engine.Talk{}, c.news(err)
	}
	talk, err := c.park(ctx, r)
	return talk, c.news(err)
}

func (c *channel) park(ctx context.Context, r engine.ParkRequest) (engine.Talk, error) {
	l := &c.server.lot
	p := l.enter(r.Slot, c)
	defer l.abandon(r.Slot, p)
	if err := c.startMusic(ctx, r.Music); err != nil {
		return engine.Talk{}, err
	}
	m, err := c.waitPicked(ctx, r, p)
	c.endMusic(ctx)
	if m == nil || err != nil {
		return engine.Talk{Status: engine.NoAnswer}, err
	}
	p.attends = true
	return m.attend(ctx, c)
}

// waitPicked waits for the conversation with whoever picks the caller up; nil if the time is up.
func (c *channel) waitPicked(ctx context.Context, r engine.ParkRequest, p *parked) (*meeting, error) {
	l, until := &c.server.lot, time.Now().Add(r.Timeout)
	for {
		left := time.Duration(0)
		if r.Timeout > 0 {
			left = max(time.Until(until), 1)
		}
		_, err := c.stay(ctx, left, "", func(e *event) bool { return e.Type == eventTold })
		if err != nil && err != errTime && err != errStop {
			return nil, err
		}
		if m := l.meeting(p); m != nil {
			return m, nil
		}
		if err != nil && l.leave(r.Slot, p) {
			return nil, nil
		}
		if err != nil { // somebody is about to be connected: it will not take long
			until, r.Timeout = time.Now().Add(time.Second), max(r.Timeout, 1)
		}
	}
}

// Pickup connects the caller with the one who waits longest at a slot.
func (c *channel) Pickup(ctx context.Context, slot string) (engine.Talk, error) {
	if err := c.begin(ctx); err != nil {
		return engine.Talk{}, c.news(err)
	}
	talk, err := c.pickup(ctx, slot)
	return talk, c.news(err)
}

func (c *channel) pickup(ctx context.Context, slot string) (engine.Talk, error) {
	l := &c.server.lot
	var gone []*parked
	for p := l.take(slot, gone); p != nil; p = l.take(slot, gone) {
		m, err := c.meet(ctx, p.call)
		there := l.decide(slot, p, m)
		if err != nil {
			return engine.Talk{Status: engine.Unavailable}, err
		}
		if m == nil {
			gone = append(gone, p)
			continue
		}
		if !there {
			m.miss(p.call)
		}
		return m.attend(ctx, c)
	}
	return engine.Talk{Status: engine.Unavailable}, nil
}

// A meeting is a conversation of two calls of ours, each with a flow that goes on afterwards.
type meeting struct {
	calls  [2]*channel
	bridge string // its id
	began  time.Time

	mu   sync.Mutex
	over bool
	left int // how many are out of it
}

// meet connects the call with another one of ours; nil if that has gone.
func (c *channel) meet(ctx context.Context, other *channel) (*meeting, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	b, err := c.newBridge(ctx)
	if err != nil {
		return nil, err
	}
	c.clear(ctx, remove(pathOf("channels", other.now(), "moh"))) // before: while it enters, Asterisk may not do it
	if err := b.add(ctx, c.now(), other.now()); err != nil {
		b.remove(ctx)
		if isStatus(err, 400, 404, 409, 422) {
			err = nil
		}
		return nil, err
	}
	return &meeting{calls: [2]*channel{c, other}, bridge: b.id, began: time.Now()}, nil
}

// miss ends the conversation for both, and says that one of them is out of it. It reports whether both are.
func (m *meeting) miss(one *channel) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
	m.left++
	for _, c := range m.calls {
		if c != one {
			c.tell()
		}
	}
	return m.left == len(m.calls)
}

func (m *meeting) isOver() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.over
}

// attend is one call's part in the conversation.
func (m *meeting) attend(ctx context.Context, c *channel) (engine.Talk, error) {
	defer m.leave(ctx, c)
	in := true
	var err error
	for in && !m.isOver() && err == nil {
		look := false
		_, err = c.stay(ctx, 0, "", func(e *event) bool {
			look = e.Type == eventRegained || m.leaves(e, c)
			return look || e.Type == eventTold
		})
		if look && err == nil {
			in, err = c.isIn(ctx, m.bridge)
		}
	}
	if err != nil && !errors.Is(err, errStop) {
		return engine.Talk{}, err
	}
	other := m.calls[0]
	if other == c {
		other = m.calls[1]
	}
	return engine.Talk{Status: engine.Answered, Target: other.info.Channel, Lasted: time.Since(m.began), Ended: engine.EndedCalled}, nil
}

// leave takes a call out of the conversation, and with the last one the bridge: who is let go by the bridge's end may
// lose what is played next.
func (m *meeting) leave(ctx context.Context, c *channel) {
	b := &bridge{call: c, id: m.bridge}
	c.goes(ctx)
	if c.state() == nil {
		c.clear(ctx, b.taking(c.now()))
	}
	if m.miss(c) {
		c.clear(ctx, remove(pathOf("bridges", m.bridge)))
		c.disown(m.bridge)
	}
}

// leaves reports whether an event says that a call is out of the conversation.
func (m *meeting) leaves(e *event, c *channel) bool {
	return e.Type == "ChannelLeftBridge" && e.of(c.now()) && e.Bridge != nil && e.Bridge.ID == m.bridge
}
