package agi

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

var (
	_ engine.Transferer = (*channel)(nil)
	_ engine.Bridger    = (*channel)(nil)
	_ engine.Spier      = (*channel)(nil)
)

// Transfer runs the application Transfer: a caller who is answered gets REFER, another one 302.
func (c *channel) Transfer(ctx context.Context, target string) error {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return c.news(err)
	}
	if err := checkPlain("transfer to", target); err != nil || target == "" {
		return firstError(err, errors.New("transfer: to nobody"))
	}
	if err := c.application(ctx, "Transfer", target); err != nil {
		return c.news(err)
	}
	v, err := c.values(ctx, "TRANSFERSTATUS", "TRANSFERSTATUSPROTOCOL")
	switch {
	case err != nil:
		return c.news(err)
	case v[0] == "SUCCESS":
		return nil // that the call is gone now is what was wanted
	case v[0] == "UNSUPPORTED":
		return errors.New("transfer: the caller's network has no means for that")
	}
	if err := c.alive(ctx); err != nil {
		return c.news(err)
	}
	if v[1] == "0" {
		return fmt.Errorf("transfer to %s: Asterisk could not; is it of the caller's technology?", target)
	}
	return fmt.Errorf("transfer to %s: the caller's side did not agree (%s)", target, v[1])
}

// Bridge runs the application Bridge. When the two are apart again, the other channel goes on in its own dialplan,
// at the next priority.
func (c *channel) Bridge(ctx context.Context, target string) error {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return c.news(err)
	}
	result, err := c.bridge(ctx, target, "")
	switch {
	case err != nil:
		return c.news(err)
	case result == "NONEXISTENT":
		return fmt.Errorf("bridge: Asterisk has no channel %s", target)
	case result == "LOOP":
		return errors.New("bridge: a caller cannot be connected with itself")
	case result != "SUCCESS":
		return fmt.Errorf("bridge: Asterisk could not connect the caller with %s", target)
	}
	return c.news(nil)
}

// bridge runs the application and returns what it says of it.
func (c *channel) bridge(ctx context.Context, target, options string) (string, error) {
	if err := checkPlain("channel", target); err != nil {
		return "", err
	}
	if err := c.application(ctx, "Bridge", target+","+options); err != nil {
		return "", err
	}
	result, err := c.expand(ctx, "${BRIDGERESULT}")
	if err == nil {
		err = c.alive(ctx)
	}
	return result, err
}

// Spy runs the application ChanSpy for the first channel whose name fits. Two keys at most can end it.
func (c *channel) Spy(ctx context.Context, r engine.SpyRequest) error {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return c.news(err)
	}
	options, err := spyOptions(r)
	if err != nil {
		return err
	}
	name, err := c.spied(ctx, r.Channel)
	if err == nil && name == "" {
		err = fmt.Errorf("spy: Asterisk has no channel %s", r.Channel)
	}
	for err == nil && name != "" {
		if err = c.application(ctx, "ChanSpy", name+","+options); err != nil {
			break
		}
		if err = c.alive(ctx); err != nil || r.End != "" {
			break
		}
		name, err = c.spied(ctx, name) // * ends ChanSpy unless other keys do
	}
	return c.news(err)
}

// spied is the name of the first channel that begins with prefix and is not this one.
func (c *channel) spied(ctx context.Context, prefix string) (string, error) {
	if err := checkPlain("channel", prefix); err != nil {
		return "", err
	}
	names, err := c.channels(ctx, prefix)
	for _, name := range names {
		if name != c.info.Channel {
			return name, err
		}
	}
	return "", err
}

// spyOptions are those of ChanSpy: no beep, the end with the other channel's. Of a key that cycles through channels
// (c) and one that exits (x) either ends it then (app_chanspy.c, channel_spy and common_exec).
func spyOptions(r engine.SpyRequest) (string, error) {
	options := "qE"
	switch r.Mode {
	case engine.SpyWhisper:
		options += "w"
	case engine.SpyBarge:
		options += "B"
	}
	if strings.Trim(string(r.End), "0123456789*#") != "" {
		return "", fmt.Errorf("spy: %q cannot end it; keys are 0-9, * and #", r.End)
	}
	switch len(r.End) {
	case 0:
		return options, nil
	case 1:
		return options + "c(" + string(r.End) + ")x(" + string(r.End) + ")", nil
	case 2:
		return options + "c(" + string(r.End[:1]) + ")x(" + string(r.End[1:]) + ")", nil
	}
	return "", errors.New("spy: over FastAGI " + lacks["spy three stop keys"])
}
