package database

import (
	"container/list"
	"context"
	"database/sql"
	"sync"
)

// mostStatements is how many prepared statements are kept for each pool.
const mostStatements = 200

// statements are prepared once and used again; those not used for longest make room.
type statements struct {
	db *sql.DB

	mu    sync.Mutex
	bySQL map[string]*list.Element // of *prepared
	order list.List                // used last in front
}

// A prepared is one of them.
type prepared struct {
	sql  string
	stmt *sql.Stmt
	uses int  // queries that run it
	gone bool // it is no longer kept
}

func newStatements(db *sql.DB) *statements {
	return &statements{db: db, bySQL: map[string]*list.Element{}}
}

// prepared is the statement for text, nil if there is none. done must be called when it is not needed. In a
// transaction none is made: that would take a second connection.
func (l *lane) prepared(ctx context.Context, text string, tx *sql.Tx) (stmt *sql.Stmt, done func(), err error) {
	none := func() {}
	if l.statements == nil { // the driver keeps them
		return nil, none, nil
	}
	p := l.statements.find(text)
	switch {
	case p != nil:
	case tx != nil:
		return nil, none, nil
	default:
		stmt, err := l.db.PrepareContext(ctx, text)
		if err != nil {
			return nil, nil, err
		}
		p = l.statements.keep(text, stmt)
	}
	return p.stmt, func() { l.statements.done(p) }, nil
}

func (s *statements) find(text string) *prepared {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.bySQL[text]
	if e == nil {
		return nil
	}
	s.order.MoveToFront(e)
	p := e.Value.(*prepared)
	p.uses++
	return p
}

// keep adds a statement that is in use. Another query may have prepared it meanwhile.
func (s *statements) keep(text string, stmt *sql.Stmt) *prepared {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &prepared{sql: text, stmt: stmt, uses: 1}
	if s.bySQL[text] != nil {
		p.gone = true
		return p
	}
	s.bySQL[text] = s.order.PushFront(p)
	for s.order.Len() > mostStatements {
		s.forget(s.order.Back())
	}
	return p
}

func (s *statements) forget(e *list.Element) {
	p := s.order.Remove(e).(*prepared)
	delete(s.bySQL, p.sql)
	p.gone = true
	if p.uses == 0 {
		p.stmt.Close()
	}
}

func (s *statements) done(p *prepared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.uses--; p.uses == 0 && p.gone {
		p.stmt.Close()
	}
}

func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.order.Len() > 0 {
		s.forget(s.order.Back())
	}
}
