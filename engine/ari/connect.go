package ari

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/coder/websocket"
)

const (
	retryFirst = 100 * time.Millisecond
	retryMost  = time.Second
	steady     = 5 * time.Second // a connection that lasted so long is opened again at once
)

// connect keeps a websocket to Asterisk open until the server is closed.
func (s *Server) connect() {
	told := map[string]bool{}
	for wait := time.Duration(0); s.pause(wait); {
		before, app, began := s.snapshot(), s.appNow(), time.Now()
		wait = min(max(2*wait, retryFirst), retryMost)
		sock, err := s.dial(app)
		if err != nil {
			if text := err.Error(); !told[text] { // once, not at every try
				told[text] = true
				s.logger().Error("no connection to Asterisk", "ari", s.URL, "app", s.App, "error", err)
			}
			continue
		}
		clear(told)
		if err := s.attend(sock, before); err != nil {
			s.tellLost(app, err)
		}
		if sock.givesWay() || time.Since(began) > steady {
			wait = 0
		}
	}
}

// tellLost logs that a connection is gone, unless that was meant.
func (s *Server) tellLost(app string, err error) {
	s.mu.Lock()
	meant, calls := s.closed || s.app != app, len(s.live)
	s.mu.Unlock()
	if !meant {
		s.logger().Warn("connection to Asterisk lost", "ari", s.URL, "app", app, "calls", calls, "error", err)
	}
}

// pause waits, and reports whether to go on.
func (s *Server) pause(d time.Duration) bool {
	if d > 0 {
		select {
		case <-s.life.Done():
		case <-time.After(d):
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.closed && s.life.Err() == nil
}

// dial opens the websocket. The password goes into a header, never into the address, which is logged.
func (s *Server) dial(app string) (*socket, error) {
	ctx, stop := context.WithTimeout(s.life, dialTime)
	defer stop()
	address := strings.Replace(s.URL, "http", "ws", 1) + "/events?app=" + url.QueryEscape(app)
	ws, res, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &http.Transport{TLSClientConfig: s.TLS, DisableKeepAlives: true}},
		HTTPHeader: http.Header{"Authorization": {basic(s.Username, s.Password)}},
	})
	if err != nil {
		return nil, refusedDial(res, err)
	}
	return newSocket(ws, s.logger()), nil
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// refusedDial says what to do about an answer that is no websocket.
func refusedDial(res *http.Response, err error) error {
	if res == nil {
		return reason(err)
	}
	switch res.StatusCode {
	case http.StatusUnauthorized:
		return errors.New("Asterisk refuses the user name or the password; compare them with ari.conf")
	case http.StatusForbidden:
		return errors.New("Asterisk refuses the user; is it read_only in ari.conf?")
	case http.StatusNotFound:
		return errors.New("Asterisk has no ARI at this address: is enabled=yes in ari.conf, does the address end in /ari, and does http.conf have a prefix?")
	case http.StatusServiceUnavailable:
		return errors.New("Asterisk is still starting")
	}
	return fmt.Errorf("Asterisk answered %s", res.Status)
}

// reason is what is wrong with a connection, in words that are the same at every try: those of the net package
// name our port.
func reason(err error) error {
	var unknown x509.UnknownAuthorityError
	var number syscall.Errno
	var network *net.OpError
	var request *url.Error
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("%w; ari.ca in ivrd.yaml says whom to trust", unknown)
	case errors.As(err, &number):
		return number
	case errors.Is(err, context.DeadlineExceeded):
		return errSilent
	case errors.As(err, &network):
		return network.Err
	case errors.As(err, &request):
		return request.Err
	}
	return err
}

