package ari

import (
	"errors"
	"time"
)

// handedSign stands in the name under which an ivrd keeps its calls when another one has taken its application
// over: APP~RANDOM.
const handedSign = "~"

// standbyEvery is how often an ivrd whose application was taken over looks whether it is free again.
const standbyEvery = 5 * time.Second

// replaced is told that another program has our application now, a newer ivrd as a rule. It gets the new calls;
// ours stay with us, under another name, and the application is not taken back.
func (s *Server) replaced() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.app != s.App || s.link == nil && s.http == nil {
		return
	}
	s.app = s.App + handedSign + s.names.of[len(prefix):len(s.names.of)-1]
	calls := len(s.live)
	s.logger().Warn("another program has taken over the Stasis application: new calls are its own", "app", s.App, "calls", calls)
	if s.http == nil {
		return
	}
	if s.link != nil {
		s.link.socket.ws.CloseNow() // the next connection has the other name
	}
}

// mayConnect reports whether there is something to connect for: an ivrd whose application was taken over has
// its last calls, then nothing until the application is free again.
func (s *Server) mayConnect() bool {
	if s.appNow() == s.App || s.count() > 0 {
		return true
	}
	_, err := (&link{rest: s.http, lane: s.http}).do(s.life, get(pathOf("applications", s.App)))
	if !isStatus(err, 404) {
		return false
	}
	s.mu.Lock()
	s.app = s.App
	s.mu.Unlock()
	s.logger().Info("the Stasis application is free again", "app", s.App)
	return true
}

// regainElsewhere has the events of our calls come to the name under which we keep them.
func (s *Server) regainElsewhere(l *link, app string, before []*channel) error {
	for _, c := range before {
		q := post(pathOf("applications", app, "subscription"), map[string]any{"eventSource": s.sources(c)})
		_, err := l.do(s.life, q)
		switch {
		case errors.Is(err, errCut):
			return err
		case err != nil:
			c.deliver(&event{Type: eventGone})
		default:
			c.deliver(&event{Type: eventRegained})
		}
	}
	return nil
}

// sources is the event sources of a call.
func (s *Server) sources(c *channel) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []string{"channel:" + c.now()}
}
