package ari

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.MediaConnector = (*channel)(nil)

// ConnectMedia connects the caller with a channel whose audio goes to and comes from an address. Of RTP nobody
// tells when the other side is gone.
func (c *channel) ConnectMedia(ctx context.Context, r engine.MediaRequest) (engine.Digit, error) {
	if err := c.begin(ctx); err != nil {
		return engine.NoDigit, c.news(err)
	}
	if err := checkMedia(&r); err != nil {
		return engine.NoDigit, fmt.Errorf("connect media: %w", err)
	}
	connect := c.connectSocket
	if r.Kind == engine.MediaRTP {
		connect = c.connectRTP
	}
	d, err := connect(ctx, r)
	if err == errTime {
		err = nil
	}
	return d, c.news(err)
}

var (
	uuid      = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	plainHost = regexp.MustCompile(`^[0-9A-Za-z.:_-]+$`)
	plainName = regexp.MustCompile(`^[0-9A-Za-z]+$`)
)

// checkMedia fills in what a request leaves out, and refuses what Asterisk would take for something else.
func checkMedia(r *engine.MediaRequest) error {
	host, port, err := net.SplitHostPort(r.Address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || !plainHost.MatchString(host) {
		return fmt.Errorf("%q is no address; write host:port", r.Address)
	}
	r.Kind = cmp.Or(r.Kind, engine.MediaAudioSocket)
	switch r.Kind {
	case engine.MediaAudioSocket:
		r.Format, r.ID = cmp.Or(r.Format, "slin"), cmp.Or(r.ID, newUUID())
		if !uuid.MatchString(r.ID) {
			return fmt.Errorf("%q is no UUID", r.ID)
		}
	case engine.MediaRTP:
		r.Format = cmp.Or(r.Format, "ulaw")
	default:
		return fmt.Errorf("there is %s and %s, not %s", engine.MediaAudioSocket, engine.MediaRTP, r.Kind)
	}
	if !plainName.MatchString(r.Format) {
		return fmt.Errorf("%q is no format", r.Format)
	}
	return nil
}

// newUUID is a random one (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// connectRTP puts the caller into a bridge with a channel that Asterisk makes for the purpose.
func (c *channel) connectRTP(ctx context.Context, r engine.MediaRequest) (engine.Digit, error) {
	if err := c.ready(ctx); err != nil {
		return engine.NoDigit, err
	}
	p := &party{call: c, id: c.server.names.next(), target: r.Address}
	c.own(p.id)
	defer p.hangUp(ctx, "")
	q := post("channels/externalMedia", map[string]any{
		"channelId": p.id, "app": c.server.appNow(), "external_host": r.Address, "encapsulation": "rtp", "transport": "udp", "format": r.Format,
	})
	q.waits = true // while Asterisk looks the host's name up
	_, err := c.do(ctx, q)
	if err == nil {
		err = c.enters(ctx, p)
	}
	if isStatus(err, 500) { // of what is wrong Asterisk says no more than that
		err = fmt.Errorf("connect media: Asterisk cannot send RTP to %s: it does not know the host, or no format %s", r.Address, r.Format)
	}
	if err != nil {
		return engine.NoDigit, err
	}
	return c.connectWith(ctx, p, r.Most, r.End)
}

// connectSocket has the application Dial call an AudioSocket. ARI has a request for that, too. But a channel of that
// kind waits for audio when it is read, with its lock held, and Asterisk reads every channel once too often as it
// goes from an application of ARI's into a bridge (res_stasis.c, stasis_app_exec): if the other side is silent just
// then, all of Asterisk stands still until it speaks.
func (c *channel) connectSocket(ctx context.Context, r engine.MediaRequest) (engine.Digit, error) {
	helps, err := c.dialplanHelps(ctx)
	if err == nil && !helps {
		err = errNoDialplan("connect media")
	}
	if err == nil {
		err = c.ready(ctx)
	}
	if err == nil {
		const rings = "10" // in seconds; it answers at once or not at all
		err = c.depart(ctx, "Dial", "AudioSocket/"+r.Address+"/"+r.ID+"/c("+r.Format+"),"+rings+",g")
	}
	if err != nil {
		return engine.NoDigit, err
	}
	d, err := c.stayAway(ctx, r)
	if err != nil {
		return d, err
	}
	status, err := c.variable(ctx, "DIALSTATUS")
	if err == nil && status != "ANSWER" {
		err = fmt.Errorf("connect media: Asterisk could not connect to %s", r.Address)
	}
	return d, err
}

// stayAway waits until the caller is back from an AudioSocket, which a key or the time ends.
func (c *channel) stayAway(ctx context.Context, r engine.MediaRequest) (engine.Digit, error) {
	var timeUp <-chan time.Time
	if r.Most > 0 {
		timeUp = time.After(r.Most)
	}
	pressed := engine.NoDigit
	for c.away.Load() {
		e, err := c.next(ctx, timeUp)
		if err == nil {
			err = c.state()
		}
		if err != nil {
			c.endSocket(ctx, r)
			return engine.NoDigit, err
		}
		switch {
		case e == nil:
			timeUp = nil
		case r.End.Has(c.digit(e)):
			pressed = c.digit(e)
		case !c.wantsStop():
			continue
		}
		c.endSocket(ctx, r)
	}
	return pressed, c.comeBack(ctx)
}

// endSocket hangs up on the AudioSocket's side.
func (c *channel) endSocket(ctx context.Context, r engine.MediaRequest) {
	bounded, stop := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer stop()
	if id, err := c.find(bounded, "AudioSocket/"+r.Address+"-"+r.ID); err == nil && id != "" {
		c.clear(ctx, remove(pathOf("channels", id)))
	}
}
