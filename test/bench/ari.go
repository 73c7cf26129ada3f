package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// An ariConn is one websocket to Asterisk that events come and requests go over: as much of ARI as a program
// needs that knows what it wants.
type ariConn struct {
	ws *websocket.Conn

	mu      sync.Mutex
	last    uint64
	waiting map[string]chan *ariEvent
}

// An ariEvent is what the bare client and the load want to know of Asterisk's messages.
type ariEvent struct {
	Type     string
	Args     []string
	Channel  struct{ ID string }
	Playback struct {
		ID, State string
		Target    string `json:"target_uri"`
	}
	Digit string

	// Of an answer to a request.
	RequestID string `json:"request_id"`
	Status    int    `json:"status_code"`
	Body      string `json:"message_body"`
}

// callID is the channel that an event is about.
func (e *ariEvent) callID() string {
	if id, ok := strings.CutPrefix(e.Playback.Target, "channel:"); ok {
		return id
	}
	return e.Channel.ID
}

// dialARI connects to the ARI at an address such as http://user:secret@127.0.0.1:8088/ari for the events of an
// application.
func dialARI(ctx context.Context, address, app string) (*ariConn, error) {
	ws, _, err := websocket.Dial(ctx, strings.Replace(address, "http", "ws", 1)+"/events?app="+url.QueryEscape(app), nil)
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(1 << 20)
	return &ariConn{ws: ws, waiting: map[string]chan *ariEvent{}}, nil
}

// read hands over events, in order, until the connection ends.
func (a *ariConn) read(ctx context.Context, event func(*ariEvent)) error {
	for {
		_, b, err := a.ws.Read(ctx)
		if err != nil {
			return err
		}
		e := new(ariEvent)
		if err := json.Unmarshal(b, e); err != nil {
			return err
		}
		if e.Type == "RESTResponse" {
			a.answered(e)
		} else {
			event(e)
		}
	}
}

func (a *ariConn) answered(e *ariEvent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if reply := a.waiting[e.RequestID]; reply != nil {
		delete(a.waiting, e.RequestID)
		reply <- e
	}
}

// expect is a new request's id and where its answer will come.
func (a *ariConn) expect() (string, chan *ariEvent) {
	reply := make(chan *ariEvent, 1)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	id := strconv.FormatUint(a.last, 10)
	a.waiting[id] = reply
	return id, reply
}

// An ariRequest is a request as it goes over the websocket.
type ariRequest struct {
	Type        string `json:"type"`
	RequestID   string `json:"request_id"`
	Method      string `json:"method"`
	URI         string `json:"uri"`
	ContentType string `json:"content_type,omitempty"`
	Body        string `json:"message_body,omitempty"`
}

// do sends a request, with params as its body unless they are nil, and waits for the answer. ctx must end with
// the connection.
func (a *ariConn) do(ctx context.Context, method, uri string, params any) (*ariEvent, error) {
	id, reply := a.expect()
	m := ariRequest{Type: "RESTRequest", RequestID: id, Method: method, URI: uri}
	if params != nil {
		body, err := json.Marshal(params)
		if err != nil {
			return nil, err
		}
		m.ContentType, m.Body = "application/json", string(body)
	}
	b, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	if err := a.ws.Write(ctx, websocket.MessageText, b); err != nil {
		return nil, err
	}
	select {
	case e := <-reply:
		if e.Status >= 300 {
			return nil, &ariError{method, uri, e.Status}
		}
		return e, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// An ariError is a request that Asterisk refused.
type ariError struct {
	method, uri string
	status      int
}

func (e *ariError) Error() string {
	return fmt.Sprintf("%s %s: %d %s", e.method, e.uri, e.status, http.StatusText(e.status))
}

// isGone reports whether a request came too late: what it is about is no more.
func isGone(err error) bool {
	var refused *ariError
	return errors.As(err, &refused) && (refused.status == http.StatusNotFound || refused.status == http.StatusConflict)
}

// filter sets which events Asterisk sends to an application: list is allowed or disallowed.
func (a *ariConn) filter(ctx context.Context, app, list string, types ...string) error {
	type kind struct {
		Type string `json:"type"`
	}
	var kinds []kind
	for _, t := range types {
		kinds = append(kinds, kind{t})
	}
	_, err := a.do(ctx, "PUT", "applications/"+url.PathEscape(app)+"/eventFilter", map[string]any{list: kinds})
	return err
}
