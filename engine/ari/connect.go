package ari

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// connect keeps a websocket to Asterisk open until the server is closed.
func (s *Server) connect() {
	told := ""
	for wait := time.Duration(0); s.pause(wait); {
		if !s.mayConnect() {
			wait = standbyEvery
			continue
		}
		before, app := s.snapshot(), s.appNow()
		sock, err := s.dial(app)
		if err == nil {
			told, wait = "", 0
			if err = s.attend(sock, before); s.life.Err() == nil && s.appNow() == app {
				s.logger().Warn("connection to Asterisk lost", "ari", s.URL, "app", app, "calls", s.count(), "error", err)
			}
			continue
		}
		if text := err.Error(); text != told { // once, not at every try
			told = text
			s.logger().Error("no connection to Asterisk", "ari", s.URL, "app", s.App, "error", err)
		}
		wait = min(max(2*wait, 100*time.Millisecond), 3*time.Second)
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
	ctx, stop := context.WithTimeout(s.life, 10*time.Second)
	defer stop()
	address := strings.Replace(s.URL, "http", "ws", 1) + "/events?app=" + url.QueryEscape(app)
	ws, res, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: &http.Transport{TLSClientConfig: s.TLS}},
		HTTPHeader: http.Header{"Authorization": {basic(s.Username, s.Password)}},
	})
	if err != nil {
		return nil, refusedDial(res, err)
	}
	return newSocket(ws), nil
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// refusedDial says what to do about an answer that is no websocket.
func refusedDial(res *http.Response, err error) error {
	if res == nil {
		return err
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

// attend uses a socket until it is cut. before is the calls there were when it was opened.
func (s *Server) attend(sock *socket, before []*channel) error {
	read := make(chan error, 1)
	go func() { read <- sock.run(s.life, s.dispatch) }()
	l := s.newLink(sock)
	if err := s.regain(l, before); err == nil {
		s.turnUp(l)
	} else if !errors.Is(err, errCut) {
		s.logger().Error("Asterisk does not say which calls it has", "app", s.App, "error", err)
		sock.ws.CloseNow()
	}
	<-sock.cut
	s.turnDown(l)
	return <-read
}

// newLink finds out which way requests go.
func (s *Server) newLink(sock *socket) *link {
	l := &link{socket: sock, lane: &s.lanes}
	switch {
	case sock.offersREST(s.life):
		l.rest = sock
	case s.http != nil:
		l.rest = s.http
	default:
		l.rest = sock // Asterisk versions that connect by themselves all take requests over it
	}
	if s.http != nil {
		l.lane = s.http
	}
	return l
}

// turnUp lets requests go over a connection.
func (s *Server) turnUp(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-l.socket.cut:
		return
	default:
	}
	if s.outage != nil {
		s.outage.Stop()
		s.outage = nil
	}
	s.link = l
	close(s.turned)
	s.turned = make(chan struct{})
	way := "websocket"
	if l.rest != transport(l.socket) {
		way = "HTTP"
	}
	s.logger().Info("connected to Asterisk", "ari", s.URL, "app", s.app, "requests", way, "calls", len(s.live))
	s.work.Go(func() { s.watchOrphans(l) })
}

// turnDown has requests wait for another connection, but not for ever.
func (s *Server) turnDown(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == l {
		s.link = nil
	}
	if s.link != nil || s.outage != nil || s.life.Err() != nil {
		return
	}
	switch {
	case s.Outage < 0:
		s.outage = time.AfterFunc(0, s.giveUp)
	case s.Outage == 0:
		s.outage = time.AfterFunc(time.Minute, s.giveUp)
	default:
		s.outage = time.AfterFunc(s.Outage, s.giveUp)
	}
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

func (s *Server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.live)
}
