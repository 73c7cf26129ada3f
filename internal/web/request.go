package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// A Request is what to send. What is zero is as in the service or the configuration.
type Request struct {
	Service            string // its name; URL then is a path below its base
	Method             string // "" is GET
	URL                string
	Query              url.Values // added to the URL's own
	Header             http.Header
	Body               []byte
	Type               string // Content-Type of the body
	Bearer             string
	Username, Password string
	Timeout            time.Duration
	Connect            time.Duration
	Retries            *int
	Repeatable         bool // it may be sent again although its method does not say so
	MaxBody            int64
	Redirects          *int
}

// A Response is an answer, whatever its status.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// idempotent are the methods that may be sent again (RFC 9110 section 9.2.2).
var idempotent = []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions}

// Do sends r and reads the answer. Its error is an *Error, or a *UsageError if r cannot be sent at all.
func (c *Client) Do(ctx context.Context, r *Request) (*Response, error) {
	route, err := c.routeOf(r)
	if err != nil {
		return nil, err
	}
	first, err := r.build(c, route)
	if err != nil {
		return nil, err
	}
	timeout := cmp.Or(r.Timeout, route.service.Timeout)
	ctx, stop := context.WithTimeoutCause(context.WithValue(ctx, connectKey{}, r.Connect), timeout, errTime)
	defer stop()
	if route.rate != nil {
		if err := route.rate.Wait(ctx); err != nil && ctx.Err() == nil {
			return nil, failure(Busy, "%s takes %g requests a second", r.Service, route.service.Rate)
		}
	}
	a := attempt{client: c, route: route, request: first, body: r.Body, maxBody: cmp.Or(r.MaxBody, route.service.MaxBody)}
	a.redirects = c.config.Redirects
	if r.Redirects != nil {
		a.redirects = *r.Redirects
		if a.redirects == 0 {
			a.redirects = -1
		}
	}
	tries := 1
	if r.Repeatable || slices.Contains(idempotent, first.Method) {
		tries += *cmp.Or(r.Retries, route.service.Retries)
	}
	return a.retry(ctx, tries)
}

func (c *Client) routeOf(r *Request) (*route, error) {
	if r.Service == "" {
		return c.plain, nil
	}
	route := c.services[r.Service]
	if route == nil {
		return nil, usage("there is no service %q; services in ivrd.yaml has %s", r.Service,
			cmp.Or(strings.Join(c.Services(), ", "), "none"))
	}
	return route, nil
}

// build is r as net/http takes it, with all that the service adds.
func (r *Request) build(c *Client, route *route) (*http.Request, error) {
	s := &route.service
	u, err := r.Address(s.URL)
	if err != nil {
		return nil, err
	}
	if len(s.Query) > 0 {
		query := u.Query()
		for name, values := range s.Query {
			query[name] = values
		}
		u.RawQuery = query.Encode()
	}
	h := http.Header{"User-Agent": {c.config.Agent}}
	for name, values := range s.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	if r.Type != "" {
		h.Set("Content-Type", r.Type)
	}
	for name, values := range r.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	out := &http.Request{Method: cmp.Or(r.Method, http.MethodGet), URL: u, Header: h, Host: u.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	if !httpguts.ValidHeaderFieldName(out.Method) { // which is a token as well
		return nil, usage("%q is no method", out.Method)
	}
	authorize(out, cmp.Or(r.Bearer, s.Bearer), cmp.Or(r.Username, s.Username), cmp.Or(r.Password, s.Password), r)
	return out, CheckHeader(h)
}

// authorize shows who we are. What the request itself says stands before what the service has.
func authorize(out *http.Request, bearer, username, password string, r *Request) {
	switch {
	case r.Header.Get("Authorization") != "":
	case bearer != "" && r.Username == "":
		out.Header.Set("Authorization", "Bearer "+bearer)
	case username != "":
		out.SetBasicAuth(username, password)
	}
}

// Address is where r goes. base is that of the service, nil for none.
func (r *Request) Address(base *url.URL) (*url.URL, error) {
	u, err := url.Parse(r.URL)
	switch {
	case err != nil:
		var parse *url.Error
		errors.As(err, &parse)
		return nil, usage("%q is no address: %v", r.URL, parse.Err)
	case u.User != nil:
		return nil, usage("an address cannot hold a password, which would be on record; use the options username and password")
	case base != nil:
		if u, err = below(base, u, r.URL); err != nil {
			return nil, err
		}
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, usage("%q is no address such as \"https://core.example/accounts\"", r.URL)
	}
	u.Fragment, u.RawFragment = "", ""
	if len(r.Query) > 0 {
		query := u.Query()
		for name, values := range r.Query {
			query[name] = values
		}
		u.RawQuery = query.Encode()
	}
	return u, nil
}

// below is a path of a service, which must not lead out of it.
func below(base, path *url.URL, text string) (*url.URL, error) {
	if path.Scheme != "" || path.Host != "" || path.Opaque != "" || !strings.HasPrefix(path.Path, "/") {
		return nil, usage("%q is no path of a service, such as \"/accounts\"", text)
	}
	for part := range strings.FieldsFuncSeq(path.Path, func(c rune) bool { return c == '/' || c == '\\' }) {
		if part == ".." {
			return nil, usage("%q: a path cannot hold \"..\"", text)
		}
	}
	u := *base
	u.Path = strings.TrimSuffix(base.Path, "/") + path.Path
	u.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + path.EscapedPath()
	u.RawQuery = path.RawQuery
	return &u, nil
}

// ours are headers that say how a message is sent, which is not the flow's to say.
var ours = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Te", "Trailer", "Keep-Alive",
	"Proxy-Authorization", "Proxy-Connection", "Expect"}

// CheckHeader refuses headers that would be more than headers.
func CheckHeader(h http.Header) error {
	for name, values := range h {
		if !httpguts.ValidHeaderFieldName(name) {
			return usage("%q cannot be the name of a header", name)
		}
		if slices.Contains(ours, name) {
			return usage("header %s is ivrd's own to set", name)
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) {
				return usage("header %s cannot hold a line break or another control character", name)
			}
		}
	}
	return nil
}

// read is the body of an answer, if it is not longer than most.
func read(res *http.Response, most int64) ([]byte, error) {
	tooBig := failure(TooBig, "the answer of %s is longer than %d bytes", res.Request.URL.Host, most)
	if res.ContentLength > most && res.Request.Method != http.MethodHead {
		return nil, tooBig
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > most {
		return nil, tooBig
	}
	return body, nil
}

// withBody is a copy of r that can be sent.
func withBody(ctx context.Context, r *http.Request, body []byte) *http.Request {
	out := r.Clone(ctx)
	if len(body) == 0 {
		return out
	}
	out.ContentLength = int64(len(body))
	out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	out.Body, _ = out.GetBody()
	return out
}
