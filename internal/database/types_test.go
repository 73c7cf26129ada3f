package database

import (
	"context"
	"strings"
	"testing"
)

func servers(t testing.TB) *Pools {
	t.Helper()
	return opened(t, Config{Name: "pg", URL: postgres(t).URL}, Config{Name: "maria", URL: mariadb(t).URL})
}

// What goes in and comes out again, on each database: nothing is rounded, nothing changes its zone.
func TestTypes(t *testing.T) {
	p := servers(t)
	for _, tt := range []struct {
		database, sql string
		value         any
		want          string // of the column x
	}{
		{"pg", "select ?::text as x", "Ünïcode \"x\"\n'; drop table people; --", `"Ünïcode \"x\"\n'; drop table people; --"`},
		{"pg", "select ?::int as x", int64(-5), "-5"},
		{"pg", "select ?::int as x", "12", "12"},
		{"pg", "select ?::text as x", int64(5551234), `"5551234"`},
		{"pg", "select ?::bigint as x", int64(1) << 53, "9007199254740992"},
		{"pg", "select ?::bigint as x", "9223372036854775807", `"9223372036854775807"`},
		{"pg", "select ?::numeric(30,10) as x", "12345678901234567890.0123456789", `"12345678901234567890.0123456789"`},
		{"pg", "select ?::numeric as x", 1250.4, `"1250.4"`},
		{"pg", "select ?::real as x", 0.1, "0.1"},
		{"pg", "select ?::float8 as x", 0.1, "0.1"},
		{"pg", "select ?::float8 as x", "NaN", `"NaN"`},
		{"pg", "select ?::bool as x", true, "true"},
		{"pg", "select ?::text as x", nil, "null"},
		{"pg", "select ?::int is null as x", nil, "true"},
		{"pg", "select ?::bytea as x", []byte{0, 255, '\''}, `{"base64":"AP8n"}`},
		{"pg", "select ?::date as x", "2026-11-28", `"2026-11-28"`},
		{"pg", "select ?::time as x", "10:30:00", `"10:30:00"`},
		{"pg", "select ?::timestamp as x", "2026-11-28 10:00:00.25", `"2026-11-28T10:00:00.25"`},
		{"pg", "select ?::timestamptz as x", "2026-11-28 10:00:00-03:00", `"2026-11-28T13:00:00Z"`},
		{"pg", "select ?::timestamptz as x", "2026-11-28T10:00:00.000001+05:30", `"2026-11-28T04:30:00.000001Z"`},
		{"pg", "select ?::timestamptz as x", "infinity", `"infinity"`},
		{"pg", "select ?::uuid as x", "0b7a4a4e-6f5b-4d5e-8f4e-3c2d1b0a9f8e", `"0b7a4a4e-6f5b-4d5e-8f4e-3c2d1b0a9f8e"`},
		{"pg", "select ?::jsonb as x", `{"a": [1, null]}`, `"{\"a\": [1, null]}"`},
		{"pg", "select ?::interval as x", "1 day 02:00:00", `"1 day 02:00:00"`},
		{"pg", "select array[?, 2]::int[] as x", int64(1), `"{1,2}"`},
		{"pg", "select ?::inet as x", "10.0.0.1/8", `"10.0.0.1/8"`},
		{"pg", "select jsonb_build_object('a', 1) ?? ? as x", "a", "true"},

		{"maria", "select ? as x", "Ünïcode \"x\"\n'; drop table people; -- \\' 😀", `"Ünïcode \"x\"\n'; drop table people; -- \\' 😀"`},
		{"maria", "select cast(? as signed) as x", int64(-5), "-5"},
		{"maria", "select cast(? as signed) as x", "9223372036854775807", `"9223372036854775807"`},
		{"maria", "select cast(? as unsigned) as x", "18446744073709551615", `"18446744073709551615"`},
		{"maria", "select cast(? as decimal(30,10)) as x", "12345678901234567890.0123456789", `"12345678901234567890.0123456789"`},
		{"maria", "select cast(? as double) as x", 0.1, "0.1"},
		{"maria", "select cast(? as float) as x", 0.1, "0.1"},
		{"maria", "select ? as x", nil, "null"},
		{"maria", "select ? is null as x", nil, "1"},
		{"maria", "select ? = true as x", true, "1"},
		{"maria", "select cast(? as binary) as x", []byte{0, 255, '\''}, `{"base64":"AP8n"}`},
		{"maria", "select cast(? as date) as x", "2026-11-28", `"2026-11-28"`},
		{"maria", "select cast(? as time) as x", "10:30:00", `"10:30:00"`},
		{"maria", "select cast(? as datetime(2)) as x", "2026-11-28 10:00:00.25", `"2026-11-28T10:00:00.25"`},
	} {
		rows, err := p.Query(context.Background(), tt.database, tt.sql, []any{tt.value}, 0)
		if want := `{"x":` + tt.want; err != nil || !strings.HasPrefix(rows, want) {
			t.Errorf("%s: %s with %v: got %s, %v\nwant %s", tt.database, tt.sql, tt.value, rows, err, want)
		}
	}
}

