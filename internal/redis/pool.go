package redis

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ivrd/ivrd/internal/turns"
	"github.com/redis/go-redis/v9"
)

// A pool is one server. The library has a pool of its own, whose commands nobody can end before their time: a
// connection can be closed only by who knows which one it is. So each link is the library's client with one connection.
type pool struct {
	Config
	options *redis.Options
	turns   turns.Turns // of commands that run

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
	return &pool{Config: c, options: o, turns: turns.New(c.Connections)}, nil
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
	if err := p.turns.Enter(ctx, p.Wait); err != nil {
		return nil, explain(ctx, p.Name, most, err)
	}
	defer p.turns.Leave()
	err := p.do(ctx, cmd)
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	return cmd.Val(), explain(ctx, p.Name, most, err)
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
