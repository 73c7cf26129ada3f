package ari

import (
	"context"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A talking is a conversation of the caller with one party, both in a bridge.
type talking struct {
	call    *channel
	request *engine.DialRequest
	party   *party
	bridge  *bridge
	target  string // who answered
	handed  bool   // the caller, to the party

	began time.Time
	warn  time.Time // of the limit, next
	end   sequence  // the caller's keys to end it
}

// run returns when the conversation is over.
func (t *talking) run(ctx context.Context) (engine.Talk, error) {
	t.began = time.Now()
	t.end.want = t.request.End
	if r := t.request; r.Most > 0 && r.Warn > 0 && r.Warn < r.Most {
		t.warn = t.began.Add(r.Most - r.Warn)
	}
	keys := t.request.Transfer
	callerBlind, callerAttended := sequence{want: either(keys.Caller, keys.Blind)}, sequence{want: either(keys.Caller, keys.Attended)}
	calledBlind, calledAttended := sequence{want: either(keys.Called, keys.Blind)}, sequence{want: either(keys.Called, keys.Attended)}
	for {
		e, err := t.call.next(ctx, t.timeUp())
		if err == nil {
			err = t.call.state()
		}
		switch {
		case err != nil:
			return engine.Talk{}, err
		case e == nil && t.expired(ctx):
			return t.over(engine.EndedLimit), nil
		case e == nil:
			continue
		case e.Type == eventRegained:
			if err := t.party.look(ctx); err != nil {
				return engine.Talk{}, err
			}
		}
		t.party.hear(e)
		caller, called := t.call.digit(e), t.party.digit(e)
		var done bool
		var talk engine.Talk
		switch {
		case t.party.gone, t.party.left:
			return t.over(engine.EndedCalled), nil
		case t.end.press(caller), t.call.wantsStop():
			return t.over(engine.EndedKey), nil
		case callerBlind.press(caller):
			talk, done, err = t.handOn(ctx, true, false)
		case calledBlind.press(called):
			talk, done, err = t.handOn(ctx, false, false)
		case callerAttended.press(caller):
			talk, done, err = t.handOn(ctx, true, true)
		case calledAttended.press(called):
			talk, done, err = t.handOn(ctx, false, true)
		}
		if done || err != nil {
			return talk, err
		}
	}
}

func either(may bool, keys string) string {
	if may {
		return keys
	}
	return ""
}

// timeUp fires when the limit, or a warning of it, is due.
func (t *talking) timeUp() <-chan time.Time {
	switch {
	case !t.warn.IsZero():
		return time.After(time.Until(t.warn))
	case t.request.Most > 0:
		return time.After(time.Until(t.began.Add(t.request.Most)))
	}
	return nil
}

// expired reports whether the limit is reached, and warns of it if it is not.
func (t *talking) expired(ctx context.Context) bool {
	r := t.request
	if t.warn.IsZero() {
		return true
	}
	if t.warn = t.warn.Add(r.Repeat); r.Repeat == 0 || !t.warn.Before(t.began.Add(r.Most)) {
		t.warn = time.Time{}
	}
	warning := r.Warning
	if len(warning) == 0 {
		warning = engine.Prompts{{Text: "beep"}}
	}
	for i := range warning {
		_, _ = t.call.playTo(ctx, "channels", t.call.now(), &warning[i]) // a warning that cannot be played ends nothing
	}
	return false
}

func (t *talking) over(how engine.TalkEnd) engine.Talk {
	if t.handed && how == engine.EndedCalled {
		how = engine.EndedTransfer
	}
	return engine.Talk{Status: engine.Answered, Target: t.target, Lasted: time.Since(t.began), Ended: how}
}
