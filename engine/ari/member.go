package ari

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A member is a call in a conference.
type member struct {
	room    *room
	call    *channel
	request *engine.ConferenceRequest
	began   time.Time

	// Guarded by the mutex of rooms.
	muted bool           // by itself
	out   engine.StayEnd // it is to go
	said  []string       // what it is to hear

	// Of the call's own goroutine.
	joined  bool // the others have heard that it is there
	counted bool // it knows how many they are
	waiting bool // for a moderator
	lonely  bool // it is alone
	inside  bool // the channel is in the bridge
	silent  bool // the channel is muted
	leaves  bool // by itself
	keys    []key
	queue   [][]string // what it is to hear, each a list of media
	playing string     // id of the playback it hears
}

// A key is a sequence of keys and what it does.
type key struct {
	sequence
	do func(ctx context.Context) error
}

func newMember(r *room, c *channel, q *engine.ConferenceRequest) *member {
	m := &member{room: r, call: c, request: q, began: time.Now(), muted: q.Muted}
	m.on(q.Keys.Leave, m.goAway)
	m.on(q.Keys.Mute, m.toggleMute)
	m.on(q.Keys.Count, m.sayCount)
	if q.Moderator {
		m.on(q.Keys.Lock, m.toggleLock)
		m.on(q.Keys.MuteAll, m.toggleMuteAll)
		m.on(q.Keys.Kick, m.kickLast)
	}
	return m
}

func (m *member) on(keys string, do func(ctx context.Context) error) {
	if keys != "" {
		m.keys = append(m.keys, key{sequence{want: keys}, do})
	}
}

// attend is the call's time in the room.
func (m *member) attend(ctx context.Context) (engine.Stay, error) {
	why, err := m.run(ctx)
	m.leave(ctx)
	if err == nil && !m.request.Quiet {
		err = m.farewell(ctx, why)
	}
	return engine.Stay{Why: why, Lasted: time.Since(m.began)}, err
}

func (m *member) run(ctx context.Context) (engine.StayEnd, error) {
	if err := m.open(ctx); err != nil {
		return "", err
	}
	for {
		why, err := m.settle(ctx)
		if why != "" || err != nil {
			return why, err
		}
		e, err := m.call.next(ctx, nil)
		if err == nil {
			err = m.hear(ctx, e)
		}
		if err == nil {
			err = m.call.state()
		}
		switch {
		case err != nil:
			return "", err
		case m.leaves, m.call.wantsStop():
			return engine.StayKey, nil
		}
	}
}

