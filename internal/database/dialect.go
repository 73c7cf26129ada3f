package database

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// A dialect is what sets one kind of database apart.
type dialect struct {
	scheme string
	open   func(c Config) (*handles, error)
	value  func(v any, column *sql.ColumnType) (any, error) // what a driver gave, as a value of ours
	arg    func(v any) any                                  // a value as the driver wants it

	// How it reads SQL.
	numbered  bool   // placeholders are $1, $2
	nested    bool   // comments nest
	dollars   bool   // $tag$ quotes texts
	backslash bool   // \' is a quote within a text
	backticks bool   // ` quotes names
	brackets  bool   // [ ] quotes names
	hash      bool   // # begins a comment, and -- needs a blank behind it
	variables string // what placeholders of its own begin with
}

// handles are the connections of a pool. Both are the same unless a database takes one writer at a time.
type handles struct {
	read, write *sql.DB
}

func (h *handles) close() error {
	if h.read == h.write {
		return h.write.Close()
	}
	return errors.Join(h.read.Close(), h.write.Close())
}

// connected is a pool of connections that are made when they are needed.
func connected(c driver.Connector, cfg Config) *handles {
	db := sql.OpenDB(c)
	cfg.bound(db)
	return &handles{db, db}
}

// placeholder is the nth one, between what is before and after it: limit? must not become the name limit$1.
func (d *dialect) placeholder(n int, before, after string) string {
	if !d.numbered {
		return "?"
	}
	text := "$" + strconv.Itoa(n)
	if before != "" && (isWord(before[len(before)-1]) || before[len(before)-1] == '$') {
		text = " " + text
	}
	if strings.HasPrefix(after, "$") {
		text += " "
	}
	return text
}

// dialectOf finds the dialect of a URL.
func dialectOf(address string) (*dialect, bool) {
	scheme, _, ok := strings.Cut(address, ":")
	if !ok {
		return nil, false
	}
	switch scheme {
	case "sqlite":
		return &sqliteDialect, true
	case "postgres", "postgresql":
		return &postgresDialect, true
	case "mysql", "mariadb":
		return &mysqlDialect, true
	}
	return nil, false
}

// CheckURL says what is wrong with the address of a database.
func CheckURL(address string) error {
	d, ok := dialectOf(address)
	if !ok {
		return errors.New(`write it like "sqlite:ivrd.db", "postgres://user:password@host/name" or "mysql://user:password@host/name"`)
	}
	h, err := d.open(Config{URL: address}.filled())
	if err != nil {
		return err
	}
	return h.close()
}

// Embedded is the file of an SQLite database, without its options; ok is false for any other.
func Embedded(address string) (file string, ok bool) {
	file, ok = strings.CutPrefix(address, "sqlite:")
	file, _, _ = strings.Cut(file, "?")
	return file, ok
}

// withoutURL keeps an address, which may hold a password, out of a message.
func withoutURL(err error) error {
	var bad *url.Error
	if errors.As(err, &bad) {
		return bad.Err
	}
	return err
}
