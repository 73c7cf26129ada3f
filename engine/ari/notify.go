package ari

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Notifier = (*channel)(nil)

// errStop ends a step because a function of the flow's wants it.
var errStop = errors.New("the flow wants it")

// notices is what a flow wants to hear of while its steps wait.
type notices struct {
	kinds   []engine.EventKind
	tell    func(engine.Event) bool
	halt    bool           // a step is to end
	detects bool           // Asterisk listens for speech
	own     []engine.Event // user events that the flow has sent itself, and that come back
}

// Notify tells fn of events, in their order among all others.
func (c *channel) Notify(ctx context.Context, kinds []engine.EventKind, fn func(engine.Event) bool) error {
	c.notices.kinds, c.notices.tell = kinds, fn
	speech := slices.Contains(kinds, engine.EventTalking) || slices.Contains(kinds, engine.EventQuiet)
	if speech && !c.notices.detects {
		if err := c.SetVar(ctx, "TALK_DETECT(set)", ""); err != nil {
			return err
		}
		c.notices.detects = true
	}
	if slices.Contains(kinds, engine.EventText) {
		return c.listenForText(ctx)
	}
	return nil
}

// listenForText has messages of the caller's endpoint come to the call, which Asterisk does not tie to channels.
func (c *channel) listenForText(ctx context.Context) error {
	endpoint := endpointOf(c.info.Channel)
	c.own(endpoint)
	source := map[string]any{"eventSource": []string{"endpoint:" + endpoint}}
	_, err := c.do(ctx, post(pathOf("applications", c.server.appNow(), "subscription"), source))
	return err
}

// endpointOf is the endpoint of a channel by its name: that of PJSIP/alice-00000001 is PJSIP/alice.
func endpointOf(channel string) string {
	if i := strings.LastIndexByte(channel, '-'); i > 0 {
		return channel[:i]
	}
	return channel
}

// notice tells the flow of an event if it wants to hear of it.
func (c *channel) notice(e *event) {
	n := &c.notices
	happened := c.eventOf(e)
	if n.tell != nil && happened.Kind != "" && slices.Contains(n.kinds, happened.Kind) && n.tell(happened) {
		n.halt = true
	}
}

// eventOf is what an event of Asterisk's means to a flow; its kind is "" if nothing.
func (c *channel) eventOf(e *event) engine.Event {
	if e.Type == "TextMessageReceived" && e.Message != nil {
		return engine.Event{Kind: engine.EventText, Text: e.Message.Body}
	}
	if !e.of(c.now()) {
		return engine.Event{}
	}
	switch e.Type {
	case "ChannelDtmfReceived":
		return engine.Event{Kind: engine.EventDigit, Text: e.Digit}
	case "ChannelHold":
		return engine.Event{Kind: engine.EventHold}
	case "ChannelUnhold":
		return engine.Event{Kind: engine.EventUnhold}
	case "ChannelTalkingStarted":
		return engine.Event{Kind: engine.EventTalking}
	case "ChannelTalkingFinished":
		return engine.Event{Kind: engine.EventQuiet, Text: strconv.FormatFloat(float64(e.Duration)/1000, 'f', -1, 64)}
	case "ChannelUserevent":
		return c.userEvent(e)
	}
	return engine.Event{}
}

// wantsStop reports, once, whether a step is to end.
func (c *channel) wantsStop() bool {
	halt := c.notices.halt
	c.notices.halt = false
	return halt
}
