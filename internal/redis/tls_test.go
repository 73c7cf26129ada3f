package redis

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/redisserver"
)

// certificate is one for 127.0.0.1 that vouches for itself.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(t.TempDir(), "ca.pem"), filepath.Join(t.TempDir(), "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

// Over TLS the system does not tell that the server has closed a connection: one at rest is asked first.
func TestTLS(t *testing.T) {
	cert, key := certificate(t)
	programs, err := redisserver.Programs()
	if err != nil {
		t.Fatal(err)
	}
	server, err := redisserver.RunTLS(programs[0], cert, key)
	stopped(t, server, err)
	s := opened(t, Config{Name: "x", URL: server.URL + "?ca=" + cert})
	must(t, s, "SET", "a", "1")
	server.Kill()
	if err := server.Again(); err != nil {
		t.Fatal(err)
	}
	for _, l := range s.byName["x"].idle {
		l.used = l.used.Add(-time.Minute)
	}
	if got := must(t, s, "GET", "a"); got != "null" {
		t.Errorf("after a restart: got %s", got)
	}
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	ends(t, 200*time.Millisecond, "no answer within 200ms", func() error {
		_, err := s.Call(context.Background(), "x", []string{"GET", "a"}, 200*time.Millisecond)
		return err
	})
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	ends(t, 0, "certificate signed by unknown authority", asking(opened(t, Config{Name: "x", URL: server.URL}), "PING"))
	if got := must(t, opened(t, Config{Name: "x", URL: server.URL + "?skip_verify=true"}), "GET", "a"); got != "null" {
		t.Errorf("unverified: got %s", got)
	}
	ends(t, 0, "redis x: ", asking(opened(t, Config{Name: "x", URL: strings.Replace(server.URL, "rediss", "redis", 1)}), "PING"))
}
