package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ivrd/ivrd/internal/turns"
)

// A pool is one database.
type pool struct {
	Config
	*dialect
	handles     *handles
	read, write *lane

	mu     sync.Mutex
	parses map[string]statement // by SQL as it is in flows
}

// A lane is connections with a queue in front of them.
type lane struct {
	db         *sql.DB
	turns      turns.Turns // of queries that run
	statements *statements // nil if the driver keeps them itself
}

func openPool(c Config) (*pool, error) {
	d, ok := dialectOf(c.URL)
	if !ok {
		return nil, CheckURL(c.URL)
	}
	h, err := d.open(c)
	if err != nil {
		return nil, err
	}
	p := &pool{Config: c, dialect: d, handles: h, parses: map[string]statement{}}
	p.write = p.lane(h.write)
	p.read = p.write
	if h.read != h.write {
		p.read = p.lane(h.read)
	}
	return p, nil
}

func (p *pool) lane(db *sql.DB) *lane {
	l := &lane{db: db, turns: turns.New(db.Stats().MaxOpenConnections)}
	if !p.numbered {
		l.statements = newStatements(db)
	}
	return l
}

func (p *pool) close() error {
	for _, l := range []*lane{p.read, p.write} {
		if l.statements != nil {
			l.statements.close()
		}
	}
	return p.handles.close()
}

// mostParses bounds how many statements are remembered; flows have fewer unless they write values into SQL.
const mostParses = 1000

// parsed is SQL with as many placeholders as there are values.
func (p *pool) parsed(sql string, values int) (statement, error) {
	p.mu.Lock()
	st, known := p.parses[sql]
	p.mu.Unlock()
	if !known {
		var err error
		if st, err = p.parse(sql); err != nil {
			return st, err
		}
		p.mu.Lock()
		if len(p.parses) >= mostParses {
			clear(p.parses)
		}
		p.parses[sql] = st
		p.mu.Unlock()
	}
	if st.values != values {
		return st, fmt.Errorf("there is %s in the SQL and %s behind it", count(st.values, "?", "?"), count(values, "value", "values"))
	}
	return st, nil
}

func count(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// within does one query, from the wait for a connection to the last row, in the time it has.
func (p *pool) within(ctx context.Context, l *lane, most time.Duration, do func(ctx context.Context) error) error {
	if most == 0 {
		most = p.Timeout
	}
	ctx, stop := context.WithTimeoutCause(ctx, most, errTooSlow)
	defer stop()
	if err := p.enter(ctx, l); err != nil {
		return explain(ctx, p.Name, most, err)
	}
	defer l.turns.Leave()
	return explain(ctx, p.Name, most, p.named(do(ctx)))
}

// enter waits for a connection.
func (p *pool) enter(ctx context.Context, l *lane) error {
	err := l.turns.Enter(ctx, p.Wait)
	if full, ok := errors.AsType[*turns.CrowdedError](err); ok && full.Connections == 1 {
		return fmt.Errorf("another call writes to it; no end of that within %s", p.Wait)
	}
	return err
}

// named is err with what the driver leaves out.
func (p *pool) named(err error) error {
	if file, ok := Embedded(p.URL); ok && err != nil {
		return sqliteFault(err, file)
	}
	return postgresFault(err)
}

// query runs a statement, in tx if that is not nil.
func (p *pool) query(ctx context.Context, l *lane, tx *sql.Tx, st statement, values []any) (text string, err error) {
	rows, done, err := p.rows(ctx, l, tx, st, p.args(values))
	if err != nil {
		return "", err
	}
	defer done()
	defer func() { err = errors.Join(err, rows.Close()) }()
	return p.rowsText(rows)
}

func (p *pool) rows(ctx context.Context, l *lane, tx *sql.Tx, st statement, args []any) (*sql.Rows, func(), error) {
	stmt, done, err := l.prepared(ctx, st.sql, tx)
	if err != nil {
		return nil, nil, err
	}
	var rows *sql.Rows
	switch {
	case stmt != nil && tx != nil:
		rows, err = tx.StmtContext(ctx, stmt).QueryContext(ctx, args...)
	case stmt != nil:
		rows, err = stmt.QueryContext(ctx, args...)
	case tx != nil:
		rows, err = tx.QueryContext(ctx, st.sql, args...)
	default:
		rows, err = l.db.QueryContext(ctx, st.sql, args...)
	}
	if err != nil {
		done()
	}
	return rows, done, err
}

// exec runs a statement, in tx if that is not nil.
func (p *pool) exec(ctx context.Context, l *lane, tx *sql.Tx, st statement, values []any) (int64, error) {
	stmt, done, err := l.prepared(ctx, st.sql, tx)
	if err != nil {
		return 0, err
	}
	defer done()
	var result sql.Result
	args := p.args(values)
	switch {
	case stmt != nil && tx != nil:
		result, err = tx.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	case stmt != nil:
		result, err = stmt.ExecContext(ctx, args...)
	case tx != nil:
		result, err = tx.ExecContext(ctx, st.sql, args...)
	default:
		result, err = l.db.ExecContext(ctx, st.sql, args...)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// args are values as the driver wants them.
func (p *pool) args(values []any) []any {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = p.arg(v)
	}
	return args
}
