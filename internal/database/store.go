package database

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Store keeps small values by scope and key in an SQLite file of its own, for all processes that open it. It
// makes nobody wait for the disk: what was changed survives the end of the process at once, and a power failure
// after about a second.
type Store struct {
	Patience time.Duration // for others who change something, as a rule for less than a millisecond; 0 is a second

	file string

	mu     sync.Mutex // opening
	opened bool
	fault  error
	read   *sql.DB // also for what is done in the background
	write  *sql.DB // one connection
	get    *sql.Stmt
	within writing

	free    chan struct{} // holds one while somebody writes
	pending sync.Mutex
	queue   []*change

	changed atomic.Bool // since the last checkpoint
	stop    chan struct{}
	done    chan struct{}
}

// A writing is the statements of a change.
type writing struct{ get, sum, set, remove *sql.Stmt }

// A change is one that waits to be made.
type change struct {
	scope, key string
	make       func(value string, expires time.Time) (string, time.Time, error)
	err        error // of make
	done       chan error
}

// What a store holds.
const (
	mostInScope = 16 << 20  // bytes
	mostInAll   = 256 << 20 // bytes of the file

	storePage = 4096
)

// NewStore is one in a file, which is made when it is first needed.
func NewStore(file string) *Store {
	return &Store{file: file, free: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
}

func (s *Store) patience() time.Duration { return cmp.Or(s.Patience, time.Second) }

// The sums by scope are kept by triggers, so that they hold whatever changes the table.
var storeSchema = []string{
	`create table if not exists kv (scope text not null, key text not null, value text not null, expires integer,
		primary key (scope, key)) without rowid`,
	`create index if not exists kv_expires on kv (expires) where expires is not null`,
	`create table if not exists kv_sums (scope text primary key, bytes integer not null) without rowid`,
	`create trigger if not exists kv_insert after insert on kv begin
		insert into kv_sums values (new.scope, octet_length(new.key) + octet_length(new.value))
			on conflict (scope) do update set bytes = bytes + excluded.bytes; end`,
	`create trigger if not exists kv_update after update of value on kv begin
		update kv_sums set bytes = bytes + octet_length(new.value) - octet_length(old.value) where scope = new.scope; end`,
	`create trigger if not exists kv_delete after delete on kv begin
		update kv_sums set bytes = bytes - octet_length(old.key) - octet_length(old.value) where scope = old.scope; end`,
}

// open opens the file. A file that cannot be opened is tried again the next time.
func (s *Store) open() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened {
		return s.fault
	}
	if err := s.connect(); err != nil {
		return errors.Join(fmt.Errorf("kv: %w", sqliteFault(err, s.file)), s.disconnect())
	}
	s.opened = true
	go s.clean()
	return nil
}

func (s *Store) connect() (err error) {
	// What has been written goes into the file in the background: a call would wait for the disk.
	options := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", s.patience().Milliseconds()), "journal_mode(WAL)", "synchronous(NORMAL)", "wal_autocheckpoint(0)",
		fmt.Sprintf("max_page_count(%d)", mostInAll/storePage),
	}}
	s.read, s.write = sql.OpenDB(sqliteFile(s.file, options)), sql.OpenDB(sqliteFile(s.file, options))
	s.read.SetMaxIdleConns(4)
	s.write.SetMaxOpenConns(1)
	if err := makeForOwner(s.file); err != nil {
		return err
	}
	for _, statement := range storeSchema {
		if _, err := s.write.Exec(statement); err != nil {
			return err
		}
	}
	const get = "select value, expires from kv where scope = ? and key = ?"
	for _, p := range []struct {
		stmt **sql.Stmt
		db   *sql.DB
		sql  string
	}{
		{&s.get, s.read, get},
		{&s.within.get, s.write, get},
		{&s.within.sum, s.write, "select bytes from kv_sums where scope = ?"},
		{&s.within.set, s.write, `insert into kv values (?, ?, ?, ?)
			on conflict (scope, key) do update set value = excluded.value, expires = excluded.expires`},
		{&s.within.remove, s.write, "delete from kv where scope = ? and key = ?"},
	} {
		if *p.stmt, err = p.db.Prepare(p.sql); err != nil {
			return err
		}
	}
	return nil
}

// disconnect closes the connections, with their statements.
func (s *Store) disconnect() error { return errors.Join(s.read.Close(), s.write.Close()) }

// Close closes the file.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	wasOpen := s.opened && s.fault == nil
	s.opened, s.fault = true, errors.New("kv is closed")
	if !wasOpen {
		return nil
	}
	close(s.stop)
	<-s.done
	return errors.Join(s.checkpoint("TRUNCATE"), s.disconnect())
}

// Read gives what key holds, "" if nothing, and until when; the zero time is for ever.
func (s *Store) Read(_ context.Context, scope, key string) (value string, expires time.Time, err error) {
	if s.absent() {
		return "", time.Time{}, nil
	}
	if err := s.open(); err != nil {
		return "", time.Time{}, err
	}
	value, expires, err = scanValue(s.get.QueryRow(scope, key))
	if err != nil {
		err = fmt.Errorf("kv: %w", err)
	}
	return value, expires, err
}

