package ari

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	maxEvent   = 4 << 20          // bytes; the library's own limit of 32 KB would end the connection
	writeTime  = 10 * time.Second // for one message; a socket that takes longer is dead
	pingEvery  = 3 * time.Second
	pingTime   = 5 * time.Second
	deafTime   = time.Minute      // without an answer to a ping, whatever else comes
	answerTime = 30 * time.Second // for a request
)

// A socket is one websocket to Asterisk: events come, requests go and are answered.
type socket struct {
	ws    *websocket.Conn
	log   *slog.Logger
	first *event        // already read
	cut   chan struct{} // closed when it is no more
	err   error         // why; set before
	heard atomic.Int64  // messages that came

	followed chan struct{} // closed when another one is to take its place
	follow   sync.Once

	mu      sync.Mutex
	waiting map[string]chan response
	last    uint64
}

func newSocket(ws *websocket.Conn, log *slog.Logger) *socket {
	ws.SetReadLimit(maxEvent)
	return &socket{
		ws: ws, log: log, cut: make(chan struct{}), followed: make(chan struct{}), waiting: map[string]chan response{},
	}
}

func (s *socket) isCut() bool {
	select {
	case <-s.cut:
		return true
	default:
		return false
	}
}

// giveWay has another connection be opened. This one serves until that one is up.
func (s *socket) giveWay() { s.follow.Do(func() { close(s.followed) }) }

func (s *socket) givesWay() bool {
	select {
	case <-s.followed:
		return true
	default:
		return false
	}
}

// abandon cuts the connection, from any goroutine. It does not wait.
func (s *socket) abandon() { go s.ws.CloseNow() }

// run reads until the socket is cut or ctx ends. deliver must not block.
func (s *socket) run(ctx context.Context, deliver func(*event)) error {
	ctx, cancel := context.WithCancel(ctx)
	var pings sync.WaitGroup
	pings.Go(func() { s.ping(ctx) })
	s.err = s.read(ctx, deliver)
	close(s.cut)
	cancel()
	s.ws.CloseNow()
	pings.Wait()
	return s.err
}

// read takes one message after another into the same buffer. That the connection is closed when ctx ends costs less
// than a context for each of them.
func (s *socket) read(ctx context.Context, deliver func(*event)) error {
	defer context.AfterFunc(ctx, s.abandon)()
	if s.first != nil {
		deliver(s.first)
	}
	var message bytes.Buffer
	odd := 0
	for {
		message.Reset()
		_, r, err := s.ws.Reader(context.Background())
		if err == nil {
			_, err = message.ReadFrom(r)
		}
		if err != nil {
			return readError(err)
		}
		s.heard.Add(1)
		e, err := parseEvent(message.Bytes())
		switch {
		case err != nil: // the calls that other events are for must not suffer
			if odd++; odd == 1 {
				s.log.Error("Asterisk sent what is no event; more of that is left out silently", "error", err, "bytes", message.Len())
			}
		case e.Type == "RESTResponse":
			s.answered(e)
		default:
			deliver(e)
		}
	}
}

// readError says in a few words why reading ended.
func readError(err error) error {
	if code := websocket.CloseStatus(err); code != -1 {
		return fmt.Errorf("Asterisk closed the websocket (%s)", code)
	}
	return reason(err)
}

// ping finds a connection that is half open. The server itself sends none. It answers one only when it has
// answered the requests before it, so what it says meanwhile counts as well, for a time.
func (s *socket) ping(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for answered := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		before := s.heard.Load()
		bounded, stop := context.WithTimeout(ctx, pingTime)
		err := s.ws.Ping(bounded)
		stop()
		if err == nil {
			answered = time.Now()
		} else if s.heard.Load() == before || time.Since(answered) > deafTime {
			s.ws.CloseNow() // ends the reading
			return
		}
	}
}

// restRequest is a request as it goes over the websocket (Asterisk 20.14, 21.9, 22.4 and later).
type restRequest struct {
	Type        string `json:"type"`
	RequestID   string `json:"request_id"`
	Method      string `json:"method"`
	URI         string `json:"uri"`
	ContentType string `json:"content_type,omitempty"`
	Body        string `json:"message_body,omitempty"`
}

// do sends a request and waits for its answer.
func (s *socket) do(ctx context.Context, q *request) (response, error) {
	id, reply := s.expect()
	defer s.forget(id)
	if err := s.send(q, id); err != nil {
		return response{}, err
	}
	patience := time.NewTimer(answerTime)
	defer patience.Stop()
	select {
	case r := <-reply:
		return r, nil
	case <-s.cut:
		return response{}, errCut
	case <-patience.C:
		return response{}, fmt.Errorf("%s /%s: %w", q.method, q.path, errSilent)
	case <-ctx.Done():
		return response{}, context.Cause(ctx)
	}
}

// send writes a request. Asterisk takes those of one socket in the order they are written.
func (s *socket) send(q *request, id string) error {
	m := restRequest{Type: "RESTRequest", RequestID: id, Method: q.method, URI: q.path}
	if q.body != nil {
		b, err := json.Marshal(q.body)
		if err != nil {
			return fmt.Errorf("%s /%s: %w", q.method, q.path, err)
		}
		m.ContentType, m.Body = "application/json", string(b)
	}
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("%s /%s: %w", q.method, q.path, err)
	}
	const most = 65535 // Asterisk closes the socket on a longer one (res_http_websocket.c)
	if len(b) > most {
		return fmt.Errorf("%s /%s: the request has %d bytes; over a websocket Asterisk takes %d", q.method, q.path, len(b), most)
	}
	ctx, stop := context.WithTimeout(context.Background(), writeTime)
	defer stop()
	if err := s.ws.Write(ctx, websocket.MessageText, b); err != nil {
		return errors.Join(errCut, err)
	}
	return nil
}

func (s *socket) expect() (string, chan response) {
	reply := make(chan response, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	id := strconv.FormatUint(s.last, 36)
	s.waiting[id] = reply
	return id, reply
}

func (s *socket) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, id)
}

func (s *socket) answered(e *event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reply := s.waiting[e.RequestID]; reply != nil {
		delete(s.waiting, e.RequestID)
		reply <- response{e.Status, e.Reason, []byte(e.Body)}
	}
}

// close ends the connection as the protocol asks for, which ends run.
func (s *socket) close() {
	_ = s.ws.Close(websocket.StatusNormalClosure, "") // what is closed already is closed
	<-s.cut
}
