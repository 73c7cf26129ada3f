package engine

import (
	"testing"
	"time"
)

// What a journal says of a talk, a stay and the like can answer for it.
func TestTalkReadsBack(t *testing.T) {
	for _, talk := range []Talk{
		{Status: Answered, Target: "PJSIP/alice", Lasted: 12340 * time.Millisecond, Ended: EndedCalled},
		{Status: Answered, Target: "PJSIP/alice@trunk", Lasted: time.Second, Ended: EndedKey},
		{Status: Answered, Target: "Local/100@x", Lasted: 0, Ended: EndedLimit},
		{Status: Answered, Target: "PJSIP/a", Lasted: time.Minute, Ended: EndedTransfer},
		{Status: Answered, Target: "PJSIP/a", Lasted: time.Minute, Ended: EndedTransfer, To: Location{Context: "x", Exten: "200", Priority: "1"}},
		{Status: Busy, Cause: 17}, {Status: NoAnswer}, {Status: Unavailable, Cause: 20}, {Status: Cancelled},
	} {
		if got := parseTalk(talk.String()); got != talk {
			t.Errorf("%q read back as %+v, was %+v", talk, got, talk)
		}
	}
	short := parseTalk("answered PJSIP/bob 12s")
	if want := (Talk{Status: Answered, Target: "PJSIP/bob", Lasted: 12 * time.Second, Ended: EndedCalled}); short != want {
		t.Errorf("got %+v, want %+v", short, want)
	}
	for _, stay := range []Stay{{Why: StayKey, Lasted: 2500 * time.Millisecond}, {Why: StayLocked}, {Why: StayEnded, Lasted: time.Hour}} {
		if got := parseStay(stay.String()); got != stay {
			t.Errorf("%q read back as %+v, was %+v", stay, got, stay)
		}
	}
}

func TestCauseForDialing(t *testing.T) {
	for cause, want := range map[Cause]DialStatus{
		0: NoAnswer, 16: NoAnswer, 19: NoAnswer, 17: Busy, 21: Refused, 34: Congestion, 20: Unavailable, 1: Unavailable, 3: Unavailable, 127: Unavailable,
	} {
		if got := cause.DialStatus(); got != want {
			t.Errorf("cause %d: got %s, want %s", cause, got, want)
		}
	}
}
