package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"time"

	"modernc.org/sqlite"
)

// SQLite takes one writer at a time, so that all writing goes through one connection, for which callers queue
// here, where the wait ends when it must.
var sqliteDialect = dialect{
	scheme: "sqlite", open: openSQLite, value: sqliteValue, arg: func(v any) any { return v },
	backticks: true, brackets: true, variables: "$@#:",
}

func openSQLite(c Config) (*handles, error) {
	file, _ := Embedded(c.URL)
	if file == "" {
		return nil, errors.New("which file? write it like sqlite:ivrd.db")
	}
	address, err := url.Parse(c.URL)
	if err != nil {
		return nil, withoutURL(err)
	}
	read, write := sqlitePragmas(address.Query()), sqlitePragmas(address.Query())
	write.Set("_txlock", "immediate") // a transaction that begins reading could not always go on writing
	write.Add("_pragma", "journal_mode(WAL)")
	read.Add("_pragma", "query_only(1)")
	h := &handles{read: sql.OpenDB(sqliteFile(file, read)), write: sql.OpenDB(sqliteFile(file, write))}
	c.bound(h.read)
	c.bound(h.write)
	h.write.SetMaxOpenConns(1)
	return h, nil
}

// sqlitePragmas are what a connection begins with, before what the address says.
func sqlitePragmas(given url.Values) url.Values {
	q := url.Values{"_pragma": {"busy_timeout(60000)", "synchronous(NORMAL)", "foreign_keys(1)"}} // a wait ends with its context
	for key, values := range given {
		q[key] = append(q[key], values...)
	}
	return q
}

// A sqliteConnector opens connections to one file.
type sqliteConnector struct{ dsn string }

func sqliteFile(file string, options url.Values) driver.Connector {
	return sqliteConnector{(&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: options.Encode()}).String()}
}

// Connect waits where SQLite does not: when somebody else makes the file.
func (c sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	for began := time.Now(); ; {
		conn, err := c.Driver().Open(c.dsn)
		if !hasCode(err, sqliteBusy) || time.Since(began) > time.Second {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-retry.C:
		}
	}
}

func (c sqliteConnector) Driver() driver.Driver { return &sqlite.Driver{} }

// Results of SQLite.
const (
	sqliteBusy       = 5
	sqliteCannotOpen = 14
)

func hasCode(err error, code int) bool {
	var fault *sqlite.Error
	return errors.As(err, &fault) && fault.Code()&0xff == code
}

// sqliteValue undoes what the driver makes of texts in columns that are declared as dates.
func sqliteValue(v any, column *sql.ColumnType) (any, error) {
	t, ok := v.(time.Time)
	switch {
	case !ok:
		return v, nil
	case column.DatabaseTypeName() == "DATE" && t.Equal(t.Truncate(24*time.Hour)):
		return t.Format(time.DateOnly), nil
	}
	return t.Format(time.RFC3339Nano), nil
}

// sqliteFault adds what SQLite leaves out of a message.
func sqliteFault(err error, file string) error {
	if hasCode(err, sqliteCannotOpen) {
		return fmt.Errorf("%s cannot be opened; is its folder there, and may ivrd write to it?", file)
	}
	return err
}
