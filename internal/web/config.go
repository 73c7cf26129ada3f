package web

import (
	"net"
	"net/http"
	"net/url"
	"time"
)

// A Config says where requests may go and within which bounds. The zero value is a sound default.
type Config struct {
	Allow       []string      // destinations; see Destinations. Empty means every public address
	Proxy       *url.URL      // through which all requests go; nil is none
	Timeout     time.Duration // of a request with all its attempts; 0 means 10 seconds
	Connect     time.Duration // to be connected; 0 means 3 seconds
	Retries     int           // further attempts of a request that may be repeated
	MaxBody     int64         // longest answer in bytes; 0 means 1 MiB
	Redirects   int           // followed at most; 0 means 5, a negative number none
	Connections int           // to one host at once; 0 means 64
	Breaker     Breaker
	Services    map[string]Service

	Resolver *net.Resolver // nil is the system's
	Agent    string        // User-Agent; "" is ivrd
}

// A Breaker says when a host counts as down. A request to one that does fails at once.
type Breaker struct {
	Failures int           // in a row; 0 means 5, a negative number that no host ever does
	Pause    time.Duration // until one request may try again; 0 means 10 seconds
}

// A Service is a destination with a name: where it is, how to show who we are, and bounds of its own.
// What is zero is as in Config.
type Service struct {
	URL                *url.URL // base of all paths
	Header             http.Header
	Query              url.Values // added to that of each request
	Bearer             string     // token
	Username, Password string     // basic
	Cert, Key          string     // PEM files of the client's certificate
	CA                 string     // PEM file of whom to trust
	Direct             bool       // not through the proxy
	Timeout            time.Duration
	Connect            time.Duration
	Retries            *int
	MaxBody            int64
	Connections        int
	Rate               float64 // requests a second; 0 is no limit
}

// filled is c with every zero replaced by its default.
func (c Config) filled() Config {
	fill(&c.Timeout, 10*time.Second)
	fill(&c.Connect, 3*time.Second)
	fill(&c.MaxBody, 1<<20)
	fill(&c.Redirects, 5)
	fill(&c.Connections, 64)
	fill(&c.Breaker.Failures, 5)
	fill(&c.Breaker.Pause, 10*time.Second)
	fill(&c.Agent, "ivrd")
	return c
}

// filled is s with what it does not say taken from c.
func (s Service) filled(c *Config) Service {
	fill(&s.Timeout, c.Timeout)
	fill(&s.Connect, c.Connect)
	fill(&s.MaxBody, c.MaxBody)
	fill(&s.Connections, c.Connections)
	fill(&s.Retries, &c.Retries)
	return s
}

func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
