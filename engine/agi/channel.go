package agi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var (
	_ engine.Channel   = (*channel)(nil)
	_ engine.Executor  = (*channel)(nil)
	_ engine.Commander = (*channel)(nil)
	_ engine.VarSetter = (*channel)(nil)
)

// A channel is one call. Its methods are called by one goroutine; while none of them runs the type-ahead
// listener may have the session.
type channel struct {
	session
	info  engine.Info
	over  bool                           // given back to the dialplan
	told  bool                           // the handler knows of the hangup
	moved bool                           // handed on: the dialplan goes on elsewhere as soon as it has the call
	tell  func(engine.Event) (stop bool) // of digits; nil if the flow does not want to hear
	monitor
	library  string          // Asterisk's folder for recordings, once it is known
	folder   string          // one in it, or itself, that is there
	recorded map[string]bool // names of recordings that the call has made

	typeAhead time.Duration
	mu        sync.Mutex     // guards what follows, against the listener
	kept      []byte         // digits nobody wanted yet
	untold    []engine.Digit // those of them that the flow has not heard of
	timer     *time.Timer
	armed     bool          // the timer runs
	busy      bool          // a method runs, or the call is over
	turn      int           // how many methods have run
	armedTurn int           // turn, when the timer started
	listening chan struct{} // closed when the listener is done; nil if there is none
}

// Info describes the call as it arrived.
func (c *channel) Info() engine.Info { return c.info }

// begin takes the session from the listener and settles what is still open. end must follow, whatever it
// returns.
func (c *channel) begin(ctx context.Context) error {
	if err := c.takeOver(); err != nil {
		return err
	}
	switch {
	case c.over:
		return engine.ErrOver
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case c.lost != nil:
		return c.gone(c.lost)
	case c.owed == "":
		return nil
	}
	_, err := c.sync(ctx, c.owed)
	if err == errWoken {
		return context.Cause(ctx)
	}
	return err
}

// beginLive is begin for what needs the caller on the line.
func (c *channel) beginLive(ctx context.Context) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	if c.hungUp {
		return engine.ErrHangup
	}
	return nil
}

// news is the error of a step that works on dead channels too: of a hangup the handler hears once, from
// whichever step notices it first, even if that did its work. What a function of the flow's ended is no error.
func (c *channel) news(err error) error {
	if err == errStop {
		err = nil
	}
	if c.hungUp && !c.told && err == nil {
		err = engine.ErrHangup
	}
	if errors.Is(err, engine.ErrHangup) {
		c.told = true
	}
	return err
}

// alive tells the two meanings of a result of -1 apart: an error means that the caller hung up.
func (c *channel) alive(ctx context.Context) error {
	if c.hungUp {
		return engine.ErrHangup
	}
	_, err := c.do(ctx, c.patient, "CHANNEL STATUS") // not permitted on a dead channel
	return err
}

// Answer picks up.
func (c *channel) Answer(ctx context.Context) error {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return c.news(err)
	}
	r, err := c.do(ctx, c.patient, "ANSWER")
	if err == nil && r.failed() {
		if err = c.alive(ctx); err == nil {
			err = errors.New("answer: Asterisk could not")
		}
	}
	return c.news(err)
}

// Continue gives the call back to the dialplan, which has it as soon as the handler returns. Asterisk
// takes any place and loses the call if it does not exist, so that is asked first.
func (c *channel) Continue(ctx context.Context, to engine.Location) error {
	defer c.end()
	if err := c.begin(ctx); err != nil {
		return c.news(err)
	}
	if !to.IsNext() && !c.moved {
		if c.hungUp {
			return c.news(engine.ErrHangup)
		}
		if err := c.goTo(ctx, to); err != nil {
			return c.news(err)
		}
	}
	c.over = true
	return nil
}

func (c *channel) goTo(ctx context.Context, to engine.Location) error {
	exten, priority := to.Exten, to.Priority
	if exten == "" && to.Context != "" {
		exten = "s"
	}
	if priority == "" {
		priority = "1"
	}
	if err := c.exists(ctx, to, exten, priority); err != nil {
		return err
	}
	if to.Context != "" {
		if _, err := c.do(ctx, c.patient, "SET CONTEXT", to.Context); err != nil {
			return err
		}
	}
	if exten != "" {
		if _, err := c.do(ctx, c.patient, "SET EXTENSION", exten); err != nil {
			return err
		}
	}
	_, err := c.do(ctx, c.patient, "SET PRIORITY", priority) // last: a label is looked up where the call is to go
	return err
}

func (c *channel) exists(ctx context.Context, to engine.Location, exten, priority string) error {
	if strings.ContainsAny(to.String(), "${}()\"\\") {
		return fmt.Errorf("continue %s: not a place in the dialplan", to)
	}
	place := orText(to.Context, "${CONTEXT}") + "," + orText(exten, "${EXTEN}") + "," + priority
	there, err := c.expand(ctx, "${DIALPLAN_EXISTS("+place+")}")
	if err != nil {
		return err
	}
	if there == "0" { // "" is an Asterisk without the function
		return fmt.Errorf("continue %s: there is no such place in the dialplan", to)
	}
	return nil
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// Hangup ends the call with a cause.
func (c *channel) Hangup(ctx context.Context, why engine.Cause) error {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return c.news(err)
	}
	// HANGUP itself leaves no cause: callers would see 603 Decline, or a Q.850 cause of 0.
	if _, err := c.do(ctx, c.patient, "EXEC", "Hangup", strconv.Itoa(why.Code())); err != nil {
		return c.news(err)
	}
	c.hungUp, c.told = true, true
	c.watch(context.Background()) // nothing is read any more that the end of ctx would have to wake
	return nil
}

// finish lets go of the call: Asterisk goes on in the dialplan as soon as the connection is closed. What
// it still sends, a last HANGUP, is for nobody.
func (c *channel) finish() {
	c.retire()
	if c.unwatch != nil {
		c.unwatch()
	}
	c.conn.Close()
}
