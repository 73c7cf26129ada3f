package ari

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A transport carries requests to Asterisk. It returns errCut, wrapped, if the connection broke.
type transport interface {
	do(ctx context.Context, q *request) (response, error)
}

// A link is the way to Asterisk while there is one.
type link struct {
	socket *socket
	rest   transport // for requests that are answered at once
	lane   transport // for those that wait for a channel
	log    *slog.Logger
	sent   func(*request)

	life   context.Context // ends with the socket
	end    context.CancelCauseFunc
	detour atomic.Int64 // when the lane broke last though the socket was up, in Unix nanoseconds
}

const (
	dialTime   = 5 * time.Second
	detourTime = 10 * time.Second // how long requests that wait go over the socket when HTTP fails
)

// do sends a request and makes an error of a refusal.
func (l *link) do(ctx context.Context, q *request) (response, error) {
	if l.sent != nil {
		l.sent(q)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(l.life, func() { cancel(errCut) })()
	r, err := l.send(ctx, q)
	if err != nil {
		return r, err
	}
	return r, r.err(q)
}

// send takes the way that a request belongs on, or the only one there is.
func (l *link) send(ctx context.Context, q *request) (response, error) {
	if !q.waits || time.Since(time.Unix(0, l.detour.Load())) < detourTime {
		return l.rest.do(ctx, q)
	}
	r, err := l.lane.do(ctx, q)
	if _, http := l.lane.(*rest); !http || l.rest == l.lane || q.once || !errors.Is(err, errCut) || l.life.Err() != nil {
		return r, err
	}
	l.detour.Store(time.Now().UnixNano())
	l.log.Warn("a request that waits for a channel goes over the websocket, where others wait behind it", "error", err)
	return l.rest.do(ctx, q)
}

// rest is ARI over keep-alive HTTP.
type rest struct {
	base, user, password string
	client               *http.Client
}

// newREST makes a pool of at most that many connections. Asterisk counts idle ones against its sessionlimit
// (100 unless http.conf says more) and drops them after 15 s, so they are let go before.
func newREST(base, user, password string, config *tls.Config, connections int) *rest {
	return &rest{base, user, password, &http.Client{
		Timeout: answerTime,
		Transport: &http.Transport{
			TLSClientConfig: config, DisableCompression: true, DialContext: (&net.Dialer{Timeout: dialTime}).DialContext,
			MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections, IdleConnTimeout: 10 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the password is for this server
	}}
}

func (r *rest) do(ctx context.Context, q *request) (response, error) {
	req, err := r.newRequest(ctx, q)
	if err != nil {
		return response{}, err
	}
	res, err := r.client.Do(req)
	if err == nil {
		defer res.Body.Close()
		var body []byte
		if body, err = io.ReadAll(io.LimitReader(res.Body, maxEvent)); err == nil {
			return response{res.StatusCode, http.StatusText(res.StatusCode), body}, nil
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return response{}, cause
	}
	return response{}, errors.Join(errCut, err)
}

func (r *rest) newRequest(ctx context.Context, q *request) (*http.Request, error) {
	var body io.Reader
	if q.body != nil {
		b, err := json.Marshal(q.body)
		if err != nil {
			return nil, fmt.Errorf("%s /%s: %w", q.method, q.path, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, r.base+"/"+q.path, body)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(r.user, r.password)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

func (r *rest) close() { r.client.CloseIdleConnections() }

// lanes are further websockets that Asterisk has opened, for requests that wait. Each gets the next request
// when it has the fewest under way.
type lanes struct {
	mu  sync.Mutex
	all map[*socket]int // how many requests are under way
}

// A lane is the best of the lanes there are, otherwise the main socket.
type lane struct {
	*lanes
	otherwise transport
}

func (l lane) do(ctx context.Context, q *request) (response, error) {
	s := l.take()
	if s == nil {
		return l.otherwise.do(ctx, q)
	}
	defer l.giveBack(s)
	return s.do(ctx, q)
}

// take is the least busy lane, nil if there is none.
func (l *lanes) take() *socket {
	l.mu.Lock()
	defer l.mu.Unlock()
	var best *socket
	for s, n := range l.all {
		if best == nil || n < l.all[best] {
			best = s
		}
	}
	if best != nil {
		l.all[best]++
	}
	return best
}

func (l *lanes) giveBack(s *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, open := l.all[s]; open {
		l.all[s]--
	}
}

func (l *lanes) add(s *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[*socket]int{}
	}
	l.all[s] = 0
}

func (l *lanes) remove(s *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.all, s)
}
