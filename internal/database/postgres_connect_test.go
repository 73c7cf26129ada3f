package database

import (
	"io"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// refusing is the address of a server without TLS that lets nobody in.
func refusing(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			refuse(c)
		}
	}()
	return l.Addr().String()
}

func refuse(c net.Conn) {
	defer c.Close()
	b := pgproto3.NewBackend(c, c)
	m, err := b.ReceiveStartupMessage()
	if err != nil {
		return
	}
	if _, asksTLS := m.(*pgproto3.SSLRequest); asksTLS {
		io.WriteString(c, "N")
		return
	}
	b.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: `password authentication failed for user "ivrd"`})
	b.Flush()
}

// Whoever reads the log of a PostgreSQL that is gone, or that wants another password, reads it once and without the driver's
// own words.
func TestPostgreSQLWithoutAConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := l.Addr().String()
	l.Close()
	other := refusing(t)
	for _, c := range []struct{ url, want string }{
		{"postgres://ivrd:secret@" + gone + "/shop", "database x: no connection to " + gone + ": connection refused"},
		{"postgres://ivrd:secret@" + gone + "/shop?sslmode=disable", "database x: no connection to " + gone + ": connection refused"},
		{"postgres://ivrd:secret@" + other + "/shop", "database x: no connection to " + other + `: password authentication failed for user "ivrd"`},
		{"postgres://ivrd:secret@" + other + "/shop?sslmode=require", "database x: no connection to " + other + ": " + refusedTLS},
		{"postgres://ivrd:secret@" + gone + "," + other + "/shop?sslmode=disable",
			"database x: no connection to " + gone + ": connection refused, or to " + other + `: password authentication failed for user "ivrd"`},
	} {
		p := opened(t, Config{Name: "x", URL: c.url})
		if err := query(p, "select 1")(); err == nil || err.Error() != c.want {
			t.Errorf("%s\ngot  %v\nwant %s", c.url, err, c.want)
		}
	}
}
