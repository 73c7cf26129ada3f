package ari

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// How long a party may take to dial an extension to hand the other one on to.
const (
	extensionFirst = 6 * time.Second
	extensionNext  = 3 * time.Second
)

// handOn lets one of the two hand the other one on: at once, or after having talked to the new party. done means
// that the conversation of the two is over.
func (t *talking) handOn(ctx context.Context, byCaller, attended bool) (talk engine.Talk, done bool, err error) {
	who := t.party.id
	if byCaller {
		who = t.call.now()
	}
	if err := t.bridge.take(ctx, who); err != nil {
		return talk, false, err
	}
	t.bridge.music(ctx, true)
	at := engine.Location{Context: cmp.Or(t.request.Transfer.Context, t.call.info.Context), Priority: "1"}
	at.Exten, err = t.extension(ctx, who, byCaller, at.Context)
	switch {
	case err != nil:
		return talk, false, err
	case t.party.gone, t.party.left:
		return t.over(engine.EndedCalled), true, nil
	case at.Exten != "" && attended:
		return t.consult(ctx, who, byCaller, at)
	case at.Exten != "":
		return t.handBlind(ctx, byCaller, at)
	}
	return talk, false, t.back(ctx, who)
}

// back lets the two talk on.
func (t *talking) back(ctx context.Context, who string) error {
	t.bridge.music(ctx, false)
	if t.party.gone || t.party.left {
		return nil // which run will see
	}
	return t.bridge.add(ctx, who)
}

// extension asks who for an extension; "" if none was dialed that there is.
func (t *talking) extension(ctx context.Context, who string, byCaller bool, dialplan string) (string, error) {
	c := t.call
	_, _ = c.playTo(ctx, "channels", who, &engine.Prompt{Text: "pbx-transfer"})
	digits, wait := "", extensionFirst
	for {
		e, err := c.next(ctx, time.After(wait))
		if err == nil {
			err = c.state()
		}
		if err != nil {
			return "", err
		}
		if e == nil {
			break
		}
		t.party.hear(e)
		if t.party.gone || t.party.left {
			return "", nil
		}
		key := t.party.digit(e)
		if byCaller {
			key = c.digit(e)
		}
		if key == '#' {
			break
		}
		if key != engine.NoDigit {
			digits, wait = digits+key.String(), extensionNext
		}
	}
	if digits == "" {
		return "", nil
	}
	there, err := c.variable(ctx, "DIALPLAN_EXISTS("+dialplan+","+digits+",1)")
	if err != nil || there == "1" {
		return digits, err
	}
	_, err = c.playTo(ctx, "channels", who, &engine.Prompt{Text: "pbx-invalid"})
	return "", err
}

// handBlind sends the one who is handed on to an extension: the party leaves for the dialplan, or the caller's
// flow does.
func (t *talking) handBlind(ctx context.Context, byCaller bool, to engine.Location) (engine.Talk, bool, error) {
	talk := t.over(engine.EndedTransfer)
	t.bridge.music(ctx, false)
	if !byCaller {
		talk.To = to
		return talk, true, nil
	}
	return talk, true, t.sendAway(ctx, to)
}

// sendAway gives the party to the dialplan, where it is none of ours any more.
func (t *talking) sendAway(ctx context.Context, to engine.Location) error {
	priority, _ := strconv.Atoi(to.Priority)
	body := map[string]any{"context": to.Context, "extension": to.Exten, "priority": priority}
	_, err := t.call.do(ctx, post(t.party.path("continue"), body))
	t.party.gone = true
	t.call.disown(t.party.id)
	return err
}

