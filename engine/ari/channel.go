package ari

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var (
	_ engine.Channel   = (*channel)(nil)
	_ engine.Executor  = (*channel)(nil)
	_ engine.VarSetter = (*channel)(nil)
	_ engine.Vanisher  = (*channel)(nil)
)

// Abilities are those of all calls over ARI.
func Abilities() engine.Abilities { return engine.AbilitiesOf((*channel)(nil)) }

// A channel is one call. Its methods are called by one goroutine; only deliver is called by others.
type channel struct {
	server *Server
	info   engine.Info
	box    mailbox
	dead   chan struct{} // closed when the connection was lost for too long
	given  atomic.Bool   // dead is closed
	ident  atomic.Pointer[string]
	away   atomic.Bool // a dialplan application runs for its flow, outside of our application

	owned    []string // channels and bridges whose events come here; guarded by the server
	kept     []byte   // digits nobody wanted yet
	up       bool     // answered
	over     bool     // told to leave
	hungUp   bool
	out      bool            // of our application, for good
	told     bool            // the handler knows of the hangup
	lost     error           // the connection is
	again    *request        // what it was told, to leave
	recorded map[string]bool // names of recordings that the call has made
	music    bool            // music plays that the flow has started
	monitor  *monitor        // nil if the call is not recorded as a whole
	plays    int             // how many playbacks there were
	runs     int             // how many dialplan applications
	stopping string          // a playback that has been told to end and still has the channel's thread
	notices
	id string // at the beginning
}

func newChannel(s *Server, ch *channelInfo, args []string) *channel {
	c := &channel{
		server: s, id: ch.ID, info: infoOf(ch, args), box: newMailbox(), dead: make(chan struct{}), up: ch.State == "Up",
	}
	c.ident.Store(&c.id)
	return c
}

// infoOf is what the engine learns of a call: Stasis(app,name?x=1,arg) asks for a flow as agi://host/name?x=1 does.
func infoOf(ch *channelInfo, args []string) engine.Info {
	info := engine.Info{
		Backend: "ari", ID: ch.ID, Channel: ch.Name, CallerID: ch.Caller.Number, CallerName: ch.Caller.Name,
		Context: ch.Dialplan.Context, Exten: ch.Dialplan.Exten, Priority: ch.Dialplan.Priority, Language: ch.Language,
	}
	if len(args) > 0 {
		info.Path, info.Args = engine.SplitTarget(args[0])
		info.Argv = args[1:]
	}
	return info
}

// greet asks for what the event does not tell.
func (c *channel) greet(ctx context.Context) error {
	dialed, err := c.variable(ctx, "CALLERID(dnid)")
	c.info.Dialed = dialed
	return err
}

// Info describes the call as it arrived.
func (c *channel) Info() engine.Info { return c.info }

// Vanishes: the channel leaves us as soon as its caller hangs up, and takes no variables any more.
func (c *channel) Vanishes() {}

// now is the channel's id. It changes when another channel takes its place, after a transfer.
func (c *channel) now() string { return *c.ident.Load() }

func (c *channel) path(parts ...string) string {
	return pathOf(append([]string{"channels", c.now()}, parts...)...)
}

// deliver takes an event from the goroutine that reads the socket.
func (c *channel) deliver(e *event) {
	if e.Type == eventLost && c.given.CompareAndSwap(false, true) {
		close(c.dead)
	}
	c.box.put(e)
}

// begin settles what has happened meanwhile and says whether anything is possible still.
func (c *channel) begin(ctx context.Context) error {
	for e := c.box.take(); e != nil; e = c.box.take() {
		c.absorb(e)
		c.keepDigit(e)
	}
	switch {
	case c.over:
		return engine.ErrOver
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case c.away.Load() && c.state() == nil: // a step before was given up
		return c.comeBack(ctx)
	}
	return c.state()
}

// state is why nothing is possible any more, or nil.
func (c *channel) state() error {
	switch {
	case c.lost != nil:
		return c.lost
	case c.hungUp:
		return engine.ErrHangup
	}
	return nil
}

