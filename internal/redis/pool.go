package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// A pool is one server. The library has a pool of its own, whose commands nobody can end before their time: a
// connection can be closed only by who knows which one it is. So each link is the library's client with one connection.
type pool struct {
	Config
	options *redis.Options
	free    chan struct{} // holds one for each command that runs

	mu     sync.Mutex
	idle   []*link // the one used last at the end
	closed bool
}

func newPool(c Config) (*pool, error) {
	o, err := options(c.URL)
	if err != nil {
		return nil, err
	}
	c = c.filled()
	return &pool{Config: c, options: o, free: make(chan struct{}, c.Connections)}, nil
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, l := range p.idle {
		l.close()
	}
	p.idle = nil
}

// call does one command, from the wait for a connection to the answer, in the time it has.
func (p *pool) call(ctx context.Context, cmd *redis.Cmd, most time.Duration) (any, error) {
	most = cmp.Or(most, p.Timeout)
	ctx, stop := context.WithTimeoutCause(ctx, most, errTooSlow)
	defer stop()
	if err := p.enter(ctx); err != nil {
		return nil, explain(ctx, p.Name, most, err)
	}
	defer func() { <-p.free }()
	err := p.do(ctx, cmd)
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	return cmd.Val(), explain(ctx, p.Name, most, err)
}

// enter waits for a connection.
func (p *pool) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case p.free <- struct{}{}:
		return nil
	default:
	}
	patience := time.NewTimer(p.Wait)
	defer patience.Stop()
	select {
	case p.free <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-patience.C:
		return fmt.Errorf("all %d connections are busy; none was free within %s", p.Connections, p.Wait)
	}
}

// do sends a command over a connection that was used before, as long as there is one that the server has not closed,
// and else over a new one.
func (p *pool) do(ctx context.Context, cmd *redis.Cmd) error {
	for {
		l := p.take()
		isNew := l == nil
		if isNew {
			var err error
			if l, err = p.connect(ctx); err != nil {
				return err
			}
		}
		err := l.do(ctx, cmd)
		if err == nil || isReply(err) {
			p.put(l)
			return err
		}
		l.close()
		if isNew || !errors.Is(err, errGone) {
			return err
		}
		cmd.SetErr(nil)
	}
}

func (p *pool) take() *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	l := p.idle[last]
	p.idle = p.idle[:last]
	return l
}

func (p *pool) put(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || l.ended {
		l.close()
		return
	}
	p.idle = append(p.idle, l)
}
