package agi

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// listen starts s on a port of its own. stop ends it and waits for its calls.
func listen(t testing.TB, s *Server) (addr string, stop func()) {
	t.Helper()
	l, err := Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	return l.Addr().String(), sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
		if err := s.Shutdown(context.Background()); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	})
}

// dial connects to addr and says greeting.
func dial(t testing.TB, addr, greeting string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, greeting); err != nil {
		t.Fatal(err)
	}
	return conn
}

// closedByServer waits until the server closes conn.
func closedByServer(t *testing.T, conn net.Conn) {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.Copy(io.Discard, conn); err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the connection was not closed: %v", err)
	}
	conn.Close()
}

func TestServe(t *testing.T) {
	infos := make(chan engine.Info, 1)
	s := &Server{Handler: func(_ context.Context, ch engine.Channel) { infos <- ch.Info() }}
	addr, stop := listen(t, s)
	defer stop()
	conn := dial(t, addr, greeting)
	if info := <-infos; info.Exten != "100" || info.Path != "hello" {
		t.Errorf("info %+v", info)
	}
	closedByServer(t, conn)
}

// TestShutdown: no more calls, the running one finishes.
func TestShutdown(t *testing.T) {
	started, finish := make(chan bool), make(chan bool)
	s := &Server{TypeAhead: -1, Handler: func(ctx context.Context, ch engine.Channel) {
		close(started)
		<-finish
		if err := ch.Answer(ctx); err != nil {
			t.Errorf("answer: %v", err)
		}
	}}
	addr, stop := listen(t, s)
	defer stop()
	conn := dial(t, addr, greeting)
	<-started
	done := make(chan error)
	go func() { done <- s.Shutdown(context.Background()) }()
	for !s.isClosed() {
		runtime.Gosched()
	}
	if late, err := net.Dial("tcp", addr); err == nil {
		closedByServer(t, late) // the kernel may have taken it still
	}
	close(finish)
	line, err := bufio.NewReader(conn).ReadString('\n')
	if line != "ANSWER\n" || err != nil {
		t.Errorf("got %q, %v", line, err)
	}
	fmt.Fprint(conn, "200 result=0\n")
	if err := <-done; err != nil {
		t.Errorf("shutdown: %v", err)
	}
	conn.Close()
	if err := s.Serve(context.Background(), closedListener(t)); !errors.Is(err, ErrServerClosed) {
		t.Errorf("serve after shutdown: %v", err)
	}
}

func closedListener(t *testing.T) net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestShutdownInTime: calls that do not end are ended, whatever they wait for.
func TestShutdownInTime(t *testing.T) {
	for name, end := range map[string]func(*Server) error{
		"shutdown": func(s *Server) error {
			ctx, cancel := context.WithCancelCause(context.Background())
			cancel(errTest)
			return s.Shutdown(ctx)
		},
		"close": func(s *Server) error { return errors.Join(s.Close(), errTest) },
	} {
		t.Run(name, func(t *testing.T) {
			var started sync.WaitGroup
			started.Add(3)
			var n atomic.Int32
			s := &Server{Handler: func(ctx context.Context, ch engine.Channel) {
				i := n.Add(1)
				started.Done()
				switch i {
				case 1:
					<-ctx.Done()
					if !errors.Is(context.Cause(ctx), ErrServerClosed) {
						t.Errorf("cause %v", context.Cause(ctx))
					}
				case 2:
					if _, err := ch.ReadDigit(ctx, time.Hour); err == nil {
						t.Error("read digit: no error")
					}
				case 3:
					if _, err := ch.(*channel).Exec(ctx, "Queue", "x"); err == nil {
						t.Error("exec: no error")
					}
				}
			}}
			addr, stop := listen(t, s)
			defer stop()
			for range 3 {
				defer dial(t, addr, greeting).Close()
			}
			started.Wait()
			wantErr(t, "end", end(s), errTest)
		})
	}
}

func TestAllow(t *testing.T) {
	for _, test := range []struct {
		allow, from string
		want        bool
	}{
		{"", "127.0.0.1", true}, {"", "127.9.9.9", true}, {"", "::1", true}, {"", "::ffff:127.0.0.1", true}, {"", "10.0.0.1", false},
		{"10.0.0.0/8", "10.1.2.3", true}, {"10.0.0.0/8", "::ffff:10.1.2.3", true}, {"10.0.0.0/8", "127.0.0.1", false},
		{"fe80::/10", "fe80::1%eth0", true}, {"10.0.0.0/8", "fe80::1", false},
	} {
		s := &Server{}
		if test.allow != "" {
			s.Allow = []netip.Prefix{netip.MustParsePrefix(test.allow)}
		}
		addr := net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(test.from), 1))
		if got := s.allows(addr); got != test.want {
			t.Errorf("allow %q, from %s: %v", test.allow, test.from, got)
		}
	}
}

