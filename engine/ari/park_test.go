package ari

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var parkTests = []labTest{
	{"who is picked up talks, and both flows go on", parkMeets},
	{"who is parked hangs up in the conversation", parkHangsUp},
	{"who has picked up hangs up", pickupHangsUp},
	{"nobody picks up", parkTimesOut},
	{"who waits longest at a slot is picked up first", parkQueue},
	{"two pick up, and one has the caller", pickupTwice},
	{"a flow that is ended leaves its slot and its conversation", parkEnded},
}

// parked is a call that waits at a slot and plays a sound afterwards.
func (st *station) parked(t *testing.T, r engine.ParkRequest, want engine.Talk) *visit {
	return st.call(t, func(ctx context.Context, c *channel) {
		talk, err := c.Park(ctx, r)
		wantTalk(t, "park", talk, err, want)
		_, err = c.Play(ctx, []engine.Prompt{{Text: "leave"}}, "")
		noErr(t, "play", err)
	})
}

// picker is a call that picks up who waits at a slot, and plays a sound afterwards. Any key ends the conversation.
func (st *station) picker(t *testing.T, slot string, want engine.Talk) *visit {
	return st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "notify", c.Notify(ctx, []engine.EventKind{engine.EventDigit}, func(engine.Event) bool { return true }))
		talk, err := c.Pickup(ctx, slot)
		wantTalk(t, "pickup", talk, err, want)
		noErr(t, "answer", c.Answer(ctx))
		_, err = c.Play(ctx, []engine.Prompt{{Text: "join"}}, "")
		noErr(t, "play", err)
	})
}

// wantTalk compares what came of a talk; of a target the beginning counts, of how long it lasted nothing.
func wantTalk(t *testing.T, what string, talk engine.Talk, err error, want engine.Talk) {
	t.Helper()
	if (talk.Lasted > 0) != (want.Status == engine.Answered) || !strings.HasPrefix(talk.Target, want.Target) {
		t.Errorf("%s: %+v", what, talk)
	}
	talk.Lasted, want.Target = 0, talk.Target
	if talk != want || err != nil {
		t.Errorf("%s: %+v, %v, want %+v", what, talk, err, want)
	}
}

var metOther = engine.Talk{Status: engine.Answered, Target: "PJSIP/lab-", Ended: engine.EndedCalled}

func parkMeets(t *testing.T, st *station) {
	waits := st.parked(t, engine.ParkRequest{Slot: "meets", Music: "other"}, metOther)
	waits.hears(otherMusic)
	picks := st.picker(t, "meets", metOther)
	st.says(t, waits, "waits", picks)
	st.says(t, picks, "picks", waits)
	picks.press("1")
	waits.ends("leave")
	picks.ends("join")
	wantHeard(t, waits.Phone, "picks", "!"+otherMusic)
	wantHeard(t, picks.Phone, "", "!"+otherMusic)
}

func parkHangsUp(t *testing.T, st *station) {
	waits := st.call(t, func(ctx context.Context, c *channel) {
		if _, err := c.Park(ctx, engine.ParkRequest{Slot: "hangs-up"}); !errors.Is(err, engine.ErrHangup) {
			t.Errorf("park: %v", err)
		}
	})
	waits.hears(music)
	picks := st.picker(t, "hangs-up", metOther)
	st.says(t, picks, "picks", waits)
	waits.hangUp()
	picks.ends("join")
}

func pickupHangsUp(t *testing.T, st *station) {
	waits := st.parked(t, engine.ParkRequest{Slot: "picker"}, metOther)
	waits.hears(music)
	picks := st.call(t, func(ctx context.Context, c *channel) {
		if _, err := c.Pickup(ctx, "picker"); !errors.Is(err, engine.ErrHangup) {
			t.Errorf("pickup: %v", err)
		}
	})
	st.says(t, waits, "waits", picks)
	picks.hangUp()
	waits.ends("leave")
}

func parkTimesOut(t *testing.T, st *station) {
	waits := st.parked(t, engine.ParkRequest{Slot: "nobody", Timeout: time.Second}, engine.Talk{Status: engine.NoAnswer})
	waits.ends("leave")
	wantHeard(t, waits.Phone, "", music)
	wantHeard(t, waits.Phone, "leave", "!"+music)
	picks := st.picker(t, "nobody", engine.Talk{Status: engine.Unavailable})
	picks.ends("join")
}

func parkQueue(t *testing.T, st *station) {
	leaves := st.call(t, func(ctx context.Context, c *channel) {
		if _, err := c.Park(ctx, engine.ParkRequest{Slot: "queue"}); !errors.Is(err, engine.ErrHangup) {
			t.Errorf("park: %v", err)
		}
	})
	leaves.hears(music)
	first := st.parked(t, engine.ParkRequest{Slot: "queue"}, metOther)
	first.hears(music)
	second := st.parked(t, engine.ParkRequest{Slot: "queue"}, metOther)
	second.hears(music)
	leaves.hangUp()
	for _, waits := range []*visit{first, second} {
		picks := st.picker(t, "queue", metOther)
		st.says(t, waits, "waits", picks)
		picks.press("1")
		waits.ends("leave")
		picks.ends("join")
	}
	st.picker(t, "queue", engine.Talk{Status: engine.Unavailable}).ends("join")
}

func pickupTwice(t *testing.T, st *station) {
	waits := st.parked(t, engine.ParkRequest{Slot: "twice"}, metOther)
	waits.hears(music)
	both := [2]*visit{}
	for i := range both {
		both[i] = st.call(t, func(ctx context.Context, c *channel) {
			talk, err := c.Pickup(ctx, "twice")
			if won := errors.Is(err, engine.ErrHangup); !won && (talk.Status != engine.Unavailable || err != nil) {
				t.Errorf("pickup: %v, %v", talk, err)
			}
		})
	}
	winner := both[0]
	select {
	case <-both[0].done:
		winner = both[1]
	case <-both[1].done:
	}
	st.says(t, winner, "winner", waits)
	winner.hangUp()
	waits.ends("leave")
}

func parkEnded(t *testing.T, st *station) {
	drained := errors.New("drained")
	end := make(chan struct{})
	until := func(ctx context.Context, do func(context.Context) error) {
		ctx, stop := context.WithCancelCause(ctx)
		defer stop(nil)
		go func() {
			<-end
			stop(drained)
		}()
		if err := do(ctx); !errors.Is(err, drained) {
			t.Errorf("ended by %v", err)
		}
	}
	waits := st.call(t, func(ctx context.Context, c *channel) {
		until(ctx, func(ctx context.Context) error {
			_, err := c.Park(ctx, engine.ParkRequest{Slot: "ended"})
			return err
		})
	})
	waits.hears(music)
	talks := st.parked(t, engine.ParkRequest{Slot: "ended2"}, metOther)
	talks.hears(music)
	picks := st.call(t, func(ctx context.Context, c *channel) {
		until(ctx, func(ctx context.Context) error {
			_, err := c.Pickup(ctx, "ended2")
			return err
		})
	})
	st.says(t, picks, "picks", talks)
	close(end)
	talks.ends("leave")
	waits.over()
	st.parked(t, engine.ParkRequest{Slot: "ended", Timeout: time.Millisecond}, engine.Talk{Status: engine.NoAnswer}).over()
}
