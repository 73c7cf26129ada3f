package database

import (
	"strings"
	"testing"
)

func TestPlaceholders(t *testing.T) {
	tests := []struct {
		d         *dialect
		sql, want string
		values    int
	}{
		{&postgresDialect, "select ?, ?", "select $1, $2", 2},
		{&postgresDialect, "select '?', \"a?\", ? -- ?\n, ?", "select '?', \"a?\", $1  \n, $2", 2},
		{&postgresDialect, "select 'it''s ?' || ?", "select 'it''s ?' || $1", 1},
		{&postgresDialect, `select E'it\'s ?' || ?`, `select E'it\'s ?' || $1`, 1},
		{&postgresDialect, `select 'a\' || ?`, `select 'a\' || $1`, 1},
		{&postgresDialect, "select $$ ? ' $$ || $t$ $$ ? $t$ || ?", "select $$ ? ' $$ || $t$ $$ ? $t$ || $1", 1},
		{&postgresDialect, "select /* ? /* ? */ ? */ ?", "select   $1", 1},
		{&postgresDialect, "select data ?? 'key' and a ??| ? from t", "select data ? 'key' and a ?| $1 from t", 1},
		{&postgresDialect, "select 1 limit?", "select 1 limit $1", 1},
		{&postgresDialect, "select a[?], b::text from t;", "select a[$1], b::text from t", 1},
		{&sqliteDialect, "select '?', [a?], `b?`, \"c?\", ? /* ? */ ; -- ?", "select '?', [a?], `b?`, \"c?\", ? /* ? */  -- ?", 1},
		{&sqliteDialect, `select '\', ?`, `select '\', ?`, 1},
		{&sqliteDialect, "select 5--?\n+ ?", "select 5--?\n+ ?", 1},
		{&mysqlDialect, `select 'it\'s ?', "?\"", ` + "`?`" + `, ? # ?`, `select 'it\'s ?', "?\"", ` + "`?`" + `, ? # ?`, 1},
		{&mysqlDialect, "select 5--?", "select 5--?", 1},
		{&mysqlDialect, "select 5 -- ?", "select 5 -- ?", 0},
	}
	for _, tt := range tests {
		st, err := tt.d.parse(tt.sql)
		if err != nil || st.sql != tt.want || st.values != tt.values {
			t.Errorf("%s: %s\ngot  %q with %d, %v\nwant %q with %d", tt.d.scheme, tt.sql, st.sql, st.values, err, tt.want, tt.values)
		}
	}
}

func TestRefusedSQL(t *testing.T) {
	tests := []struct {
		d         *dialect
		sql, want string
	}{
		{&postgresDialect, "select 1; drop table people", "one statement at a time"},
		{&sqliteDialect, "select 1; ; delete from people", "one statement at a time"},
		{&mysqlDialect, "select 1; select 2", "one statement at a time"},
		{&postgresDialect, "select $1", "$1: where a value goes, write ?"},
		{&sqliteDialect, "select :name", ":name: where a value goes"},
		{&sqliteDialect, "select ?1", "?1: write ? alone"},
		{&sqliteDialect, "select ??", "?? is the operator"},
		{&mysqlDialect, "select /*! sleep(5) */ 1", "no comment"},
		{&mysqlDialect, "select /*M! sleep(5) */ 1", "no comment"},
		{&postgresDialect, "select 'x", "does not end"},
		{&postgresDialect, "/* x */ BEGIN", "transactions are what db.tx is for"},
		{&mysqlDialect, "start transaction", "transactions are what db.tx is for"},
		{&mysqlDialect, "use mysql", "calls share connections"},
		{&postgresDialect, "set search_path to x", "calls share connections"},
		{&sqliteDialect, "pragma journal_mode=off", "calls share connections"},
		{&sqliteDialect, "attach '/etc/x.db' as x", "flows have the databases that ivrd.yaml names"},
		{&sqliteDialect, "vacuum into '/tmp/x'", "flows have the databases that ivrd.yaml names"},
		{&postgresDialect, "select /* /* */", "comment does not end"},
		{&postgresDialect, "select $a$ $b$", "does not end with $a$"},
		{&sqliteDialect, "select [a", "does not end"},
		{&sqliteDialect, " -- nothing\n ; ", "no statement"},
		{&sqliteDialect, "select '\xff'", "SQL is text"},
		{&sqliteDialect, "select 1\x00; drop table x", "SQL is text"},
	}
	for _, tt := range tests {
		if _, err := tt.d.parse(tt.sql); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %s: got %v, want %s", tt.d.scheme, tt.sql, err, tt.want)
		}
	}
}
