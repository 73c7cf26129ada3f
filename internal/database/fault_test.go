package database

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
	"github.com/ivrd/ivrd/test/sqlserver"
)

// prompt is how long after its time a query may be over, on a machine that is busy with other tests.
const prompt = 2 * time.Second

// ends runs do, which must fail with want within most.
func ends(t *testing.T, most time.Duration, want string, do func() error) {
	t.Helper()
	began := time.Now()
	err := do()
	if took := time.Since(began); took > most+prompt {
		t.Errorf("it took %s, want %s at most", took, most)
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// through is the address of a server as it is behind another one.
func through(t *testing.T, address, host string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = host
	return u.String()
}

func eachServer(t *testing.T, do func(t *testing.T, s *sqlserver.Server)) {
	t.Run("postgres", func(t *testing.T) { do(t, postgres(t)) })
	t.Run("mariadb", func(t *testing.T) { do(t, mariadb(t)) })
}

func query(p *Pools, sql string) func() error {
	return func() error {
		_, err := p.Query(context.Background(), "x", sql, nil, 0)
		return err
	}
}

// A server that is not there, one that swallows what it is sent, and both in mid-life.
func TestDeadServer(t *testing.T) {
	eachServer(t, func(t *testing.T, s *sqlserver.Server) {
		proxy := asterisk.NewProxy(t, s.Addr)
		p := opened(t, Config{Name: "x", URL: through(t, s.URL, proxy.Addr()), Timeout: time.Second, Connect: 500 * time.Millisecond})
		proxy.Cut()
		ends(t, 0, "database x: ", query(p, "select 1 as n"))
		proxy.Mend()
		if got := must(t, p, "x", "select 1 as n"); got != `{"n":1}` {
			t.Errorf("after it came back: got %s", got)
		}
		proxy.Stall()
		ends(t, time.Second, "database x: ", query(p, "select 1 as n")) // on the connection there is
		ends(t, time.Second, "database x: ", query(p, "select 1 as n")) // on a new one
		proxy.Mend()
		if got := must(t, p, "x", "select 2 as n"); got != `{"n":2}` {
			t.Errorf("after it came back again: got %s", got)
		}
		proxy.Cut()
		ends(t, 0, "database x: ", query(p, "select 1 as n"))
	})
}

// A transaction whose server falls silent is over in time, with its commit and its rollback.
func TestDeadTransaction(t *testing.T) {
	eachServer(t, func(t *testing.T, s *sqlserver.Server) {
		proxy := asterisk.NewProxy(t, s.Addr)
		p := opened(t, Config{Name: "x", URL: through(t, s.URL, proxy.Addr()), Timeout: time.Second, Connect: 500 * time.Millisecond, Connections: 1})
		for _, end := range []func(tx *Tx) error{
			func(tx *Tx) error { return tx.Commit(context.Background()) },
			func(tx *Tx) error { tx.Rollback(context.Background()); return errors.New("no answer") },
			func(tx *Tx) error {
				_, err := tx.Query(context.Background(), "select 1 as n", nil, 0)
				tx.Rollback(context.Background())
				return err
			},
		} {
			proxy.Mend()
			tx, err := p.Begin(context.Background(), "x", time.Second)
			if err != nil {
				t.Fatal(err)
			}
			proxy.Stall()
			ends(t, time.Second, "no answer", func() error { return end(tx) })
		}
		proxy.Mend()
		if got := must(t, p, "x", "select 1 as n"); got != `{"n":1}` {
			t.Errorf("the only connection is gone: got %s", got)
		}
	})
}

func slowQuery(name string) string {
	switch name {
	case "postgres":
		return "select pg_sleep(20)"
	case "mariadb":
		return "select sleep(20)"
	}
	return "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
}

func TestSlowQuery(t *testing.T) {
	for name, c := range slowConfigs(t) {
		t.Run(name, func(t *testing.T) {
			c.Timeout = 300 * time.Millisecond
			p := opened(t, c)
			ends(t, c.Timeout, "database x: no answer within 300ms", query(p, slowQuery(name)))
			ends(t, 100*time.Millisecond, "no answer within 100ms", func() error {
				_, err := p.Query(context.Background(), "x", slowQuery(name), nil, 100*time.Millisecond)
				return err
			})
			gone := errors.New("the caller hung up")
			ctx, hangUp := context.WithCancelCause(context.Background())
			time.AfterFunc(50*time.Millisecond, func() { hangUp(gone) })
			ends(t, 50*time.Millisecond, gone.Error(), func() error {
				_, err := p.Query(ctx, "x", slowQuery(name), nil, 20*time.Second)
				return err
			})
			if got := must(t, p, "x", "select 1 as n"); got != `{"n":1}` {
				t.Errorf("afterwards: got %s", got)
			}
		})
	}
}

func slowConfigs(t *testing.T) map[string]Config {
	embedded := sqliteFileOf(t)
	embedded.Name = "x"
	return map[string]Config{"postgres": {Name: "x", URL: postgres(t).URL}, "mariadb": {Name: "x", URL: mariadb(t).URL}, "sqlite": embedded}
}

// A hundred callers ask at once where two connections are busy for long: the others hear so in time.
func TestPoolRunDry(t *testing.T) {
	for name, c := range slowConfigs(t) {
		t.Run(name, func(t *testing.T) {
			c.Connections, c.Wait, c.Timeout = 2, 200*time.Millisecond, time.Second
			p := opened(t, c)
			began := time.Now()
			var crowded, slow sync.Map
			var all sync.WaitGroup
			for i := range 100 {
				all.Go(func() {
					_, err := p.Query(context.Background(), "x", slowQuery(name), nil, 0)
					switch {
					case err != nil && strings.Contains(err.Error(), "all 2 connections are busy; none was free within 200ms"):
						crowded.Store(i, nil)
					case err != nil && strings.Contains(err.Error(), "no answer within 1s"):
						slow.Store(i, nil)
					default:
						t.Errorf("got %v", err)
					}
				})
			}
			all.Wait()
			if took := time.Since(began); took > time.Second+prompt {
				t.Errorf("the last one waited for %s", took)
			}
			if n := size(&slow); n != 2 {
				t.Errorf("%d ran, want 2", n)
			}
			if n := size(&crowded); n != 98 {
				t.Errorf("%d were turned away, want 98", n)
			}
			if got := must(t, p, "x", "select 1 as n"); got != `{"n":1}` {
				t.Errorf("afterwards: got %s", got)
			}
		})
	}
}

func size(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

// While one call writes for long, others read, and those that write are told in time.
func TestSQLiteOneWriter(t *testing.T) {
	c := sqliteFileOf(t)
	c.Wait = 100 * time.Millisecond
	p := opened(t, c)
	mustExec(t, p, "main", "create table t (n)")
	tx, err := p.Begin(context.Background(), "main", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(context.Background(), "insert into t values (?)", []any{int64(1)}, 0); err != nil {
		t.Fatal(err)
	}
	if got := must(t, p, "main", "select count(*) as n from t"); got != `{"n":0}` {
		t.Errorf("another call sees %s of the transaction", got)
	}
	ends(t, c.Wait, "another call writes to it; no end of that within 100ms", func() error {
		_, err := p.Exec(context.Background(), "main", "insert into t values (2)", nil, 0)
		return err
	})
	if err := tx.Commit(context.Background()); err != nil {
		t.Error(err)
	}
	if got := must(t, p, "main", "select count(*) as n from t"); got != `{"n":1}` {
		t.Errorf("after the commit: got %s", got)
	}
}

// Another process holds the file for long.
func TestSQLiteLocked(t *testing.T) {
	c := sqliteFileOf(t)
	c.Timeout = 200 * time.Millisecond
	p, other := opened(t, c), opened(t, c)
	mustExec(t, p, "main", "create table t (n)")
	tx, err := other.Begin(context.Background(), "main", 0)
	if err != nil {
		t.Fatal(err)
	}
	ends(t, c.Timeout, "no answer within 200ms", func() error {
		_, err := p.Exec(context.Background(), "main", "insert into t values (2)", nil, 0)
		return err
	})
	tx.Rollback(context.Background())
	mustExec(t, p, "main", "insert into t values (2)")
}

func TestSQLiteFullDisk(t *testing.T) {
	c := sqliteFileOf(t)
	c.URL += "?_pragma=max_page_count(10)"
	p := opened(t, c)
	mustExec(t, p, "main", "create table t (n, text)")
	var err error
	for i := 0; err == nil && i < 1000; i++ {
		_, err = p.Exec(context.Background(), "main", "insert into t values (?, ?)", []any{int64(i), strings.Repeat("x", 1000)}, 0)
	}
	if err == nil || !strings.Contains(err.Error(), "database or disk is full") {
		t.Errorf("got %v", err)
	}
	if got := must(t, p, "main", "select text from t where n = 0 and length(text) = ?", int64(1000)); got == "" {
		t.Error("what was there is gone")
	}
	mustExec(t, p, "main", "delete from t")
	mustExec(t, p, "main", "insert into t values (1, 'x')")
}

func TestSQLiteWithoutFolder(t *testing.T) {
	p := opened(t, Config{Name: "main", URL: "sqlite:/nowhere/at/all/x.db"})
	_, err := p.Query(context.Background(), "main", "select 1", nil, 0)
	if err == nil || !strings.Contains(err.Error(), "/nowhere/at/all/x.db cannot be opened; is its folder there") {
		t.Errorf("got %v", err)
	}
}

// A password is in no message.
func TestSecretAddresses(t *testing.T) {
	for _, address := range []string{
		"postgres://ivrd:hunter2@127.0.0.1:1/x", "mysql://ivrd:hunter2@127.0.0.1:1/x", "postgres://ivrd:hunter2@127.0.0.1:port/x",
		"mysql://ivrd:hunter2@127.0.0.1:port/x", "mysql://ivrd:hunter2@host/%zz", "mysql://ivrd:hunter2@host/x?tls=maybe", "oracle://ivrd:hunter2@x",
	} {
		p, err := Open([]Config{{Name: "x", URL: address, Connect: 100 * time.Millisecond}})
		if err == nil {
			_, err = p.Query(context.Background(), "x", "select 1", nil, 0)
			p.Close()
		}
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
