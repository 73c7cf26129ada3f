package luaapi

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/internal/database"
	"github.com/ivrd/ivrd/test/sqlserver"
)

// realDatabases are those of a test, as the engine asks them.
type realDatabases struct{ *database.Pools }

func (r realDatabases) Begin(ctx context.Context, name string, most time.Duration) (engine.Transaction, error) {
	tx, err := r.Pools.Begin(ctx, name, most)
	if err != nil {
		return nil, err
	}
	return tx, nil
}

// exampleSchema is what examples ask for. BYTES is the type of bytes.
var exampleSchema = []string{
	"create table people (number varchar(20) primary key, name varchar(50), vip boolean, photo BYTES)",
	"insert into people (number, name, vip) values ('5551234', 'Ann', false)",
	"create table accounts (number varchar(20) primary key, balance double precision not null)",
	"insert into accounts values ('4711', 1250.4), ('4712', 7)",
	"create table orders (id integer primary key, caller varchar(20), due varchar(20))",
	"insert into orders values (1, '5551234', '2026-12-01'), (2, '5551234', '2026-12-24')",
}

// exampleDatabases are SQLite databases with a few rows, main and crm.
func exampleDatabases(t testing.TB) realDatabases {
	t.Helper()
	dir := t.TempDir()
	return filledDatabases(t, "blob", "sqlite:"+filepath.Join(dir, "main.db"), "sqlite:"+filepath.Join(dir, "crm.db"))
}

