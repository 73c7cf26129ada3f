package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/ivrd/ivrd/internal/turns"
	"github.com/redis/go-redis/v9"
)

// A link is one connection, with the library's client on it. One goroutine uses it at a time.
type link struct {
	client *redis.Client
	wire   wire
	used   time.Time
	ended  bool // by a context
}

// wire is the connection of a link.
type wire interface {
	net.Conn
	// allow has the next answer be of so many bytes at most.
	allow(bytes int)
}

// connect makes a connection and sees to it that the server is one that flows can ask.
func (p *pool) connect(ctx context.Context) (*link, error) {
	ctx, stop := context.WithTimeoutCause(ctx, p.Connect, fmt.Errorf("%w to connect", errTooSlow))
	defer stop()
	conn, err := p.dial(ctx)
	if err != nil {
		return nil, unconnected(ctx, p.Connect, err)
	}
	l := &link{wire: newWire(conn)}
	o := *p.options
	isTaken := false
	o.Dialer = func(context.Context, string, string) (net.Conn, error) {
		if isTaken {
			return nil, errGone
		}
		isTaken = true
		return l.wire, nil
	}
	l.client = redis.NewClient(&o)
	if err := l.greet(ctx); err != nil {
		l.close()
		return nil, unconnected(ctx, p.Connect, err)
	}
	return l, nil
}

// greet has the library make itself known, and refuses servers of which it takes less than RESP3: their answers have
// other forms.
func (l *link) greet(ctx context.Context) error {
	hello := redis.NewMapStringInterfaceCmd(ctx, "HELLO")
	err := l.do(ctx, hello)
	version, _ := hello.Val()["proto"].(int64)
	if isReply(err) && strings.HasPrefix(err.Error(), "ERR unknown command") || err == nil && version < 3 {
		return errOld
	}
	return err
}

func (p *pool) dial(ctx context.Context) (net.Conn, error) {
	if p.options.TLSConfig == nil {
		return new(net.Dialer).DialContext(ctx, p.options.Network, p.options.Addr)
	}
	return (&tls.Dialer{Config: p.options.TLSConfig}).DialContext(ctx, p.options.Network, p.options.Addr)
}

// unconnected is why no connection came about.
func unconnected(ctx context.Context, most time.Duration, err error) error {
	if cause := turns.Ended(ctx); cause != nil && cause != errTooSlow && errors.Is(cause, errTooSlow) {
		return fmt.Errorf("not connected within %s", most)
	}
	return err
}

// do sends a command. The end of ctx closes the connection: there is no other way to end a command.
func (l *link) do(ctx context.Context, cmd redis.Cmder) error {
	l.wire.allow(mostBytes)
	stop := context.AfterFunc(ctx, func() { l.wire.Close() })
	defer func() { l.ended = !stop() }()
	if l.isDoubtful() {
		if err := l.client.Ping(ctx).Err(); err != nil && !isReply(err) {
			return errGone
		}
	}
	err := l.client.Process(ctx, cmd)
	l.used = time.Now()
	return err
}

// isDoubtful reports whether the library cannot see that the server has closed the connection.
func (l *link) isDoubtful() bool {
	_, seen := l.wire.(syscall.Conn)
	return !seen && !l.used.IsZero() && time.Since(l.used) > time.Second
}

func (l *link) close() {
	l.client.Close()
	l.wire.Close()
}

// A boundedWire refuses answers that are too long.
type boundedWire struct {
	net.Conn
	left int
}

func newWire(c net.Conn) wire {
	if raw, ok := c.(syscall.Conn); ok {
		return &plainWire{boundedWire{Conn: c}, raw}
	}
	return &boundedWire{Conn: c}
}

func (w *boundedWire) allow(bytes int) { w.left = bytes }

func (w *boundedWire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b[:min(len(b), w.left+1)])
	if w.left -= n; w.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

// A plainWire is one without TLS, of which the system can tell whether the other end has closed it.
type plainWire struct {
	boundedWire
	raw syscall.Conn
}

func (w *plainWire) SyscallConn() (syscall.RawConn, error) { return w.raw.SyscallConn() }
