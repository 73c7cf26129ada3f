package ari

import (
	"context"
	"encoding/json"
	"slices"
	"time"
)

// handedSign stands in the name under which an ivrd keeps its calls when another one has taken its application
// over: APP~RANDOM.
const handedSign = "~"

// standbyEvery is how often an ivrd whose application was taken over looks whether it is free again.
const standbyEvery = 2 * time.Second

// ownName is the name under which this ivrd keeps its calls.
func (s *Server) ownName() string {
	return s.App + handedSign + s.names.of[len(prefix):len(s.names.of)-1]
}

// replaced is told that another program has our application now, a newer ivrd as a rule. It gets the new calls;
// ours stay with us, under another name, and the application is not taken back while it lives.
func (s *Server) replaced() {
	calls := s.snapshot()
	log := s.logger().With("app", s.App, "calls", len(calls))
	if s.Inbound { // Asterisk opens no websocket for another name
		// It never gives the application back to its own connection either, short of a change in ari.conf.
		log.Error("another program has taken over the Stasis application: its calls are given up, and new ones do not come here " +
			"until Asterisk is restarted")
		for _, c := range calls {
			c.deliver(&event{Type: eventLost})
		}
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.app != s.App {
		return
	}
	log.Warn("another program has taken over the Stasis application: new calls are its own")
	s.app, s.taken = s.ownName(), time.Now()
	if s.latest != nil {
		s.latest.giveWay()
	}
}

// wasReplaced reports whether we ever had another name.
func (s *Server) wasReplaced() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.taken.IsZero()
}

// watchSuccessor takes the application back when nobody has it any more, as long as the connection lasts. A
// program that does not answer as ivrd does may be another kind of program: such a one is left alone if it was
// quick to take the application again.
func (s *Server) watchSuccessor(l *link) {
	silent := 0
	for {
		select {
		case <-l.life.Done():
			return
		case <-time.After(standbyEvery):
		}
		_, err := l.do(s.life, get(pathOf("applications", s.App)))
		switch {
		case isStatus(err, 404):
			s.takeBack(l, "nobody has it")
			return
		case err != nil || s.answers(l, s.App):
			silent = 0
		default:
			silent++
		}
		if silent == 2 && s.mayDoubt() {
			s.takeBack(l, "who had it does not answer")
			return
		}
	}
}

// mayDoubt reports whether the one that has the application may be dead. It may not if it had taken the
// application again soon after we had taken it back.
func (s *Server) mayDoubt() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doubted.IsZero() || s.taken.Sub(s.doubted) > time.Minute
}

// takeBack has the application be ours again, unless we are about to end.
func (s *Server) takeBack(l *link, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending || s.closed {
		return
	}
	s.logger().Info("the Stasis application is taken back", "app", s.App, "why", why)
	s.app, s.doubted = s.App, time.Now()
	l.socket.giveWay()
}

// An ivrd asks another one, under the name of its application, whether it lives: Asterisk does not tell. And it
// sends itself a mark, to know when it has read all events before. These are user events of ARI, which go to one
// application only.
const (
	askEvent    = "IvrdWhoIsThere"
	answerEvent = "IvrdIsHere"
	markEvent   = "IvrdMark"
	askTime     = time.Second
	markTime    = 10 * time.Second
)

// answers reports whether an ivrd has an application.
func (s *Server) answers(l *link, app string) bool {
	heard := s.listenFor(app)
	defer s.ignore(app)
	if _, err := l.do(s.life, userEvent(askEvent, app, s.appNow())); err != nil {
		return !isStatus(err, 404) // other trouble says nothing
	}
	select {
	case <-heard:
		return true
	case <-l.life.Done():
		return true // nobody knows
	case <-time.After(askTime):
		return false
	}
}

// catchUp returns when all events that Asterisk has sent until now have been read. It reports whether they have.
func (s *Server) catchUp(l *link) bool {
	mark := s.names.next()
	heard := s.listenFor(mark)
	defer s.ignore(mark)
	if _, err := l.do(s.life, userEvent(markEvent, s.appNow(), mark)); err != nil {
		return false
	}
	select {
	case <-heard:
		return true
	case <-l.life.Done():
	case <-time.After(markTime):
	}
	return false
}

// listenFor has an event of that sender be told.
func (s *Server) listenFor(from string) <-chan struct{} {
	heard := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[from] = heard
	return heard
}

func (s *Server) ignore(from string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asked, from)
}

// userEvent is an event for an application, which says whom it is from.
func userEvent(name, to, from string) *request {
	return post(pathOf("events", "user", name), map[string]any{"application": to, "variables": map[string]string{"from": from}})
}

// aside takes the events that ivrds send each other. It reports whether e is one.
func (s *Server) aside(e *event) bool {
	if !slices.Contains([]string{askEvent, answerEvent, markEvent}, e.EventName) {
		return false
	}
	var said struct {
		From string `json:"from"`
	}
	if json.Unmarshal(e.UserEvent, &said) != nil || said.From == "" {
		return true
	}
	s.mu.Lock()
	heard, l := s.asked[said.From], s.link
	s.mu.Unlock()
	switch {
	case e.EventName != askEvent && heard != nil:
		select {
		case heard <- struct{}{}:
		default:
		}
	case e.EventName == askEvent && l != nil && e.Application == s.appNow():
		s.work.Go(func() {
			ctx, stop := context.WithTimeout(s.life, askTime)
			defer stop()
			_, _ = l.do(ctx, userEvent(answerEvent, said.From, e.Application)) // who asks, asks again
		})
	}
	return true
}
