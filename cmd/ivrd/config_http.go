package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/internal/web"
	"github.com/ivrd/ivrd/luaapi"
	"gopkg.in/yaml.v3"
)

// A requestsConfig bounds the HTTP requests of flows.
type requestsConfig struct {
	Allow       []string      `yaml:"allow"`           // destinations, besides those of services
	Proxy       string        `yaml:"proxy,omitempty"` // through which requests go; "" is none
	Timeout     time.Duration `yaml:"timeout"`         // of a request with all its attempts
	Connect     time.Duration `yaml:"connect"`         // to be connected
	Retries     int           `yaml:"retries"`         // further attempts of what may be repeated
	MaxBody     int64         `yaml:"max_body"`        // longest answer in bytes
	Redirects   int           `yaml:"redirects"`       // followed at most
	Connections int           `yaml:"connections"`     // to one host at once
	Breaker     breakerConfig `yaml:"breaker"`
}

// A breakerConfig says when a host is left alone, and for how long.
type breakerConfig struct {
	Failures int           `yaml:"failures"` // in a row; 0 is never
	Pause    time.Duration `yaml:"pause"`
}

// A serviceConfig is a system that flows know by name. What it does not say is as in requests.
type serviceConfig struct {
	URL         string            `yaml:"url"` // base of all paths
	Headers     map[string]string `yaml:"headers,omitempty"`
	Query       map[string]string `yaml:"query,omitempty"`
	Bearer      string            `yaml:"bearer,omitempty"`
	Username    string            `yaml:"username,omitempty"`
	Password    string            `yaml:"password,omitempty"`
	Cert        string            `yaml:"cert,omitempty"` // PEM file of a client certificate
	Key         string            `yaml:"key,omitempty"`  // its key
	CA          string            `yaml:"ca,omitempty"`   // PEM file of whom to trust; "" is the system's
	Direct      bool              `yaml:"direct,omitempty"`
	Timeout     time.Duration     `yaml:"timeout,omitempty"`
	Connect     time.Duration     `yaml:"connect,omitempty"`
	Retries     *int              `yaml:"retries,omitempty"`
	MaxBody     int64             `yaml:"max_body,omitempty"`
	Connections int               `yaml:"connections,omitempty"`
	Rate        float64           `yaml:"rate,omitempty"` // requests a second; 0 is no limit
}

func defaultRequests() requestsConfig {
	return requestsConfig{
		Allow: []string{web.Public}, Timeout: 10 * time.Second, Connect: 3 * time.Second, MaxBody: 1 << 20, Redirects: 5, Connections: 64,
		Breaker: breakerConfig{Failures: 5, Pause: 10 * time.Second},
	}
}

// systems are what flows may reach. Close lets go of them.
func (c *config) systems() (luaapi.Systems, error) {
	r := c.Requests
	out := web.Config{
		Allow: r.Allow, Timeout: r.Timeout, Connect: r.Connect, Retries: r.Retries, MaxBody: r.MaxBody, Redirects: orNever(r.Redirects),
		Connections: r.Connections, Breaker: web.Breaker{Failures: orNever(r.Breaker.Failures), Pause: r.Breaker.Pause},
		Services: map[string]web.Service{},
	}
	if len(r.Allow) == 0 {
		out.Allow = []string{web.None}
	}
	if r.Proxy != "" {
		out.Proxy, _ = url.Parse(r.Proxy)
	}
	for name, s := range c.Services {
		out.Services[name] = s.service()
	}
	client, err := web.New(out)
	if err != nil {
		return luaapi.Systems{}, usageError{err}
	}
	return luaapi.Systems{HTTP: client}, nil
}

