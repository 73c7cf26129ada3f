package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/database"
	"github.com/ivrd/ivrd/internal/redis"
	"github.com/ivrd/ivrd/luaapi"
)

// An outside is what flows reach beyond their calls: other systems, databases, Redis servers, and what they remember.
type outside struct {
	systems   luaapi.Systems
	databases databases
	redis     *redis.Servers
	memory    memory
	secrets   *secrets
	applied   []string // the files of migrations that were applied
}

// openOutside opens all of it. Nothing is connected until a flow asks.
func (c *config) openOutside(ctx context.Context, log *slog.Logger) (*outside, error) {
	servers, err := c.redisServers()
	if err != nil {
		return nil, err
	}
	remembered, err := c.openMemory(0)
	if err != nil {
		return nil, err
	}
	systems, err := c.systems()
	if err != nil {
		return nil, err
	}
	asked, applied, err := c.openDatabases(ctx)
	if err != nil {
		systems.Close()
		return nil, fmt.Errorf("databases: %w", err)
	}
	return &outside{systems, asked, servers, remembered, c.secrets(log), applied}, nil
}

// memory is what flows remember.
type memory interface {
	engine.KV
	Close() error
}

// openMemory is what flows remember, and what is said of schedules at run time. Patience is for others who write to
// the same file; 0 is that of callers.
func (c *config) openMemory(patience time.Duration) (memory, error) {
	if redis.IsURL(c.KV) {
		return redis.NewStore(c.KV)
	}
	s := database.NewStore(c.KV)
	s.Patience = patience
	return s, nil
}

// serve has the calls of an engine reach it.
func (o *outside) serve(e *engine.Engine) {
	e.Systems, e.Databases, e.Redis, e.KV, e.Secrets = o.systems, o.databases, o.redis, o.memory, o.secrets.get
}

// ready reports what a daemon cannot begin without, and has the log say what an operator has to know of the rest.
func (o *outside) ready(ctx context.Context, log *slog.Logger) error {
	if err := o.secrets.check(); err != nil {
		return err
	}
	for _, file := range o.applied {
		log.Info("database", "migration", file)
	}
	o.tellOverrides(ctx, log)
	return nil
}

// tellOverrides has the log say which schedules an operator has overridden and perhaps forgotten.
func (o *outside) tellOverrides(ctx context.Context, log *slog.Logger) {
	said, err := engine.Overrides(ctx, o.memory)
	if err != nil {
		log.Warn("hours: what was said of schedules at run time is not known", "error", err)
	}
	for _, one := range said {
		if !one.Holds(time.Now()) {
			continue
		}
		attrs := []any{"schedule", one.Schedule, "says", stateOf(one.Open), "by", one.By, "since", one.Set}
		if !one.Until.IsZero() {
			attrs = append(attrs, "until", one.Until)
		}
		log.Info("hours: a schedule is overridden", append(attrs, "hint", "ivrd hours clear gives it its hours back")...)
	}
}

// Close lets go of it, once there are no calls any more.
func (o *outside) Close() {
	o.memory.Close()
	o.redis.Close()
	o.databases.Close()
	o.systems.Close()
}