// open makes the room's bridge, unless another member has.
func (m *member) open(ctx context.Context) error {
	c, r := m.call, m.room
	if name := m.request.Record; name != "" {
		if err := engine.CheckRecordingName(name); err != nil {
			return fmt.Errorf("conference %s: %w", r.name, err)
		}
	}
	if r.before != nil {
		select {
		case <-r.before:
		case <-c.dead:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if err := c.ready(ctx); err != nil {
		return err
	}
	c.server.own(r.bridge, r)
	_, err := c.do(ctx, post(pathOf("bridges", r.bridge), map[string]any{"type": "mixing,dtmf_events", "name": c.server.App}))
	if isStatus(err, 409) { // another member has made it
		return nil
	}
	return err
}

// settle makes what holds for the member true.
func (m *member) settle(ctx context.Context) (engine.StayEnd, error) {
	s := m.standing()
	if s.out != "" {
		return s.out, nil
	}
	m.heed(ctx, s)
	if err := m.mute(ctx, s.muted); err != nil {
		return "", err
	}
	for _, sound := range s.said {
		m.say(sound)
	}
	if err := m.place(ctx, s); err != nil {
		return "", err
	}
	return "", m.sound(ctx, s.waits || s.alone)
}

// heed has the member hear of what has changed.
func (m *member) heed(ctx context.Context, s standing) {
	switch {
	case s.waits && !m.waiting && m.joined:
		m.hush(ctx)
		m.remark("conf-leaderhasleft")
	case s.waits && !m.waiting:
		m.remark("conf-waitforleader")
	case !s.waits && m.waiting:
		m.hush(ctx)
		m.joined = true
		m.remark("conf-placeintoconf")
	case m.lonely && !s.alone:
		m.hush(ctx) // that it is alone
	}
	m.waiting, m.lonely = s.waits, s.alone
	if s.waits || m.joined {
		return
	}
	if m.request.Count && !m.counted {
		m.counted = true
		if !m.request.Quiet {
			m.sayHowMany(m.room.count() - 1)
		}
	}
	if s.alone {
		m.joined = true
		m.remark(m.joinSound())
		if !m.counted {
			m.remark("conf-onlyperson")
		}
	}
}

func (m *member) joinSound() string { return cmp.Or(m.request.Join, "confbridge-join") }

// place brings the member into the conversation, or out of it: while it waits, is alone or hears something of its
// own. In a bridge Asterisk would play that as well, but keep the channel of a caller who hangs up just then for ten
// minutes (bridge_channel.c, bridge_sync_wait).
func (m *member) place(ctx context.Context, s standing) error {
	talks := !s.waits && !s.alone && m.playing == "" && len(m.queue) == 0
	switch {
	case talks && !m.inside:
		return m.enter(ctx)
	case !talks && m.inside:
		m.inside = false
		return m.bridge().take(ctx, m.call.now())
	}
	return nil
}

func (m *member) enter(ctx context.Context) error {
	m.call.endMusic(ctx) // which Asterisk does not always do for a channel that is just entering a bridge
	if err := m.bridge().admit(ctx, m.call.now()); err != nil {
		return err
	}
	m.inside = true
	if m.request.Record != "" {
		if err := m.room.record(ctx, m.call, m.request.Record); err != nil {
			return err
		}
	}
	if !m.joined && !m.request.Quiet {
		m.announce(ctx, "sound:"+m.joinSound())
	}
	m.joined = true
	return nil
}

func (m *member) bridge() *bridge { return &bridge{call: m.call, id: m.room.bridge} }

// admit puts a channel into the bridge; its keys are none of the others' matter.
func (b *bridge) admit(ctx context.Context, id string) error {
	q := post(b.path("addChannel"), map[string]any{"channel": []string{id}, "absorbDTMF": true})
	q.waits = true
	_, err := b.call.do(ctx, q)
	if b.call.leaving(ctx, err) {
		err = engine.ErrHangup
	}
	return err
}

// mute has the others not hear the member, or hear it again.
func (m *member) mute(ctx context.Context, on bool) error {
	if m.silent == on {
		return nil
	}
	m.hush(ctx) // a channel that plays does nothing else
	_, err := m.call.do(ctx, m.muting(on))
	m.silent = on
	return err
}

func (m *member) muting(on bool) *request {
	if on {
		return post(m.call.path("mute"), map[string]any{"direction": "in"})
	}
	return remove(m.call.path("mute") + "?direction=in")
}

// remark has the member hear what it does not ask for.
func (m *member) remark(sound string) {
	if !m.request.Quiet {
		m.say("sound:" + sound)
	}
}

// say has the member hear a list of media, behind all else.
func (m *member) say(media ...string) { m.queue = append(m.queue, media) }

// sound plays what the member is to hear next, or music.
func (m *member) sound(ctx context.Context, music bool) error {
	c := m.call
	switch {
	case m.playing != "":
		return nil
	case len(m.queue) > 0:
		c.endMusic(ctx)
		media := m.queue[0]
		m.queue, m.playing = m.queue[1:], c.playName()
		_, err := c.do(ctx, post(c.path("play", m.playing), map[string]any{"media": media}))
		return err
	case music && !c.music:
		return c.startMusic(ctx, m.request.Music)
	case !music:
		c.endMusic(ctx)
	}
	return nil
}

// hush ends what the member hears, but for the others and music.
func (m *member) hush(ctx context.Context) {
	if m.playing != "" {
		m.call.clear(ctx, remove(pathOf("playbacks", m.playing)))
	}
	m.queue, m.playing = nil, ""
}

// hear does what an event asks for.
func (m *member) hear(ctx context.Context, e *event) error {
	switch {
	case e.Type == "PlaybackFinished" && e.Playback != nil && e.Playback.ID == m.playing:
		m.playing = ""
	case e.Type == eventRegained:
		m.playing = ""
		return m.verify(ctx, "")
	case e.Type == "StasisStart" && e.of(m.call.now()): // another channel has taken the place of the call's
		m.playing, m.silent, m.call.music = "", false, false
		return m.verify(ctx, "")
	case e.Type == "ChannelLeftBridge" && m.inside && e.of(m.call.now()) && e.Bridge != nil && e.Bridge.ID == m.room.bridge:
		return m.verify(ctx, engine.StayKicked)
	}
	return m.press(ctx, m.call.digit(e))
}

// verify finds out whether the member is in the bridge still. If not, it goes, or comes in again.
func (m *member) verify(ctx context.Context, otherwise engine.StayEnd) error {
	if !m.inside {
		return nil
	}
	in, err := m.call.isIn(ctx, m.room.bridge)
	if in || err != nil {
		return err
	}
	if otherwise != "" {
		m.setOut(otherwise)
		return nil
	}
	if err := m.open(ctx); err != nil {
		return err
	}
	return m.bridge().admit(ctx, m.call.now())
}

func (m *member) setOut(why engine.StayEnd) {
	rs := &m.room.server.rooms
	rs.mu.Lock()
	defer rs.mu.Unlock()
	m.out = why
}

// press does what a key, the last of a sequence, means. Of several that end with it the longest counts.
func (m *member) press(ctx context.Context, d engine.Digit) error {
	var pressed *key
	for i := range m.keys {
		if k := &m.keys[i]; k.press(d) && (pressed == nil || len(k.want) > len(pressed.want)) {
			pressed = k
		}
	}
	if pressed == nil {
		return nil
	}
	return pressed.do(ctx)
}

func (m *member) goAway(context.Context) error {
	m.leaves = true
	return nil
}

func (m *member) toggleMute(context.Context) error {
	rs := &m.room.server.rooms
	rs.mu.Lock()
	defer rs.mu.Unlock()
	m.muted = !m.muted
	m.said = append(m.said, toggled(m.muted, "conf-muted", "conf-unmuted"))
	return nil
}

// toggled is the sound that says whether something is on or off.
func toggled(on bool, is, isNot string) string {
	if on {
		return "sound:" + is
	}
	return "sound:" + isNot
}

// sayCount tells how many others there are.
func (m *member) sayCount(ctx context.Context) error {
	m.hush(ctx)
	m.sayHowMany(m.room.count() - 1)
	return nil
}

func (m *member) sayHowMany(others int) {
	switch others {
	case 0:
		m.say("sound:conf-onlyperson")
	case 1:
		m.say("sound:conf-onlyone")
	default:
		m.say("sound:conf-thereare", "number:"+strconv.Itoa(others), "sound:conf-otherinparty")
	}
}

func (m *member) toggleLock(ctx context.Context) error {
	rs := &m.room.server.rooms
	rs.mu.Lock()
	m.room.locked = !m.room.locked
	on := m.room.locked
	rs.mu.Unlock()
	m.hush(ctx)
	m.say(toggled(on, "conf-lockednow", "conf-unlockednow"))
	return nil
}

func (m *member) toggleMuteAll(ctx context.Context) error {
	rs := &m.room.server.rooms
	rs.mu.Lock()
	m.room.muted = !m.room.muted
	on := m.room.muted
	m.room.tell(m)
	rs.mu.Unlock()
	m.announce(ctx, toggled(on, "conf-now-muted", "conf-now-unmuted"))
	return nil
}

// kickLast has whoever came last go, unless that is a moderator: then whoever came before.
func (m *member) kickLast(ctx context.Context) error {
	rs := &m.room.server.rooms
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, other := range slices.Backward(m.room.members) {
		if !other.request.Moderator && other.out == "" {
			other.out = engine.StayKicked
			other.call.tell()
			return nil
		}
	}
	m.said = append(m.said, "sound:conf-errormenu")
	return nil
}

// leave ends the membership, whatever ended the time in the room, and leaves the channel as it was.
func (m *member) leave(ctx context.Context) {
	c := m.call
	c.goes(ctx)
	if c.state() == nil {
		m.hush(ctx)
		c.endMusic(ctx)
		if m.inside {
			c.clear(ctx, m.bridge().taking(c.now()))
		}
		if m.silent {
			c.clear(ctx, m.muting(false))
		}
	}
	s := c.server
	if !s.rooms.leave(m) {
		if m.joined && !m.waiting && !m.request.Quiet {
			m.announce(ctx, "sound:"+cmp.Or(m.request.Leave, "confbridge-leave"))
		}
		return
	}
	s.work.Go(m.room.close)
	select {
	case <-m.room.closed:
	case <-c.dead:
	case <-s.life.Done():
	}
}

// farewell tells a member that has to go why.
func (m *member) farewell(ctx context.Context, why engine.StayEnd) error {
	sounds := map[engine.StayEnd]string{engine.StayKicked: "conf-kicked", engine.StayEnded: "conf-leaderhasleft"}
	if sounds[why] == "" {
		return nil
	}
	p := engine.Prompt{Text: sounds[why]}
	_, err := m.call.play(ctx, &p, mediaOf(&p), "")
	return err
}
