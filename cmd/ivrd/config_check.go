package main

import (
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/internal/redis"
	"gopkg.in/yaml.v3"
)

// check refuses values that have the right type and still make no sense.
func (f *configFile) check(c *config, root *yaml.Node) {
	if n := at(root, "flows"); n != nil && c.Flows == "" {
		f.add(n, "leave the key out for ./flows", "flows is empty")
	}
	if !slices.Contains(gates, c.Gate) {
		f.add(at(root, "gate"), "write none, check or test", "gate cannot be %q", c.Gate)
	}
	if c.AGI.Listen != "" {
		f.checkListen(c.AGI.Listen, at(root, "agi", "listen"), "agi.listen")
	}
	if n := at(root, "ari"); n != nil {
		for i := range c.ARI {
			f.checkARI(c.ARI[:i+1], n.Content[i])
		}
	}
	f.checkRecordings(c, root)
	sqlSection.check(f, c.Databases, at(root, "databases"))
	if n := at(root, "migrations"); n != nil && c.Migrations != "" && !c.embedded() {
		f.add(n, "make the tables there yourself, and leave the key out", "migrations are for SQLite, and databases.main is not")
	}
	redisSection.check(f, c.Redis, at(root, "redis"))
	f.checkSecrets(c.Secrets, at(root, "secrets"))
	if n := at(root, "kv"); n != nil && c.KV == "" {
		f.add(n, "leave the key out for ivrd-kv.db", "kv is empty")
	} else if n != nil && redis.IsURL(c.KV) {
		if err := redis.CheckURL(c.KV); err != nil {
			f.add(n, "", "kv: %s", err)
		}
	}
	f.checkListen(c.HTTP.Listen, at(root, "http", "listen"), "http.listen")
	f.checkURL(c.HTTP, root)
	f.checkPrompts(c.Prompts, root)
	f.checkTTS(c.TTS, root)
	f.checkRequests(c.Requests, at(root, "requests"))
	for name, s := range c.Services {
		f.checkService(name, s, at(root, "services", name))
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		f.add(at(root, "log", "format"), "write text or json", "log.format cannot be %q", c.Log.Format)
	}
	if c.Drain < 0 {
		f.add(at(root, "drain"), "0s lets no call finish", "drain cannot be negative")
	}
	limits := reflect.ValueOf(c.Limits)
	for i := range limits.NumField() {
		name := limits.Type().Field(i).Tag.Get("yaml")
		if limits.Field(i).Int() < 0 {
			f.add(at(root, "limits", name), "leave it out for the default", "limits.%s cannot be negative", name)
		}
	}
}

// checkListen refuses what cannot be listened on. n is nil for a default.
func (f *configFile) checkListen(address string, n *yaml.Node, name string) {
	if n == nil {
		return
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		f.add(n, `write it like "127.0.0.1:4573"`, "%s: %q is no address with a port", name, address)
		return
	}
	if number, err := strconv.Atoi(port); err != nil || number < 0 || number > 65535 {
		f.add(n, "ports go up to 65535", "%s: %q is no port", name, port)
	}
}

// checkURL refuses addresses that Asterisk could not reach.
func (f *configFile) checkURL(c httpConfig, root *yaml.Node) {
	const hint = `write it like "http://10.0.0.5:8573"`
	if n := at(root, "http", "url"); n != nil && c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.HasSuffix(u.Path, "/") {
			f.add(n, hint, "http.url: %q is no address of a server", c.URL)
		}
		return
	}
	host, _, err := net.SplitHostPort(c.Listen)
	ip, notIP := netip.ParseAddr(host)
	if err == nil && (host == "" || notIP == nil && ip.IsUnspecified()) {
		f.add(at(root, "http", "listen"), "add http.url; "+hint, "http.listen does not say how Asterisk reaches it")
	}
}

// at is the value under a path of keys, nil if there is none.
func at(n *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		var found *yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				found = n.Content[i+1]
				break
			}
		}
		if found == nil {
			return nil
		}
		n = found
	}
	return n
}
