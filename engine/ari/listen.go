package ari

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// maxRefused bounds what is remembered of refused websockets.
const maxRefused = 100

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
		d.tellRefused(r)
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

// tellRefused logs once for each Asterisk that it gives the wrong password: it tries twice a second.
func (d Door) tellRefused(r *http.Request) {
	user, _, given := r.BasicAuth()
	why := fmt.Sprintf("its user name %q or its password is not that of ivrd.yaml: compare with websocket_client.conf", user)
	if !given {
		why = "it gives no user name: set username and password in websocket_client.conf"
	}
	if len(d) > 0 {
		d[0].tellOnce(r.RemoteAddr, why)
	}
}

// HTTPServer is an HTTP server with the Door as its only handler, which tells what is wrong with TLS as the Door tells
// other trouble.
func (d Door) HTTPServer() *http.Server {
	mute := &sync.Map{} // connections that have said nothing yet
	return &http.Server{
		Handler: d, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(doorLog{d}, "", 0),
		ConnState: func(c net.Conn, state http.ConnState) {
			if state == http.StateNew {
				mute.Store(c, true)
				return
			}
			_, silent := mute.LoadAndDelete(c)
			t, encrypted := c.(*tls.Conn)
			if silent && encrypted && state == http.StateClosed && t.ConnectionState().HandshakeComplete && len(d) > 0 {
				d[0].tellOnce(c.RemoteAddr().String(),
					"it said nothing; as a rule it does not trust ari.cert: compare with ca_list_file in websocket_client.conf")
			}
		},
	}
}

// doorLog takes what an http.Server has to say.
type doorLog struct{ door Door }

// Write takes one line such as "http: TLS handshake error from 10.0.0.5:1234: remote error: …".
func (l doorLog) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	from := ""
	if _, rest, ok := strings.Cut(text, " error from "); ok {
		from, text, _ = strings.Cut(rest, ": ")
		text += "; compare uri in websocket_client.conf with ari.listen and ari.cert"
	}
	if len(l.door) > 0 {
		l.door[0].tellOnce(from, text)
	}
	return len(line), nil
}

// tellOnce logs why a websocket was refused, once for each host.
func (s *Server) tellOnce(from, why string) {
	s.setUp()
	host, _, err := net.SplitHostPort(from)
	if err != nil {
		host = from
	}
	key := host + " " + why
	s.mu.Lock()
	told := s.refused[key]
	if len(s.refused) >= maxRefused {
		clear(s.refused)
	}
	s.refused[key] = true
	s.mu.Unlock()
	if !told {
		s.logger().Error("a websocket from Asterisk was refused", "from", from, "error", why)
	}
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
	sock := newSocket(ws, s.logger())
	app, err := sock.application(s.life)
	switch {
	case err != nil:
		ws.CloseNow()
		s.tellOnce(from, reason(err).Error())
	case strings.HasPrefix(app, s.App+handedSign):
		s.logger().Info("Asterisk opened a lane for requests that wait", "from", from, "app", app)
		s.attendLane(sock)
	case app != s.App:
		ws.CloseNow()
		s.tellOnce(from, fmt.Sprintf("its application is %s, that of ivrd.yaml %s: compare with apps in ari.conf", app, s.App))
	default:
		s.forgive()
		s.tellLost(s.App, s.attend(sock, before))
	}
}

// forgive has refusals be told again.
func (s *Server) forgive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.refused)
}

// application reads the first event of a socket, of which only the application counts: it is that of the
// registration or, of calls that came while there was no connection, one that Asterisk has kept for us.
func (s *socket) application(ctx context.Context) (string, error) {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	_, b, err := s.ws.Read(ctx)
	if err != nil {
		return "", err
	}
	s.first, err = parseEvent(b)
	if err != nil {
		return "", err
	}
	return s.first.Application, nil
}

// attendLane uses a socket for requests that wait, until it is cut.
func (s *Server) attendLane(sock *socket) {
	s.lanes.add(sock)
	defer s.lanes.remove(sock)
	_ = sock.run(s.life, func(*event) {}) // a lane that is cut is opened again by Asterisk
}
