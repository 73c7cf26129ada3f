package web

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestRequest(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Total", "5")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s %s %s %s %s", r.Method, r.URL, r.Header.Get("X-A"), r.Header.Get("Content-Type"), r.Header.Get("Authorization"), body)
	})
	c := newClient(t, Config{})
	r := &Request{Method: "POST", URL: s.URL + "/a b?x=1", Query: url.Values{"y": {"2 3", "4"}}, Header: http.Header{"x-a": {"v"}},
		Body: []byte("hi"), Type: "text/plain", Bearer: "tok"}
	res := must(t, c, r)
	if want := "POST /a%20b?x=1&y=2+3&y=4 v text/plain Bearer tok hi"; res.Status != 418 || string(res.Body) != want || res.Header.Get("X-Total") != "5" {
		t.Errorf("got %d %s %v, want %s", res.Status, res.Body, res.Header, want)
	}
}

func TestService(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s", r.URL, r.Header.Get("Authorization"), r.Header.Get("X-Tenant"))
	})
	base := parse(t, s.URL+"/v1/")
	c, err := New(Config{Allow: []string{"none"}, Services: map[string]Service{
		"core":  {URL: base, Bearer: "tok", Header: http.Header{"X-Tenant": {"7"}}, Query: url.Values{"key": {"k"}}},
		"basic": {URL: base, Username: "ivr", Password: "pw"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("ivr:pw"))
	for _, tt := range []struct{ service, path, want string }{
		{"core", "/accounts?x=1", "/v1/accounts?key=k&x=1 Bearer tok 7"},
		{"core", "/a%2Fb", "/v1/a%2Fb?key=k Bearer tok 7"},
		{"core", "/accounts?key=mine", "/v1/accounts?key=k Bearer tok 7"},
		{"basic", "/x", "/v1/x " + basic + " "},
	} {
		if res := must(t, c, &Request{Service: tt.service, URL: tt.path}); string(res.Body) != tt.want {
			t.Errorf("%s: got %s, want %s", tt.path, res.Body, tt.want)
		}
	}
	for _, path := range []string{"accounts", "", "//evil.example/x", "http://evil.example/", "/../admin", "/a/../../x", "/%2e%2e/x", `/a\..\x`} {
		if _, err := c.Do(t.Context(), &Request{Service: "core", URL: path}); reason(err) != "usage" {
			t.Errorf("path %q: got %v", path, err)
		}
	}
	if _, err := c.Do(t.Context(), &Request{Service: "cor", URL: "/"}); reason(err) != "usage" || !strings.Contains(err.Error(), "basic, core") {
		t.Errorf("got %v", err)
	}
	if _, err := get(t, c, s.URL); reason(err) != Forbidden {
		t.Errorf("a service's host without the service: got %v", err)
	}
}

func TestWrongRequests(t *testing.T) {
	c := newClient(t, Config{})
	for _, tt := range []struct {
		name string
		r    Request
	}{
		{"line break in a header", Request{Header: http.Header{"X-A": {"a\r\nX-Admin: 1"}}}},
		{"line break in a header's name", Request{Header: http.Header{"X-A: 1\r\nX-B": {"a"}}}},
		{"nul", Request{Header: http.Header{"X-A": {"a\x00"}}}},
		{"line break in a token", Request{Bearer: "a\r\nX-Admin: 1"}},
		{"line break in a media type", Request{Type: "text/plain\r\nX-Admin: 1"}},
		{"host", Request{Header: http.Header{"host": {"other.example"}}}},
		{"length", Request{Header: http.Header{"Content-length": {"5"}}}},
		{"chunked", Request{Header: http.Header{"transfer-encoding": {"chunked"}}}},
		{"line break in the address", Request{URL: "http://127.0.0.1/\r\nX-Admin: 1"}},
		{"password in the address", Request{URL: "http://user:secret@127.0.0.1/"}},
		{"file", Request{URL: "file:///etc/passwd"}},
		{"no host", Request{URL: "http:///x"}},
		{"method", Request{Method: "GET /x HTTP/1.1\r\nX:"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.r.URL == "" {
				tt.r.URL = "http://127.0.0.1:1/"
			}
			if _, err := c.Do(t.Context(), &tt.r); reason(err) != "usage" || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestReasons(t *testing.T) {
	never := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			select {
			case <-never:
			case <-r.Context().Done():
			}
		case "/slow-body":
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		case "/cut":
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
		case "/big":
			_, _ = w.Write(make([]byte, 2000))
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 100_000))
			z.Close()
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		}
	})
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	c := newClient(t, Config{MaxBody: 1000, Timeout: 300 * time.Millisecond, Breaker: Breaker{Failures: -1}})
	for _, tt := range []struct {
		address string
		want    Reason
	}{
		{s.URL + "/slow?key=hush", Timeout},
		{s.URL + "/slow-body?key=hush", Timeout},
		{s.URL + "/cut?key=hush", Refused},
		{s.URL + "/big?key=hush", TooBig},
		{s.URL + "/bomb?key=hush", TooBig},
		{s.URL + "/loop?key=hush", Redirect},
		{s.URL + "/file?key=hush", Redirect},
		{s.URL + "/metadata?key=hush", Forbidden},
		{"http://" + closed.Addr().String() + "/?key=hush", Refused},
		{"http://nowhere.invalid/?key=hush", Forbidden}, // networks are listed only, and the name has no address
		{secure.URL + "/?key=hush", TLS},
		{strings.Replace(s.URL, "http:", "https:", 1) + "/?key=hush", TLS},
	} {
		_, err := get(t, c, tt.address)
		got := reason(err)
		if tt.want == Forbidden && got == Unknown {
			got = Forbidden
		}
		if got != tt.want {
			t.Errorf("%s: got %v, want %s", tt.address, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error shows the query: %v", tt.address, err)
		}
	}
}

func TestRetries(t *testing.T) {
	for _, tt := range []struct {
		name       string
		r          Request
		status     int
		retryAfter string
		tries      int32
	}{
		{"get", Request{Method: "GET"}, 503, "", 3},
		{"put", Request{Method: "PUT", Body: []byte("x")}, 503, "", 3},
		{"delete", Request{Method: "DELETE"}, 502, "", 3},
		{"too many", Request{}, 429, "0", 3},
		{"post", Request{Method: "POST", Body: []byte("x")}, 503, "", 1},
		{"patch", Request{Method: "PATCH"}, 503, "", 1},
		{"repeatable post", Request{Method: "POST", Body: []byte("x"), Repeatable: true}, 503, "", 3},
		{"not worth it", Request{}, 500, "", 1},
		{"not found", Request{}, 404, "", 1},
		{"more patience than there is", Request{Timeout: 5 * time.Second}, 503, "100", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var tries atomic.Int32
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				tries.Add(1)
				if body, _ := io.ReadAll(r.Body); string(body) != string(tt.r.Body) {
					t.Errorf("attempt %d sent %q", tries.Load(), body)
				}
				w.Header().Set("Retry-After", tt.retryAfter)
				w.WriteHeader(tt.status)
			})
			c := newClient(t, Config{Retries: 2, Breaker: Breaker{Failures: -1}})
			r := tt.r
			r.URL = s.URL
			if res := must(t, c, &r); res.Status != tt.status || tries.Load() != tt.tries {
				t.Errorf("got %d after %d attempts, want %d after %d", res.Status, tries.Load(), tt.status, tt.tries)
			}
		})
	}
}

