package database

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Migration is a file of SQL that changes what tables there are.
type Migration struct {
	Number int
	File   string // its name, such as 003_accounts.sql
	SQL    string
}

var migrationName = regexp.MustCompile(`^([0-9]+)_[A-Za-z0-9_-]+\.sql$`)

// Migrations are those of a folder, by their numbers.
func Migrations(folder fs.FS) ([]Migration, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	var all []Migration
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".sql") {
			continue
		}
		m := migrationName.FindStringSubmatch(e.Name())
		if m == nil {
			return nil, fmt.Errorf("%s: names are a number, _ and words, such as 001_accounts.sql", e.Name())
		}
		number, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		text, err := fs.ReadFile(folder, e.Name())
		if err != nil {
			return nil, err
		}
		all = append(all, Migration{number, e.Name(), string(text)})
	}
	slices.SortFunc(all, func(a, b Migration) int { return a.Number - b.Number })
	for i := 1; i < len(all); i++ {
		if all[i].Number == all[i-1].Number {
			return nil, fmt.Errorf("%s and %s have the same number", all[i-1].File, all[i].File)
		}
	}
	return all, nil
}

const createMigrations = `create table if not exists ivrd_migrations (
	number integer primary key, file text not null, hash text not null, applied text not null)`

// Migrate applies to an embedded database those of all that it has not seen yet, each in a transaction, and returns
// their files. The table ivrd_migrations says which were.
func (p *Pools) Migrate(ctx context.Context, name string, all []Migration) (applied []string, err error) {
	one, err := p.pool(name)
	if err != nil {
		return nil, err
	}
	if one.dialect != &sqliteDialect {
		return nil, fmt.Errorf("database %s: migrations are for SQLite", name)
	}
	db := one.write.db
	if _, err := db.ExecContext(ctx, createMigrations); err != nil {
		return nil, one.named(err)
	}
	for _, m := range all {
		did, err := m.apply(ctx, db)
		if err != nil {
			return applied, fmt.Errorf("migration %s: %w", m.File, one.named(err))
		}
		if did {
			applied = append(applied, m.File)
		}
	}
	return applied, nil
}

// apply applies m, unless it has been.
func (m Migration) apply(ctx context.Context, db *sql.DB) (did bool, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() {
		if err != nil || !did {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	sum := sha256.Sum256([]byte(m.SQL))
	hash := hex.EncodeToString(sum[:])
	var before, file string
	err = tx.QueryRowContext(ctx, "select hash, file from ivrd_migrations where number = ?", m.Number).Scan(&before, &file)
	switch {
	case err == nil && before != hash:
		return false, fmt.Errorf("it was applied as %s and has been changed since; put it back, and write a new file for what is to change", file)
	case err == nil:
		return false, nil
	case !errors.Is(err, sql.ErrNoRows):
		return false, err
	}
	var last int
	if err := tx.QueryRowContext(ctx, "select coalesce(max(number), -1) from ivrd_migrations").Scan(&last); err != nil {
		return false, err
	}
	if m.Number < last {
		return false, fmt.Errorf("number %d has been applied already; give it a higher number", last)
	}
	if err := m.run(ctx, tx); err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, "insert into ivrd_migrations values (?, ?, ?, ?)", m.Number, m.File, hash, time.Now().UTC().Format(time.RFC3339))
	if err != nil {
		return false, err
	}
	return true, tx.Commit()
}

// run runs one statement after the other.
func (m Migration) run(ctx context.Context, tx *sql.Tx) error {
	all, err := script(m.SQL)
	if err != nil {
		return err
	}
	for _, part := range all {
		switch first, _, _ := strings.Cut(strings.ToLower(part.sql), " "); first {
		case "begin", "commit", "end", "rollback":
			return fmt.Errorf("line %d: each file is a transaction already; leave %s out", part.line, first)
		}
		if _, err := tx.ExecContext(ctx, part.sql); err != nil {
			return fmt.Errorf("line %d: %w", part.line, err)
		}
	}
	return nil
}

// A part is one statement of a script.
type part struct {
	sql  string
	line int
}

// script divides SQL for SQLite into statements. A trigger has statements within.
func script(text string) ([]part, error) {
	var all []part
	var now strings.Builder
	var words []string // of the statement, the first few
	s := scanner{dialect: &sqliteDialect, rest: text}
	line, before, last := 1, "", "" // and the last two tokens
	finish := func() {
		if sql := strings.TrimSpace(now.String()); sql != "" {
			all = append(all, part{sql, line})
		}
		now.Reset()
		words = nil
	}
	for s.rest != "" {
		at := 1 + strings.Count(text[:len(text)-len(s.rest)], "\n")
		kind, piece, err := s.next()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", at, err)
		}
		if now.Len() == 0 {
			line = at
		}
		if kind == word && len(words) < 4 {
			words = append(words, strings.ToLower(piece))
		}
		if kind == semicolon && (!isTrigger(words) || before == ";" && last == "end") {
			finish()
			continue
		}
		if kind == blank && now.Len() == 0 {
			continue
		}
		if kind != blank {
			before, last = last, strings.ToLower(piece)
		}
		now.WriteString(piece)
	}
	finish()
	return all, nil
}

// isTrigger reports whether a statement that begins with those words makes a trigger.
func isTrigger(words []string) bool {
	if len(words) > 2 && strings.HasPrefix(words[1], "temp") {
		words = words[1:]
	}
	return len(words) > 1 && words[1] == "trigger"
}
