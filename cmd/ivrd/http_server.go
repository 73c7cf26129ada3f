package main

import (
	"context"
	"net"
	"net/http"
	"time"
)

// An httpServer is where ivrd is asked over HTTP: by Asterisk for recordings, by Prometheus for metrics. What it
// answers is added to mux.
type httpServer struct {
	url    string // as Asterisk reaches it
	mux    *http.ServeMux
	server *http.Server
	done   chan error
}

// listenHTTP listens and begins to answer.
func listenHTTP(ctx context.Context, c httpConfig) (*httpServer, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, listenError("HTTP", "http.listen", err)
	}
	s := &httpServer{url: c.URL, mux: http.NewServeMux(), done: make(chan error, 1)}
	if s.url == "" {
		s.url = "http://" + l.Addr().String()
	}
	s.server = &http.Server{Handler: s.mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { s.done <- s.server.Serve(l) }()
	return s, nil
}

func (s *httpServer) Close() error {
	err := s.server.Close()
	<-s.done
	return err
}
