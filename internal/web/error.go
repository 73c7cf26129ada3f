package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/sony/gobreaker/v2"
)

// A Reason says in one word why there is no answer.
type Reason string

const (
	Timeout   Reason = "timeout"   // no answer in time
	Refused   Reason = "refused"   // nobody listens there, or the connection broke
	Unknown   Reason = "unknown"   // no such host
	TLS       Reason = "tls"       // no trust: a certificate is wrong
	Forbidden Reason = "forbidden" // the configuration does not allow the destination
	Down      Reason = "breaker"   // the host failed so often that it is not asked for a while
	Busy      Reason = "busy"      // more requests than the service takes
	TooBig    Reason = "too_big"   // the answer is longer than allowed
	Redirect  Reason = "redirect"  // too many, or one that cannot be followed
	Cancelled Reason = "cancelled" // the caller hung up
	Failed    Reason = "failed"    // anything else
)

// Reasons are all there are.
var Reasons = []Reason{Timeout, Refused, Unknown, TLS, Forbidden, Down, Busy, TooBig, Redirect, Cancelled, Failed}

// An Error is a request without an answer. Its text begins with the reason and holds no credentials.
type Error struct {
	Reason Reason
	Text   string
}

func (e *Error) Error() string { return strings.TrimSpace(string(e.Reason) + " " + e.Text) }

// A UsageError is a request that cannot be sent whatever the world is like.
type UsageError struct{ Text string }

func (e *UsageError) Error() string { return e.Text }

func usage(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

func failure(r Reason, format string, args ...any) *Error {
	return &Error{r, fmt.Sprintf(format, args...)}
}

// explain says what an error of net/http means. The text of a *url.Error would show the whole address.
func explain(ctx context.Context, host string, err error) error {
	var ours *Error
	var wrong *UsageError
	if errors.As(err, &ours) {
		return ours
	}
	if errors.As(err, &wrong) {
		return wrong
	}
	if context.Cause(ctx) == errTime {
		return failure(Timeout, "%s did not answer in time", host)
	}
	if ctx.Err() != nil {
		return failure(Cancelled, "nobody waits for %s any more", host)
	}
	if of := (*url.Error)(nil); errors.As(err, &of) {
		err = of.Err
	}
	var (
		dns  *net.DNSError
		cert *tls.CertificateVerificationError
		rec  tls.RecordHeaderError
		auth x509.UnknownAuthorityError
		name x509.HostnameError
		op   *net.OpError
		late interface{ Timeout() bool }
	)
	switch {
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return failure(Down, "%s has failed too often; it is left alone for a while", host)
	case errors.As(err, &dns) && !dns.IsTimeout:
		return failure(Unknown, "no address of %s is known", host)
	case errors.As(err, &cert), errors.As(err, &rec), errors.As(err, &auth), errors.As(err, &name),
		errors.As(err, &op) && op.Op == "remote error", // an alert of TLS
		strings.Contains(err.Error(), "HTTP response to HTTPS client"):
		return failure(TLS, "%s: %v", host, err)
	case errors.As(err, &late) && late.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		return failure(Timeout, "%s could not be reached in time", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		return failure(Refused, "%s takes no connections", host)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), strings.HasSuffix(err.Error(), "EOF"),
		strings.Contains(err.Error(), "could not be established"): // HTTP/2, of which net/http exports no errors
		return failure(Refused, "%s closed the connection", host)
	}
	return failure(Failed, "%s: %v", host, err)
}
