package agi

import "github.com/ivrd/ivrd/engine"

var _ engine.Lacker = (*channel)(nil)

// Abilities are those of all calls over FastAGI.
func Abilities() engine.Abilities { return engine.AbilitiesOf((*channel)(nil)) }

const (
	noEvents  = "FastAGI tells of keys only; ARI tells of this too"
	noLibrary = "FastAGI has no command for it; recordings.dir in ivrd.yaml makes it possible, and so does ari for the same Asterisk"
	noHold    = "no dialplan application tells a phone that it is on hold; music lets the caller hear music"
)

// lacks are what is not possible, and why.
var lacks = map[engine.Detail]string{
	"recordings list":   noLibrary,
	"recordings delete": noLibrary,

	"monitor mute":   "no dialplan application replaces what is said by silence; pause leaves it out",
	"monitor unmute": "no dialplan application replaces what is said by silence; pause leaves it out",
	"signal hold":    noHold,
	"signal unhold":  noHold,

	"conference join and leave for each": "a room has the join and leave recordings of the caller who opened it",

	"media rtp":                     "no dialplan application sends RTP to an address; use audiosocket",
	"media several stop keys":       "only one key can end it",
	"spy three stop keys":           "two keys at most can end it",
	"dial several warning prompts":  "the warning can be one recording only",
	"dial announcement with pauses": "pauses in an announcement are left out",

	"on hold":       noEvents,
	"on unhold":     noEvents,
	"on talking":    noEvents,
	"on quiet":      noEvents,
	"on text":       noEvents,
	"on user_event": noEvents,
}

// Lacks are the details of what calls over FastAGI can do that they cannot.
func (c *channel) Lacks() map[engine.Detail]string { return lacks }