// consult lets who talk to an extension while the other one waits. If who presses the keys again, or hangs up, then
// the two others are connected; if the extension does not answer or hangs up, all is as before.
func (t *talking) consult(ctx context.Context, who string, byCaller bool, to engine.Location) (engine.Talk, bool, error) {
	c := t.call
	third, err := c.create(ctx, "Local/"+to.Exten+"@"+to.Context, nil)
	if err == nil {
		_, err = c.await(ctx, answerTime, "", func(e *event) bool { // before that it cannot be dialed
			t.party.hear(e)
			return e.Type == "StasisStart" && e.of(third.id)
		})
	}
	if err == nil {
		err = third.dial(ctx, who, t.request.Timeout)
	}
	if isStatus(err, 400, 404, 409, 500) {
		third.hangUp(ctx, "")
		return engine.Talk{}, false, t.back(ctx, who)
	}
	if err != nil {
		return engine.Talk{}, false, err
	}
	aside, err := c.newBridge(ctx)
	if err != nil {
		third.hangUp(ctx, "")
		return engine.Talk{}, false, err
	}
	defer aside.remove(ctx)
	connected, err := t.aside(ctx, aside, third, who, byCaller)
	switch {
	case connected && byCaller: // the two others have each other
		talk := t.over(engine.EndedTransfer)
		c.server.leaveTogether(ctx, t, third)
		return talk, true, c.state()
	case connected:
		t.party.hangUp(ctx, "")
		t.party, t.handed = third, true
		t.bridge.music(ctx, false)
		return engine.Talk{}, false, t.bridge.add(ctx, third.id)
	}
	third.hangUp(ctx, "")
	if err != nil {
		return engine.Talk{}, false, err
	}
	return engine.Talk{}, false, t.back(ctx, who)
}

// aside is the conversation beside the main one. It reports whether who has left it for the two others.
func (t *talking) aside(ctx context.Context, b *bridge, third *party, who string, byCaller bool) (bool, error) {
	c := t.call
	ring, _ := c.playTo(ctx, "channels", who, &engine.Prompt{Kind: engine.TonePrompt, Text: "ring"})
	hush := func() { c.clear(ctx, remove(pathOf("playbacks", ring))) }
	joined := false
	defer func() {
		if !joined {
			hush()
		}
	}()
	keys := sequence{want: t.request.Transfer.Attended}
	deadline := time.After(t.request.Timeout)
	for {
		if third.up && !joined {
			joined = true
			deadline = nil
			hush()
			if err := b.add(ctx, who, third.id); err != nil {
				return false, err
			}
		}
		e, err := c.next(ctx, deadline)
		if err != nil {
			return false, err
		}
		if e == nil {
			return false, nil // it rang for too long
		}
		third.hear(e)
		t.party.hear(e)
		key := t.party.digit(e)
		if byCaller {
			key = c.digit(e)
		}
		gone := t.party.gone
		if byCaller {
			gone = c.hungUp
		}
		pressed := keys.press(key)
		switch {
		case third.gone, third.failed, pressed && !joined:
			return false, nil
		case gone, pressed:
			return true, nil
		}
		if err := c.state(); err != nil && !byCaller {
			return false, err
		}
	}
}

// leaveTogether lets two parties talk on without the caller, and hangs up the one when the other does.
func (s *Server) leaveTogether(ctx context.Context, t *talking, third *party) {
	p := &pair{server: s, ids: [2]string{t.party.id, third.id}, bridge: t.bridge.id}
	for _, id := range append(p.ids[:], p.bridge) {
		s.own(id, p)
	}
	t.call.clear(ctx, remove(t.bridge.path("moh")))
	q := post(t.bridge.path("addChannel"), map[string]any{"channel": []string{third.id}})
	q.waits = true
	t.call.clear(ctx, q)
	t.party.gone, third.gone, t.bridge.given = true, true, true // none of the call's any more
}

// A pair is two parties whom a caller has left to each other.
type pair struct {
	server *Server
	ids    [2]string
	bridge string
}

func (p *pair) deliver(e *event) {
	if e.Type != "ChannelDestroyed" && e.Type != "StasisEnd" || e.Channel == nil {
		return
	}
	s := p.server
	for _, id := range append(p.ids[:], p.bridge) {
		s.own(id, nil)
	}
	s.work.Go(func() {
		ctx, stop := context.WithTimeout(s.life, answerTime)
		defer stop()
		for _, id := range p.ids {
			_, _ = s.do(ctx, remove(pathOf("channels", id)), nil)
		}
		_, _ = s.do(ctx, remove(pathOf("bridges", p.bridge)), nil)
	})
}
