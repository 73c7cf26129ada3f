package database

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// A Tx is a transaction. It keeps a connection until it is over, which it is at the latest when its time is up or
// the context it began with ends. One goroutine uses it.
type Tx struct {
	pool  *pool
	tx    *sql.Tx
	until time.Time
	most  time.Duration
	end   func()

	isOver bool
}

// Begin starts a transaction. most is how long it may take until Commit returns, 0 twice what a query may.
func (p *Pools) Begin(ctx context.Context, name string, most time.Duration) (*Tx, error) {
	one, err := p.pool(name)
	if err != nil {
		return nil, err
	}
	if most == 0 {
		most = 2 * one.Timeout
	}
	ctx, stop := context.WithTimeoutCause(ctx, most, errTooSlow)
	t := &Tx{pool: one, until: time.Now().Add(most), most: most}
	if err := one.enter(ctx, one.write); err != nil {
		stop()
		return nil, explain(ctx, name, most, err)
	}
	t.end = sync.OnceFunc(func() {
		stop()
		one.write.turns.Leave()
	})
	if t.tx, err = one.write.db.BeginTx(ctx, nil); err != nil {
		err = explain(ctx, name, most, one.named(err))
		t.end()
		return nil, err
	}
	return t, nil
}

// Query is Pools.Query within the transaction.
func (t *Tx) Query(ctx context.Context, sql string, values []any, most time.Duration) (rows string, err error) {
	err = t.do(ctx, sql, values, most, func(ctx context.Context, st statement) error {
		rows, err = t.pool.query(ctx, t.pool.write, t.tx, st, values)
		return err
	})
	return rows, err
}

// Exec is Pools.Exec within the transaction.
func (t *Tx) Exec(ctx context.Context, sql string, values []any, most time.Duration) (changed int64, err error) {
	err = t.do(ctx, sql, values, most, func(ctx context.Context, st statement) error {
		changed, err = t.pool.exec(ctx, t.pool.write, t.tx, st, values)
		return err
	})
	return changed, err
}

func (t *Tx) do(ctx context.Context, sql string, values []any, most time.Duration, run func(context.Context, statement) error) error {
	st, err := t.pool.parsed(sql, len(values))
	if err != nil {
		return err
	}
	ctx, stop, most := t.within(ctx, most)
	defer stop()
	return explain(ctx, t.pool.Name, most, t.pool.named(run(ctx, st)))
}

// within is ctx with the time that is left, or most of it.
func (t *Tx) within(ctx context.Context, most time.Duration) (context.Context, func(), time.Duration) {
	until := t.until
	if soon := time.Now().Add(most); most > 0 && soon.Before(until) {
		until = soon
	} else {
		most = t.most
	}
	ctx, stop := context.WithDeadlineCause(ctx, until, errTooSlow)
	return ctx, stop, most
}

// Commit keeps what the transaction did.
func (t *Tx) Commit(ctx context.Context) error {
	defer t.end()
	t.isOver = true
	ctx, stop, most := t.within(ctx, 0)
	defer stop()
	if err := t.last(ctx, "COMMIT"); err != nil {
		t.tx.Rollback()
		return explain(ctx, t.pool.Name, most, err)
	}
	return explain(ctx, t.pool.Name, most, t.tx.Commit())
}

// Rollback undoes it, unless it is over. It is over when Rollback returns, whatever the database says: without a
// COMMIT nothing stays.
func (t *Tx) Rollback(ctx context.Context) {
	if t.isOver {
		return
	}
	t.isOver = true
	defer t.end()
	ctx, stop, _ := t.within(ctx, 0)
	defer stop()
	_ = t.last(ctx, "ROLLBACK")
	_ = t.tx.Rollback()
}

// last has MySQL end the transaction. Its driver's own way to do so does not heed the context and would wait for
// a server that is gone.
func (t *Tx) last(ctx context.Context, word string) error {
	if !t.pool.hash {
		return nil
	}
	_, err := t.tx.ExecContext(ctx, word)
	return err
}
