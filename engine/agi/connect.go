package agi

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.MediaConnector = (*channel)(nil)

// ConnectMedia dials a channel of the technology AudioSocket, so that there can be a limit and a key that ends it,
// which the application AudioSocket has not.
func (c *channel) ConnectMedia(ctx context.Context, r engine.MediaRequest) (engine.Digit, error) {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return engine.NoDigit, c.news(err)
	}
	target, err := socketTarget(r)
	if err != nil {
		return engine.NoDigit, fmt.Errorf("connect media: %w", err)
	}
	d := &dialing{call: c, silent: true, request: engine.DialRequest{
		Targets: []string{target}, Timeout: 10 * time.Second, Most: r.Most, End: string(r.End),
	}}
	talk, err := d.run(ctx)
	switch {
	case err != nil:
		return engine.NoDigit, c.news(err)
	case talk.Status != engine.Answered:
		return engine.NoDigit, fmt.Errorf("connect media: Asterisk could not connect to %s", r.Address)
	case talk.Ended == engine.EndedKey:
		return engine.Digit(r.End[0]), nil
	}
	return engine.NoDigit, nil
}

var uuid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// socketTarget is the dial string of an AudioSocket (chan_audiosocket.c).
func socketTarget(r engine.MediaRequest) (string, error) {
	switch {
	case r.Kind != "" && r.Kind != engine.MediaAudioSocket:
		return "", errors.New(lacks["media rtp"])
	case len(r.End) > 1:
		return "", errors.New(lacks["media several stop keys"])
	case r.ID != "" && !uuid.MatchString(r.ID):
		return "", fmt.Errorf("%q is no UUID", r.ID)
	}
	host, port, err := net.SplitHostPort(r.Address)
	if err != nil {
		return "", fmt.Errorf("%q is no address: %w", r.Address, err)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil || checkPlain("host", host) != nil {
		return "", fmt.Errorf("%q is no address; write host:port", r.Address)
	}
	return "AudioSocket/" + net.JoinHostPort(host, port) + "/" + orText(r.ID, newUUID()) + "/c(slin)", nil
}

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