// syncBuffer is a log that goroutines share.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// TestNotAllowed: closed at once, and logged, but not as often as a stranger likes.
func TestNotAllowed(t *testing.T) {
	var log syncBuffer
	s := &Server{
		Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Handler: func(context.Context, engine.Channel) { t.Error("handled") },
	}
	addr, stop := listen(t, s)
	for range 50 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		closedByServer(t, conn)
	}
	stop()
	if n := strings.Count(log.String(), "not allowed"); n < 1 || n > 5 {
		t.Errorf("logged %d times", n)
	}
}

// TestBadHandshakes: sessions that never speak, speak for ever, or speak something else (trap: section 1).
func TestBadHandshakes(t *testing.T) {
	for name, said := range map[string]string{
		"silence": "", "half a block": "agi_network: yes\n", "no end of lines": strings.Repeat("agi_x: y\n", 20000),
		"no end of a line": strings.Repeat("x", 100000), "HTTP": "GET / HTTP/1.1\r\n\r\n\n\n", "TLS": "\x16\x03\x01\x00\n\n", "nothing": "\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				var log syncBuffer
				s := &Server{Log: slog.New(slog.NewTextHandler(&log, nil)), Handler: func(context.Context, engine.Channel) { t.Error("handled") }}
				go func() { _, _ = io.WriteString(theirs, said) }()
				began := time.Now()
				s.ServeConn(t.Context(), ours)
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("took %v", took)
				}
				if !strings.Contains(log.String(), "refused") {
					t.Errorf("logged %q", log.String())
				}
				if n, err := theirs.Read(make([]byte, 100)); n != 0 || err != io.EOF {
					t.Errorf("read %d, %v after the refusal", n, err)
				}
			})
		})
	}
}

// TestSlowHandshake comes byte by byte, and the first line behind it along with its end.
func TestSlowHandshake(t *testing.T) {
	converse(t, &Server{TypeAhead: -1}, "< ANSWER\n> 200 result=0", func(ctx context.Context, ch *channel) { noErr(t, "answer", ch.Answer(ctx)) })
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		s := &Server{Handler: func(ctx context.Context, ch engine.Channel) {
			_, err := ch.Play(ctx, sound("a"), "")
			wantErr(t, "play", err, engine.ErrHangup)
		}}
		go func() {
			for _, b := range []byte(greeting[:len(greeting)-1]) {
				_, _ = theirs.Write([]byte{b})
			}
			_, _ = io.WriteString(theirs, "\nHANGUP\n")
			_, _ = bufio.NewReader(theirs).ReadString('\n')
			_, _ = io.WriteString(theirs, "511 x\n")
		}()
		s.ServeConn(t.Context(), ours)
	})
}

// TestLost: Asterisk closes, stops answering, or sends what is not AGI, in mid-call (half-closed sockets,
// slow and silent peers).
func TestLost(t *testing.T) {
	answer := func(ctx context.Context, ch *channel) error { return ch.Answer(ctx) }
	play := func(ctx context.Context, ch *channel) error {
		_, err := ch.Play(ctx, []engine.Prompt{{Text: "a", Sound: engine.Sound{Duration: time.Second}}}, "")
		return err
	}
	const stream = "< STREAM FILE \"a\" " + all + "\n"
	for _, test := range []struct {
		name, script string
		do           func(ctx context.Context, ch *channel) error
		want         error
		within       time.Duration
	}{
		{"closes", "< ANSWER\nclose", answer, engine.ErrLost, time.Second},
		{"closes before", "close", answer, engine.ErrLost, 2 * time.Second},
		{"closes after a hangup (AGIEXITONHANGUP)", "< ANSWER\n> 200 result=-1\n> HANGUP\n> HANGUP\n< CHANNEL STATUS\nclose", answer, engine.ErrHangup, time.Second},
		{"closes within a line", "< ANSWER\n>. 200 res\nclose", answer, engine.ErrLost, time.Second},
		{"says nothing", "< ANSWER", answer, engine.ErrLost, time.Minute},
		{"says nothing to a command that takes long", stream, play, engine.ErrLost, 5 * time.Minute},
		{"says nothing to a sync", stream + strings.Repeat("cancel\n", 1) + strings.Repeat("< GET FULL VARIABLE \"{sync}\"\n", 8), play, engine.ErrLost, 2 * time.Minute},
		{"drips", "< ANSWER\n>. 2\npause 20s\n>. 0\npause 20s\n>. 0\npause 20s\n>. x\npause 20s", answer, engine.ErrLost, time.Minute},
		{"sends other things", "< ANSWER\n>. " + strings.Repeat(`HTTP/1.1 200 OK\n`, maxNoise+1), answer, engine.ErrLost, time.Second},
		{"does not end its explanation", "< ANSWER\n> 520-x\n>. " + strings.Repeat(`x\n`, maxNoise+1), answer, engine.ErrLost, time.Second},
		{"does not end its line", "< ANSWER\n>. " + strings.Repeat(`x`, maxReply+1), answer, engine.ErrLost, time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			converse(t, &Server{TypeAhead: -1}, test.script, func(ctx context.Context, ch *channel) {
				if test.name == "closes before" {
					time.Sleep(time.Second) // virtual
				}
				began := time.Now()
				wantErr(t, "error", test.do(ctx, ch), test.want)
				if took := time.Since(began); took > test.within {
					t.Errorf("took %v", took)
				}
				wantErr(t, "the next", ch.SetVar(context.WithoutCancel(ctx), "A", "1"), test.want)
			})
		})
	}
}

