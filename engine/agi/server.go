package agi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A Server hands FastAGI calls to its Handler. Only Handler has no useful zero. Its fields are set before
// the first call.
type Server struct {
	Handler          engine.Handler
	Allow            []netip.Prefix // where calls may come from; empty means this machine only
	MaxLine          int            // longest command Asterisk reads; 0 means 8190; before 20.16, 21.11 and 22.6 it is 2046
	HandshakeTimeout time.Duration  // for a connection to say what call it is; 0 means 10 seconds
	IOTimeout        time.Duration  // for a reply, beyond what its command takes; 0 means 30 seconds
	TypeAhead        time.Duration  // a flow that thinks for longer has its caller's digits kept; 0 means 30 ms, below 0 never
	Log              *slog.Logger   // nil means slog.Default()

	mu        sync.Mutex
	listeners map[net.Listener]bool
	conns     map[net.Conn]bool
	calls     sync.WaitGroup // one for each of conns
	closed    bool           // no more connections
	cancels   map[*context.CancelCauseFunc]bool
	warned    atomic.Int64 // when a refused connection was last logged
}

// Listen listens for FastAGI connections on a TCP address, so that a dead Asterisk is noticed even during
// commands that may last for hours.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	config := net.ListenConfig{Control: control, KeepAlive: keepAlive}
	config.SetMultipathTCP(false) // has no such time-outs, and Asterisk does not speak it
	return config.Listen(ctx, "tcp", address)
}

// Serve takes calls from l until ctx ends or the server is shut down, then closes l and returns nil.
// Running calls go on; Shutdown waits for them.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	calls, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	if !s.addListener(l, &cancel) {
		l.Close()
		cancel(nil)
		return ErrServerClosed
	}
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	defer s.removeListener(l)
	pool := &workers{idle: make(chan net.Conn), over: make(chan struct{})}
	defer close(pool.over)
	var wait time.Duration
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			wait = 0
			s.start(calls, conn, pool)
		case ctx.Err() != nil || s.isClosed():
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("serve FastAGI: %w", err)
		default: // as a rule too many open files: those of ended calls come back
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			s.logger().Error("accept FastAGI connection", "error", err, "retry", wait)
			if !pause(ctx, wait) {
				return nil
			}
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// start has conn served if it may be served at all.
func (s *Server) start(ctx context.Context, conn net.Conn, w *workers) {
	if !s.allows(conn.RemoteAddr()) {
		conn.Close()
		s.warn("FastAGI connection refused: its address is not allowed", "from", conn.RemoteAddr().String())
		return
	}
	if !s.addConn(conn) {
		conn.Close()
		return
	}
	w.give(conn, func(conn net.Conn) { s.serve(ctx, conn) })
}

// workers are the goroutines of one Serve. One that has seen a call through waits a while for another, since
// its stack has grown to what a call takes.
type workers struct {
	idle chan net.Conn // taken by those that wait
	over chan struct{} // closed when there are no more calls
}

// give has conn served by a goroutine that waits, or else by a new one.
func (w *workers) give(conn net.Conn, serve func(net.Conn)) {
	select {
	case w.idle <- conn:
	default:
		go w.work(conn, serve)
	}
}

func (w *workers) work(conn net.Conn, serve func(net.Conn)) {
	const while = time.Second
	timer := time.NewTimer(while)
	defer timer.Stop()
	for {
		serve(conn)
		timer.Reset(while)
		select {
		case conn = <-w.idle:
		case <-timer.C:
			return
		case <-w.over:
			return
		}
	}
}

// ServeConn sees the call on conn through to its end, whatever address it comes from, and closes conn.
func (s *Server) ServeConn(ctx context.Context, conn net.Conn) {
	if !s.addConn(conn) {
		conn.Close()
		return
	}
	s.serve(ctx, conn)
}

func (s *Server) serve(ctx context.Context, conn net.Conn) {
	defer s.removeConn(conn)
	c, err := s.greet(conn)
	if err != nil {
		conn.Close()
		s.warn("FastAGI connection refused", "from", conn.RemoteAddr().String(), "error", err)
		return
	}
	defer c.finish()
	defer func() {
		if p := recover(); p != nil {
			s.logger().Error("call handler failed", "call", c.info.ID, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	s.Handler(ctx, c)
}

// allows reports whether calls may come from addr. What has no IP address, such as a socket in the file
// system, is guarded by other means.
func (s *Server) allows(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return true
	}
	ip := tcp.AddrPort().Addr().Unmap().WithZone("")
	if len(s.Allow) == 0 {
		return ip.IsLoopback()
	}
	for _, p := range s.Allow {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// Shutdown takes no more calls and waits for those in progress. When ctx ends first it ends them and
// returns why ctx ended.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stopListening()
	done := make(chan struct{})
	go func() {
		s.calls.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	s.endCalls()
	<-done
	return context.Cause(ctx)
}

// Close ends all calls, which their callers notice, and waits until their handlers have returned.
func (s *Server) Close() error {
	s.stopListening()
	s.endCalls()
	s.calls.Wait()
	return nil
}

func (s *Server) stopListening() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for l := range s.listeners {
		l.Close()
	}
}

func (s *Server) endCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for cancel := range s.cancels {
		(*cancel)(ErrServerClosed)
	}
	for conn := range s.conns {
		conn.Close()
	}
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *Server) addListener(l net.Listener, cancel *context.CancelCauseFunc) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if s.listeners == nil {
		s.listeners = map[net.Listener]bool{}
		s.cancels = map[*context.CancelCauseFunc]bool{}
	}
	s.listeners[l] = true
	s.cancels[cancel] = true
	return true
}

func (s *Server) removeListener(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.Close()
	delete(s.listeners, l)
}

func (s *Server) addConn(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	if s.conns == nil {
		s.conns = map[net.Conn]bool{}
	}
	s.conns[conn] = true
	s.calls.Add(1)
	return true
}

func (s *Server) removeConn(conn net.Conn) {
	s.mu.Lock()
	delete(s.conns, conn)
	s.mu.Unlock()
	s.calls.Done()
}

func (s *Server) logger() *slog.Logger {
	if s.Log == nil {
		return slog.Default()
	}
	return s.Log
}

// warn logs what strangers can provoke, once a second at most.
func (s *Server) warn(text string, attrs ...any) {
	now := time.Now().UnixNano()
	last := s.warned.Load()
	if last != 0 && now-last < int64(time.Second) || !s.warned.CompareAndSwap(last, now) {
		return
	}
	s.logger().Warn(text, attrs...)
}

func orDefault[T int | time.Duration](value, otherwise T) T {
	if value == 0 {
		return otherwise
	}
	return value
}