// absorb takes note of what an event says about the call as a whole, and tells the flow if it wants to hear.
func (c *channel) absorb(e *event) {
	c.notice(e)
	c.monitor.hear(e)
	switch e.Type {
	case eventLost:
		c.lost = engine.ErrLost
	case eventGone:
		c.hungUp, c.out = true, true
	case "StasisStart":
		if e.of(c.now()) {
			c.away.Store(false)
		}
	case "StasisEnd":
		c.out = c.out || e.of(c.now()) && !c.away.Load()
		c.hungUp = c.hungUp || c.out
	case "ChannelDestroyed":
		c.out = c.out || e.of(c.now())
		c.hungUp = c.hungUp || c.out
	case "ChannelHangupRequest":
		c.hungUp = c.hungUp || e.of(c.now()) && !e.Soft
	case "ChannelStateChange":
		c.up = c.up || e.of(c.now()) && e.Channel.State == "Up"
	case "PlaybackFinished":
		if e.Playback.ID == c.stopping {
			c.stopping = ""
		}
	}
}

// next is the call's next event; nil when the time is up.
func (c *channel) next(ctx context.Context, timeUp <-chan time.Time) (*event, error) {
	for {
		if e := c.box.take(); e != nil {
			c.absorb(e)
			return e, nil
		}
		select {
		case <-c.box.news:
		case <-timeUp:
			return nil, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// errTime is a wait that came to its end.
var errTime = errors.New("time is up")

// await waits until match accepts an event, a digit in stop is pressed, the call ends, or the time is up, which
// is errTime; a d below 0 is without end. Other digits are kept.
func (c *channel) await(ctx context.Context, d time.Duration, stop engine.Digits, match func(*event) bool) (engine.Digit, error) {
	var timeUp <-chan time.Time
	if d >= 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		timeUp = timer.C
	}
	for {
		if c.wantsStop() { // also for what happened just before
			return engine.NoDigit, errStop
		}
		e, err := c.next(ctx, timeUp)
		switch {
		case err != nil:
			return engine.NoDigit, err
		case e == nil:
			return engine.NoDigit, errTime
		}
		if d := c.digit(e); d != engine.NoDigit {
			if stop.Has(d) {
				return d, nil
			}
			c.keep(d)
		}
		if match != nil && match(e) {
			return engine.NoDigit, nil
		}
		if err := c.state(); err != nil {
			return engine.NoDigit, err
		}
	}
}

// finishes is await for what cannot be left half done: a function of the flow's ends only what comes after it.
func (c *channel) finishes(ctx context.Context, d time.Duration, match func(*event) bool) error {
	halt := false
	defer func() { c.notices.halt = c.notices.halt || halt }()
	for {
		_, err := c.await(ctx, d, "", match)
		if err != errStop {
			return err
		}
		halt = true
	}
}

// news is an error as the handler may see it: of a hangup it has heard now, and what a function of the flow's
// ended is no error.
func (c *channel) news(err error) error {
	if errors.Is(err, engine.ErrHangup) {
		c.told = true
	}
	if err == errStop {
		return nil
	}
	return err
}

// do sends a request about this call. A channel that Asterisk does not have any more, or not in our
// application, is one whose caller hung up.
func (c *channel) do(ctx context.Context, q *request) (response, error) {
	r, err := c.server.do(ctx, q, c.dead)
	if errors.Is(err, engine.ErrLost) {
		c.lost = err
	}
	if isStatus(err, 404, 409, 412) && (!c.there(ctx) || strings.HasPrefix(q.path, c.path()+"/") && c.leaving(ctx, err)) {
		c.hungUp = true
		return r, engine.ErrHangup
	}
	return r, err
}

// there asks whether the channel is still ours.
func (c *channel) there(ctx context.Context) bool {
	for e := c.box.take(); e != nil; e = c.box.take() {
		c.absorb(e)
		c.keepDigit(e)
	}
	if c.hungUp {
		return false
	}
	_, err := c.server.do(ctx, get(c.path()), c.dead)
	return !isStatus(err, 404)
}

// leaving reports whether a refusal means that the channel, which Asterisk has, is just leaving our application: then
// its caller hangs up, though that is not known yet.
func (c *channel) leaving(ctx context.Context, err error) bool {
	const most = time.Second
	var refused *StatusError
	if !errors.As(err, &refused) || refused.Text != "Channel not found" && refused.Text != "Channel not in Stasis application" {
		return false
	}
	bounded, stop := context.WithTimeout(ctx, most)
	defer stop()
	for !c.hungUp {
		e, err := c.next(bounded, nil)
		if err != nil {
			return false
		}
		c.keepDigit(e)
	}
	return true
}

// Answer picks up.
func (c *channel) Answer(ctx context.Context) error {
	if err := c.begin(ctx); err != nil || c.up {
		return c.news(err)
	}
	if err := c.settle(ctx); err != nil {
		return c.news(err)
	}
	_, err := c.do(ctx, &request{method: "POST", path: c.path("answer"), waits: true})
	c.up = c.up || err == nil
	return c.news(err)
}

// Continue gives the call back to the dialplan. Asterisk takes any place and loses the call if it does not
// exist, so that is asked first.
func (c *channel) Continue(ctx context.Context, to engine.Location) error {
	if err := c.begin(ctx); err != nil {
		return c.news(err)
	}
	body, err := c.place(ctx, to)
	if err != nil {
		return c.news(err)
	}
	return c.news(c.leave(ctx, post(c.path("continue"), body)))
}

// leave tells the channel to go. Whether it has, its leaver hears.
func (c *channel) leave(ctx context.Context, q *request) error {
	_, err := c.do(ctx, q)
	switch {
	case isStatus(err, 409): // it went at the first try, whose answer was lost
		c.over = true
		return nil
	case err != nil:
		return err
	}
	c.over, c.again = true, q
	return nil
}

// place is where a call continues, as POST continue takes it.
func (c *channel) place(ctx context.Context, to engine.Location) (any, error) {
	if to.IsNext() {
		return nil, nil
	}
	if strings.ContainsAny(to.String(), "${}()\"\\") {
		return nil, fmt.Errorf("continue %s: not a place in the dialplan", to)
	}
	at := c.info
	context, exten, priority := cmp.Or(to.Context, at.Context), to.Exten, cmp.Or(to.Priority, "1")
	if exten == "" {
		exten = at.Exten
		if to.Context != "" {
			exten = "s"
		}
	}
	there, err := c.variable(ctx, "DIALPLAN_EXISTS("+context+","+exten+","+priority+")")
	if err != nil {
		return nil, err
	}
	if there == "0" {
		return nil, fmt.Errorf("continue %s: there is no such place in the dialplan", to)
	}
	body := map[string]any{"context": context, "extension": exten}
	if n, err := strconv.Atoi(priority); err == nil {
		body["priority"] = n
	} else {
		body["label"] = priority
	}
	return body, nil
}

// Hangup ends the call with a cause.
func (c *channel) Hangup(ctx context.Context, why engine.Cause) error {
	if err := c.begin(ctx); err != nil {
		return c.news(err)
	}
	err := c.leave(ctx, remove(c.path()+"?reason_code="+strconv.Itoa(why.Code())))
	if err == nil {
		c.hungUp, c.told = true, true
	}
	return c.news(err)
}

// finish sees to it that the channel leaves, and returns what it was told to that end; nil if it has left.
func (c *channel) finish() *request {
	c.endMonitor(c.server.life)
	if c.again == nil && c.begin(c.server.life) == nil {
		_ = c.leave(c.server.life, post(c.path("continue"), nil)) // a handler that failed has not said where to
	}
	if n := c.box.dropped; n > 0 {
		c.server.logger().Warn("events were dropped: the flow did not look for long", "call", c.info.ID, "events", n)
	}
	return c.again
}
