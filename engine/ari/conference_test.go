package ari

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

var conferenceTests = []labTest{
	{"two meet in a conference, then one is alone", conferenceTwo},
	{"a conference of three: counts, mutes, records", conferenceThree},
	{"a quiet conference with sounds of its own", conferenceSounds},
	{"members wait for a moderator and leave with the moderator", conferenceModerated},
	{"members wait again when the moderator has left", conferenceWaits},
	{"a locked conference and a full one", conferenceShut},
	{"a moderator mutes all and kicks the last", conferenceKeys},
	{"members hang up in all states", conferenceHangups},
	{"flows that are ended leave their conferences", conferenceEnded},
	{"a conference that cannot be recorded", conferenceUnrecorded},
}

// roomOf is a name for a conference of the test's own.
func roomOf(t *testing.T) string { return fmt.Sprintf("room-%p", t) }

// joins is a call in a conference. A stay that is not over with a hangup ends with a sound.
func (st *station) joins(t *testing.T, r engine.ConferenceRequest, want engine.StayEnd) *visit {
	return st.call(t, func(ctx context.Context, c *channel) {
		r.Room = roomOf(t)
		stay, err := c.Conference(ctx, r)
		switch {
		case want == "" && errors.Is(err, engine.ErrHangup):
			return
		case stay.Why != want || err != nil:
			t.Errorf("it ended with %q, %v, want %q", stay, err, want)
		case (stay.Lasted > 0) == (want == engine.StayLocked || want == engine.StayFull):
			t.Errorf("it lasted %v", stay.Lasted)
		}
		noErr(t, "answer", c.Answer(ctx))
		play(t, ctx, c, "short")
		if d, _ := c.ReadDigit(ctx, 0); d != engine.NoDigit {
			t.Errorf("%v is a key of the flow's", d)
		}
	})
}

func conferenceTwo(t *testing.T, st *station) {
	keys := engine.ConferenceKeys{Leave: "*9", Count: "5"}
	a := st.joins(t, engine.ConferenceRequest{Music: "other", Keys: keys}, engine.StayKey)
	a.hears("confbridge-join")
	a.hears("conf-onlyperson")
	a.hears(otherMusic)
	b := st.joins(t, engine.ConferenceRequest{Count: true, Keys: keys}, engine.StayKey)
	b.hears("conf-onlyone")
	a.hears("confbridge-join")
	st.says(t, a, "a", b)
	st.says(t, b, "b", a)
	a.press("5")
	a.hears("conf-onlyone")
	st.says(t, b, "b2", a)
	wantHeard(t, a.Phone, "b", "!"+otherMusic)
	a.press("*9")
	a.ends("short")
	b.hears("confbridge-leave")
	b.hears(music)
	b.press("5")
	b.hears("conf-onlyperson")
	b.hears(music)
	b.press("*9")
	b.ends("short")
	wantHeard(t, b.Phone, "short", "!"+music)
	if got := b.Digits(); got != "" {
		t.Errorf("the other phone heard the keys %q", got)
	}
}

func conferenceThree(t *testing.T, st *station) {
	name := "conferences/" + roomOf(t)
	keys := engine.ConferenceKeys{Mute: "1", Count: "2"}
	a := st.joins(t, engine.ConferenceRequest{Record: name, Keys: keys}, "")
	a.hears("conf-onlyperson")
	b := st.joins(t, engine.ConferenceRequest{Record: name, Keys: keys}, "")
	st.says(t, a, "a", b)
	muted := st.joins(t, engine.ConferenceRequest{Muted: true, Keys: keys, Quiet: true}, "")
	st.says(t, a, "a", muted)
	st.speaks(t, muted, "muted")
	muted.press("2")
	muted.hears("conf-thereare")
	muted.hears("digits/2")
	muted.hears("conf-otherinparty")
	st.says(t, a, "a", b, muted) // after what the muted one said
	wantHeard(t, b.Phone, "", "!muted")
	muted.press("1")
	muted.hears("conf-unmuted")
	st.says(t, muted, "heard", a, b)
	a.press("1")
	a.hears("conf-muted")
	st.speaks(t, a, "a-muted")
	st.says(t, b, "b", a, muted)
	wantHeard(t, b.Phone, "", "!a-muted")
	st.speaks(t, b, "b") // long enough for the recording to have it
	for _, v := range []*visit{a, b, muted} {
		v.hangUp()
	}
	heard := asterisk.Names(st.recorded(t, name+".wav"))
	for _, voice := range []string{"a", "b", "heard"} {
		if !slices.Contains(heard, voice) || slices.Contains(heard, "muted") {
			t.Errorf("the recording has %v; where is %s?", heard, voice)
		}
	}
}

