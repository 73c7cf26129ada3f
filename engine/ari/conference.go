package ari

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Conferencer = (*channel)(nil)

// Conference lets the caller into a room, which is a bridge of ours. It sounds as ConfBridge does.
func (c *channel) Conference(ctx context.Context, r engine.ConferenceRequest) (engine.Stay, error) {
	if err := c.begin(ctx); err != nil {
		return engine.Stay{}, c.news(err)
	}
	m, why := c.server.rooms.join(c, &r)
	if why != "" {
		return engine.Stay{Why: why}, nil
	}
	stay, err := m.attend(ctx)
	return stay, c.news(err)
}

// rooms are the conferences of a server, by name.
type rooms struct {
	mu  sync.Mutex
	all map[string]*room
}

// A room is a conference. It is there as long as somebody is in it; the next one of its name begins when nothing of
// it is left.
type room struct {
	server *Server
	name   string
	bridge string          // its id
	before <-chan struct{} // closed when nothing is left of the one before; nil if there was none
	closed chan struct{}

	// Guarded by the mutex of rooms.
	members   []*member // in the order in which they came
	locked    bool
	muted     bool          // but for moderators
	recording string        // name of its recording; "" if there is none
	recorded  chan struct{} // closed when that is over
}

// join makes a call a member of a room, unless that may not be.
func (rs *rooms) join(c *channel, r *engine.ConferenceRequest) (*member, engine.StayEnd) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	room := rs.all[r.Room]
	if room == nil || len(room.members) == 0 {
		room = rs.open(c.server, r.Room, room)
	}
	switch {
	case r.Moderator:
	case room.locked:
		return nil, engine.StayLocked
	case r.Most > 0 && len(room.members) >= r.Most:
		return nil, engine.StayFull
	}
	m := newMember(room, c, r)
	room.members = append(room.members, m)
	room.tell(m)
	return m, ""
}

func (rs *rooms) open(s *Server, name string, before *room) *room {
	if rs.all == nil {
		rs.all = map[string]*room{}
	}
	r := &room{server: s, name: name, bridge: s.names.next(), closed: make(chan struct{})}
	if before != nil {
		r.before = before.closed
	}
	rs.all[name] = r
	return r
}

// tell has all members but one see what has changed. The caller holds the mutex.
func (r *room) tell(but *member) {
	for _, m := range r.members {
		if m != but {
			m.call.tell()
		}
	}
}

// led reports whether a moderator is there. The caller holds the mutex.
func (r *room) led() bool {
	return slices.ContainsFunc(r.members, func(m *member) bool { return m.request.Moderator })
}

// active is how many members do not just wait. The caller holds the mutex.
func (r *room) active() (n int) {
	led := r.led()
	for _, m := range r.members {
		if led || !m.request.Wait {
			n++
		}
	}
	return n
}

// leave ends a membership, and with the last one the room. Members that do not stay without a moderator are told to
// go.
func (rs *rooms) leave(m *member) (last bool) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r := m.room
	led := r.led()
	r.members = slices.DeleteFunc(r.members, func(other *member) bool { return other == m })
	if led && !r.led() {
		for _, other := range r.members {
			if other.request.End {
				other.out = engine.StayEnded
			}
		}
	}
	r.tell(nil)
	return len(r.members) == 0
}

// A standing is what holds for a member at a moment.
type standing struct {
	out   engine.StayEnd // it has to go; "" if it has not
	waits bool           // for a moderator
	alone bool
	muted bool
	said  []string // what it is to hear now
}

func (m *member) standing() standing {
	rs := &m.room.server.rooms
	rs.mu.Lock()
	defer rs.mu.Unlock()
	r := m.room
	s := standing{out: m.out, waits: m.request.Wait && !r.led(), muted: m.muted || r.muted && !m.request.Moderator, said: m.said}
	s.alone = !s.waits && r.active() == 1
	m.said = nil
	return s
}

// announce has all who are in the conversation hear a sound. One who is alone hears it alone: music plays there.
func (m *member) announce(ctx context.Context, sound string) {
	r := m.room
	if r.tellOne(sound) {
		return
	}
	q := post(pathOf("bridges", r.bridge, "play", r.server.names.next()), map[string]any{"media": []string{sound}})
	m.call.clear(ctx, q)
}

// tellOne has the only one in the conversation hear a sound. It reports false if there are more.
func (r *room) tellOne(sound string) bool {
	rs := &r.server.rooms
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if r.active() > 1 {
		return false
	}
	led := r.led()
	for _, m := range r.members {
		if led || !m.request.Wait {
			m.said = append(m.said, sound)
			m.call.tell()
		}
	}
	return true
}

// count is how many are in the conversation.
func (r *room) count() int {
	rs := &r.server.rooms
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return r.active()
}

// record has the conversation recorded, unless it is already.
func (r *room) record(ctx context.Context, c *channel, name string) error {
	rs := &r.server.rooms
	rs.mu.Lock()
	first := r.recording == ""
	if first {
		r.recording, r.recorded = name, make(chan struct{})
	}
	rs.mu.Unlock()
	if !first {
		return nil
	}
	run := recording{channel: c, request: engine.RecordRequest{Name: name}}
	err := run.start(ctx, pathOf("bridges", r.bridge, "record"))
	if err != nil {
		rs.mu.Lock()
		defer rs.mu.Unlock()
		r.recording = ""
		return fmt.Errorf("conference %s: %w", r.name, run.refused(err))
	}
	return nil
}

// deliver takes what Asterisk says of the room's bridge.
func (r *room) deliver(e *event) {
	if e.Type != "RecordingFinished" && e.Type != "RecordingFailed" {
		return
	}
	rs := &r.server.rooms
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if e.Recording != nil && e.Recording.Name == r.recording {
		r.recording = ""
		close(r.recorded)
	}
}

// endRecording ends the room's recording and waits until its file is whole. The event that says so may be missed.
func (r *room) endRecording() {
	const look = 100 * time.Millisecond
	s := r.server
	s.rooms.mu.Lock()
	name, recorded := r.recording, r.recorded
	s.rooms.mu.Unlock()
	if name == "" {
		return
	}
	_, err := s.do(s.life, post(pathOf("recordings", "live", name, "stop"), nil), nil)
	for began := time.Now(); err == nil && time.Since(began) < settleTime; {
		select {
		case <-recorded:
			return
		case <-s.life.Done():
			return
		case <-time.After(look):
			_, err = s.do(s.life, get(pathOf("recordings", "live", name)), nil)
		}
	}
}

// close takes away what is left of a room in Asterisk, when there is a connection.
func (r *room) close() {
	s := r.server
	r.endRecording()
	_, _ = s.do(s.life, remove(pathOf("bridges", r.bridge)), nil)
	s.own(r.bridge, nil)
	s.rooms.mu.Lock()
	defer s.rooms.mu.Unlock()
	if s.rooms.all[r.name] == r {
		delete(s.rooms.all, r.name)
	}
	close(r.closed)
}
