package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"
)

// bareApp is the application whose calls the bare client answers.
const bareApp = "bare"

// A bareARI answers calls as a careful Go program without a library would: a goroutine for each, which sends
// requests and waits for events.
type bareARI struct {
	conn *ariConn
	ctx  context.Context // ends with the connection

	mu    sync.Mutex
	calls map[string]*bareCall
}

// serveBareARI takes calls until ctx ends. When it is ready to, it prints a line.
func serveBareARI(ctx context.Context, address string) error {
	conn, err := dialARI(ctx, address, bareApp)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	b := &bareARI{conn: conn, ctx: ctx, calls: map[string]*bareCall{}}
	read := make(chan error, 1)
	go func() {
		read <- conn.read(ctx, b.event)
		stop()
	}()
	// ivrd does not want to hear of these either.
	err = conn.filter(ctx, bareApp, "disallowed", "ChannelVarset", "ChannelDialplan", "ChannelConnectedLine", "ChannelCallerId")
	if err != nil {
		return err
	}
	fmt.Println("ready")
	return <-read
}

// event brings an event to the call it is about.
func (b *bareARI) event(e *ariEvent) {
	id := e.callID()
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.calls[id]
	if e.Type == "StasisStart" {
		c = &bareCall{bareARI: b, id: id, events: make(chan *ariEvent, 64)}
		b.calls[id] = c
		go c.serve(e.Args)
		return
	}
	if c == nil {
		return
	}
	if e.Type == "StasisEnd" {
		delete(b.calls, id)
	}
	select {
	case c.events <- e:
	default:
		fmt.Fprintln(os.Stderr, "bare: an event is lost:", e.Type)
	}
}

// A bareCall is one call.
type bareCall struct {
	*bareARI
	id     string
	plays  int
	events chan *ariEvent
}

// errBareHangup ends a call whose caller has hung up.
var errBareHangup = errors.New("the caller hung up")

// serve does what the flow of that name does on ivrd.
func (c *bareCall) serve(args []string) {
	run := map[string]func() error{"reference": c.reference, "brief": c.hangUp, "keys": c.keys, "held": c.held}
	if len(args) != 1 || run[args[0]] == nil {
		fmt.Fprintln(os.Stderr, "bare: no such flow:", args)
		return
	}
	err := c.post("answer", nil)
	if err == nil {
		err = run[args[0]]()
	}
	if err != nil && !errors.Is(err, errBareHangup) && c.ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
	}
}

func (c *bareCall) reference() error {
	if err := c.post("variable", map[string]string{"variable": "ACCOUNT", "value": "4711"}); err != nil {
		return err
	}
	if err := c.ask("sound:main-menu"); err != nil {
		return err
	}
	balance, err := c.variable("BALANCE")
	if err != nil {
		return err
	}
	if err := c.play("sound:your-balance-is"); err != nil {
		return err
	}
	if err := c.play(sayNumber(balance)...); err != nil {
		return err
	}
	return c.hangUp()
}

func (c *bareCall) keys() error {
	for {
		err := c.ask("sound:main-menu")
		if isGone(err) {
			return errBareHangup
		}
		if err != nil {
			return err
		}
	}
}

func (c *bareCall) held() error { return c.ask("sound:short") }

// sayNumber is the recordings of a number from 21 to 99 that is no multiple of ten.
func sayNumber(text string) []string {
	n, err := strconv.Atoi(text)
	if err != nil || n < 21 || n > 99 || n%10 == 0 {
		return []string{"sound:digits/0"}
	}
	return []string{fmt.Sprintf("sound:digits/%d", n-n%10), fmt.Sprintf("sound:digits/%d", n%10)}
}

func (c *bareCall) post(what string, params any) error {
	_, err := c.conn.do(c.ctx, "POST", "channels/"+c.id+"/"+what, params)
	return err
}

func (c *bareCall) hangUp() error {
	_, err := c.conn.do(c.ctx, "DELETE", "channels/"+c.id+"?reason_code=16", nil)
	return err
}

func (c *bareCall) variable(name string) (string, error) {
	e, err := c.conn.do(c.ctx, "GET", "channels/"+c.id+"/variable?variable="+url.QueryEscape(name), nil)
	if err != nil {
		return "", err
	}
	var v struct{ Value string }
	return v.Value, json.Unmarshal([]byte(e.Body), &v)
}

// start begins to play and returns the playback's id.
func (c *bareCall) start(media ...string) (string, error) {
	c.plays++
	id := c.id + "-" + strconv.Itoa(c.plays)
	return id, c.post("play/"+id, map[string]any{"media": media})
}

// play plays to the end.
func (c *bareCall) play(media ...string) error {
	id, err := c.start(media...)
	if err != nil {
		return err
	}
	for {
		e, err := c.next()
		switch {
		case err != nil:
			return err
		case e.Type != "PlaybackFinished" || e.Playback.ID != id:
		case e.Playback.State == "failed":
			return fmt.Errorf("play %s: it failed", media)
		default:
			return nil
		}
	}
}

// ask plays until a key is pressed, which may be after the end.
func (c *bareCall) ask(media string) error {
	id, err := c.start(media)
	if err != nil {
		return err
	}
	for over := false; ; {
		e, err := c.next()
		switch {
		case err != nil:
			return err
		case e.Type == "PlaybackFinished" && e.Playback.ID == id:
			over = true
		case e.Type == "ChannelDtmfReceived" && over:
			return nil
		case e.Type == "ChannelDtmfReceived":
			if _, err := c.conn.do(c.ctx, "DELETE", "playbacks/"+id, nil); !isGone(err) {
				return err
			}
			return nil
		}
	}
}

// next is the call's next event.
func (c *bareCall) next() (*ariEvent, error) {
	select {
	case e := <-c.events:
		if e.Type == "StasisEnd" {
			return nil, errBareHangup
		}
		return e, nil
	case <-c.ctx.Done():
		return nil, context.Cause(c.ctx)
	}
}
