package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/sony/gobreaker/v2"
)

// An attempt is a request that can be sent more than once.
type attempt struct {
	client    *Client
	route     *route
	request   *http.Request
	body      []byte
	maxBody   int64
	redirects int // negative: none
}

// passing are the statuses after which a service may soon be well again.
var passing = []int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// recoverable are the reasons that may not be there the next time.
var recoverable = []Reason{Timeout, Refused, Unknown, Failed}

// errAgain is an answer that is worth another attempt.
var errAgain = errors.New("try again")

// retry sends the request until the answer is final. Of an answer that never is, the last one counts.
func (a *attempt) retry(ctx context.Context, tries int) (*Response, error) {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 200*time.Millisecond, 2*time.Second
	var last *Response
	var lastErr error
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		res, err := a.guarded(ctx)
		last, lastErr = res, err
		return struct{}{}, again(ctx, res, err)
	}, backoff.WithBackOff(wait), backoff.WithMaxTries(uint(tries)), backoff.WithMaxElapsedTime(0))
	if err != nil && last == nil && lastErr == nil {
		return nil, explain(ctx, a.request.URL.Host, err)
	}
	return last, lastErr
}

// again is nil if the outcome is final, else the error that makes backoff try again.
func again(ctx context.Context, res *Response, err error) error {
	if err != nil {
		var e *Error
		if errors.As(err, &e) && slices.Contains(recoverable, e.Reason) && ctx.Err() == nil {
			return err
		}
		return backoff.Permanent(err)
	}
	if !slices.Contains(passing, res.Status) {
		return nil
	}
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return errAgain
	}
	if until, ok := ctx.Deadline(); ok && time.Until(until) < time.Duration(seconds)*time.Second {
		return nil // it asks for more patience than there is
	}
	return backoff.RetryAfter(seconds)
}

// guarded sends the request once, unless its host is down.
func (a *attempt) guarded(ctx context.Context) (*Response, error) {
	b := a.client.breakers.of(a.request.URL.Scheme + "://" + a.request.URL.Host)
	if b == nil {
		return a.send(ctx)
	}
	var res *Response
	_, err := b.Execute(func() (struct{}, error) {
		var err error
		res, err = a.send(ctx)
		if err == nil && res.Status >= 500 {
			return struct{}{}, errStatus
		}
		return struct{}{}, err
	})
	if err == nil || errors.Is(err, errStatus) {
		return res, nil
	}
	return nil, explain(ctx, a.request.URL.Host, err)
}

// send sends the request and follows redirects.
func (a *attempt) send(ctx context.Context) (*Response, error) {
	client := http.Client{
		Transport:     hop{a.client, a.route, a.request.URL},
		CheckRedirect: redirected(a.redirects),
	}
	res, err := client.Do(withBody(ctx, a.request, a.body))
	if err != nil {
		return nil, explain(ctx, a.request.URL.Host, err)
	}
	defer res.Body.Close()
	body, err := read(res, a.maxBody)
	if err != nil {
		return nil, explain(ctx, res.Request.URL.Host, err)
	}
	return &Response{Status: res.StatusCode, Header: res.Header, Body: body}, nil
}

var errStatus = errors.New("the host says that it is at fault")

// breakers are those of all hosts.
type breakers struct {
	settings Breaker
	mu       sync.Mutex
	byHost   map[string]*gobreaker.CircuitBreaker[struct{}]
}

// mostHosts bounds how many hosts are remembered: a flow may make up any number of names.
const mostHosts = 1000

// of is the breaker of a host; nil if hosts are never left alone.
func (b *breakers) of(host string) *gobreaker.CircuitBreaker[struct{}] {
	if b.settings.Failures < 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	one := b.byHost[host]
	if one != nil {
		return one
	}
	if len(b.byHost) >= mostHosts {
		b.forget()
	}
	if b.byHost == nil {
		b.byHost = map[string]*gobreaker.CircuitBreaker[struct{}]{}
	}
	one = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name:        host,
		Timeout:     b.settings.Pause,
		ReadyToTrip: func(c gobreaker.Counts) bool { return int(c.ConsecutiveFailures) >= b.settings.Failures },
		IsExcluded:  func(err error) bool { return err != nil && !blames(err) },
	})
	b.byHost[host] = one
	return one
}

// forget makes room: hosts that are well need no breaker, and if all are down, any will do.
func (b *breakers) forget() {
	for host, one := range b.byHost {
		if one.State() == gobreaker.StateClosed {
			delete(b.byHost, host)
		}
	}
	if len(b.byHost) >= mostHosts {
		clear(b.byHost)
	}
}

// blames reports whether an error is the host's fault.
func blames(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return true
	}
	switch e.Reason {
	case Forbidden, TooBig, Redirect, Cancelled, Busy:
		return false
	}
	return true
}