func TestRetryAfterBrokenConnection(t *testing.T) {
	var tries atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if tries.Add(1) < 3 {
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
		}
	})
	c := newClient(t, Config{})
	two := 2
	if res := must(t, c, &Request{URL: s.URL, Retries: &two}); res.Status != 200 || tries.Load() != 3 {
		t.Errorf("got %d after %d attempts", res.Status, tries.Load())
	}
}

// A host that fails is left alone, and asked once when the pause is over.
func TestBreaker(t *testing.T) {
	var tries atomic.Int32
	var well atomic.Bool
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		tries.Add(1)
		if !well.Load() {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	other := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := newClient(t, Config{Breaker: Breaker{Failures: 3, Pause: 50 * time.Millisecond}})
	for range 3 {
		if res, err := get(t, c, s.URL); err != nil || res.Status != 500 {
			t.Fatalf("got %v, %v", res, err)
		}
	}
	if _, err := get(t, c, s.URL); reason(err) != Down || tries.Load() != 3 {
		t.Fatalf("got %v after %d attempts", err, tries.Load())
	}
	if _, err := get(t, c, other.URL); err != nil {
		t.Errorf("another host: %v", err)
	}
	well.Store(true)
	deadline := time.Now().Add(10 * time.Second)
	for {
		res, err := get(t, c, s.URL)
		if err == nil && res.Status == 200 {
			break
		}
		if reason(err) != Down || time.Now().After(deadline) {
			t.Fatalf("got %v, %v", res, err)
		}
	}
	for range 3 {
		if res, err := get(t, c, s.URL); err != nil || res.Status != 200 {
			t.Errorf("it is well again: got %v, %v", res, err)
		}
	}
}

// What is not the host's fault does not count against it.
func TestBreakerBlamesHostsOnly(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow":
			<-r.Context().Done()
		case "/big":
			_, _ = w.Write(make([]byte, 2000))
		case "/away":
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		}
	})
	c := newClient(t, Config{MaxBody: 1000, Breaker: Breaker{Failures: 1}})
	for _, path := range []string{"/big", "/away"} {
		_, _ = get(t, c, s.URL+path)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Do(ctx, &Request{URL: s.URL + "/slow"}); reason(err) != Cancelled {
		t.Errorf("got %v", err)
	}
	if _, err := get(t, c, s.URL+"/"); err != nil {
		t.Error(err)
	}
}

