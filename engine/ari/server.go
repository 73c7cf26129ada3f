package ari

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A Server hands the calls of one Stasis application of one Asterisk to its Handler. Its fields are set before
// it is used; Handler, App, Username and Password have no useful zero.
type Server struct {
	Handler  engine.Handler
	App      string // the Stasis application's name
	Username string // of ari.conf, or, if Asterisk connects, of websocket_client.conf
	Password string

	URL         string      // Asterisk's ARI, such as "http://127.0.0.1:8088/ari"; needed unless Asterisk connects
	TLS         *tls.Config // for a URL with https; nil is the system's certificates
	Connections int         // HTTP connections at most; 0 means 20. Asterisk's http.conf bounds them with sessionlimit

	// Inbound leaves opening the websocket to Asterisk: see Door. URL then only serves requests that wait for
	// a channel.
	Inbound bool

	Outage time.Duration // how long calls wait for a lost connection; 0 means a minute, below 0 not at all
	Log    *slog.Logger  // nil means slog.Default()

	once   sync.Once
	life   context.Context // ends when the server is closed
	end    context.CancelCauseFunc
	calls  sync.WaitGroup // handlers
	work   sync.WaitGroup // other goroutines
	names  names
	http   *rest // nil without a URL
	lanes  lanes
	ending bool // Serve has returned; guarded by mu
	full   bool // no more calls are taken; likewise
	closed bool // likewise

	oneByOne atomic.Bool    // Asterisk sets one variable at a time
	sent     func(*request) // sees all requests, in tests; nil otherwise
	lot      lot
	rooms    rooms

	mu      sync.Mutex
	latest  *socket // may not be up yet, or not any more
	link    *link   // nil while there is no connection
	turned  chan struct{}
	outage  *time.Timer // runs while there is none
	owners  map[string]sink
	live    map[*channel]struct{}
	away    sync.WaitGroup  // goroutines that turn calls away
	late    []string        // calls that could not be turned away
	unknown map[string]bool // channels that nobody owned at the last look

	app     string    // the name we are registered under: App, or another since App was taken over
	taken   time.Time // when it was, last
	doubted time.Time // when it was taken back from one that may be alive, last
	asked   map[string]chan struct{}

	refused map[string]bool // what has been told of websockets that were refused
}

// A sink takes the events of channels and bridges that it owns. deliver is called by the goroutine that reads
// the socket and must not block.
type sink interface{ deliver(e *event) }

func (s *Server) setUp() {
	s.once.Do(func() {
		s.life, s.end = context.WithCancelCause(context.Background())
		s.app = s.App
		s.turned = make(chan struct{})
		s.owners = map[string]sink{}
		s.live = map[*channel]struct{}{}
		s.asked = map[string]chan struct{}{}
		s.refused = map[string]bool{}
		s.names = newNames()
		if s.URL != "" {
			s.http = newREST(s.URL, s.Username, s.Password, s.TLS, cmp.Or(s.Connections, 20))
		}
	})
}

// Serve takes calls until ctx ends, then returns nil. Running calls, and the connection they need, go on;
// Shutdown waits for them.
func (s *Server) Serve(ctx context.Context) error {
	s.setUp()
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ErrServerClosed
	}
	if !s.Inbound {
		s.work.Go(s.connect)
	}
	s.mu.Unlock()
	<-ctx.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ending = true
	if s.outage != nil {
		s.outage.Reset(s.patience())
	}
	return nil
}

// WaitConnected waits until there is a connection to Asterisk: before, calls are not taken.
func (s *Server) WaitConnected(ctx context.Context) error {
	s.setUp()
	_, err := s.connected(ctx, nil)
	return err
}

// Shutdown waits for the calls in progress. When ctx ends first it ends them and returns why ctx ended. The
// connection is closed last.
func (s *Server) Shutdown(ctx context.Context) error {
	s.setUp()
	s.mu.Lock()
	s.full = true
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		s.calls.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	if err == nil {
		s.farewell()
	}
	s.end(ErrServerClosed)
	<-done
	s.work.Wait()
	if s.http != nil {
		s.http.close()
	}
	return err
}

// farewell closes the connection as the protocol asks for, so that Asterisk knows at once that the application
// is gone. Calls that came in the last moment go on in the dialplan.
func (s *Server) farewell() {
	const patience = 2 * time.Second
	s.mu.Lock()
	l := s.link
	s.mu.Unlock()
	if l == nil {
		return
	}
	defer time.AfterFunc(patience, func() { s.end(ErrServerClosed) }).Stop()
	l.socket.close()
	s.away.Wait()
	if s.http == nil {
		return // the next ivrd finds them
	}
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	for _, id := range s.late {
		_ = giveBack(ctx, &link{rest: s.http, lane: s.http, life: ctx}, id, engine.Drained) // as does it those that are left
	}
}

// turnAway has a call that came too late go on in the dialplan.
func (s *Server) turnAway(id string) {
	s.mu.Lock()
	l := s.link
	s.mu.Unlock()
	if l != nil && giveBack(s.life, l, id, engine.Drained) == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = append(s.late, id)
}

// appNow is the name that Asterisk is to send events to.
func (s *Server) appNow() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.app
}

