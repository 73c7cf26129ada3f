package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"gopkg.in/yaml.v3"
)

// checkARI judges the last entry of the list ari, which stands at n.
func (f *configFile) checkARI(all []ariConfig, n *yaml.Node) {
	c := all[len(all)-1]
	before := len(f.faults)
	f.checkARIAddress(c, n)
	f.checkARISecrets(c, n)
	if c.App == "" || len(c.App) > longestApp || strings.Trim(c.App, appLetters) != "" {
		f.add(orNode(at(n, "app"), n), fmt.Sprintf("letters, digits, - _ and ., at most %d", longestApp), "ari.app: %q cannot be the name of a Stasis application", c.App)
	}
	if c.Connections < 1 {
		f.add(at(n, "connections"), "20 is the default", "ari.connections must be 1 or more")
	}
	if c.Outage < 0 {
		f.add(at(n, "outage"), "0s lets no call wait", "ari.outage cannot be negative")
	}
	if len(f.faults) == before {
		f.checkARITwins(all, n)
	}
}

// longestApp leaves room for what ivrd puts behind the name when another one takes the application over: Asterisk
// takes 73 bytes.
const longestApp = 60

const appLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

// checkARIAddress refuses what nobody could connect to.
func (f *configFile) checkARIAddress(c ariConfig, n *yaml.Node) {
	if c.URL == "" && c.Listen == "" {
		f.add(n, `such as url: "http://127.0.0.1:8088/ari"; listen is for an Asterisk that connects to ivrd`, "ari needs url or listen")
	}
	if c.URL != "" {
		f.checkARIURL(c, at(n, "url"))
	}
	if at := at(n, "listen"); c.Listen != "" {
		f.checkListen(c.Listen, at, "ari.listen")
		if host, _, err := net.SplitHostPort(c.Listen); err == nil && c.Cert == "" && !c.Plaintext && !isLoopback(host) {
			f.add(at, "give cert and key, or say plaintext: true if the network between is yours alone",
				"ari.listen: passwords and calls would cross the network unencrypted")
		}
	}
}

func (f *configFile) checkARIURL(c ariConfig, n *yaml.Node) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.HasSuffix(u.Path, "/") || u.RawQuery != "":
		f.add(n, `write it like "http://127.0.0.1:8088/ari"`, "ari.url: %q is no address of Asterisk's ARI", hidePassword(c.URL))
	case u.User != nil:
		f.add(n, "use username and password", "ari.url: addresses are logged and must not hold a password")
	case u.Scheme == "http" && !c.Plaintext && !isLoopback(u.Hostname()):
		f.add(n, "use https, or say plaintext: true if the network between is yours alone",
			"ari.url: the password would cross the network unencrypted")
	}
}

func hidePassword(address string) string {
	if before, after, ok := strings.Cut(address, "@"); ok && strings.Contains(before, "//") {
		scheme, _, _ := strings.Cut(before, "//")
		return scheme + "//…@" + after
	}
	return address
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// checkARISecrets refuses entries without a password, and certificates that cannot be read.
func (f *configFile) checkARISecrets(c ariConfig, n *yaml.Node) {
	if c.Username == "" {
		f.add(orNode(at(n, "username"), n), "that of ari.conf, or with listen that of websocket_client.conf", "ari.username is missing")
	}
	if c.Password == "" {
		f.add(orNode(at(n, "password"), n), `such as "${ARI_PASSWORD}"`, "ari.password is missing")
	}
	if (c.Cert == "") != (c.Key == "") {
		f.add(n, "", "ari.cert and ari.key belong together")
	}
	if c.Cert != "" && c.Listen == "" {
		f.add(at(n, "cert"), "for url, ca says whom to trust", "ari.cert is for listen")
	}
}

// checkARITwins refuses entries that could not be told apart.
func (f *configFile) checkARITwins(all []ariConfig, n *yaml.Node) {
	c := all[len(all)-1]
	for _, other := range all[:len(all)-1] {
		switch {
		case c.Listen != "" && c.Listen == other.Listen && c.Username == other.Username:
			f.add(n, "each Asterisk has a username of its own", "two entries of ari listen at %s for %s", c.Listen, c.Username)
		case c.Listen == "" && other.Listen == "" && c.URL == other.URL && c.App == other.App:
			f.add(n, "", "two entries of ari take application %s of %s", c.App, c.URL)
		}
	}
}

func orNode(n, otherwise *yaml.Node) *yaml.Node {
	if n == nil {
		return otherwise
	}
	return n
}

// trust is whom to trust when ivrd connects; nil is whom the system trusts.
func (c ariConfig) trust() (*tls.Config, error) {
	if c.CA == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("ari.ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ari.ca: %s holds no certificate in PEM form", c.CA)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// identity is what ivrd shows when Asterisk connects; nil is no TLS.
func (c ariConfig) identity() (*tls.Config, error) {
	if c.Cert == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return nil, fmt.Errorf("ari.cert and ari.key: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}, nil
}
