package database

import (
	"context"
	"database/sql/driver"
	"strings"
	"testing"

	"modernc.org/sqlite"
)

// SQLite itself says how many placeholders a statement has and whether another one follows.
func FuzzSQLite(f *testing.F) {
	for _, sql := range []string{
		"select ?, '?', \"?\", [?], `?` -- ?\n, ? /* ? */", "select 'it''s', x'00', 1e5, a.b->>'$.x' from t where a like ? escape '\\';",
		"insert into t values (?, ?) returning a", "select 1; select 2", "select '", "select /* ", "select ?1, :a, @b, $c", "select \"a\"\"?\", ?", ";;select ?", "select [a]]?",
		"with a as (select ?) select * from a -- ;", "select 5--?\n", "select ?? ", "create trigger t after insert on t begin select ?; end", "select 'a' -- '\n || ?", "\ufeffselect ?",
	} {
		f.Add(sql)
	}
	conn, err := (&sqlite.Driver{}).Open(":memory:")
	if err != nil {
		f.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.(driver.ExecerContext).ExecContext(context.Background(), "create table t (a, b)", nil); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		st, err := sqliteDialect.parse(text)
		if err != nil || len(text) > 1000 {
			return
		}
		// A value too many or too few is an error of the driver's, and so is what it cannot parse at all.
		explain := "explain " + st.sql
		if strings.HasPrefix(strings.ToLower(st.sql), "explain") {
			return
		}
		if missing := asks(conn, explain, st.values-1); st.values > 0 && missing == nil {
			t.Errorf("%q asks for less than %d values", st.sql, st.values)
		}
		if err := asks(conn, explain, st.values); err != nil && strings.Contains(err.Error(), "argument") {
			t.Errorf("%q asks for more than %d values: %v", st.sql, st.values, err)
		}
		again, err := sqliteDialect.parse(st.sql)
		if err != nil || again.sql != st.sql || again.values != st.values {
			t.Errorf("%q is %q, %v the next time", st.sql, again.sql, err)
		}
	})
}

// asks runs SQL with n values.
func asks(conn driver.Conn, text string, n int) error {
	values := make([]driver.NamedValue, max(0, n))
	for i := range values {
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: int64(1)}
	}
	rows, err := conn.(driver.QueryerContext).QueryContext(context.Background(), text, values)
	if err != nil {
		return err
	}
	return rows.Close()
}

// Whatever is written in SQL for the others: what is sent has as many placeholders as are counted, and no second
// statement.
func FuzzParse(f *testing.F) {
	for _, sql := range []string{
		"select ?, E'\\'?', $$?$$, $a$?$a$, a ?? ? /* /* ? */ */ -- ?\n, \"?\"", "select '\\'?', \"\\\"?\", `?`, ? # ?\n, ?", "select 1; select 2", "select a$b$?, $1",
	} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range []*dialect{&postgresDialect, &mysqlDialect, &sqliteDialect} {
			st, err := d.parse(text)
			if err != nil {
				continue
			}
			s := scanner{dialect: d, rest: st.sql}
			values := 0
			for s.rest != "" {
				if d.numbered && s.rest[0] == '$' && len(s.rest) > 1 && s.rest[1] >= '0' && s.rest[1] <= '9' && !isWord(s.last) {
					n := 1
					for n < len(s.rest) && s.rest[n] >= '0' && s.rest[n] <= '9' {
						n++
					}
					values++
					if s.take(n); s.rest != "" && isWord(s.rest[0]) {
						t.Errorf("%q: a word behind a placeholder in %q", text, st.sql)
					}
					continue
				}
				if d.numbered && s.rest[0] == '?' { // PostgreSQL's operator
					s.take(1)
					continue
				}
				kind, _, err := s.next()
				switch {
				case err != nil:
					t.Fatalf("%s: %q became %q: %v", d.scheme, text, st.sql, err)
				case kind == semicolon:
					t.Fatalf("%s: %q became two statements: %q", d.scheme, text, st.sql)
				case kind == placeholder:
					values++
				}
			}
			if values != st.values {
				t.Errorf("%s: %q has %d placeholders, counted were %d", d.scheme, st.sql, values, st.values)
			}
		}
	})
}
