package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// An identity is a server on this machine, and the authority that vouches for it.
type identity struct {
	ca, cert, key []byte // as PEM
	dir           string // holds ca.pem, cert.pem and key.pem
}

func newIdentity(t *testing.T) *identity {
	t.Helper()
	authority, authorityKey := certificate(t, nil, nil)
	server, serverKey := certificate(t, authority, authorityKey)
	key, err := x509.MarshalPKCS8PrivateKey(serverKey)
	if err != nil {
		t.Fatal(err)
	}
	id := &identity{
		ca:   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw}),
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Raw}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		dir:  t.TempDir(),
	}
	for name, b := range map[string][]byte{"ca.pem": id.ca, "cert.pem": id.cert, "key.pem": id.key} {
		if err := os.WriteFile(filepath.Join(id.dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

// certificate makes a certificate: an authority's, or a server's that an authority vouches for.
func certificate(t *testing.T, by *x509.Certificate, byKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "ivrd test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true,
		IsCA: by == nil, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	if by == nil {
		by, byKey = cert, key
	} else {
		cert.Subject.CommonName = "127.0.0.1"
		cert.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
		cert.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, by, key.Public(), byKey)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// path is the name of one of its files, for ivrd.yaml.
func (id *identity) path(name string) string { return filepath.Join(id.dir, name) }

// askOnce are the flows of tests in which something else matters.
var askOnce = map[string]string{"101.lua": `call:answer() call:ask { prompt = "enter", max = 1, wait = 20 } call:set("A", "1") call:play("after")`}

var askPrompts = map[string]time.Duration{"enter": 300 * time.Millisecond, "after": 300 * time.Millisecond}

// TestARITLS has either side open an encrypted websocket, and refuse one whose other end nobody vouches for.
func TestARITLS(t *testing.T) {
	t.Parallel()
	id := newIdentity(t)
	trusting := func(ca []byte) map[string]string { return map[string]string{"ca.pem": string(ca)} }

	t.Run("ivrd connects", func(t *testing.T) {
		t.Parallel()
		s := plan{Flows: askOnce, Prompts: askPrompts, ARI: true, Via: viaARI{TLS: id, Keys: "ca: " + id.path("ca.pem")}}.start(t)
		s.callAndFinish(t, "1")
		s.outage(t, 100*time.Millisecond)
		s.callAndFinish(t, "2")
	})
	t.Run("ivrd trusts another authority", func(t *testing.T) {
		t.Parallel()
		other := newIdentity(t)
		s := plan{Flows: askOnce, Prompts: askPrompts, ARI: true, Via: viaARI{TLS: id, Keys: "ca: " + other.path("ca.pem"), Refused: true}}.start(t)
		s.waitLog(t, 0, `"level":"ERROR"`, "no connection to Asterisk", "certificate signed by unknown authority", "ari.ca in ivrd.yaml")
		wantHeard(t, s.dial(t, "101", "1"), "dialplan-sorry")
		s.wantEnd(t, "1", "FAILED")
		s.wantOneError(t)
	})
	t.Run("Asterisk connects", func(t *testing.T) {
		t.Parallel()
		keys := "cert: " + id.path("cert.pem") + ", key: " + id.path("key.pem")
		s := plan{Flows: askOnce, Prompts: askPrompts, ARI: true, Via: viaARI{
			TLS: id, Keys: keys, Outbound: []string{"ivrd"}, Config: trusting(id.ca),
		}}.start(t)
		s.callAndFinish(t, "1")
		s.outage(t, 100*time.Millisecond)
		s.callAndFinish(t, "2")
	})
	t.Run("Asterisk trusts another authority", func(t *testing.T) {
		t.Parallel()
		keys := "cert: " + id.path("cert.pem") + ", key: " + id.path("key.pem")
		s := plan{Flows: askOnce, Prompts: askPrompts, ARI: true, Via: viaARI{
			TLS: id, Keys: keys, Outbound: []string{"ivrd"}, Config: trusting(newIdentity(t).ca), Refused: true,
		}}.start(t)
		s.waitLog(t, 0, `"level":"ERROR"`, "a websocket from Asterisk was refused", "does not trust ari.cert", "websocket_client.conf")
		s.wantOneError(t)
	})
}

// wantOneError wants no more than one line that is an error, though the other side tries again and again.
func (s *site) wantOneError(t *testing.T) {
	t.Helper()
	pass(1500 * time.Millisecond)
	if n := s.log.count(`"level":"ERROR"`) + s.log.count(`"level":"WARN"`); n != 1 {
		t.Errorf("there are %d lines of trouble, want one:\n%s", n, s.log.tail(20))
	}
	for _, line := range s.log.since(0) {
		if !strings.HasPrefix(line, "{") {
			t.Errorf("a line of another kind: %s", line)
		}
	}
}

// TestARIPassword has ivrd give the wrong password, until Asterisk takes it.
func TestARIPassword(t *testing.T) {
	t.Parallel()
	s := plan{Flows: askOnce, Prompts: askPrompts, ARI: true, Via: viaARI{Password: "wrong", Refused: true}}.start(t)
	s.waitLog(t, 0, `"level":"ERROR"`, "no connection to Asterisk", "password", "ari.conf")
	s.wantOneError(t)
	s.configure(t, "ari.conf", asterisk.Secret, "wrong", "res_ari.so")
	s.waitLog(t, 0, "connected to Asterisk")
	s.callAndFinish(t, "1")
}

// configure changes a configuration file of Asterisk's and has a module read it.
func (s *site) configure(t *testing.T, file, from, to, module string) {
	t.Helper()
	path := filepath.Join(s.lab.Path(s.lab.Dir()), "etc", file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.ReplaceAll(string(text), from, to)
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil || changed == string(text) {
		t.Fatalf("%s: %v; it has no %q", file, err, from)
	}
	if out, err := s.lab.CLI("module reload " + module); err != nil {
		t.Fatalf("%s, %v", out, err)
	}
}

// TestARIOutboundRefused has Asterisk connect with the wrong password, and then for another application, until
// both are put right.
func TestARIOutboundRefused(t *testing.T) {
	t.Parallel()
	s := plan{Flows: askOnce, Prompts: askPrompts, ARI: true, Via: viaARI{Outbound: []string{"other"}, Password: "of-ivrd", Refused: true}}.start(t)
	s.waitLog(t, 0, `"level":"ERROR"`, "a websocket from Asterisk was refused", "user name", "password", "websocket_client.conf")
	s.wantOneError(t)
	s.configure(t, "websocket_client.conf", asterisk.Secret, "of-ivrd", "res_websocket_client.so")
	s.configure(t, "ari.conf", "websocket_write_timeout = 1000", "websocket_write_timeout = 2000", "res_ari.so")
	s.waitLog(t, 0, `"level":"ERROR"`, "a websocket from Asterisk was refused", "its application is other", "ari.conf")
	from := s.log.mark()
	pass(1500 * time.Millisecond)
	if line, ok := s.log.find(from, "refused"); ok {
		t.Errorf("it is told again: %s", line)
	}
	s.configure(t, "ari.conf", "apps = other", "apps = ivrd", "res_ari.so")
	s.waitLog(t, from, "connected to Asterisk")
	s.callAndFinish(t, "1")
}
