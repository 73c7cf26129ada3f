package ari

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// A Door takes websockets that Asterisk opens (websocket_client.conf) for the servers behind it, which it tells
// apart by the user name that Asterisk gives.
type Door []*Server

// Listen listens for Asterisk's websockets; a config makes it TLS.
func Listen(ctx context.Context, address string, config *tls.Config) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	l = promptListener{l}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	return l, nil
}

// ServeHTTP uses a websocket until it is cut.
func (d Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := d.server(r)
	if s == nil {
		w.Header().Set("WWW-Authenticate", `Basic realm="ivrd"`)
		http.Error(w, "user name or password are not those of ivrd.yaml", http.StatusUnauthorized)
		return
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"ari"}})
	if err != nil {
		return // it has been answered
	}
	s.welcome(ws, r.RemoteAddr)
}

// server is the one that knows user name and password.
func (d Door) server(r *http.Request) *Server {
	user, password, _ := r.BasicAuth()
	var found *Server
	for _, s := range d { // all of them, so that the time it takes tells nothing
		same := subtle.ConstantTimeCompare([]byte(user), []byte(s.Username)) & subtle.ConstantTimeCompare([]byte(password), []byte(s.Password))
		if same == 1 && user != "" && password != "" {
			found = s
		}
	}
	return found
}

// welcome finds out what a websocket is for: the first thing Asterisk says on it is the application's name.
func (s *Server) welcome(ws *websocket.Conn, from string) {
	s.setUp()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		ws.CloseNow()
		return
	}
	s.work.Add(1)
	s.mu.Unlock()
	defer s.work.Done()
	before := s.snapshot()
	sock := newSocket(ws)
	app, err := sock.application(s.life)
	switch {
	case err != nil:
		ws.CloseNow()
		s.logger().Warn("a websocket from Asterisk was refused", "from", from, "error", err)
	case strings.HasPrefix(app, s.App+handedSign):
		s.logger().Info("Asterisk opened a lane for requests that wait", "from", from, "app", app)
		s.attendLane(sock)
	case app != s.App:
		ws.CloseNow()
		s.logger().Error("a websocket from Asterisk was refused", "from", from, "error", fmt.Sprintf(
			"its application is %s, that of ivrd.yaml %s: compare with apps in ari.conf", app, s.App))
	default:
		s.supersede()
		if err := s.attend(sock, before); s.life.Err() == nil {
			s.logger().Warn("connection to Asterisk lost", "from", from, "app", s.App, "calls", s.count(), "error", err)
		}
	}
}

// application reads the first event of a socket.
func (s *socket) application(ctx context.Context) (string, error) {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	_, b, err := s.ws.Read(ctx)
	if err != nil {
		return "", err
	}
	e, err := parseEvent(b)
	if err != nil {
		return "", err
	}
	if e.Type != "ApplicationRegistered" {
		return "", fmt.Errorf("it begins with %s, not with ApplicationRegistered", e.Type)
	}
	return e.Application, nil
}

// supersede cuts the connection there still seems to be: Asterisk opens another one only if it is gone.
func (s *Server) supersede() {
	s.mu.Lock()
	l := s.link
	s.mu.Unlock()
	if l != nil {
		l.socket.ws.CloseNow()
		<-l.socket.cut
	}
}

// attendLane uses a socket for requests that wait, until it is cut.
func (s *Server) attendLane(sock *socket) {
	s.lanes.add(sock)
	defer s.lanes.remove(sock)
	_ = sock.run(s.life, func(*event) {}) // a lane that is cut is opened again by Asterisk
}
