package ari

import (
	"context"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A party is a channel that a call of ours has called. Its events come to the call.
type party struct {
	call   *channel
	id     string
	target string // what was dialed
	up     bool
	left   bool // it is in our application no more: it has hung up, or its phone sent it elsewhere
	failed bool // it is there but will not answer
	gone   bool
	cause  engine.Cause // why it failed or is gone, 0 if unknown
}

func (p *party) path(parts ...string) string {
	return pathOf(append([]string{"channels", p.id}, parts...)...)
}

// create makes the channel of a dial string. Asterisk says no more of one that cannot be made than that.
func (c *channel) create(ctx context.Context, target string, variables map[string]string) (*party, error) {
	p := &party{call: c, id: c.server.names.next(), target: target}
	c.own(p.id)
	body := map[string]any{"endpoint": target, "app": c.server.appNow(), "channelId": p.id, "originator": c.now()}
	if len(variables) > 0 {
		body["variables"] = variables
	}
	_, err := c.do(ctx, post("channels/create", body))
	if isStatus(err, 409) { // made by a request whose answer was lost
		err = nil
	}
	if err != nil {
		p.gone = true
		c.disown(p.id)
	}
	return p, err
}

// dial calls the party, in the name of a channel of which it is to see the number; "" is nobody's.
func (p *party) dial(ctx context.Context, caller string, timeout time.Duration) error {
	body := map[string]any{"timeout": seconds(timeout) + 1} // the exact time is ours to watch
	if caller != "" {
		body["caller"] = caller
	}
	_, err := p.call.do(ctx, post(p.path("dial"), body))
	return err
}

// hear takes note of what an event says about the party.
func (p *party) hear(e *event) {
	switch {
	case e.Type == "StasisStart" && e.Replaces != nil && e.Replaces.ID == p.id:
		p.id = e.Channel.ID // after a transfer by its own phone
	case e.Type == "Dial" && e.Peer != nil && e.Peer.ID == p.id:
		p.hearDial(e.DialStatus)
	case !e.of(p.id):
	case e.Type == "ChannelStateChange":
		p.up = p.up || e.Channel.State == "Up"
	case e.Type == "ChannelHangupRequest":
		p.cause = engine.Cause(e.Cause)
	case e.Type == "ChannelDestroyed":
		p.gone = true
		if cause := engine.Cause(e.Cause); cause != engine.CauseNormal || p.cause == 0 { // Stasis may have set the normal one
			p.cause = cause
		}
	case e.Type == "StasisEnd":
		p.left = true
	}
}

// hearDial takes note of what became of dialing. The end of a channel tells more, but that of a Local one may take
// a while: its extension plays a busy tone for ten seconds when nothing follows its Dial() (pbx.c, __ast_pbx_run).
func (p *party) hearDial(status string) {
	cause := map[string]engine.Cause{"BUSY": 17, "CONGESTION": 34}[status]
	if cause != 0 && strings.HasPrefix(p.target, "Local/") {
		p.failed, p.cause = true, cause
	}
}

// look asks for the party's channel: events may have been missed.
func (p *party) look(ctx context.Context) error {
	q := get(p.path())
	r, err := p.call.do(ctx, q)
	if isStatus(err, 404) {
		p.gone = true
		return nil
	}
	var now channelInfo
	if err != nil || r.decode(q, &now) != nil {
		return err
	}
	p.up = p.up || now.State == "Up"
	return nil
}

// digit is the key that an event says the party pressed.
func (p *party) digit(e *event) engine.Digit { return digitOf(e, p.id) }

// hangUp ends the party's call, for one of the reasons that Asterisk has names for; "" is the normal one.
func (p *party) hangUp(ctx context.Context, reason string) {
	if !p.gone {
		p.gone = true
		path := p.path()
		if reason != "" {
			path += "?reason=" + reason
		}
		p.call.clear(ctx, remove(path))
	}
	p.call.disown(p.id)
}

// clear sends a request that takes something away, whatever has become of the call. What is gone already is
// what is wanted.
func (c *channel) clear(ctx context.Context, q *request) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	_, _ = c.server.do(bounded, q, c.dead)
}

// own has the events of a channel or bridge come to the call.
func (c *channel) own(id string) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.owners[id], c.owned = c, append(c.owned, id)
}

// disown ends that, unless somebody else has them by now.
func (c *channel) disown(id string) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.server.owners[id] == sink(c) {
		delete(c.server.owners, id)
	}
}

// A bridge is one that a call of ours has made.
type bridge struct {
	call  *channel
	id    string
	given bool // it belongs to others, and the call is not in it
}

// newBridge makes a bridge in which keys are events as well as sound.
func (c *channel) newBridge(ctx context.Context) (*bridge, error) {
	b := &bridge{call: c, id: c.server.names.next()}
	c.own(b.id)
	_, err := c.do(ctx, post(pathOf("bridges", b.id), map[string]any{"type": "mixing,dtmf_events", "name": c.server.App}))
	if err != nil {
		c.disown(b.id)
		return nil, err
	}
	return b, nil
}

func (b *bridge) path(part string) string { return pathOf("bridges", b.id, part) }

// add puts channels into the bridge, out of another one if they are in one.
func (b *bridge) add(ctx context.Context, ids ...string) error {
	q := post(b.path("addChannel"), map[string]any{"channel": ids})
	q.waits = true
	_, err := b.call.do(ctx, q)
	return err
}

// take removes a channel from the bridge. One that is not in it any more is what is wanted.
func (b *bridge) take(ctx context.Context, id string) error {
	_, err := b.call.do(ctx, b.taking(id))
	if isStatus(err, 400, 404, 409, 422) {
		return nil
	}
	return err
}

// taking is the request that takes a channel out of the bridge.
func (b *bridge) taking(id string) *request {
	q := post(b.path("removeChannel"), map[string]any{"channel": []string{id}})
	q.waits = true
	return q
}

// music plays music on hold to all in the bridge, or ends it.
func (b *bridge) music(ctx context.Context, on bool) {
	q := post(b.path("moh"), nil)
	if !on {
		q = remove(b.path("moh"))
	}
	_, _ = b.call.do(ctx, q) // silence is no reason to end a conversation
}

// remove takes the bridge away, after the caller has left it: a caller who is let go by the bridge's end is neither
// in it nor out of it for a while, and then a playback gets lost (res_stasis_playback.c, play_uri).
func (b *bridge) remove(ctx context.Context) {
	if b.given {
		return
	}
	c := b.call
	if c.state() == nil {
		c.clear(ctx, b.taking(c.now()))
	}
	c.goes(ctx)
	b.call.clear(ctx, remove(pathOf("bridges", b.id)))
	b.call.disown(b.id)
}

// A sequence finds keys in the order in which they must be pressed.
type sequence struct{ want, pressed string }

// press reports whether the sequence is complete now.
func (s *sequence) press(d engine.Digit) bool {
	if s.want == "" || d == engine.NoDigit {
		return false
	}
	s.pressed += d.String()
	if !strings.HasSuffix(s.pressed, s.want) {
		return false
	}
	s.pressed = ""
	return true
}