// orNever is how web.Config says 0.
func orNever(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

func (c serviceConfig) service() web.Service {
	base, _ := url.Parse(c.URL)
	s := web.Service{
		URL: base, Header: http.Header{}, Query: url.Values{}, Bearer: c.Bearer, Username: c.Username, Password: c.Password,
		Cert: c.Cert, Key: c.Key, CA: c.CA, Direct: c.Direct, Timeout: c.Timeout, Connect: c.Connect, Retries: c.Retries,
		MaxBody: c.MaxBody, Connections: c.Connections, Rate: c.Rate,
	}
	for name, value := range c.Headers {
		s.Header.Set(name, value)
	}
	for name, value := range c.Query {
		s.Query.Set(name, value)
	}
	return s
}

// checkRequests refuses bounds that make no sense.
func (f *configFile) checkRequests(c requestsConfig, n *yaml.Node) {
	if n == nil {
		return
	}
	for i, entry := range c.Allow {
		if _, err := web.ParseDestinations([]string{entry}); err != nil {
			f.add(at(n, "allow").Content[i], "", "requests.allow: %v", err)
		}
	}
	if c.Proxy != "" {
		u, err := url.Parse(c.Proxy)
		if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) {
			f.add(at(n, "proxy"), `write it like "http://proxy.example:3128"`, "requests.proxy is no address of a proxy")
		}
	}
	for name, value := range map[string]int64{"retries": int64(c.Retries), "redirects": int64(c.Redirects)} {
		if value < 0 || value > 10 {
			f.add(at(n, name), "0 is none", "requests.%s must be from 0 to 10", name)
		}
	}
	for name, value := range map[string]int64{"timeout": int64(c.Timeout), "connect": int64(c.Connect), "max_body": c.MaxBody,
		"connections": int64(c.Connections)} {
		if value <= 0 {
			f.add(at(n, name), "leave it out for the default", "requests.%s must be more than 0", name)
		}
	}
	if c.Breaker.Failures < 0 {
		f.add(at(n, "breaker", "failures"), "0 is never", "requests.breaker.failures cannot be negative")
	}
	if c.Breaker.Pause <= 0 {
		f.add(at(n, "breaker", "pause"), "10s is the default", "requests.breaker.pause must be more than 0")
	}
}

const serviceLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// checkService refuses what could not be reached, or would not be what was meant.
func (f *configFile) checkService(name string, c serviceConfig, n *yaml.Node) {
	key := "services." + name
	if strings.Trim(name, serviceLetters) != "" || name == "" {
		f.add(n, "letters, digits, - and _", "%q cannot be the name of a service", name)
	}
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		f.add(n, `such as url: "https://core.example/v1"`, "%s needs a url", key)
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		f.add(at(n, "url"), `write it like "https://core.example/v1"`, "%s.url is no address", key)
	case u.User != nil:
		f.add(at(n, "url"), "use username and password", "%s.url cannot hold a password", key)
	case u.RawQuery != "" || u.Fragment != "":
		f.add(at(n, "url"), "use query", "%s.url ends with its path", key)
	}
	header := http.Header{"Authorization": {c.Bearer}}
	for name, value := range c.Headers {
		header[http.CanonicalHeaderKey(name)] = []string{value}
	}
	if err := web.CheckHeader(header); err != nil {
		f.add(orNode(at(n, "headers"), n), "", "%s.headers: %v", key, err)
	}
	if c.Bearer != "" && c.Username != "" {
		f.add(at(n, "bearer"), "leave one of them out", "%s has bearer and username", key)
	}
	if (c.Username == "") != (c.Password == "") {
		f.add(n, "", "%s needs username and password, or none of them", key)
	}
	if (c.Cert == "") != (c.Key == "") {
		f.add(n, "", "%s needs cert and key, or none of them", key)
	}
	if c.Retries != nil && (*c.Retries < 0 || *c.Retries > 10) {
		f.add(at(n, "retries"), "0 is none", "%s.retries must be from 0 to 10", key)
	}
	for name, value := range map[string]float64{"timeout": float64(c.Timeout), "connect": float64(c.Connect), "max_body": float64(c.MaxBody),
		"connections": float64(c.Connections), "rate": c.Rate} {
		if !(value >= 0 && value < 1e18) {
			f.add(at(n, name), "leave it out for that of requests", "%s.%s cannot be %g", key, name, value)
		}
	}
}