func conferenceSounds(t *testing.T, st *station) {
	a := st.joins(t, engine.ConferenceRequest{Join: "join", Leave: "leave", Keys: engine.ConferenceKeys{Leave: "*"}}, engine.StayKey)
	a.hears("join")
	b := st.joins(t, engine.ConferenceRequest{Quiet: true, Count: true}, "")
	st.says(t, b, "b", a)
	a.press("*")
	a.ends("short")
	b.hears("leave")
	b.hears(music)
	b.hangUp()
	wantHeard(t, a.Phone, "b", "!confbridge-join", "!join")
	wantHeard(t, b.Phone, "", "!conf-onlyone", "!confbridge-join", "!join")
}

func conferenceModerated(t *testing.T, st *station) {
	a := st.joins(t, engine.ConferenceRequest{Wait: true, End: true, Count: true}, engine.StayEnded)
	a.hears("conf-waitforleader")
	a.hears(music)
	b := st.joins(t, engine.ConferenceRequest{Wait: true, End: true, Quiet: true, Music: "other"}, engine.StayEnded)
	b.hears(otherMusic)
	st.speaks(t, a, "waits")
	boss := st.joins(t, engine.ConferenceRequest{Moderator: true, Keys: engine.ConferenceKeys{Leave: "#"}}, engine.StayKey)
	a.hears("conf-placeintoconf")
	st.says(t, boss, "boss", a, b)
	st.says(t, a, "a", boss, b)
	wantHeard(t, b.Phone, "", "!waits")
	wantHeard(t, b.Phone, "boss", "!"+otherMusic)
	boss.press("#")
	boss.ends("short")
	a.hears("conf-leaderhasleft")
	a.ends("short")
	b.ends("short")
	wantHeard(t, b.Phone, "", "!conf-leaderhasleft", "!conf-waitforleader", "!conf-placeintoconf")
}

func conferenceWaits(t *testing.T, st *station) {
	boss := st.joins(t, engine.ConferenceRequest{Moderator: true}, "")
	boss.hears("conf-onlyperson")
	a := st.joins(t, engine.ConferenceRequest{Wait: true}, "")
	st.says(t, boss, "boss", a)
	st.says(t, a, "a", boss)
	boss.hangUp()
	a.hears("conf-leaderhasleft")
	a.hears(music)
	second := st.joins(t, engine.ConferenceRequest{Moderator: true}, "")
	a.hears("conf-placeintoconf")
	st.says(t, a, "a", second)
	st.says(t, second, "second", a)
	wantHeard(t, a.Phone, "second", "!"+music)
	a.hangUp()
	second.hears("confbridge-leave")
	second.hears(music)
	second.hangUp()
}

func conferenceShut(t *testing.T, st *station) {
	boss := st.joins(t, engine.ConferenceRequest{Moderator: true, Keys: engine.ConferenceKeys{Lock: "*1"}}, "")
	boss.hears("conf-onlyperson")
	boss.press("*1")
	boss.hears("conf-lockednow")
	st.joins(t, engine.ConferenceRequest{}, engine.StayLocked).ends("short")
	second := st.joins(t, engine.ConferenceRequest{Moderator: true}, "")
	st.says(t, second, "second", boss)
	boss.press("*1")
	boss.hears("conf-unlockednow")
	st.joins(t, engine.ConferenceRequest{Most: 2}, engine.StayFull).ends("short")
	third := st.joins(t, engine.ConferenceRequest{Most: 3}, "")
	st.says(t, third, "third", boss)
	for _, v := range []*visit{boss, second, third} {
		v.hangUp()
	}
}

