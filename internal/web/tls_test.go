package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func writePEM(t *testing.T, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// newIdentity makes a certificate that signs itself.
func newIdentity(t *testing.T, name string) (cert *x509.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return cert, writePEM(t, "cert.pem", "CERTIFICATE", der), writePEM(t, "key.pem", "PRIVATE KEY", private)
}

func TestClientCertificate(t *testing.T) {
	cert, certFile, keyFile := newIdentity(t, "ivrd")
	other := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, len(r.TLS.PeerCertificates))
	}))
	other.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	other.StartTLS()
	t.Cleanup(other.Close)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, other.URL, http.StatusFound)
			return
		}
		fmt.Fprint(w, r.TLS.PeerCertificates[0].Subject.CommonName, " ", r.Proto)
	}))
	clients := x509.NewCertPool()
	clients.AddCert(cert)
	// With TLS 1.3 a client learns only after the handshake that its certificate is missing.
	s.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, MaxVersion: tls.VersionTLS12}
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	ca := writePEM(t, "ca.pem", "CERTIFICATE", s.Certificate().Raw)
	base := parse(t, s.URL)
	c := newClient(t, Config{Services: map[string]Service{
		"with":    {URL: base, Cert: certFile, Key: keyFile, CA: ca},
		"without": {URL: base, CA: ca},
	}})
	if res := must(t, c, &Request{Service: "with", URL: "/"}); string(res.Body) != "ivrd HTTP/2.0" {
		t.Errorf("got %s", res.Body)
	}
	if _, err := c.Do(t.Context(), &Request{Service: "without", URL: "/"}); reason(err) != TLS {
		t.Errorf("without a certificate: got %v", err)
	}
	c.plain.transport.TLSClientConfig = c.services["without"].transport.TLSClientConfig.Clone() // trusts the other server, which has the same certificate
	if res := must(t, c, &Request{Service: "with", URL: "/away"}); string(res.Body) != "0" {
		t.Errorf("another host saw %s certificates", res.Body)
	}
}

func TestWrongCertificateFiles(t *testing.T) {
	base := parse(t, "https://core.example")
	for _, s := range []Service{{URL: base, CA: "/nowhere.pem"}, {URL: base, Cert: "/nowhere.pem", Key: "/nowhere.key"},
		{URL: base, CA: writePEM(t, "x.pem", "NOTHING", []byte("x"))}} {
		if _, err := New(Config{Services: map[string]Service{"core": s}}); err == nil {
			t.Errorf("%+v was taken", s)
		} else if got := err.Error(); got[:14] != "services.core." {
			t.Errorf("got %v", err)
		}
	}
}
