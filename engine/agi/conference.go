package agi

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Conferencer = (*channel)(nil)

// Conference runs the application ConfBridge. What holds for a whole room is that of the caller who opened it:
// Join, Leave, Record and, if another program let in more, Most.
func (c *channel) Conference(ctx context.Context, r engine.ConferenceRequest) (engine.Stay, error) {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return engine.Stay{}, c.news(err)
	}
	if err := checkConference(r); err != nil {
		return engine.Stay{}, fmt.Errorf("conference %s: %w", r.Room, err)
	}
	stay, err := c.conference(ctx, r)
	return stay, c.news(err)
}

func checkConference(r engine.ConferenceRequest) error {
	k := r.Keys
	return firstError(
		checkPlain("class of music", r.Music), checkPlain("recording", r.Join), checkPlain("recording", r.Leave),
		checkPlain("room", r.Room),
		checkDigits(k.Leave), checkDigits(k.Mute), checkDigits(k.Count), checkDigits(k.Lock), checkDigits(k.MuteAll), checkDigits(k.Kick),
	)
}

func (c *channel) conference(ctx context.Context, r engine.ConferenceRequest) (engine.Stay, error) {
	if why, err := c.shutOut(ctx, r); err != nil || why != "" {
		return engine.Stay{Why: why}, err
	}
	if r.Record != "" {
		file, err := c.recordingFile(ctx, r.Record)
		if err != nil {
			return engine.Stay{}, err
		}
		r.Record = file
	}
	for _, v := range profiles(r) {
		if err := c.set(ctx, v.Name, v.Value); err != nil {
			return engine.Stay{}, err
		}
	}
	began := time.Now()
	if err := c.application(ctx, "ConfBridge", r.Room); err != nil {
		return engine.Stay{}, err
	}
	stay := engine.Stay{Lasted: time.Since(began).Round(time.Millisecond)}
	result, err := c.expand(ctx, "${CONFBRIDGE_RESULT}")
	if err == nil {
		err = c.alive(ctx)
	}
	if err != nil {
		return engine.Stay{}, err
	}
	switch result {
	case "DTMF":
		stay.Why = engine.StayKey
	case "ENDMARKED":
		stay.Why = engine.StayEnded
	case "KICKED":
		stay.Why = engine.StayKicked
	default: // somebody locked or filled it meanwhile
		why, err := c.shutOut(ctx, r)
		if err == nil && why == "" {
			err = fmt.Errorf("conference %s: Asterisk could not let the caller in: %s", r.Room, orText(result, "no reason given"))
		}
		return engine.Stay{Why: why}, err
	}
	return stay, nil
}

// shutOut says why the caller cannot be let in. ConfBridge would say so to the caller, of a full room that it is
// locked.
func (c *channel) shutOut(ctx context.Context, r engine.ConferenceRequest) (engine.StayEnd, error) {
	if r.Moderator {
		return "", nil // may enter always
	}
	v, err := c.values(ctx, "CONFBRIDGE_INFO(locked,"+r.Room+")", "CONFBRIDGE_INFO(parties,"+r.Room+")")
	if err != nil {
		return "", err
	}
	parties, err := strconv.Atoi(v[1])
	switch {
	case err != nil:
		return "", fmt.Errorf("conference %s: Asterisk has no application ConfBridge", r.Room)
	case v[0] == "1":
		return engine.StayLocked, nil
	case r.Most > 0 && parties >= r.Most:
		return engine.StayFull, nil
	}
	return "", nil
}

// profiles are what ConfBridge is to read from the channel, by the function CONFBRIDGE.
func profiles(r engine.ConferenceRequest) []engine.Variable {
	var vars []engine.Variable
	set := func(profile, option, value string) {
		vars = append(vars, engine.Variable{Name: "CONFBRIDGE(" + profile + "," + option + ")", Value: value})
	}
	for _, profile := range []string{"bridge", "user", "menu"} {
		set(profile, "clear", "")
	}
	set("bridge", "max_members", strconv.Itoa(r.Most))
	if r.Join != "" {
		set("bridge", "sound_join", r.Join)
	}
	if r.Leave != "" {
		set("bridge", "sound_leave", r.Leave)
	}
	if r.Record != "" {
		set("bridge", "record_conference", "yes")
		set("bridge", "record_file", recordFile(r.Record, ""))
		set("bridge", "record_file_append", "no")
		set("bridge", "record_file_timestamp", "no")
	}
	set("user", "admin", yes(r.Moderator))
	set("user", "marked", yes(r.Moderator))
	set("user", "startmuted", yes(r.Muted))
	set("user", "wait_marked", yes(r.Wait))
	set("user", "end_marked", yes(r.End))
	set("user", "quiet", yes(r.Quiet))
	set("user", "announce_user_count", yes(r.Count && !r.Quiet))
	set("user", "announce_only_user", yes(!r.Quiet))
	set("user", "music_on_hold_when_empty", "yes")
	if r.Music != "" {
		set("user", "music_on_hold_class", r.Music)
	}
	for _, k := range conferenceKeys(r) {
		set("menu", k.Name, k.Value)
	}
	return vars
}

// conferenceKeys are the caller's keys and what they do, in ConfBridge's words.
func conferenceKeys(r engine.ConferenceRequest) []engine.Variable {
	k := r.Keys
	keys := []engine.Variable{{Name: k.Leave, Value: "leave_conference"}, {Name: k.Mute, Value: "toggle_mute"}, {Name: k.Count, Value: "participant_count"}}
	if r.Moderator {
		keys = append(keys, engine.Variable{Name: k.Lock, Value: "admin_toggle_conference_lock"},
			engine.Variable{Name: k.MuteAll, Value: "admin_toggle_mute_participants"}, engine.Variable{Name: k.Kick, Value: "admin_kick_last"})
	}
	var used []engine.Variable
	for _, key := range keys {
		if key.Name != "" {
			used = append(used, key)
		}
	}
	return used
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
