package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/internal/database"
	"github.com/ivrd/ivrd/luaapi"
	"github.com/ivrd/ivrd/test/sqlserver"
)

// compareQueries times one row read by its key, asked from Lua and from plain Go, in turn.
func compareQueries(rounds int) error {
	dir, err := os.MkdirTemp("", "ivrd-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Println("queries: one row by its key, the same connection again and again")
	file := filepath.Join(dir, "bench.db")
	err = compareQuery(rounds, 2000, "SQLite", "sqlite:"+file, "sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)", "?")
	if err != nil {
		return err
	}
	pg, err := sqlserver.PostgreSQL()
	if err != nil {
		return err
	}
	defer pg.Stop()
	if err := compareQuery(rounds, 500, "PostgreSQL", pg.URL, "pgx", pg.URL, "$1"); err != nil {
		return err
	}
	maria, err := sqlserver.MariaDB()
	if err != nil {
		return err
	}
	defer maria.Stop()
	if err := compareQuery(rounds, 500, "MariaDB", maria.URL, "mysql", "root@tcp("+maria.Addr+")/ivrd", "?"); err != nil {
		return err
	}
	if err := compareRedis(rounds, 2000); err != nil {
		return err
	}
	file = filepath.Join(dir, "kv.db")
	s := database.NewStore(file)
	if err := errors.Join(measureKV("SQLite", s), s.Close()); err != nil {
		return err
	}
	return measureHours(file)
}

func compareQuery(rounds, queries int, name, url, driver, dsn, placeholder string) (err error) {
	pools, err := database.Open([]database.Config{{Name: engine.MainDatabase, URL: url}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pools.Close()) }()
	ctx := context.Background()
	for _, s := range []string{
		"create table people (number varchar(20) primary key, name varchar(50), vip integer, balance numeric(10,2))",
		"insert into people values ('5551234', 'Ann', 1, 1250.40)",
	} {
		if _, err := pools.Exec(ctx, engine.MainDatabase, s, nil, 0); err != nil {
			return err
		}
	}
	plain, err := sql.Open(driver, dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plain.Close()) }()
	stmt, err := plain.Prepare("select name, vip, balance from people where number = " + placeholder)
	if err != nil {
		return err
	}
	defer stmt.Close()
	code, err := luaapi.Compile("bench.lua", fmt.Appendf(nil, `for i = 1, %d do
  local row, why = db.one("select name, vip, balance from people where number = ?", "5551234")
  if row.name ~= "Ann" then error(why) end
end`, queries))
	if err != nil {
		return err
	}
	var lua, bare []time.Duration
	for range rounds {
		took, err := askFromLua(&engine.Engine{Databases: askedPools{pools}}, code, queries)
		if err != nil {
			return err
		}
		lua = append(lua, took)
		if took, err = askFromGo(stmt, queries); err != nil {
			return err
		}
		bare = append(bare, took)
	}
	tellRatio(name, "with the same statement prepared", lua, bare, queries)
	return nil
}

// tellRatio prints the medians of rounds of questions from Lua, and from plain Go.
func tellRatio(name, how string, lua, bare []time.Duration, questions int) {
	same := func(d time.Duration) time.Duration { return d }
	l, b := medianOf(lua, same), medianOf(bare, same)
	fmt.Printf("  %-10s %8s from Lua, %8s from plain Go %s: %.2f to 1 (median of %d rounds of %d)\n",
		name, l.Round(100*time.Nanosecond), b.Round(100*time.Nanosecond), how, float64(l)/float64(b), len(lua), questions)
}

// askFromGo is what a handler in Go would do, with a time limit for each query.
func askFromGo(stmt *sql.Stmt, queries int) (time.Duration, error) {
	parent, stop := context.WithCancel(context.Background())
	defer stop()
	began := time.Now()
	for range queries {
		ctx, stop := context.WithTimeout(parent, 5*time.Second)
		var name, balance string
		var vip int
		err := stmt.QueryRowContext(ctx, "5551234").Scan(&name, &vip, &balance)
		stop()
		if err != nil {
			return 0, err
		}
	}
	return time.Since(began) / time.Duration(queries), nil
}

// asker is a flow that does nothing but ask.
type asker struct {
	stepper
	code *luaapi.Code
	err  error
}

func (a *asker) Run(c *engine.Call) error {
	began := time.Now()
	a.err = luaapi.Run(&luaapi.Program{Name: "bench", Main: a.code}, c)
	a.took = time.Since(began)
	return a.err
}

type askedPools struct{ *database.Pools }

func (p askedPools) Begin(ctx context.Context, name string, most time.Duration) (engine.Transaction, error) {
	tx, err := p.Pools.Begin(ctx, name, most)
	if err != nil {
		return nil, err
	}
	return tx, nil
}

// askFromLua is how long each question of a flow takes that asks so many.
func askFromLua(e *engine.Engine, code *luaapi.Code, queries int) (time.Duration, error) {
	a := &asker{code: code}
	e.Flows, e.Log = func() engine.Flows { return one{a} }, slog.New(slog.DiscardHandler)
	e.Handle(context.Background(), sim.New(sim.Call{}))
	return a.took / time.Duration(queries), a.err
}

// measureKV times what a call waits for kv.
func measureKV(name string, s engine.KV) error {
	const n = 2000
	var got []string
	for _, w := range []struct{ name, code string }{{"set", `kv.set("key" .. i % 100, i)`}, {"incr", `kv.incr("n")`}, {"get", `kv.get("key" .. i % 100)`}} {
		code, err := luaapi.Compile("bench.lua", fmt.Appendf(nil, "for i = 1, %d do %s end", n, w.code))
		if err != nil {
			return err
		}
		took, err := askFromLua(&engine.Engine{KV: s}, code, n)
		if err != nil {
			return err
		}
		got = append(got, fmt.Sprintf("%s %s", w.name, took.Round(time.Microsecond)))
	}
	fmt.Printf("  kv in %s from Lua: %s\n", name, strings.Join(got, ", "))
	return nil
}