// TestPanic: a handler that panics harms its own call only.
func TestPanic(t *testing.T) {
	var log syncBuffer
	s := &Server{Log: slog.New(slog.NewTextHandler(&log, nil)), Handler: func(context.Context, engine.Channel) { panic("oops") }}
	addr, stop := listen(t, s)
	closedByServer(t, dial(t, addr, greeting))
	closedByServer(t, dial(t, addr, greeting))
	stop()
	if strings.Count(log.String(), "oops") != 2 {
		t.Error(log.String())
	}
}

// failing is a listener that has no file left for a while.
type failing struct {
	net.Listener
	failures atomic.Int32
}

func (f *failing) Accept() (net.Conn, error) {
	if f.failures.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return f.Listener.Accept()
}

// TestAcceptErrors: too many open files is no reason to stop.
func TestAcceptErrors(t *testing.T) {
	f := &failing{Listener: closedListener(t)}
	f.failures.Store(4)
	s := &Server{Log: slog.New(slog.DiscardHandler), Handler: func(context.Context, engine.Channel) {}}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- s.Serve(ctx, f) }()
	closedByServer(t, dial(t, f.Addr().String(), greeting))
	cancel()
	noErr(t, "serve", <-served)
	noErr(t, "shutdown", s.Shutdown(t.Context()))
}

// TestManySessions: nothing is left of ten thousand calls.
func TestManySessions(t *testing.T) {
	before := openFiles(t)
	var hungUp atomic.Int32
	s := &Server{Handler: func(ctx context.Context, ch engine.Channel) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		_ = ch.Answer(ctx)
		if _, err := ch.ReadDigit(ctx, time.Hour); errors.Is(err, engine.ErrHangup) {
			hungUp.Add(1)
		}
	}}
	addr, stop := listen(t, s)
	const workers, each = 20, 500
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := range each {
				shortSession(t, addr, i)
			}
		})
	}
	all.Wait()
	stop()
	if n := int(hungUp.Load()); n != workers*each/2 {
		t.Errorf("%d calls were hung up, want %d", n, workers*each/2)
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d files are open, %d before", after, before)
	}
}

// shortSession hangs up while ivrd waits for a digit, or closes as a killed Asterisk does.
func shortSession(t *testing.T, addr string, i int) {
	conn := dial(t, addr, greeting)
	defer conn.Close()
	r := bufio.NewReader(conn)
	for range 2 {
		line, err := r.ReadString('\n')
		switch {
		case err != nil:
			t.Errorf("session %d: %v", i, err)
			return
		case line == "ANSWER\n":
			fmt.Fprint(conn, "200 result=0\n")
		case i%2 == 0:
			fmt.Fprint(conn, "200 result=-1\nHANGUP\n")
			_, _ = io.Copy(io.Discard, r)
		}
	}
}

func openFiles(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc")
	}
	return len(entries)
}

// TestKernelTimeout: connections inherit the probes of a silent peer, and the time after which one that does
// not answer is given up.
func TestKernelTimeout(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has TCP_USER_TIMEOUT")
	}
	got, probed := make(chan int, 1), make(chan bool, 1)
	s := &Server{Handler: func(_ context.Context, ch engine.Channel) {
		raw, _ := ch.(*channel).conn.(*net.TCPConn).SyscallConn()
		_ = raw.Control(func(fd uintptr) {
			ms, _ := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, 0x12)
			got <- ms
			on, _ := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_KEEPALIVE)
			idle, _ := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, 0x4)  // TCP_KEEPIDLE
			every, _ := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, 0x5) // TCP_KEEPINTVL
			probed <- on == 1 && idle == 15 && every == 15
		})
	}}
	addr, stop := listen(t, s)
	defer stop()
	closedByServer(t, dial(t, addr, greeting))
	if ms := <-got; ms != 45000 {
		t.Errorf("TCP_USER_TIMEOUT is %d ms, want 45000", ms)
	}
	if !<-probed {
		t.Error("a silent peer is not probed")
	}
}
