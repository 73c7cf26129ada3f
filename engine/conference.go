package engine

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A Conferencer lets the caller into a conference.
type Conferencer interface {
	// Conference returns when the caller has left the room or was not let in.
	Conference(ctx context.Context, r ConferenceRequest) (Stay, error)
}

// A ConferenceRequest says which room, and what the caller may and hears there.
type ConferenceRequest struct {
	Room      string // rooms of one backend of one Asterisk that have the same name are one room
	Moderator bool   // may lock, mute all and kick, and may enter a room that is locked or full
	Muted     bool   // is not heard at first
	Wait      bool   // hears music until a moderator is there
	End       bool   // leaves when the last moderator does
	Most      int    // most parties, those who wait included; 0 means no limit
	Music     string // class of the music while the caller is alone or waits; "" is the default one
	Quiet     bool   // nothing is announced because of the caller, to it or to others; what its keys ask for it hears
	Count     bool   // the caller is told how many are there already

	Join   string // recording that all hear when the caller enters; "" is a short tone of Asterisk's
	Leave  string // recording that all hear when the caller leaves, likewise
	Record string // name under which the conference is recorded, see CheckRecordingName; "" is not recorded
	Keep   bool   // the recording does not expire
	Keys   ConferenceKeys
}

// ConferenceKeys are what the caller may press; "" is none.
type ConferenceKeys struct {
	Leave   string // leaves, and the flow goes on
	Mute    string // the caller is not heard, or again
	Count   string // says how many are there
	Lock    string // nobody else is let in, or again; moderators only
	MuteAll string // nobody but moderators is heard, or again; moderators only
	Kick    string // whoever came last and is no moderator has to leave; moderators only
}

// A Stay is what came of a conference.
type Stay struct {
	Why    StayEnd
	Lasted time.Duration
}

// StayEnd says why the caller is not in the conference any more.
type StayEnd string

const (
	StayKey    StayEnd = "key"    // the caller pressed ConferenceKeys.Leave
	StayEnded  StayEnd = "ended"  // the last moderator left
	StayKicked StayEnd = "kicked" // a moderator wanted it
	StayLocked StayEnd = "locked" // the caller was not let in: the room is locked
	StayFull   StayEnd = "full"   // the caller was not let in: there are ConferenceRequest.Most already
)

// String is what the journal says: "key 12.3s", "locked".
func (s Stay) String() string {
	if s.Lasted == 0 {
		return string(s.Why)
	}
	return string(s.Why) + " " + Seconds(s.Lasted)
}

func parseStay(text string) Stay {
	why, lasted, _ := strings.Cut(text, " ")
	s := Stay{Why: StayEnd(why)}
	s.Lasted, _ = time.ParseDuration(lasted)
	return s
}

// String is r as a transcript writes it.
func (r ConferenceRequest) String() string {
	if r.Moderator {
		return r.Room + " moderator"
	}
	return r.Room
}

// Conference lets the caller into a conference and comes back when the caller has left it.
func (c *Call) Conference(r ConferenceRequest) (Stay, error) {
	if r.Room == "" || strings.ContainsAny(r.Room, ",() \t\r\n\"'\\${}[]") {
		return Stay{}, fmt.Errorf("%q cannot be the name of a conference; use letters, digits and - _", r.Room)
	}
	if r.Record != "" {
		if err := CheckRecordingName(r.Record); err != nil {
			return Stay{}, err
		}
	}
	text, err := c.channelStep(StepConference, r.String(), func(ctx context.Context) (string, error) {
		x, err := channelCan[Conferencer](c, StepConference)
		if err != nil {
			return "", err
		}
		if r.Join, err = c.media(ctx, r.Join); err != nil {
			return "", err
		}
		if r.Leave, err = c.media(ctx, r.Leave); err != nil {
			return "", err
		}
		if r.Record != "" {
			c.expires(r.Record, "", r.Keep)
		}
		stay, err := x.Conference(ctx, r)
		return stay.String(), err
	})
	return parseStay(text), err
}
