package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"

	"github.com/ivrd/ivrd/internal/turns"
	"github.com/redis/go-redis/v9"
)

var (
	// errTooSlow is the cause of a context that ends because a command took too long.
	errTooSlow = errors.New("too slow")
	// errGone is a connection that the server had closed before anything was sent.
	errGone = errors.New("the connection is gone")
	// errClosed is a connection that ended under a command.
	errClosed = errors.New("the server closed the connection")
	// errOld is a server that does not know what flows take for granted.
	errOld = errors.New("the server does not speak RESP3; Redis 6 and Valkey do")
	// errTooLong is an answer that nobody needs at once.
	errTooLong = fmt.Errorf("more than %d KB; ask for less, as with a range or COUNT", mostBytes>>10)
)

// explain is err as whoever reads the flow's log needs it. most is how long the command was allowed to take.
func explain(ctx context.Context, name string, most time.Duration, err error) error {
	if err == nil {
		return nil
	}
	switch cause := turns.Ended(ctx); {
	case isReply(err): // it came in time
	case errors.Is(cause, errTooSlow):
		return fmt.Errorf("redis %s: no answer within %s", name, most)
	case cause != nil:
		return cause
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		err = errClosed
	}
	return fmt.Errorf("redis %s: %w", name, &oneLine{err})
}

// isReply reports whether err is what the server answered, after which the connection is as good as before.
func isReply(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply)
}

// A oneLine is an error without line breaks, and without the library's name in front.
type oneLine struct{ err error }

func (e *oneLine) Error() string {
	return strings.TrimPrefix(strings.Join(strings.Fields(e.err.Error()), " "), "redis: ")
}
func (e *oneLine) Unwrap() error { return e.err }
