package database

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// opened are databases that are closed when the test is over.
func opened(t testing.TB, all ...Config) *Pools {
	t.Helper()
	p, err := Open(all)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func sqliteFileOf(t testing.TB) Config {
	return Config{Name: "main", URL: "sqlite:" + filepath.Join(t.TempDir(), "main.db")}
}

// must is the result of a query that has to succeed.
func must(t testing.TB, p *Pools, name, sql string, values ...any) string {
	t.Helper()
	rows, err := p.Query(context.Background(), name, sql, values, 0)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

func mustExec(t testing.TB, p *Pools, name, sql string, values ...any) int64 {
	t.Helper()
	n, err := p.Exec(context.Background(), name, sql, values, 0)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestSQLiteTypes(t *testing.T) {
	p := opened(t, sqliteFileOf(t))
	mustExec(t, p, "main", "create table t (a, b text, c integer, d real, e blob, f date, g datetime, h decimal(10,2), i boolean)")
	mustExec(t, p, "main", "insert into t values (?, ?, ?, ?, ?, ?, ?, ?, ?)", nil, "Ünïcode \"x\"\n", int64(1)<<53, 0.1, []byte{0, 255},
		"2026-11-28", "2026-11-28 10:00:00", "12.50", true)
	want := `{"a":null,"b":"Ünïcode \"x\"\n","c":9007199254740992,"d":0.1,"e":{"base64":"AP8="},"f":"2026-11-28","g":"2026-11-28T10:00:00Z","h":12.5,"i":1}`
	if got := must(t, p, "main", "select * from t"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for sql, want := range map[string]string{
		"select 9007199254740993 as n":                             `{"n":"9007199254740993"}`,
		"select -9223372036854775807 - 1 as n":                     `{"n":"-9223372036854775808"}`,
		"select cast(x'ff41' as text) as n":                        `{"n":{"base64":"/0E="}}`,
		"select 9e999 as n":                                        `{"n":"+Inf"}`,
		"select 'a' as n where 1 = 0":                              "",
		"select typeof(?) as n":                                    `{"n":"null"}`,
		"values (1), (2)":                                          "{\"column1\":1}\n{\"column1\":2}",
		"insert into t (c) values (5) returning c":                 `{"c":5}`,
		"with x as (select 1 as y) select y from x":                `{"y":1}`,
		"select '2026-11-28 10:00:00' as n, g as g from t limit 1": `{"n":"2026-11-28 10:00:00","g":"2026-11-28T10:00:00Z"}`,
	} {
		var values []any
		if strings.Contains(sql, "?") {
			values = []any{nil}
		}
		if got := must(t, p, "main", sql, values...); got != want {
			t.Errorf("%s: got %s, want %s", sql, got, want)
		}
	}
}

func TestSQLiteRefuses(t *testing.T) {
	p := opened(t, sqliteFileOf(t))
	mustExec(t, p, "main", "create table people (number text primary key, name text)")
	for _, tt := range []struct {
		sql    string
		values []any
		want   string
	}{
		{"select name from people where number = ?", nil, "there is 1 ? in the SQL and 0 values behind it"},
		{"select 1", []any{"a", "b"}, "0 ? in the SQL and 2 values"},
		{"select 1 as a, 2 as a", nil, "two columns are called a"},
		{"select nam from people", nil, "database main: SQL logic error: no such column: nam"},
		{"with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) select i from n", nil, "more than 1000 rows"},
	} {
		if _, err := p.Query(context.Background(), "main", tt.sql, tt.values, 0); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.sql, err, tt.want)
		}
	}
	if _, err := p.Query(context.Background(), "crm", "select 1", nil, 0); err == nil || !strings.Contains(err.Error(), "no database crm; databases in ivrd.yaml has main") {
		t.Errorf("got %v", err)
	}
}
