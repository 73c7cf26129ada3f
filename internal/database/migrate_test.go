package database

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
)

func TestScript(t *testing.T) {
	text := `-- a; comment
create table a (b text default ';'); /* ; */
create temp trigger t after insert on a begin
  update a set b = case when b = 'x' then 'begin;' else b end;
  delete from a where b = ';';
END;

create table trigger2 (n)
`
	got, err := script(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		begin string
		line  int
	}{{"create table a", 2}, {"create temp trigger", 3}, {"create table trigger2", 8}}
	if len(got) != len(want) {
		t.Fatalf("got %d statements: %v", len(got), got)
	}
	for i, w := range want {
		if !strings.HasPrefix(got[i].sql, w.begin) || got[i].line != w.line {
			t.Errorf("got %q at line %d, want %s at %d", got[i].sql, got[i].line, w.begin, w.line)
		}
	}
	p := opened(t, sqliteFileOf(t))
	applied, err := p.Migrate(context.Background(), "main", []Migration{{1, "001_a.sql", text}})
	if err != nil || len(applied) != 1 {
		t.Fatal(applied, err)
	}
	if applied, err = p.Migrate(context.Background(), "main", []Migration{{1, "001_a.sql", text}}); err != nil || len(applied) != 0 {
		t.Errorf("again: %v, %v", applied, err)
	}
	for _, word := range []string{"begin", "COMMIT", "rollback"} {
		_, err := p.Migrate(context.Background(), "main", []Migration{{2, "002_b.sql", "create table b (n);\n" + word}})
		if err == nil || !strings.Contains(err.Error(), "002_b.sql: line 2: each file is a transaction already; leave "+strings.ToLower(word)+" out") {
			t.Errorf("got %v", err)
		}
	}
	if got := must(t, p, "main", "select count(*) as n from sqlite_master where name = 'b'"); got != `{"n":0}` {
		t.Errorf("half a migration is there: %s", got)
	}
}

func TestMigrationFiles(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	all, err := Migrations(fstest.MapFS{"010_b.sql": file("b"), "9_a.sql": file("a"), "README.md": file(""), "old/001_x.sql": file("")})
	if err != nil || len(all) != 2 || all[0].Number != 9 || all[1].SQL != "b" {
		t.Errorf("got %v, %v", all, err)
	}
}
