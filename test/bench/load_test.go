package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A load plays the callers: it has Asterisk call itself over Local channels, of which one half is a caller and
// the other comes to the client that is measured. It does without sound, so that little else costs anything.
type load struct {
	conn *ariConn
	ctx  context.Context

	mu    sync.Mutex
	last  int
	calls map[string]*caller
}

// A caller is its half of one call.
type caller struct {
	load     *load
	id       string
	answered chan struct{}
	over     chan struct{}
}

// loadApp is the application that the callers are in.
const loadApp = "load"

// patience bounds what a caller waits for.
const patience = 30 * time.Second

// newLoad connects to Asterisk, until ctx ends.
func newLoad(ctx context.Context, address string) (*load, error) {
	conn, err := dialARI(ctx, address, loadApp)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancelCause(ctx)
	l := &load{conn: conn, ctx: ctx, calls: map[string]*caller{}}
	go func() { stop(conn.read(ctx, l.event)) }()
	return l, conn.filter(ctx, loadApp, "allowed", "StasisStart", "ChannelDestroyed", "RESTResponse")
}

func (l *load) event(e *ariEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.calls[e.Channel.ID]
	switch {
	case c == nil: // the other half
	case e.Type == "StasisStart":
		close(c.answered)
	case e.Type == "ChannelDestroyed":
		delete(l.calls, c.id)
		close(c.over)
	}
}

// call calls a client for a flow. Without a format Asterisk would take the widest, and resample every sound.
func (l *load) call(client, flow string) (*caller, error) {
	l.mu.Lock()
	l.last++
	c := &caller{l, fmt.Sprintf("load-%07d", l.last), make(chan struct{}), make(chan struct{})}
	l.calls[c.id] = c
	l.mu.Unlock()
	_, err := l.conn.do(l.ctx, "POST", "channels", map[string]string{
		"endpoint": "Local/" + flow + "@" + client + "/n", "app": loadApp, "channelId": c.id, "formats": "slin",
	})
	return c, err
}

// answeredCall is call, and waits for the answer.
func (l *load) answeredCall(client, flow string) (*caller, error) {
	c, err := l.call(client, flow)
	if err != nil {
		return nil, err
	}
	return c, c.wait(c.answered)
}

// wait waits for something to happen to the call.
func (c *caller) wait(happened <-chan struct{}) error {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-happened:
		return nil
	case <-late.C:
		return fmt.Errorf("call %s was not answered, or did not end, within %s", c.id, patience)
	case <-c.load.ctx.Done():
		return context.Cause(c.load.ctx)
	}
}

// press presses keys, each as soon after the one before as Asterisk can tell them apart.
func (c *caller) press(keys string) error {
	_, err := c.load.conn.do(c.load.ctx, "POST", "channels/"+c.id+"/dtmf", map[string]any{"dtmf": keys, "duration": 80, "between": 50})
	return err
}

func (c *caller) hangUp() error {
	if _, err := c.load.conn.do(c.load.ctx, "DELETE", "channels/"+c.id, nil); err != nil {
		return err
	}
	return c.wait(c.over)
}

// reference makes one call with the reference session.
func (l *load) reference(client string) error {
	c, err := l.answeredCall(client, "reference")
	if err != nil {
		return err
	}
	time.Sleep(100 * time.Millisecond) // for the prompt to begin
	if err := c.press("1"); err != nil {
		return err
	}
	return c.wait(c.over)
}

// brief makes one call that is answered and ended.
func (l *load) brief(client string) error {
	c, err := l.call(client, "brief")
	if err != nil {
		return err
	}
	return c.wait(c.over)
}

// hold makes n calls with a flow that go on, and returns them when all are answered.
func (l *load) hold(client, flow string, n, atOnce int) ([]*caller, error) {
	answered := make(chan *caller, n)
	err := crowd(atOnce, times(n), func() error {
		c, err := l.answeredCall(client, flow)
		if err == nil {
			answered <- c
		}
		return err
	})
	close(answered)
	var held []*caller
	for c := range answered {
		held = append(held, c)
	}
	return held, err
}

// release ends calls.
func release(calls []*caller) error { return each(calls, 50, (*caller).hangUp) }

// each does something with every call, atOnce at a time.
func each(calls []*caller, atOnce int, do func(*caller) error) error {
	rest := make(chan *caller, len(calls))
	for _, c := range calls {
		rest <- c
	}
	return crowd(atOnce, times(len(calls)), func() error { return do(<-rest) })
}