// attend uses a socket until it is cut, or is to be followed by another one. before is the calls there were when
// it was opened.
func (s *Server) attend(sock *socket, before []*channel) error {
	s.mu.Lock()
	s.latest = sock
	s.mu.Unlock()
	l := s.newLink(sock)
	cut := make(chan error, 1)
	s.work.Go(func() {
		err := sock.run(s.life, s.dispatch)
		l.end(errCut)
		s.turnDown(l)
		cut <- err
	})
	if !s.Inbound && !s.offersREST(sock) { // versions that connect by themselves all take requests over the socket
		l.rest = s.http
	}
	if err := s.regain(l, before); err == nil {
		s.turnUp(l)
	} else if !errors.Is(err, errCut) {
		s.logger().Error("Asterisk does not say which calls it has", "app", s.App, "error", err)
		sock.ws.CloseNow()
	}
	select {
	case err := <-cut:
		return err
	case <-sock.followed:
		return nil
	}
}

// newLink is the way to Asterisk over a socket.
func (s *Server) newLink(sock *socket) *link {
	l := &link{socket: sock, rest: sock, lane: lane{&s.lanes, sock}, log: s.logger(), sent: s.sent}
	l.life, l.end = context.WithCancelCause(s.life)
	if s.http != nil {
		l.lane = s.http
	}
	return l
}

// offersREST reports whether Asterisk takes requests over a socket. Versions that do not, ignore them, so HTTP
// tells how long an answer takes.
func (s *Server) offersREST(sock *socket) bool {
	const least, most = 300 * time.Millisecond, 2 * time.Second
	ctx, stop := context.WithTimeout(s.life, most)
	defer stop()
	answered := make(chan bool, 1)
	go func() {
		_, err := sock.do(ctx, get("asterisk/ping"))
		answered <- err == nil
	}()
	began := time.Now()
	if _, err := s.http.do(ctx, get("asterisk/ping")); err == nil {
		time.AfterFunc(max(least, 4*time.Since(began)), stop)
	}
	return <-answered
}

// turnUp lets requests go over a connection, instead of one that may seem to be open still.
func (s *Server) turnUp(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.latest != l.socket || l.socket.isCut() {
		return
	}
	if s.outage != nil {
		s.outage.Stop()
		s.outage = nil
	}
	if s.link != nil {
		s.link.socket.abandon()
	}
	s.link = l
	close(s.turned)
	s.turned = make(chan struct{})
	way := "websocket"
	if l.rest != transport(l.socket) {
		way = "HTTP"
	}
	s.logger().Info("connected to Asterisk", "ari", s.URL, "app", s.app, "requests", way, "calls", len(s.live))
	if s.app == s.App {
		s.work.Go(func() { s.watchOrphans(l) })
	} else {
		s.work.Go(func() { s.watchSuccessor(l) })
	}
}

// turnDown has requests wait for another connection, but not for ever.
func (s *Server) turnDown(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.http != nil {
		s.http.close() // idle connections may be as dead
	}
	if s.link == l {
		s.link = nil
	}
	if s.link == nil && s.outage == nil && s.life.Err() == nil {
		s.outage = time.AfterFunc(s.patience(), s.giveUp)
	}
}

// lastPatience is how long calls wait for a lost connection when the server is about to end.
const lastPatience = 5 * time.Second

// patience is how long calls wait for a lost connection. The caller holds mu.
func (s *Server) patience() time.Duration {
	d := max(cmp.Or(s.Outage, time.Minute), 0)
	if s.ending {
		d = min(d, lastPatience)
	}
	return d
}

// giveUp ends all calls: their connection was lost for too long.
func (s *Server) giveUp() {
	s.mu.Lock()
	if s.link != nil {
		s.mu.Unlock()
		return
	}
	lost := s.liveCalls()
	s.mu.Unlock()
	if len(lost) == 0 {
		return
	}
	s.logger().Error("calls given up: no connection to Asterisk for too long", "ari", s.URL, "app", s.App, "calls", len(lost))
	for _, c := range lost {
		c.deliver(&event{Type: eventLost})
	}
}

// snapshot is the calls in progress.
func (s *Server) snapshot() []*channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.liveCalls()
}

// liveCalls is snapshot for those who hold mu.
func (s *Server) liveCalls() []*channel {
	calls := make([]*channel, 0, len(s.live))
	for c := range s.live {
		calls = append(calls, c)
	}
	return calls
}
