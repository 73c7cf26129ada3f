package luaapi

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/internal/database"
	lua "github.com/yuin/gopher-lua"
	"go.uber.org/goleak"
)

// swallow is the address of a server that takes connections and answers nothing.
func swallow(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns = append(conns, c)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
		for _, c := range conns {
			c.Close()
		}
	})
	return l.Addr().String()
}

// Calls at once, of which half ask databases that are dead, gone, too small for so many, or on a full disk: each
// caller hears the apology in time, the other half does not notice, and nothing is left behind.
func TestDeadDatabaseHarmsNobody(t *testing.T) {
	on, silent := exampleDatabases(t), swallow(t)
	if _, err := on.Query(context.Background(), "crm", "select 1", nil, 0); err != nil { // its connections stay
		t.Fatal(err)
	}
	before := goleak.IgnoreCurrent()
	broken, err := database.Open([]database.Config{
		{Name: "dead", URL: "postgres://ivrd@" + silent + "/x", Timeout: time.Second, Connect: 500 * time.Millisecond, Wait: 200 * time.Millisecond},
		{Name: "gone", URL: "mysql://ivrd@127.0.0.1:1/x", Timeout: time.Second},
		{Name: "few", URL: "mysql://ivrd@" + silent + "/x", Connections: 2, Timeout: time.Second, Wait: 200 * time.Millisecond},
		{Name: "full", URL: "sqlite:" + filepath.Join(t.TempDir(), "full.db") + "?_pragma=max_page_count(4)"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := broken.Exec(context.Background(), "full", "create table people (number, name)", nil, 0); err != nil {
		t.Fatal(err)
	}
	both := bothDatabases{on, realDatabases{broken}}
	const apology = "we are sorry"
	asks := map[string]*Program{}
	for name, sql := range map[string]string{
		"dead": "select name from people where number = ?", "gone": "select name from people where number = ?",
		"few": "select name from people where number = ?", "crm": "select name from people where number = ?",
		"full": "insert into people select ?, hex(randomblob(100000)) returning name",
	} {
		asks[name] = program(t, "flow.lua", `local name, why = db.open("`+name+`"):value("`+sql+`", "5551234")
print(name or "`+apology+`: " .. why)`)
	}
	names := []string{"dead", "crm", "gone", "crm", "few", "crm", "full", "crm"}
	var all sync.WaitGroup
	for i := range 50 * len(names) {
		name := names[i%len(names)]
		all.Go(func() {
			began := time.Now()
			flow := testFlow(func(c *engine.Call) error {
				said, err := runIn(c, asks[name])
				if sorry := strings.HasPrefix(said, apology+": database "+name); err != nil || sorry == (name == "crm") || !sorry && said != "Ann\n" {
					t.Errorf("%s: %q, %v", name, said, err)
				}
				return err
			})
			e := engine.Engine{Flows: func() engine.Flows { return flow }, Databases: both, Log: slog.New(slog.DiscardHandler)}
			e.Handle(context.Background(), sim.New(sim.Call{Real: true}))
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("%s: took %s", name, took)
			}
		})
	}
	all.Wait()
	if err := broken.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, before)
}

// bothDatabases asks the second for what the first does not have.
type bothDatabases struct{ first, second realDatabases }

func (b bothDatabases) of(name string) realDatabases {
	if slices.Contains(b.first.Names(), name) {
		return b.first
	}
	return b.second
}

func (b bothDatabases) Check(name, sql string, values []any) error {
	return b.of(name).Check(name, sql, values)
}
func (b bothDatabases) Query(ctx context.Context, name, sql string, values []any, most time.Duration) (string, error) {
	return b.of(name).Query(ctx, name, sql, values, most)
}
func (b bothDatabases) Exec(ctx context.Context, name, sql string, values []any, most time.Duration) (int64, error) {
	return b.of(name).Exec(ctx, name, sql, values, most)
}
func (b bothDatabases) Begin(ctx context.Context, name string, most time.Duration) (engine.Transaction, error) {
	return b.of(name).Begin(ctx, name, most)
}

// A hangup ends a query and the transaction it is in, and the flow with them.
func TestHangupEndsQuery(t *testing.T) {
	on := exampleDatabases(t)
	p := program(t, "flow.lua", `db.tx(function(tx)
  tx:exec("delete from people")
  hangUp()
  pcall(function() tx:value("with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n") end)
  print("went on")
end, { timeout = 30 })
print("went on")`)
	ch := sim.New(sim.Call{Real: true})
	began := time.Now()
	flow := testFlow(func(c *engine.Call) error {
		rt := &runtime{call: c, program: p, limits: c.Limits(), print: func(text string) { t.Error(text) }}
		L := newState(rt)
		defer L.Close()
		L.SetGlobal("hangUp", L.NewFunction(func(*lua.LState) int {
			ch.Phone().HangUp(50 * time.Millisecond)
			return 0
		}))
		_, err := rt.run(L, L.NewFunctionFromProto(p.Main.Proto), 0)
		if !errors.Is(err, engine.ErrHangup) {
			t.Errorf("the flow ended with %v", err)
		}
		return err
	})
	e := engine.Engine{Flows: func() engine.Flows { return flow }, Databases: on, Log: slog.New(slog.DiscardHandler)}
	e.Handle(context.Background(), ch)
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	if rows, err := on.Query(context.Background(), "main", "select name from people", nil, 0); rows != `{"name":"Ann"}` || err != nil {
		t.Errorf("the transaction left %s, %v", rows, err)
	}
}
