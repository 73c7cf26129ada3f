package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/time/rate"
)

// A Client sends requests. It keeps connections open and knows which hosts are down.
type Client struct {
	config   Config
	plain    *route // for what is no service's
	services map[string]*route
	breakers breakers
}

// A route is how requests of one kind get to where they go.
type route struct {
	service   Service
	name      string // of the service; "" is none
	allow     Destinations
	proxied   bool
	transport *http.Transport
	rate      *rate.Limiter // nil is no limit
}

// New makes a client. Its errors name the key of the configuration.
func New(c Config) (*Client, error) {
	c = c.filled()
	allow, err := ParseDestinations(c.Allow)
	if err != nil {
		return nil, fmt.Errorf("requests.allow: %w", err)
	}
	client := &Client{config: c, services: map[string]*route{}, breakers: breakers{settings: c.Breaker}}
	client.plain, err = client.route("", Service{}, allow)
	if err != nil {
		return nil, err
	}
	for name, s := range c.Services {
		r, err := client.route(name, s, allow.with(s.URL))
		if err != nil {
			return nil, fmt.Errorf("services.%s.%w", name, err)
		}
		client.services[name] = r
	}
	return client, nil
}

// Services are the names of all services.
func (c *Client) Services() []string { return slices.Sorted(maps.Keys(c.services)) }

// Close lets go of connections that nobody uses.
func (c *Client) Close() {
	c.plain.transport.CloseIdleConnections()
	for _, r := range c.services {
		r.transport.CloseIdleConnections()
	}
}

func (c *Client) route(name string, s Service, allow Destinations) (*route, error) {
	s = s.filled(&c.config)
	r := &route{service: s, name: name, allow: allow, proxied: c.config.Proxy != nil && !s.Direct}
	if s.Rate > 0 {
		r.rate = rate.NewLimiter(rate.Limit(s.Rate), max(1, int(s.Rate)))
	}
	trust, err := s.tls()
	if err != nil {
		return nil, err
	}
	r.transport = &http.Transport{
		DialContext:         c.dialer(r),
		TLSClientConfig:     trust,
		TLSHandshakeTimeout: s.Connect,
		ForceAttemptHTTP2:   true,
		MaxConnsPerHost:     s.Connections,
		MaxIdleConnsPerHost: s.Connections,
		MaxIdleConns:        4 * s.Connections,
		IdleConnTimeout:     90 * time.Second,

		MaxResponseHeaderBytes: 64 << 10,
	}
	if r.proxied {
		r.transport.Proxy = http.ProxyURL(c.config.Proxy)
	}
	return r, nil
}

// tls is whom the service trusts and with which certificate it shows who we are; nil is the usual.
func (s *Service) tls() (*tls.Config, error) {
	if s.Cert == "" && s.CA == "" {
		return nil, nil
	}
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Cert != "" {
		pair, err := tls.LoadX509KeyPair(s.Cert, s.Key)
		if err != nil {
			return nil, fmt.Errorf("cert: %w", err)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	if s.CA != "" {
		text, err := os.ReadFile(s.CA)
		if err != nil {
			return nil, fmt.Errorf("ca: %w", err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("ca: %s holds no certificate", s.CA)
		}
	}
	return out, nil
}

type connectKey struct{}

// dialer connects. The address is judged when it is known, so that no name can lead to one that is forbidden;
// that of a proxy is the configuration's own.
func (c *Client) dialer(r *route) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		d := net.Dialer{Timeout: r.service.Connect, Resolver: c.config.Resolver}
		if t, ok := ctx.Value(connectKey{}).(time.Duration); ok && t > 0 {
			d.Timeout = t
		}
		if !r.proxied {
			d.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
				ip, err := addrOf(address)
				if err != nil {
					return err
				}
				return r.allow.checkAddr(strings.ToLower(strings.TrimSuffix(host, ".")), ip)
			}
		}
		return d.DialContext(ctx, network, address)
	}
}

// hop sends one request, of which a redirect may have made several. Only the service's own host gets to see the
// service's certificate.
type hop struct {
	client *Client
	route  *route
	first  *url.URL
}

var _ http.RoundTripper = hop{}

// RoundTrip sends r if its destination is allowed.
func (h hop) RoundTrip(r *http.Request) (*http.Response, error) {
	route := h.route
	if !sameHost(r.URL, h.first) {
		route = h.client.plain
	}
	if err := route.allow.check(hostOf(r.URL), route.proxied); err != nil {
		return nil, err
	}
	return route.transport.RoundTrip(r)
}

// sameHost reports whether two addresses are of one server.
func sameHost(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && hostOf(a) == hostOf(b) && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// plainHeaders are what may follow a redirect to another host.
var plainHeaders = []string{"Accept", "Accept-Language", "Content-Type", "User-Agent"}

// redirected judges a redirect. Nothing that shows who we are goes to another host, a body neither.
func redirected(most int) func(r *http.Request, via []*http.Request) error {
	return func(r *http.Request, via []*http.Request) error {
		if most < 0 {
			return http.ErrUseLastResponse
		}
		first := via[0].URL
		r.Header.Del("Referer") // it would show the query
		switch {
		case len(via) > most:
			return failure(Redirect, "%s redirected more than %d times", first.Host, most)
		case r.URL.Scheme != "https" && r.URL.Scheme != "http":
			return failure(Redirect, "%s redirected to a %s address", first.Host, r.URL.Scheme)
		case r.URL.Scheme == "http" && via[len(via)-1].URL.Scheme == "https":
			return failure(Redirect, "%s redirected from https to http", first.Host)
		case sameHost(r.URL, first):
			return nil
		case r.Body != nil && r.Body != http.NoBody:
			return failure(Redirect, "%s wants the body sent on to %s", first.Host, r.URL.Host)
		}
		maps.DeleteFunc(r.Header, func(name string, _ []string) bool { return !slices.Contains(plainHeaders, name) })
		r.URL.User = nil
		return nil
	}
}

var errTime = errors.New("time is up")
