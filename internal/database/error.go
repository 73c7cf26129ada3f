package database

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/ivrd/ivrd/internal/turns"
)

// errTooSlow is the cause of a context that ends because a query took too long.
var errTooSlow = errors.New("too slow")

// ourEnd is the address that a connection has on our side: another one each time, and of use to nobody.
var ourEnd = regexp.MustCompile(`[^ ]+:[0-9]+->`)

// explain is err as whoever reads the flow's log needs it. most is how long the query was allowed to take.
func explain(ctx context.Context, name string, most time.Duration, err error) error {
	if err == nil {
		return nil
	}
	switch cause := turns.Ended(ctx); {
	case errors.Is(cause, errTooSlow):
		return fmt.Errorf("database %s: no answer within %s", name, most)
	case cause != nil:
		return cause
	}
	text := ourEnd.ReplaceAllString(strings.Join(strings.Fields(err.Error()), " "), "")
	return &Error{Name: name, Text: text, err: err}
}

// An Error is what a database said.
type Error struct {
	Name string // of the pool
	Text string // on one line
	err  error
}

func (e *Error) Error() string { return "database " + e.Name + ": " + e.Text }
func (e *Error) Unwrap() error { return e.err }
