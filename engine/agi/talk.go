package agi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// result is what came of dialing.
func (d *dialing) result(ctx context.Context) (engine.Talk, error) {
	v, err := d.call.values(ctx, "DIALSTATUS", "HANGUPCAUSE", "IVRD_REFUSED", "IVRD_SINCE")
	if err != nil {
		return engine.Talk{}, err
	}
	status, cause, refused, since := v[0], v[1], v[2], v[3]
	if status == "ANSWER" && (since != "" || !d.helped) {
		return d.talk(ctx, since)
	}
	if err := d.call.alive(ctx); err != nil {
		return engine.Talk{}, err
	}
	if status == "INVALIDARGS" || status == "" {
		return engine.Talk{}, fmt.Errorf("dial: Asterisk did not understand %s", d.arguments())
	}
	n, _ := strconv.Atoi(cause) // 0 is none
	talk := engine.Talk{Status: dialStatus(status, engine.Cause(n)), Cause: engine.Cause(n)}
	if n == 0 || talk.Cause == engine.CauseNormal || talk.Cause.DialStatus() != talk.Status { // of another target, or of an earlier call
		talk.Cause = 0
	}
	if status == "ANSWER" || refused != "" { // by a person, not the network
		talk = engine.Talk{Status: engine.Refused}
	}
	return talk, nil
}

// dialStatus is what DIALSTATUS means. All that is no busy line and no congestion Dial calls CHANUNAVAIL
// (app_dial.c, handle_cause).
func dialStatus(status string, cause engine.Cause) engine.DialStatus {
	switch status {
	case "ANSWER":
		return engine.Answered
	case "BUSY":
		return engine.Busy
	case "NOANSWER":
		return engine.NoAnswer
	case "CONGESTION":
		return engine.Congestion
	case "CANCEL":
		return engine.Cancelled
	}
	if s := cause.DialStatus(); s == engine.Refused || s == engine.Congestion {
		return s
	}
	return engine.Unavailable
}

// talk is what is known of a conversation.
func (d *dialing) talk(ctx context.Context, since string) (engine.Talk, error) {
	c, r := d.call, &d.request
	v, err := c.values(ctx, stampNow, "DIALEDPEERNAME", "DIALEDPEERNUMBER", "ANSWEREDTIME_MS", "BLINDTRANSFER", "ATTENDEDTRANSFER", "BRIDGEPEER")
	if err != nil {
		return engine.Talk{}, err
	}
	now, peer := v[0], v[1]
	talk := engine.Talk{Status: engine.Answered, Target: d.target(peer, v[2]), Ended: engine.EndedCalled}
	if talk.Lasted = between(since, now); !d.helped {
		talk.Lasted = d.estimate(v[3])
	}
	alive := c.alive(ctx)
	switch {
	case errors.Is(alive, engine.ErrHangup) && v[4] != "":
		return d.handedOn(ctx, talk)
	case alive != nil:
		return engine.Talk{}, alive
	case v[4] != "", v[5] != "", d.handsOn() && v[6] != peer && (d.asks() || !strings.HasPrefix(peer, "Local/")):
		talk.Ended = engine.EndedTransfer // of one with keys, after a word, only another peer tells; Local channels may just vanish
	case r.Most > 0 && talk.Lasted >= r.Most:
		talk.Ended = engine.EndedLimit
	case r.End != "":
		talk.Ended, err = d.ended(ctx, peer)
	}
	return talk, err
}

// estimate is how long a conversation was at most, if nobody noted when it began. ANSWEREDTIME counts from the
// caller's answer, whoever gave it.
func (d *dialing) estimate(answered string) time.Duration {
	took := time.Since(d.began).Round(time.Millisecond)
	if ms, err := strconv.Atoi(answered); err == nil {
		took = min(took, time.Duration(ms)*time.Millisecond)
	}
	return took
}

// target is which of the targets a channel belongs to.
func (d *dialing) target(peer, number string) string {
	targets := d.request.Targets
	if local, ok := strings.CutPrefix(peer, "Local/"); ok && d.asks() {
		index, _, _ := strings.Cut(local, "@")
		if i, err := strconv.Atoi(index); err == nil && i >= 0 && i < len(targets) {
			return targets[i]
		}
	}
	tech, _, _ := strings.Cut(peer, "/")
	for _, target := range targets {
		if t, resource, _ := strings.Cut(target, "/"); strings.EqualFold(t, tech) && resource == number {
			return target
		}
	}
	if len(targets) == 1 { // the call was forwarded
		return targets[0]
	}
	return peer
}

// handedOn takes note of where the caller was handed on to: Asterisk goes on there when we let go of the call.
func (d *dialing) handedOn(ctx context.Context, talk engine.Talk) (engine.Talk, error) {
	v, err := d.call.values(ctx, "CONTEXT", "EXTEN")
	if err != nil {
		return talk, err
	}
	d.call.moved, d.call.told = true, true
	talk.Ended = engine.EndedTransfer
	talk.To = engine.Location{Context: v[0], Exten: v[1], Priority: "1"}
	return talk, nil
}

// ended tells whether the other party hung up or the caller pressed a key. In the latter case the other one is
// still there when the conversation is over, goes to left in ivrd's part of the dialplan (Dial's option F) and
// says so before it is gone.
func (d *dialing) ended(ctx context.Context, peer string) (engine.TalkEnd, error) {
	const patience = 200
	for range patience {
		there, err := d.call.channels(ctx, peer)
		if err != nil {
			return "", err
		}
		left, err := d.call.expand(ctx, "${IVRD_LEFT}")
		switch {
		case err != nil:
			return "", err
		case left == peer:
			return engine.EndedKey, nil
		case len(there) == 0:
			return engine.EndedCalled, nil
		}
		if _, err := d.call.wait(ctx, 5*time.Millisecond, ""); err != nil && err != errStop {
			return "", err
		}
	}
	return engine.EndedCalled, nil
}
