package ari

import (
	"errors"
	"fmt"
)

var (
	// ErrServerClosed ends the calls that Shutdown could not wait for.
	ErrServerClosed = errors.New("ARI server closed")

	// errCut is a request whose connection broke before the answer came.
	errCut = errors.New("connection broke")
	// errSilent is a request that Asterisk did not answer in time.
	errSilent = errors.New("Asterisk does not answer")
)

// A StatusError is a request that Asterisk refused.
type StatusError struct {
	Method, Path string
	Status       int    // as in HTTP: 404, 409, …
	Text         string // what Asterisk said
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s /%s: Asterisk answered %d %s", e.Method, e.Path, e.Status, e.Text)
}

// isStatus reports whether err is a refusal with one of those codes.
func isStatus(err error, codes ...int) bool {
	var refused *StatusError
	if !errors.As(err, &refused) {
		return false
	}
	for _, code := range codes {
		if refused.Status == code {
			return true
		}
	}
	return false
}
