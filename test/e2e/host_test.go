package e2e

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// A host is a web server that does as the test wants: answer, hold its answers back, or fail.
type host struct {
	*httptest.Server

	mu      sync.Mutex
	serve   http.HandlerFunc  // nil is well
	content map[string]string // what it has, by address; nil is an empty page everywhere
	token   string            // that it wants to see; "" is none
	release chan struct{}     // closed when answers are not held back any more
	held    int               // requests that wait for it
	gone    int               // requests whose clients went away meanwhile
	conns   map[net.Conn]bool
	news    chan struct{} // closed at the next change
}

func newHost(t *testing.T) *host {
	h := &host{conns: map[net.Conn]bool{}, news: make(chan struct{})}
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(h.answer))
	h.Config.ConnState = func(c net.Conn, state http.ConnState) {
		h.change(func() {
			switch state {
			case http.StateNew:
				h.conns[c] = true
			case http.StateClosed, http.StateHijacked:
				delete(h.conns, c)
			}
		})
	}
	h.Start()
	t.Cleanup(func() {
		h.well()
		h.Close()
	})
	return h
}

// change changes something and tells those who wait.
func (h *host) change(do func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	do()
	close(h.news)
	h.news = make(chan struct{})
}

func (h *host) answer(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	serve := h.serve
	h.mu.Unlock()
	if serve == nil {
		serve = h.page
	}
	serve(w, r)
}

func (h *host) page(w http.ResponseWriter, r *http.Request) {
	text, ok := h.content[r.URL.String()]
	switch {
	case h.token != "" && r.Header.Get("Authorization") != "Bearer "+h.token:
		w.WriteHeader(http.StatusUnauthorized)
	case h.content != nil && !ok:
		http.NotFound(w, r)
	default:
		io.WriteString(w, text)
	}
}

// hold has all requests wait until the host is well again.
func (h *host) hold() {
	h.change(func() {
		release := make(chan struct{})
		h.release, h.held, h.gone = release, 0, 0
		h.serve = func(w http.ResponseWriter, r *http.Request) {
			h.change(func() { h.held++ })
			select {
			case <-release:
				h.page(w, r)
			case <-r.Context().Done():
				h.change(func() { h.gone++ })
			}
		}
	})
}

// unavailable has it say that it cannot answer.
func (h *host) unavailable() {
	h.change(func() {
		h.serve = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	})
}

// reset has it break the connection of each request.
func (h *host) reset() {
	h.change(func() {
		h.serve = func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				panic(err)
			}
			conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		}
	})
}

// well has it answer, also those that it has held back.
func (h *host) well() {
	h.change(func() {
		if h.release != nil {
			close(h.release)
		}
		h.serve, h.release = nil, nil
	})
}

// wait waits until that is so.
func (h *host) wait(t *testing.T, what string, so func() bool) {
	t.Helper()
	for ctx := timeout(t); ; {
		h.mu.Lock()
		is, news := so(), h.news
		h.mu.Unlock()
		if is {
			return
		}
		select {
		case <-news:
		case <-ctx.Done():
			t.Fatalf("wait until %s: %d requests were held, %d of them cancelled; %d connections", what, h.held, h.gone, len(h.conns))
		}
	}
}
