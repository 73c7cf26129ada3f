package redis

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// A Config is one server.
type Config struct {
	Name        string
	URL         string        // redis://…, rediss://… with TLS, or unix:///…
	Connections int           // at once, at most; 0 means 10
	Timeout     time.Duration // longest a command may take, the wait for a connection included; 0 means 5 s
	Wait        time.Duration // longest wait for a connection when all are busy; 0 means 1 s
	Connect     time.Duration // longest a connection may take to come about; 0 means 3 s
}

func (c Config) filled() Config {
	c.Connections = cmp.Or(c.Connections, 10)
	c.Timeout = cmp.Or(c.Timeout, 5*time.Second)
	c.Wait = cmp.Or(c.Wait, time.Second)
	c.Connect = cmp.Or(c.Connect, 3*time.Second)
	return c
}

// errAddress says how an address is written.
var errAddress = errors.New(`write it like "redis://user:password@host:6379/0", "rediss://…" with TLS or "unix:///run/redis/redis.sock"`)

// IsURL reports whether an address is one of a server, as far as its scheme says.
func IsURL(address string) bool {
	scheme, _, _ := strings.Cut(address, ":")
	return scheme == "redis" || scheme == "rediss" || scheme == "unix"
}

// CheckURL says what is wrong with the address of a server.
func CheckURL(address string) error {
	_, err := options(address)
	return err
}

// What an address may say behind its ?.
const (
	optionDB     = "db"
	optionName   = "client_name"
	optionCA     = "ca"
	optionVerify = "skip_verify"
)

// options are those of the library for an address. How long things take and how many there are is ours to say.
func options(address string) (*redis.Options, error) {
	if !IsURL(address) {
		return nil, errAddress
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, withoutURL(err)
	}
	query := u.Query()
	for name := range query {
		switch name {
		case optionDB, optionName, optionCA, optionVerify:
		default:
			return nil, fmt.Errorf("there is no option %s; an address has %s, %s, %s and %s; connections, timeout, wait and connect stand beside it", name, optionDB, optionName, optionCA, optionVerify)
		}
	}
	ca := query.Get(optionCA)
	query.Del(optionCA)
	u.RawQuery = query.Encode()
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(withoutURL(err).Error(), "redis: "))
	}
	if err := trust(o.TLSConfig, ca); err != nil {
		return nil, err
	}
	o.Protocol = 3
	o.PoolSize, o.PipelinePoolSize, o.DialerRetries = 1, -1, 1
	o.MaxRetries = -1                                                    // a command that may have been done is not done again
	o.ReadTimeout, o.WriteTimeout = -2, -2                               // the connection is closed when the time is up
	o.ConnMaxIdleTime, o.ConnMaxLifetime = 5*time.Minute, 30*time.Minute // servers and what lies between hang up on older ones
	o.DisableIdentity = true
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return o, nil
}

// trust has a connection trust the certificates in a file, instead of the system's.
func trust(c *tls.Config, file string) error {
	switch {
	case file == "":
		return nil
	case c == nil:
		return fmt.Errorf("%s is for rediss://", optionCA)
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("%s has no certificates", file)
	}
	return nil
}

// withoutURL keeps an address, which may hold a password, out of a message.
func withoutURL(err error) error {
	if bad, ok := errors.AsType[*url.Error](err); ok {
		return bad.Err
	}
	return err
}