func conferenceKeys(t *testing.T, st *station) {
	boss := st.joins(t, engine.ConferenceRequest{Moderator: true, Keys: engine.ConferenceKeys{MuteAll: "7", Kick: "*8", Mute: "8"}}, "")
	boss.hears("conf-onlyperson")
	a := st.joins(t, engine.ConferenceRequest{Keys: engine.ConferenceKeys{MuteAll: "7", Kick: "8"}}, "")
	st.says(t, a, "a", boss)
	b := st.joins(t, engine.ConferenceRequest{}, engine.StayKicked)
	st.says(t, b, "b", a, boss)
	a.press("78") // none of its keys
	boss.press("7")
	for _, v := range []*visit{a, b, boss} {
		v.hears("conf-now-muted")
	}
	st.speaks(t, a, "a-muted")
	late := st.joins(t, engine.ConferenceRequest{Quiet: true}, engine.StayKicked)
	st.says(t, boss, "boss", a, b, late)
	st.speaks(t, late, "late-muted")
	wantHeard(t, boss.Phone, "", "!a-muted", "!late-muted")
	boss.press("*8")
	late.ends("short")
	boss.press("*8")
	b.hears("conf-kicked")
	b.ends("short")
	boss.hears("confbridge-leave")
	boss.press("7")
	a.hears("conf-now-unmuted")
	st.says(t, a, "again", boss)
	st.says(t, boss, "boss", a)
	wantHeard(t, boss.Phone, "", "!late-muted")
	a.hangUp()
	boss.press("*8") // nobody is left for that
	boss.hangUp()
}

func conferenceHangups(t *testing.T, st *station) {
	waits := st.joins(t, engine.ConferenceRequest{Wait: true}, "")
	waits.hears("conf-waitforleader")
	waits.hangUp()
	counts := st.joins(t, engine.ConferenceRequest{Record: "hangups", Count: true}, "")
	counts.hears("conf-onlyperson")
	counts.hangUp()
	for range 3 { // each room begins when the one before is just being taken away, with its recording
		a := st.joins(t, engine.ConferenceRequest{Record: "hangups", Quiet: true}, "")
		b := st.joins(t, engine.ConferenceRequest{Quiet: true}, "")
		st.says(t, a, "a", b)
		noErr(t, "hang up", a.HangUp())
		noErr(t, "hang up", b.HangUp())
	}
	st.server.rooms.mu.Lock()
	r := st.server.rooms.all[roomOf(t)]
	st.server.rooms.mu.Unlock()
	if r != nil {
		<-r.closed
	}
}

func conferenceEnded(t *testing.T, st *station) {
	drained := errors.New("drained")
	end := make(chan struct{})
	joins := func(r engine.ConferenceRequest) *visit {
		return st.call(t, func(ctx context.Context, c *channel) {
			ending, stop := context.WithCancelCause(ctx)
			defer stop(nil)
			go func() {
				select {
				case <-end:
					stop(drained)
				case <-ending.Done():
				}
			}()
			r.Room = roomOf(t)
			if _, err := c.Conference(ending, r); !errors.Is(err, drained) {
				t.Errorf("it ended with %v", err)
			}
			play(t, ctx, c, "short")
		})
	}
	a := joins(engine.ConferenceRequest{Muted: true, Record: "ended"})
	a.hears(music)
	b := joins(engine.ConferenceRequest{})
	st.says(t, b, "b", a)
	st.speaks(t, b, "b") // long enough for the recording to have it
	close(end)
	a.ends("short")
	b.ends("short")
	if heard := asterisk.Names(st.recorded(t, "ended.wav")); !slices.Contains(heard, "b") {
		t.Errorf("the recording has %v", heard)
	}
}

func conferenceUnrecorded(t *testing.T, st *station) {
	st.call(t, func(ctx context.Context, c *channel) {
		_, err := c.Conference(ctx, engine.ConferenceRequest{Room: roomOf(t), Record: "../../etc/passwd"})
		if err == nil || errors.Is(err, engine.ErrHangup) {
			t.Errorf("it ended with %v", err)
		}
		if _, err := c.ReadDigit(ctx, time.Millisecond); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	}).over()
}