// Without values drivers choose other ways to ask, and columns have types that expressions have not.
func TestColumnTypes(t *testing.T) {
	p := servers(t)
	mustExec(t, p, "maria", "create table types (a timestamp, b datetime, c date, d decimal(20,4), e bigint unsigned, f blob, g varbinary(9), "+
		"h json, i enum('x','y'), j tinyint(1), k year, l float, m text, n bit(9), o int)")
	mustExec(t, p, "maria", "insert into types values ('2026-11-28 13:00:00', '2026-11-28 10:00:00', '2026-11-28', 12.5, 18446744073709551615, "+
		"x'00ff', x'ff', '{}', 'y', true, 2026, 0.1, 'text', b'100000001', -7)")
	want := `{"a":"2026-11-28T13:00:00Z","b":"2026-11-28T10:00:00","c":"2026-11-28","d":"12.5000","e":"18446744073709551615",` +
		`"f":{"base64":"AP8="},"g":{"base64":"/w=="},"h":"{}","i":"y","j":1,"k":2026,"l":0.1,"m":"text","n":257,"o":-7}`
	for _, sql := range []string{"select * from types", "select * from types where 1 = ?"} {
		var values []any
		if strings.Contains(sql, "?") {
			values = []any{int64(1)}
		}
		if got := must(t, p, "maria", sql, values...); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", sql, got, want)
		}
	}
	mustExec(t, p, "pg", "create table types (a timestamptz, b numeric(20,4), c bytea, d bigint, e char(3), f text[])")
	mustExec(t, p, "pg", "insert into types values ('2026-11-28 10:00:00-03', 12.5, '\\x00ff', 9007199254740993, 'ab', '{a,NULL}')")
	want = `{"a":"2026-11-28T13:00:00Z","b":"12.5000","c":{"base64":"AP8="},"d":"9007199254740993","e":"ab ","f":"{a,NULL}"}`
	if got := must(t, p, "pg", "select * from types"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A caller's digits and names are never part of a query, whatever is in them.
func TestInjection(t *testing.T) {
	p := opened(t, Config{Name: "pg", URL: postgres(t).URL}, Config{Name: "maria", URL: mariadb(t).URL}, sqliteFileOf(t))
	for _, name := range []string{"pg", "maria", "main"} {
		mustExec(t, p, name, "create table victims (name varchar(200) primary key, secret varchar(200))")
		mustExec(t, p, name, "insert into victims values ('Ann', 'hidden')")
		for _, attack := range []string{
			"' or '1'='1", "Ann'; drop table victims; --", `\' or 1=1 -- `, "Ann\x27 /*", "$1", "?", "' union select secret from victims --",
			`" or ""="`, "%", "Ann' #", "$$; drop table victims; $$", "\\", "'", "''", "E'\\''", "1; delete from victims", "𝟙'",
		} {
			if got := must(t, p, name, "select secret from victims where name = ?", attack); got != "" {
				t.Errorf("%s: %q found %s", name, attack, got)
			}
			if n := mustExec(t, p, name, "insert into victims (name, secret) values (?, ?)", attack, attack); n != 1 {
				t.Errorf("%s: %q inserted %d rows", name, attack, n)
			}
			if got := must(t, p, name, "select count(*) as n from victims where name = ? and secret = name", attack); got != `{"n":1}` {
				t.Errorf("%s: %q came back as %s", name, attack, got)
			}
		}
		if got := must(t, p, name, "select secret from victims where name = 'Ann'"); got != `{"secret":"hidden"}` {
			t.Errorf("%s: got %s", name, got)
		}
	}
}
