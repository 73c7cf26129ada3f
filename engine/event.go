package engine

import (
	"context"
	"encoding/json"
	"fmt"
)

// EventKind names something that happens in a call beside what the flow does.
type EventKind string

const (
	EventDigit     EventKind = "digit"      // the caller pressed a key; Text is the key
	EventHold      EventKind = "hold"       // the caller's phone put us on hold
	EventUnhold    EventKind = "unhold"     // … and took us back
	EventTalking   EventKind = "talking"    // the caller began to speak
	EventQuiet     EventKind = "quiet"      // … and stopped; Text is for how long they spoke, in seconds
	EventText      EventKind = "text"       // a text message came from the caller's phone
	EventUserEvent EventKind = "user_event" // another program sent an event to this call; Text is its name
)

// EventKinds are all there are.
var EventKinds = []EventKind{EventDigit, EventHold, EventUnhold, EventTalking, EventQuiet, EventText, EventUserEvent}

// An Event is something that happened beside what the flow does.
type Event struct {
	Kind EventKind
	Text string
	Data string // JSON, for user events; "" if there is none
}

// String is e as a transcript writes it.
func (e Event) String() string {
	s := string(e.Kind)
	if e.Text != "" {
		s += " " + e.Text
	}
	if e.Data != "" {
		s += " " + e.Data
	}
	return s
}

// A Notifier tells of events. fn is called by the goroutine that runs the channel's methods, while one of them
// waits; if it returns true the method ends as if the time were up.
type Notifier interface {
	Notify(ctx context.Context, kinds []EventKind, fn func(Event) (stop bool)) error
}

// A handler is what a flow does when something happens.
type handler func(e Event) (stop bool, err error)

// On has fn called when something of a kind happens, while a step waits: fn cannot reach the caller itself. If it
// returns true the step ends. A kind has one function; nil takes it away.
func (c *Call) On(kind EventKind, fn func(e Event) (stop bool, err error)) error {
	n, ok := c.ch.(Notifier)
	if !ok {
		return &CapabilityError{StepOn, c.info.Backend}
	}
	if err := c.lacks(Detail("on " + string(kind))); err != nil {
		return err
	}
	if c.handlers == nil {
		c.handlers = map[EventKind]handler{}
	}
	c.handlers[kind] = fn
	if fn == nil {
		delete(c.handlers, kind)
	}
	kinds := make([]EventKind, 0, len(c.handlers))
	for k := range c.handlers {
		kinds = append(kinds, k)
	}
	return n.Notify(c.ctx, kinds, c.happened)
}

// happened calls what the flow wants done. Its error ends the step that is under way, and with it the flow.
func (c *Call) happened(e Event) (stop bool) {
	fn := c.handlers[e.Kind]
	if fn == nil || c.handling {
		return false
	}
	if e.Kind != EventDigit { // those are journaled when they are taken, which says whether they are secret
		c.note(StepEvent, e.String())
	}
	c.handling = true
	defer func() { c.handling = false }()
	stop, err := fn(e)
	if err != nil {
		c.cancel(err)
		return true
	}
	return stop
}

// An Emitter sends events to other programs that listen to Asterisk.
type Emitter interface {
	// Emit sends an event of that name; data is a JSON object of names and texts.
	Emit(ctx context.Context, name string, data map[string]string) error
}

// Emit sends an event to other programs, over AMI or ARI as the backend has it.
func (c *Call) Emit(name string, data map[string]string) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("event %s: %w", name, err)
	}
	_, err = c.Do(StepEmit, name+" "+string(text), func(ctx context.Context) (string, error) {
		x, err := channelCan[Emitter](c, StepEmit)
		if err != nil {
			return "", err
		}
		return "", x.Emit(ctx, name, data)
	})
	return err
}

// A Snapshotter describes a channel as Asterisk has it now.
type Snapshotter interface {
	Snapshot(ctx context.Context) (Snapshot, error)
}

// A Snapshot is a channel at one moment. What is unknown is "".
type Snapshot struct {
	Name       string `json:"name"`
	State      string `json:"state"` // down, ring, ringing, up, busy …
	Number     string `json:"number"`
	CallerName string `json:"caller_name"`
	Connected  string `json:"connected"` // number of the party it is connected with
	Language   string `json:"language"`
	Account    string `json:"account"`
	Context    string `json:"context"`
	Exten      string `json:"exten"`
	Priority   string `json:"priority"`
}

// Snapshot asks for the caller's channel as it is now.
func (c *Call) Snapshot() (Snapshot, error) {
	var s Snapshot
	text, err := c.Do(StepSnapshot, "", func(ctx context.Context) (string, error) {
		x, err := channelCan[Snapshotter](c, StepSnapshot)
		if err != nil {
			return "", err
		}
		now, err := x.Snapshot(ctx)
		if err != nil {
			return "", err
		}
		b, err := json.Marshal(now)
		return string(b), err
	})
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(text), &s)
}

// A Requester sends any request to Asterisk's REST interface.
type Requester interface {
	// Request checks the request against what Asterisk declares and sends it. params is a JSON object or nil.
	Request(ctx context.Context, method, path string, params map[string]any) (status int, body string, err error)
}

// Request sends any request to Asterisk's REST interface. The answer is the status and, behind a blank, the body.
func (c *Call) Request(method, path string, params map[string]any) (string, error) {
	args := method + " " + path
	if len(params) > 0 {
		text, err := json.Marshal(params)
		if err != nil {
			return "", fmt.Errorf("ari %s: %w", args, err)
		}
		args += " " + string(text)
	}
	return c.Do(StepARI, args, func(ctx context.Context) (string, error) {
		x, err := channelCan[Requester](c, StepARI)
		if err != nil {
			return "", err
		}
		status, body, err := x.Request(ctx, method, path, params)
		return fmt.Sprintf("%d %s", status, body), err
	})
}