func TestBreakersAreBounded(t *testing.T) {
	b := breakers{settings: Breaker{Failures: 5, Pause: time.Second}}
	for i := range 3 * mostHosts {
		b.of(fmt.Sprint(i))
	}
	if len(b.byHost) > mostHosts {
		t.Errorf("%d hosts are remembered", len(b.byHost))
	}
}

func TestRedirectsAndCredentials(t *testing.T) {
	seen := make(chan http.Header, 10)
	note := func(r *http.Request) {
		h := r.Header.Clone()
		h.Set("Path", r.URL.String())
		seen <- h
	}
	other := serve(t, func(_ http.ResponseWriter, r *http.Request) { note(r) })
	var s *httptest.Server
	s = serve(t, func(w http.ResponseWriter, r *http.Request) {
		note(r)
		switch r.URL.Path {
		case "/here":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/away":
			http.Redirect(w, r, other.URL+"/x", http.StatusFound)
		case "/post":
			http.Redirect(w, r, other.URL+"/x", http.StatusTemporaryRedirect)
		}
	})
	c := newClient(t, Config{Services: map[string]Service{
		"core": {URL: parse(t, s.URL), Bearer: "tok", Header: http.Header{"X-Key": {"k"}}, Query: url.Values{"key": {"k"}}},
	}})
	r := &Request{Service: "core", URL: "/here", Header: http.Header{"Cookie": {"c"}, "X-Flow": {"f"}, "Accept": {"text/plain"}}}
	must(t, c, r)
	<-seen
	if h := <-seen; h.Get("Path") != "/there" || h.Get("Authorization") != "Bearer tok" || h.Get("X-Key") != "k" || h.Get("Cookie") != "c" {
		t.Errorf("the same host got %v", h)
	}
	r.URL = "/away"
	must(t, c, r)
	<-seen
	h := <-seen
	for _, name := range []string{"Authorization", "X-Key", "Cookie", "X-Flow", "Referer"} {
		if h.Get(name) != "" {
			t.Errorf("another host got %s: %s", name, h.Get(name))
		}
	}
	if h.Get("Path") != "/x" || h.Get("Accept") != "text/plain" {
		t.Errorf("another host got %v", h)
	}
	_, err := c.Do(t.Context(), &Request{Service: "core", Method: "POST", URL: "/post", Body: []byte("pin=1")})
	if reason(err) != Redirect {
		t.Errorf("a body was sent on: %v", err)
	}
	<-seen
	none := 0
	if res := must(t, c, &Request{Service: "core", URL: "/away", Redirects: &none}); res.Status != 302 || res.Header.Get("Location") != other.URL+"/x" {
		t.Errorf("got %d %v", res.Status, res.Header)
	}
}

