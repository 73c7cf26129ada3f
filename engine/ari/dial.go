package ari

import (
	"context"
	"errors"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Dialer = (*channel)(nil)

// Dial calls all targets at once and connects the first who takes the call.
func (c *channel) Dial(ctx context.Context, r engine.DialRequest) (engine.Talk, error) {
	if err := c.begin(ctx); err != nil {
		return engine.Talk{}, c.news(err)
	}
	d := &dialing{call: c, request: r, talk: engine.Talk{Status: engine.NoAnswer}, end: sequence{want: r.End}}
	defer d.clear(ctx)
	c.endMusic(ctx)
	if err := d.callAll(ctx); err != nil {
		return engine.Talk{}, c.news(err)
	}
	w, err := d.wait(ctx)
	if err != nil || w == nil {
		return d.talk, c.news(err)
	}
	talk, err := d.connect(ctx, w)
	return talk, c.news(err)
}

// A dialing is one Dial.
type dialing struct {
	call       *channel
	request    engine.DialRequest
	candidates []*candidate
	rings      time.Time   // until when
	talk       engine.Talk // what comes of it if nobody takes the call
	end        sequence    // the caller's keys to end it
	comfort    comfort
	bridge     *bridge // with the caller in it
}

// A candidate is a party that may take the call.
type candidate struct {
	*party
	stage   stage
	until   time.Time // when a confirming one has taken too long
	rest    engine.Prompts
	playing string // id of the playback it hears
	asked   int    // how often it pressed a wrong key
}

// A stage is how far a candidate is.
type stage int

const (
	created stage = iota // it does not ring yet: that has to wait until it has entered our application
	ringing
	listening
	confirming
	ready
	over
)

// callAll calls every target. One that cannot be called does not keep the others from it.
func (d *dialing) callAll(ctx context.Context) error {
	c, r := d.call, &d.request
	d.rings = time.Now().Add(r.Timeout)
	d.comfort = comfort{call: c, music: r.Music}
	if err := d.comfort.start(ctx); err != nil {
		return err
	}
	for _, target := range r.Targets {
		p, err := c.create(ctx, target, callerVariables(r.Number, r.Name))
		one := &candidate{party: p}
		d.candidates = append(d.candidates, one)
		if err := d.unlessRefused(ctx, one, err); err != nil {
			return err
		}
	}
	return nil
}

// ring calls a candidate.
func (d *dialing) ring(ctx context.Context, one *candidate) error {
	caller := d.call.now() // of which it sees the number …
	if d.request.Number != "" || d.request.Name != "" {
		caller = "" // … unless it is to see another
	}
	one.stage = ringing
	return d.unlessRefused(ctx, one, one.dial(ctx, caller, d.request.Timeout))
}

// unlessRefused lets go of a candidate that Asterisk cannot call, and passes on other errors. Of a peer that is
// unknown or not registered Asterisk says no more than 500.
func (d *dialing) unlessRefused(ctx context.Context, one *candidate, err error) error {
	var refused *StatusError
	if errors.As(err, &refused) {
		d.leave(ctx, one, engine.Unavailable, 0)
		return nil
	}
	return err
}

// callerVariables are what make a target see another caller than there is.
func callerVariables(number, name string) map[string]string {
	v := map[string]string{}
	if number != "" {
		v["CONNECTEDLINE(num,i)"] = number
	}
	if name != "" {
		v["CONNECTEDLINE(name,i)"] = name
	}
	return v
}

// wait is the candidate who takes the call, nil if nobody does.
func (d *dialing) wait(ctx context.Context) (*candidate, error) {
	for {
		end, waiting := d.earliest()
		if w := d.winner(); w != nil || !waiting {
			return w, nil
		}
		e, err := d.call.next(ctx, time.After(time.Until(end)))
		switch {
		case err != nil:
			return nil, err
		case e == nil:
			d.expire(ctx)
		case e.Type == eventRegained:
			err = d.lookAll(ctx)
		case d.end.press(d.call.digit(e)), d.call.wantsStop():
			d.talk = engine.Talk{Status: engine.Cancelled}
			return nil, nil
		default:
			err = d.happened(ctx, e)
		}
		if err == nil {
			err = d.call.state()
		}
		if err != nil {
			return nil, err
		}
	}
}

func (d *dialing) winner() *candidate {
	for _, one := range d.candidates {
		if one.stage == ready {
			return one
		}
	}
	return nil
}

// earliest is when the next candidate has taken too long; false if none is left.
func (d *dialing) earliest() (time.Time, bool) {
	var first time.Time
	for _, one := range d.candidates {
		end := d.rings
		switch one.stage {
		case over:
			continue
		case listening:
			end = time.Now().Add(lookEvery)
		case confirming:
			end = one.until
		}
		if first.IsZero() || end.Before(first) {
			first = end
		}
	}
	return first, !first.IsZero()
}

// expire lets go of candidates that have taken too long.
func (d *dialing) expire(ctx context.Context) {
	now := time.Now()
	for _, one := range d.candidates {
		switch {
		case one.stage <= ringing && !now.Before(d.rings):
			d.leave(ctx, one, engine.NoAnswer, 0)
		case one.stage == confirming && !now.Before(one.until):
			d.leave(ctx, one, engine.Refused, 0)
		}
	}
}

// leave lets go of a candidate. The most telling of what they came to is what the flow learns.
func (d *dialing) leave(ctx context.Context, one *candidate, status engine.DialStatus, cause engine.Cause) {
	one.stage = over
	one.hangUp(ctx, "")
	if rank(status) >= rank(d.talk.Status) || d.talk.Status == engine.NoAnswer && d.left() == 0 {
		d.talk = engine.Talk{Status: status, Cause: cause}
	}
}

func (d *dialing) left() (n int) {
	for _, one := range d.candidates {
		if one.stage != over {
			n++
		}
	}
	return n
}

// rank orders what can become of a candidate, as Dial() does: a busy one says more than one that is not there.
func rank(s engine.DialStatus) int {
	switch s {
	case engine.Refused:
		return 4
	case engine.Busy:
		return 3
	case engine.Congestion:
		return 2
	case engine.NoAnswer:
		return 1
	}
	return 0
}

// lookAll finds out what became of the candidates while there was no connection.
func (d *dialing) lookAll(ctx context.Context) error {
	for _, one := range d.candidates {
		if one.stage == over {
			continue
		}
		if err := one.look(ctx); err != nil {
			return err
		}
		if one.stage == created && !one.gone { // its StasisStart may have been missed
			if err := d.ring(ctx, one); err != nil {
				return err
			}
		}
		if err := d.advance(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// happened lets an event move on the candidate it is about.
func (d *dialing) happened(ctx context.Context, e *event) error {
	for _, one := range d.candidates {
		if one.stage == over {
			continue
		}
		one.hear(e)
		if one.stage == created && e.Type == "StasisStart" && e.of(one.id) {
			if err := d.ring(ctx, one); err != nil {
				return err
			}
		}
		if key := one.digit(e); key != engine.NoDigit {
			if err := d.pressed(ctx, one, key); err != nil {
				return err
			}
		}
		if e.Type == "PlaybackFinished" && e.Playback != nil && e.Playback.ID == one.playing {
			one.playing = ""
		}
		if e.Type == "Dial" && e.Peer != nil && e.Peer.ID == one.id && e.DialStatus == "PROGRESS" {
			if err := d.earlyMedia(ctx, one); err != nil {
				return err
			}
		}
		if err := d.advance(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// advance moves a candidate on as far as it has come.
func (d *dialing) advance(ctx context.Context, one *candidate) error {
	if one.gone || one.failed {
		status := one.cause.DialStatus()
		if one.stage > ringing {
			status = engine.Refused
		}
		d.leave(ctx, one, status, one.cause)
		return nil
	}
	if one.stage == ringing && one.up {
		one.stage, one.rest = listening, d.request.Announce
	}
	for one.stage == listening && one.playing == "" {
		if len(one.rest) == 0 {
			one.stage, one.until = confirming, time.Now().Add(d.request.Wait)
			break
		}
		if err := d.announce(ctx, one); err != nil {
			return err
		}
	}
	if one.stage == confirming && d.request.Confirm == "" {
		one.stage = ready
	}
	return nil
}

// pressed lets a candidate confirm that it takes the call. On another key it hears the announcement again.
func (d *dialing) pressed(ctx context.Context, one *candidate, key engine.Digit) error {
	if d.request.Confirm == "" || one.stage != listening && one.stage != confirming {
		return nil
	}
	if err := d.hush(ctx, one); err != nil {
		return err
	}
	if d.request.Confirm.Has(key) {
		one.stage = ready
		return nil
	}
	if one.asked++; one.asked == engine.MostAsked {
		d.leave(ctx, one, engine.Refused, 0)
		return nil
	}
	one.stage, one.rest = listening, d.request.Announce
	return nil
}

// announce has a candidate hear its next prompt. One that Asterisk does not have is left out.
func (d *dialing) announce(ctx context.Context, one *candidate) error {
	p := one.rest[0]
	one.rest = one.rest[1:]
	id, err := d.call.playTo(ctx, "channels", one.id, &p)
	if isStatus(err, 404, 409, 412) { // it has hung up, which an event will tell
		return nil
	}
	one.playing = id
	return err
}

// hush stops what a candidate hears.
func (d *dialing) hush(ctx context.Context, one *candidate) error {
	if one.playing == "" {
		return nil
	}
	_, err := d.call.do(ctx, remove(pathOf("playbacks", one.playing)))
	one.playing = ""
	if isStatus(err, 404) {
		return nil
	}
	return err
}

// earlyMedia lets the caller hear what a single target plays before it answers.
func (d *dialing) earlyMedia(ctx context.Context, one *candidate) error {
	if !d.request.Early || len(d.candidates) > 1 || d.bridge != nil {
		return nil
	}
	d.comfort.stop(ctx)
	return d.join(ctx, one)
}

// join puts the caller and a party into a bridge.
func (d *dialing) join(ctx context.Context, one *candidate) (err error) {
	if d.bridge == nil {
		if d.bridge, err = d.call.newBridge(ctx); err != nil {
			return err
		}
	}
	return d.bridge.add(ctx, d.call.now(), one.id)
}

// connect lets the caller and the winner talk.
func (d *dialing) connect(ctx context.Context, w *candidate) (engine.Talk, error) {
	c := d.call
	for _, one := range d.candidates {
		if one != w && one.stage != over {
			one.stage = over
			one.hangUp(ctx, "answered_elsewhere")
		}
	}
	d.comfort.stop(ctx)
	if err := c.Answer(ctx); err != nil {
		return engine.Talk{}, err
	}
	if err := d.join(ctx, w); err != nil {
		return engine.Talk{}, err
	}
	t := &talking{call: c, request: &d.request, party: w.party, bridge: d.bridge, target: w.target}
	return t.run(ctx)
}

// clear takes away all that is left of a dial, whatever ended it.
func (d *dialing) clear(ctx context.Context) {
	d.comfort.stop(ctx)
	for _, one := range d.candidates {
		one.hangUp(ctx, "")
	}
	if d.bridge != nil {
		d.bridge.remove(ctx)
	}
}

// A comfort is what the caller hears while others are called.
type comfort struct {
	call  *channel
	music string // class; "" is ringing
	tone  string // id of the playback of a ringing tone
	on    bool
}

// start has the caller hear ringing or music: a caller who is not answered, the network's ringing.
func (m *comfort) start(ctx context.Context) error {
	c := m.call
	var err error
	switch {
	case m.music != "":
		_, err = c.do(ctx, post(c.path("moh"), map[string]any{"mohClass": m.music}))
	case !c.up:
		_, err = c.do(ctx, post(c.path("ring"), nil))
	default:
		m.tone, err = c.playTo(ctx, "channels", c.now(), &engine.Prompt{Kind: engine.TonePrompt, Text: "ring"})
	}
	m.on = err == nil
	return err
}

func (m *comfort) stop(ctx context.Context) {
	if !m.on {
		return
	}
	m.on = false
	c := m.call
	switch {
	case c.state() != nil:
	case m.music != "":
		c.clear(ctx, remove(c.path("moh")))
	case m.tone != "":
		c.clear(ctx, remove(pathOf("playbacks", m.tone)))
	}
}