// absent reports whether there is no file yet, or an empty one as a full disk leaves it, which nobody needs to make in
// order to read.
func (s *Store) absent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened {
		return false
	}
	file, err := os.Stat(s.file)
	if err == nil {
		return file.Size() == 0
	}
	_, folder := os.Stat(filepath.Dir(s.file))
	return errors.Is(err, fs.ErrNotExist) && folder == nil
}

func scanValue(row *sql.Row) (value string, expires time.Time, err error) {
	var until sql.NullInt64
	if err := row.Scan(&value, &until); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", time.Time{}, err
	}
	if until.Valid {
		expires = time.UnixMilli(until.Int64)
	}
	return value, expires, nil
}

// Change replaces what key holds by what by makes of it, "" being nothing. Nobody else changes it meanwhile. It is
// quick, so that ctx need not end it. by may be asked twice.
func (s *Store) Change(_ context.Context, scope, key string, by func(value string, expires time.Time) (string, time.Time, error)) error {
	if err := s.open(); err != nil {
		return err
	}
	c := &change{scope: scope, key: key, make: by, done: make(chan error, 1)}
	s.pending.Lock()
	s.queue = append(s.queue, c)
	s.pending.Unlock()
	patience := time.NewTimer(s.patience())
	defer patience.Stop()
	select {
	case err := <-c.done:
		return err
	case s.free <- struct{}{}:
		s.work()
		<-s.free
		return <-c.done
	case <-patience.C:
		if s.withdraw(c) {
			return fmt.Errorf("kv: others change so much that this one did not get its turn within %s", s.patience())
		}
		return <-c.done
	}
}

// withdraw takes a change back, unless it is being made.
func (s *Store) withdraw(c *change) bool {
	s.pending.Lock()
	defer s.pending.Unlock()
	i := slices.Index(s.queue, c)
	if i < 0 {
		return false
	}
	s.queue = slices.Delete(s.queue, i, i+1)
	return true
}

// work makes all changes that wait, in one transaction. If that fails, each is made by itself, so that one fails only
// for a reason of its own.
func (s *Store) work() {
	s.pending.Lock()
	all := s.queue
	s.queue = nil
	s.pending.Unlock()
	if len(all) == 0 {
		return
	}
	err := s.together(all)
	for _, c := range all {
		if err != nil && len(all) > 1 {
			c.done <- cmp.Or(s.together([]*change{c}), c.err)
			continue
		}
		c.done <- cmp.Or(err, c.err)
	}
	s.changed.Store(true)
}

// together makes changes in one transaction. What one of them itself refuses is in its err.
func (s *Store) together(all []*change) error {
	tx, err := s.write.Begin()
	if err != nil {
		return fmt.Errorf("kv: %w", err)
	}
	for _, c := range all {
		if err := c.in(tx, s.within); err != nil {
			_ = tx.Rollback() // SQLite may have done so by itself
			return fmt.Errorf("kv: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("kv: %w", err)
	}
	return nil
}

func (c *change) in(tx *sql.Tx, w writing) error {
	old, until, err := scanValue(tx.Stmt(w.get).QueryRow(c.scope, c.key))
	if err != nil {
		return err
	}
	var value string
	var expires time.Time
	value, expires, c.err = c.make(old, until)
	switch {
	case c.err != nil, value == old && expires.Equal(until):
		return nil
	case value == "":
		_, err = tx.Stmt(w.remove).Exec(c.scope, c.key)
		return err
	}
	if len(value) > len(old) {
		var sum int
		if err := tx.Stmt(w.sum).QueryRow(c.scope).Scan(&sum); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if sum+len(c.key)+len(value)-len(old) > mostInScope {
			c.err = fmt.Errorf("kv: it is full: one flow keeps %d MB at most; let values expire or delete them", mostInScope>>20)
			return nil
		}
	}
	var at any
	if !expires.IsZero() {
		at = expires.UnixMilli()
	}
	_, err = tx.Stmt(w.set).Exec(c.scope, c.key, value, at)
	return err
}

// clean removes what has expired, and brings what was written into the file, until Close.
func (s *Store) clean() {
	defer close(s.done)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-s.stop:
			return
		case now := <-tick.C:
			if n%60 == 0 {
				s.expire(now)
			}
			if s.changed.Swap(false) {
				_ = s.checkpoint("PASSIVE") // what could not be done now is done the next time
			}
		}
	}
}

// expire removes what has expired, a little at a time: others wait meanwhile. What fails is done the next time;
// values that have expired are not found in any case.
func (s *Store) expire(now time.Time) {
	const most = 200
	for {
		done, err := s.read.Exec("delete from kv where (scope, key) in (select scope, key from kv where expires <= ? limit ?)", now.UnixMilli(), most)
		if err != nil {
			return
		}
		if n, err := done.RowsAffected(); err != nil || n < most {
			return
		}
		s.changed.Store(true)
	}
}

func (s *Store) checkpoint(how string) error {
	_, err := s.read.Exec("pragma wal_checkpoint(" + how + ")")
	return err
}
