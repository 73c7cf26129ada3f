package database

import (
	"errors"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// refusedTLS is what the driver says of the attempt with TLS at a server that has none; the one without it comes next.
const refusedTLS = "tls error: server refused TLS connection"

// A connectError is why no connection to a PostgreSQL came about.
type connectError struct {
	text string
	err  error
}

func (e *connectError) Error() string { return e.text }
func (e *connectError) Unwrap() error { return e.err }

// postgresFault is err in fewer words than the driver's if it is about a connection: the driver tells of each attempt, and
// there are two at each address unless sslmode says which one is meant.
func postgresFault(err error) error {
	var failed *pgconn.ConnectError
	if !errors.As(err, &failed) {
		return err
	}
	attempts := []error{failed.Unwrap()}
	if several, ok := attempts[0].(interface{ Unwrap() []error }); ok {
		attempts = several.Unwrap()
	}
	var reasons []string
	for i, attempt := range attempts {
		if i+1 < len(attempts) && strings.HasSuffix(attempt.Error(), refusedTLS) {
			continue
		}
		if why := connectReason(attempt); !slices.Contains(reasons, why) {
			reasons = append(reasons, why)
		}
	}
	return &connectError{"no connection to " + strings.Join(reasons, ", or to "), err}
}

// connectReason is where one attempt went, and why in vain.
func connectReason(attempt error) string {
	where, why, found := strings.Cut(attempt.Error(), " (") // the driver writes "address (host): what: why"
	if !found {
		return attempt.Error()
	}
	_, why, _ = strings.Cut(why, "): ")
	var said *pgconn.PgError
	var dialed *net.OpError
	var system *os.SyscallError
	switch {
	case errors.As(attempt, &said):
		why = said.Message
	case errors.As(attempt, &system):
		why = system.Err.Error()
	case errors.As(attempt, &dialed):
		why = dialed.Err.Error()
	}
	return where + ": " + why
}