// filledDatabases are main and crm at those addresses, with a few rows.
func filledDatabases(t testing.TB, bytes, mainURL, crmURL string) realDatabases {
	t.Helper()
	all := []database.Config{{Name: engine.MainDatabase, URL: mainURL}, {Name: "crm", URL: crmURL}}
	pools, err := database.Open(all)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pools.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, c := range all {
		for _, sql := range exampleSchema {
			if _, err := pools.Exec(context.Background(), c.Name, strings.ReplaceAll(sql, "BYTES", bytes), nil, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	return realDatabases{pools}
}

// The examples of databases run on each kind of them, and nothing that they ask fails.
func TestDatabaseExamples(t *testing.T) {
	pg, err := sqlserver.PostgreSQL()
	if err != nil {
		t.Fatal(err)
	}
	defer pg.Stop()
	maria, err := sqlserver.MariaDB()
	if err != nil {
		t.Fatal(err)
	}
	defer maria.Stop()
	for _, s := range []struct {
		name, url, create, bytes string
		crm                      func(url string) string
	}{
		{"postgres", pg.URL, "create database crm", "bytea", func(url string) string { return strings.Replace(url, "/postgres?", "/crm?", 1) }},
		{"mariadb", maria.URL, "create database crm", "blob", func(url string) string { return strings.Replace(url, "/ivrd", "/crm", 1) }},
	} {
		t.Run(s.name, func(t *testing.T) {
			first, err := database.Open([]database.Config{{Name: "x", URL: s.url}})
			if err != nil {
				t.Fatal(err)
			}
			defer first.Close()
			if _, err := first.Exec(context.Background(), "x", s.create, nil, 0); err != nil {
				t.Fatal(err)
			}
			databaseExamples(t, filledDatabases(t, s.bytes, s.url, s.crm(s.url)))
		})
	}
	t.Run("sqlite", func(t *testing.T) { databaseExamples(t, exampleDatabases(t)) })
}

func databaseExamples(t *testing.T, on realDatabases) {
	n := 0
	for _, m := range API().Modules {
		if m.Name != "db" && m.Name != databaseName && m.Name != transactionName {
			continue
		}
		for _, f := range m.Funcs {
			n++
			var log strings.Builder
			p := program(t, "flow.lua", f.Example)
			flow := testFlow(func(c *engine.Call) error { _, err := runIn(c, p); return err })
			e := engine.Engine{
				Flows: func() engine.Flows { return flow }, Databases: on,
				Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
			}
			e.Handle(context.Background(), sim.New(sim.Call{Real: true}))
			if log.Len() > 0 {
				t.Errorf("%s\n%s\n%s", f.Call, f.Example, &log)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d examples", n)
	}
}

// dbCall runs a flow with the databases of the examples and returns what it printed, and its journal as text.
func dbCall(t testing.TB, on engine.Databases, source string) (printed, journal string, err error) {
	t.Helper()
	return callWith(t, &engine.Engine{Databases: on}, source)
}

// callWith runs a flow with what an engine reaches, and returns what it printed, and its journal as text.
func callWith(t testing.TB, e *engine.Engine, source string) (printed, journal string, err error) {
	t.Helper()
	p := program(t, "flow.lua", source)
	flow := testFlow(func(c *engine.Call) error {
		printed, err = runIn(c, p)
		for _, s := range c.Journal() {
			result := s.Result
			if s.Err != nil {
				result = "fail " + s.Err.Error()
			}
			journal += strings.TrimSpace(s.String()+" => "+result) + "\n"
		}
		return err
	})
	e.Flows, e.Log = func() engine.Flows { return flow }, slog.New(slog.DiscardHandler)
	e.Handle(context.Background(), sim.New(sim.Call{Real: true}))
	return strings.ReplaceAll(strings.TrimSpace(printed), "\t", " "), strings.TrimPrefix(journal, "ring =>\n"), err
}

func TestDatabaseInLua(t *testing.T) {
	on := exampleDatabases(t)
	for _, tt := range []struct{ source, want string }{
		{`local r = db.one("select name, vip, photo from people") print(r.name, r.vip, r.photo, r.photo == nil)`, "Ann 0 nil true"},
		{`print(db.one("select name from people where number = ?", "1"))`, "nil"},
		{`print(#db.query("select name from people where number = ?", "1"), #db.query("select 1 as n union select 2"))`, "0 2"},
		{`print(db.value("select balance from accounts where number = ?", "4711") + 1)`, "1251.4"},
		{`print(db.value("select photo from people"), db.value("select 1 where 1 = 0"))`, "nil nil"},
		{`print(db.value("select 9007199254740993"), type(db.value("select 9007199254740993")))`, "9007199254740993 string"},
		{`print(db.value("select typeof(?)", nil), db.value("select typeof(?)", db.null), db.value("select typeof(?)", json.null))`, "null null null"},
		{`print(db.value("select typeof(?) || typeof(?) || typeof(?) || typeof(?)", 1, 1.5, "1", db.blob("1")))`, "integerrealtextblob"},
		{`print(db.value("select ? || ? || ?", "a", nil, "c"), db.value("select coalesce(?, ?)", nil, nil))`, "nil nil"},
		{`local b = "\0\255'" print(db.value("select ?", db.blob(b)) == b)`, "true"},
		{`print(db.exec("update people set vip = ?", true), db.exec("delete from people where number = '0'"))`, "1 0"},
		{`print(db.exec("insert into orders (caller) values (?)", "x"), db.value("insert into orders (caller) values (?) returning id", "y"))`, "1 4"},
		{`local v, why = db.value("select nam from people") print(v, why)`, "nil database main: SQL logic error: no such column: nam (1)"},
		{`local v, why = db.exec("insert into people (number) values (?)", "5551234") print(v, why)`,
			"nil database main: constraint failed: UNIQUE constraint failed: people.number (1555)"},
		{`local v, why = db.value("with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n", { timeout = 0.05 }) print(v, why)`,
			"nil database main: no answer within 50ms"},
		{`local crm = db.open("crm") print(crm:value("select name from people"), crm:one("select name from people").name, #crm:query("select 1"), crm:exec("delete from orders"))`,
			"Ann Ann 1 2"},
		{`for name, v in pairs(db.one("select name, vip from people")) do print(name, v) end`, "name Ann\nvip 1"},

		{`print(db.tx(function(tx) tx:exec("delete from people") return tx:value("select count(*) from people") + 5 end), db.value("select count(*) from people"))`, "5 0"},
		{`print(db.tx(function(tx) tx:exec("insert into people (number) values ('9')") return false, "not today" end))
print(db.value("select count(*) from people"))`, "nil not today\n0"},
		{`print(pcall(db.tx, function(tx) tx:exec("insert into people (number) values ('9')") error("broken", 0) end))
print(db.value("select count(*) from people"))`, "false broken\n0"},
		{`print(db.tx(function(tx) tx:exec("insert into people (number) values ('9')") tx:exec("insert into nowhere values (1)") end))
print(db.value("select count(*) from people"))`, "nil database main: SQL logic error: no such table: nowhere (1)\n0"},
		{`print(db.tx(function(tx) tx:exec("insert into nowhere values (1)") print(tx:value("select 1")) end))`,
			"nil the transaction is spoilt: database main: SQL logic error: no such table: nowhere (1)\nnil database main: SQL logic error: no such table: nowhere (1)"},
		{`print(db.tx(function() end), db.open("crm"):tx(function(tx) return tx:value("select 7") end))`, "true 7"},
		{`local kept db.tx(function(tx) kept = tx end) print(pcall(function() kept:value("select 1") end))`,
			"false flow.lua:1: transaction:value: the transaction is over; its queries belong into the function given to tx"},
		{`print(pcall(db.tx, function(tx) db.value("select 1") end))`,
			"false flow.lua:1: db.value: a transaction is going on; in its function ask the argument, as in tx:query(…)"},
		{`print(pcall(db.tx, function(tx) db.tx(function() end) end))`,
			"false flow.lua:1: db.tx: a transaction is going on already; there can be one at a time"},
		{`print(db.tx(function(tx) return db.open("crm"):value("select 3") end))`, "3"},
		{`print(db.tx(function(tx) while true do if not tx:value("select 1") then return end end end, { timeout = 0.1 }))`,
			"nil database main: no answer within 100ms"},
	} {
		printed, _, err := dbCall(t, on, tt.source)
		if printed != tt.want || err != nil {
			t.Errorf("%s\ngot  %q, %v\nwant %q", tt.source, printed, err, tt.want)
		}
	}
}

func TestWrongUseOfDatabases(t *testing.T) {
	on := exampleDatabases(t)
	for _, tt := range []struct{ source, want string }{
		{`print(db.one("select name from people").nam)`, "the row has no column nam; did you mean name?"},
		{`db.query("select ?")`, "db.query: there is 1 ? in the SQL and 0 values behind it"},
		{`db.query("select 1", 1)`, "there is 0 ? in the SQL and 1 value behind it"},
		{`db.query("select 1; drop table people")`, "one statement at a time"},
		{`db.query(5)`, "db.query: sql: want SQL such as"},
		{`db.query()`, "db.query: sql is missing"},
		{`db.query("select ?", {})`, "there is 1 ? in the SQL and 0 values behind it"},
		{`db.query("select ?", { 1 }, 2)`, "value 1: a table cannot be a value"},
		{`db.query("select 1", { timeot = 1 })`, "no option timeot; did you mean timeout?"},
		{`db.query("select 1", { timeout = 600 })`, "timeout: no caller waits that long; 60 seconds are the most"},
		{`db.query("select ?", function() end)`, "value 1: want a string, a number, a boolean or nil, got a function"},
		{`db.query("select ?", "\255")`, "value 1: this string is no text; give bytes as db.blob(…)"},
		{`db.query("select ?", 0/0)`, "value 1: NaN is no number for a database"},
		{`db.open("shop")`, "db.open: there is no database shop; databases in ivrd.yaml has crm, main"},
		{`db.open("crm").query("select 1")`, "database"},
		{`db.open("crm"):qery("select 1")`, "a database has no qery; did you mean query?"},
		{`call.query(db.open("crm"))`, "no method call:query"},
		{`local q = db.open("crm").query q(call, "select 1")`, "use a colon"},
		{`db.open("crm").name = 1`, "database.name cannot be set"},
		{`db.tx(5)`, "db.tx: fn: want a function"},
	} {
		_, _, err := dbCall(t, on, tt.source)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\ngot  %v\nwant %q", tt.source, err, tt.want)
		}
	}
}

// What is secret is off the record, which keeps its form, and the flow has it.
func TestSecretQueries(t *testing.T) {
	printed, journal, err := dbCall(t, exampleDatabases(t), `
local r = db.one("select name, vip from people where number = ? and name <> ?", "5551234", "it's \"x\"", { secret = true })
print(r.name, r.vip)
print(#db.query("select 1 as \"a \\b\" union select 2", { secret = true }), db.value("select 5 where 1 = 0", { secret = true }))
db.tx(function(tx) print(tx:exec("update people set vip = ?", 7, { secret = true }), tx:value("select vip from people", { secret = true })) end)
print(db.one("insert into people (number) values (?)", "5551234", { secret = true }))`)
	if want := "Ann 0\n2 nil\n1 7\nnil database main: constraint failed: UNIQUE constraint failed: people.number (1555)"; printed != want || err != nil {
		t.Errorf("got %q, %v, want %q", printed, err, want)
	}
	want := `db one select name, vip from people where number = ? and name <> ? ["?", "?"] => {"name":"?","vip":"?"}
db query select 1 as "a \b" union select 2 => {"a \\b":"?"}
{"a \\b":"?"}
db value select 5 where 1 = 0 =>
db begin =>
db exec update people set vip = ? ["?"] => 1
db value select vip from people => {"vip":"?"}
db commit =>
db one insert into people (number) values (?) ["?"] => fail database main: constraint failed: UNIQUE constraint failed: people.number (1555)
`
	if journal != want {
		t.Errorf("got\n%s\nwant\n%s", journal, want)
	}
}

// What a caller keyed in secretly is in no step, and what a hangup interrupts is over at once.
func TestDatabaseJournal(t *testing.T) {
	_, journal, err := dbCall(t, exampleDatabases(t), `
db.query([[select id,
       due from orders where caller = ? and due > ?]], "5551234", "2026-12-02")
db.value("select ?, ?, ?", nil, db.blob("ab"), ("x"):rep(300))
db.open("crm"):exec("update people set vip = ?", 1)
db.tx(function(tx) tx:value("select 1 as n") end)
db.open("crm"):tx(function(tx) return false end)`)
	want := `db query select id, due from orders where caller = ? and due > ? ["5551234", "2026-12-02"] => {"id":2,"due":"2026-12-24"}
db value select ?, ?, ? [null, {"base64":"YWI="}, "` + strings.Repeat("x", 199) + `…] => fail database main: two columns are called ?; name one of them with AS
db crm exec update people set vip = ? [1] => 1
db begin =>
db value select 1 as n => {"n":1}
db commit =>
db crm begin =>
db crm rollback =>
`
	if err != nil || journal != want {
		t.Errorf("%v\ngot\n%s\nwant\n%s", err, journal, want)
	}
}

// A call cannot fill the memory with answers.
func TestAnswersAreBounded(t *testing.T) {
	on := exampleDatabases(t)
	_, _, err := dbCall(t, on, `for i = 1, 1000 do pcall(db.value, "select ?", ("x"):rep(100000)) end`)
	if limit, ok := errors.AsType[*engine.LimitError](err); !ok || limit.What != "answers" {
		t.Errorf("the flow ended with %v", err)
	}
}

func BenchmarkQuery(b *testing.B) {
	on := exampleDatabases(b)
	p := program(b, "flow.lua", `for i = 1, 1000 do local r = db.one("select name, vip, photo from people where number = ?", "5551234") end`)
	b.ReportAllocs()
	for b.Loop() {
		flow := testFlow(func(c *engine.Call) error { _, err := runIn(c, p); return err })
		e := engine.Engine{Flows: func() engine.Flows { return flow }, Databases: on, Log: slog.New(slog.DiscardHandler)}
		e.Handle(context.Background(), sim.New(sim.Call{Real: true}))
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/query")
}