func TestRedirectToPlainHTTP(t *testing.T) {
	plain := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("it was followed") })
	s := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	t.Cleanup(s.Close)
	c := newClient(t, Config{Services: map[string]Service{"core": {URL: parse(t, s.URL), CA: writePEM(t, "ca.pem", "CERTIFICATE", s.Certificate().Raw)}}})
	if _, err := c.Do(t.Context(), &Request{Service: "core", URL: "/"}); reason(err) != Redirect {
		t.Errorf("got %v", err)
	}
}

func TestProxy(t *testing.T) {
	asked := make(chan string, 1)
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.String() + " " + r.Header.Get("Proxy-Authorization")
		fmt.Fprint(w, "from afar")
	})
	own := parse(t, proxy.URL)
	own.User = url.UserPassword("ivr", "pw")
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "direct") })
	c, err := New(Config{Proxy: own, Services: map[string]Service{"near": {URL: parse(t, s.URL), Direct: true}}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	res, err := get(t, c, "http://core.example/x")
	if err != nil || string(res.Body) != "from afar" {
		t.Fatalf("got %v, %v", res, err)
	}
	if got, want := <-asked, "http://core.example/x Basic "+base64.StdEncoding.EncodeToString([]byte("ivr:pw")); got != want {
		t.Errorf("the proxy was asked for %s, want %s", got, want)
	}
	if res := must(t, c, &Request{Service: "near", URL: "/"}); string(res.Body) != "direct" {
		t.Errorf("got %s", res.Body)
	}
	if _, err := get(t, c, "http://169.254.169.254/"); reason(err) != Forbidden {
		t.Errorf("through the proxy: got %v", err)
	}
	listed, err := New(Config{Proxy: own, Allow: []string{"10.0.0.0/8", "core.example"}})
	if err != nil {
		t.Fatal(err)
	}
	defer listed.Close()
	for address, want := range map[string]Reason{"http://core.example/": "", "http://10.0.0.1/": "", "http://other.example/": Forbidden, "http://11.0.0.1/": Forbidden} {
		if _, err := get(t, listed, address); reason(err) != want {
			t.Errorf("%s through the proxy: got %v, want %q", address, err, want)
		}
		if want == "" {
			<-asked
		}
	}
	proxy.Close()
	if _, err := get(t, c, "http://core.example/y"); reason(err) != Refused || strings.Contains(err.Error(), "pw") {
		t.Errorf("without the proxy: got %v", err)
	}
}

func TestConnectionsAreReused(t *testing.T) {
	var opened atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hi") }))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c := newClient(t, Config{Connections: 4})
	for range 20 {
		must(t, c, &Request{URL: s.URL})
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for 20 requests one after the other", n)
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() { must(t, c, &Request{URL: s.URL}) })
	}
	all.Wait()
	if n := opened.Load(); n > 4 {
		t.Errorf("%d connections, 4 are allowed", n)
	}
}

func TestRate(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := newClient(t, Config{Services: map[string]Service{"core": {URL: parse(t, s.URL), Rate: 0.01, Timeout: time.Second}}})
	must(t, c, &Request{Service: "core", URL: "/"})
	if _, err := c.Do(t.Context(), &Request{Service: "core", URL: "/"}); reason(err) != Busy {
		t.Errorf("got %v", err)
	}
}

// Who does not wait any more is let go at once.
func TestCancel(t *testing.T) {
	arrived := make(chan struct{})
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	c := newClient(t, Config{})
	ctx, cancel := context.WithCancelCause(t.Context())
	var ended time.Time
	go func() {
		<-arrived
		ended = time.Now()
		cancel(errors.New("hung up"))
	}()
	_, err := c.Do(ctx, &Request{URL: s.URL})
	if took := time.Since(ended); reason(err) != Cancelled || took > 100*time.Millisecond {
		t.Errorf("got %v after %s", err, took)
	}
}
