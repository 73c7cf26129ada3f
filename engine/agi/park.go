package agi

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Parker = (*channel)(nil)

// Asterisk's own parking has numbered spaces from its configuration, and a caller whom nobody picks up leaves for
// the dialplan, and so the flow. So a caller is parked by dialing a Local channel whose other half plays music in
// ivrd's part of the dialplan. Whoever picks up takes that half out of there by Bridge: both flows go on after.
// Its name begins with the slot's, which is how it is found, by any ivrd and any dialplan of that Asterisk.

func parked(slot string) string { return "Local/park-" + slot + "@" + dialplanContext }

// checkSlot refuses what would not be one extension.
func checkSlot(slot string) error {
	if !isHeader(slot) {
		return fmt.Errorf("%q cannot be a parking slot over FastAGI; use letters, digits, - and _", slot)
	}
	return nil
}

// Park has the caller wait.
func (c *channel) Park(ctx context.Context, r engine.ParkRequest) (engine.Talk, error) {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return engine.Talk{}, c.news(err)
	}
	talk, err := c.park(ctx, r)
	return talk, c.news(err)
}

func (c *channel) park(ctx context.Context, r engine.ParkRequest) (engine.Talk, error) {
	if err := firstError(checkSlot(r.Slot), checkPlain("class of music", r.Music)); err != nil {
		return engine.Talk{}, err
	}
	v, err := c.values(ctx, "DIALPLAN_EXISTS("+dialplanContext+",park-"+r.Slot+",1)", "CHANNEL(name)")
	if err != nil {
		return engine.Talk{}, err
	}
	if v[0] != "1" {
		return engine.Talk{}, errNoDialplan("park")
	}
	wait := ""
	if r.Timeout > 0 {
		wait = seconds(r.Timeout)
	}
	err = c.setAll(ctx, []engine.Variable{
		{Name: "IVRD_PICKED"}, {Name: "__IVRD_CALLER", Value: v[1]}, {Name: "__IVRD_MUSIC", Value: r.Music}, {Name: "__IVRD_WAIT", Value: wait},
	})
	if err != nil {
		return engine.Talk{}, err
	}
	if err := c.application(ctx, "Dial", parked(r.Slot)+"/n,,g"); err != nil {
		return engine.Talk{}, err
	}
	v, err = c.values(ctx, "IVRD_PICKED", stampNow)
	if err == nil {
		err = c.alive(ctx)
	}
	if err != nil {
		return engine.Talk{}, err
	}
	since, by, picked := strings.Cut(v[0], " ")
	if !picked {
		return engine.Talk{Status: engine.NoAnswer}, nil
	}
	return engine.Talk{Status: engine.Answered, Target: by, Lasted: between(since, v[1]), Ended: engine.EndedCalled}, nil
}

// Pickup connects the caller with the one who waits longest.
func (c *channel) Pickup(ctx context.Context, slot string) (engine.Talk, error) {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return engine.Talk{}, c.news(err)
	}
	if err := checkSlot(slot); err != nil {
		return engine.Talk{}, err
	}
	waiting, err := c.channels(ctx, parked(slot)+"-")
	if err != nil {
		return engine.Talk{}, c.news(err)
	}
	slices.Sort(waiting) // they are numbered
	for _, half := range waiting {
		if !strings.HasSuffix(half, ";2") {
			continue
		}
		if talk, err := c.pickup(ctx, half); err != nil || talk.Status == engine.Answered {
			return talk, c.news(err)
		}
	}
	return engine.Talk{Status: engine.Unavailable}, nil
}

// pickup connects the caller with the one whose other half is given, unless another call was faster.
func (c *channel) pickup(ctx context.Context, half string) (talk engine.Talk, err error) {
	mine, err := c.expand(ctx, "${TRYLOCK("+half+")}")
	if err != nil || mine != "1" {
		return talk, err
	}
	defer func() {
		if _, unlockErr := c.expand(ctx, "${UNLOCK("+half+")}"); err == nil {
			err = unlockErr
		}
	}()
	v, err := c.values(ctx, "IMPORT("+half+",IVRD_CALLER)", stampNow)
	if err != nil || v[0] == "" {
		return talk, err
	}
	caller, since := v[0], v[1]
	picked := "EXPORT(" + caller + ",IVRD_PICKED)"
	if err := c.set(ctx, picked, since+" "+c.info.Channel); err != nil {
		return talk, err
	}
	result, err := c.bridge(ctx, half, "x")
	if err == nil && result != "SUCCESS" { // the caller has just gone
		err = c.set(ctx, picked, "")
	}
	if err != nil || result != "SUCCESS" {
		return talk, err
	}
	now, err := c.expand(ctx, "${"+stampNow+"}")
	return engine.Talk{Status: engine.Answered, Target: caller, Lasted: between(since, now), Ended: engine.EndedCalled}, err
}