// dispatch sorts one event. It is called by the goroutine that reads the socket.
func (s *Server) dispatch(e *event) {
	switch e.Type {
	case "ApplicationReplaced":
		if e.Application == s.App {
			s.replaced()
		}
		return
	case "ChannelUserevent":
		if s.aside(e) {
			return
		}
	case "StasisStart":
		if e.Replaces != nil {
			s.swap(e.Replaces.ID, e.Channel)
		}
		if e.Channel != nil && s.isNew(e.Channel.ID) {
			if !s.stray(e) {
				s.arrive(e)
			}
			return
		}
	}
	var told [4]sink // an event may name a call twice
	n := 0
	e.eachOwner(func(id string) {
		to := s.owner(id)
		if to == nil || slices.Contains(told[:n], to) || n == len(told) {
			return
		}
		told[n] = to
		n++
		to.deliver(e)
	})
}

// isNew reports whether a channel is none of ours, or one that was told to leave and has come again.
func (s *Server) isNew(id string) bool {
	switch s.owner(id).(type) {
	case nil, *leaver:
		return true
	}
	return false
}

func (s *Server) owner(id string) sink {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.owners[id]
}

// own has the events of a channel or bridge go to a sink; nil ends that.
func (s *Server) own(id string, to sink) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to == nil {
		delete(s.owners, id)
	} else {
		s.owners[id] = to
	}
}

// swap lets a channel take the place of one of ours, after a transfer.
func (s *Server) swap(old string, now *channelInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to, owned := s.owners[old]
	if !owned || now == nil {
		return
	}
	s.owners[now.ID] = to
	if c, ok := to.(*channel); ok {
		c.owned = append(c.owned, now.ID)
		if c.now() == old {
			delete(s.owners, old)
			c.ident.Store(&now.ID)
		}
	}
}

// arrive begins a call.
func (s *Server) arrive(e *event) {
	c := newChannel(s, e.Channel, e.Args)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		s.away.Go(func() { s.turnAway(c.id) })
		return
	}
	s.owners[c.id], c.owned = c, append(c.owned, c.id)
	s.live[c] = struct{}{}
	s.calls.Add(1)
	go s.serve(c)
}

func (s *Server) serve(c *channel) {
	defer s.calls.Done()
	defer s.letGo(c)
	defer func() {
		if p := recover(); p != nil {
			s.logger().Error("call handler failed", "call", c.info.ID, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if err := c.greet(s.life); err != nil { // as a rule it hung up while nobody could answer
		s.logger().Info("a call was over before its flow could begin", "call", c.info.ID, "why", err)
		return
	}
	s.Handler(s.life, c)
}

// letGo forgets a call. Until Asterisk says that it has left, its channel belongs to a leaver.
func (s *Server) letGo(c *channel) {
	again := c.finish()
	var after *leaver
	s.mu.Lock()
	delete(s.live, c)
	for _, id := range c.owned {
		if s.owners[id] == sink(c) {
			delete(s.owners, id)
		}
	}
	if (again != nil || c.lost != nil) && s.life.Err() == nil {
		after = &leaver{s, c.now(), again}
		s.owners[after.id] = after
	}
	s.mu.Unlock()
	c.box.close(func(e *event) {
		if after != nil {
			after.deliver(e)
		}
	})
	if after != nil && again == nil {
		s.work.Go(func() { s.restore(after.id) })
	}
}

// restore releases a call that was given up, as soon as Asterisk can be reached. What is still there then,
// watchOrphans finds.
func (s *Server) restore(id string) {
	if l, err := s.connected(s.life, nil); err == nil && !talkers(s.bridges(l))[id] {
		s.release(l, id)
	}
	s.own(id, nil)
}

// A leaver is a channel that has been told to leave and has not left yet.
type leaver struct {
	server *Server
	id     string
	again  *request // what it was told
}

func (l *leaver) deliver(e *event) {
	if e.of(l.id) && (e.Type == "StasisEnd" || e.Type == "ChannelDestroyed") {
		l.server.own(l.id, nil)
	}
}

// do sends a request on behalf of a call and waits for the answer; while there is no connection, for that.
// given up is what ends the waiting besides ctx; nil never does.
func (s *Server) do(ctx context.Context, q *request, givenUp <-chan struct{}) (response, error) {
	var failing time.Time // since when, though there is a connection
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		l, err := s.connected(ctx, givenUp)
		if err != nil {
			return response{}, err
		}
		r, err := l.do(ctx, q)
		if !errors.Is(err, errCut) || q.once {
			return r, err
		}
		switch now := time.Now(); {
		case l.life.Err() != nil:
			failing = time.Time{}
		case failing.IsZero():
			failing = now
		case now.Sub(failing) > max(cmp.Or(s.Outage, time.Minute), leastPatience):
			return r, errors.Join(engine.ErrLost, err)
		}
		select { // the socket may be up and HTTP not
		case <-l.life.Done():
		case <-time.After(pause):
		case <-ctx.Done():
			return response{}, context.Cause(ctx)
		case <-givenUp:
			return response{}, engine.ErrLost
		}
	}
}

// leastPatience is how long HTTP may fail while the socket is up.
const leastPatience = 5 * time.Second

// connected is the connection, once there is one.
func (s *Server) connected(ctx context.Context, givenUp <-chan struct{}) (*link, error) {
	for {
		s.mu.Lock()
		l, turned := s.link, s.turned
		s.mu.Unlock()
		if l != nil {
			return l, nil
		}
		select {
		case <-turned:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-givenUp:
			return nil, engine.ErrLost
		case <-s.life.Done():
			return nil, context.Cause(s.life)
		}
	}
}

func (s *Server) logger() *slog.Logger {
	if s.Log == nil {
		return slog.Default()
	}
	return s.Log
}
