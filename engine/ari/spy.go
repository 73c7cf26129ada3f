package ari

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Spier = (*channel)(nil)

// Spy connects the caller with a channel that hears the other one, and that the other one hears as the mode says.
func (c *channel) Spy(ctx context.Context, r engine.SpyRequest) error {
	err := c.begin(ctx)
	if err == nil {
		err = c.spy(ctx, r)
	}
	return c.news(err)
}

// whispers is what a channel that spies may be heard by: out is the one it spies on.
var whispers = map[engine.SpyMode]string{engine.SpyListen: "none", engine.SpyWhisper: "out", engine.SpyBarge: "both"}

func (c *channel) spy(ctx context.Context, r engine.SpyRequest) error {
	target, err := c.find(ctx, r.Channel)
	if err == nil && target == "" {
		err = errNoChannel(r.Channel)
	}
	if err != nil {
		return err
	}
	if err := c.ready(ctx); err != nil {
		return err
	}
	snoop, err := c.snoop(ctx, target, "both", cmp.Or(whispers[r.Mode], "none"))
	if isStatus(err, 404) {
		return errNoChannel(r.Channel)
	}
	if err != nil {
		return err
	}
	defer snoop.hangUp(ctx, "")
	_, err = c.connectWith(ctx, snoop, 0, r.End)
	return err
}

func errNoChannel(name string) error { return fmt.Errorf("spy: Asterisk has no channel %s", name) }

// find is the id of the channel that has that name or id, else of the oldest one whose name begins so; "" if there
// is none.
func (c *channel) find(ctx context.Context, name string) (string, error) {
	q := get("channels")
	r, err := c.do(ctx, q)
	if err != nil {
		return "", err
	}
	var all []channelInfo
	if err := r.decode(q, &all); err != nil {
		return "", err
	}
	slices.SortFunc(all, func(a, b channelInfo) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.Name, b.Name))
	})
	for _, fits := range []func(ch channelInfo) bool{
		func(ch channelInfo) bool { return ch.Name == name || ch.ID == name },
		func(ch channelInfo) bool { return strings.HasPrefix(ch.Name, name) },
	} {
		for _, ch := range all {
			if fits(ch) && ch.ID != c.now() {
				return ch.ID, nil
			}
		}
	}
	return "", nil
}

// snoop makes a channel that hears what comes in from another one, what goes out to it, or both, and that is heard
// likewise by those that whisper says.
func (c *channel) snoop(ctx context.Context, id, spy, whisper string) (*party, error) {
	p := &party{call: c, id: c.server.names.next(), target: "the channel that listens to " + id}
	c.own(p.id)
	_, err := c.do(ctx, post(pathOf("channels", id, "snoop", p.id), map[string]any{"spy": spy, "whisper": whisper, "app": c.server.appNow()}))
	if err == nil {
		err = c.enters(ctx, p)
	}
	if err != nil {
		p.hangUp(ctx, "")
		return nil, err
	}
	return p, nil
}
