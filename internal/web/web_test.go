package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newClient is a client that may go to loopback addresses, besides what c says.
func newClient(t *testing.T, c Config) *Client {
	t.Helper()
	c.Allow = append(c.Allow, "127.0.0.0/8")
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// reason is why there is no answer, "" if there is one.
func reason(err error) Reason {
	var e *Error
	var wrong *UsageError
	switch {
	case errors.As(err, &e):
		return e.Reason
	case errors.As(err, &wrong):
		return "usage"
	case err != nil:
		return Reason("unexplained: " + err.Error())
	}
	return ""
}

func get(t *testing.T, c *Client, address string) (*Response, error) {
	t.Helper()
	return c.Do(t.Context(), &Request{URL: address})
}

func must(t *testing.T, c *Client, r *Request) *Response {
	t.Helper()
	res, err := c.Do(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}
