package main

import (
	"context"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/ivrd/ivrd/engine/flow"
)

// A promptServer hands the recordings beside the flows to Asterisk, under addresses that hold the hash of
// their content, and nothing else.
type promptServer struct {
	url      string
	listener net.Listener
	server   *http.Server
	done     chan error
}

func listenPrompts(ctx context.Context, c httpConfig) (*promptServer, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, err
	}
	url := c.URL
	if url == "" {
		url = "http://" + l.Addr().String()
	}
	return &promptServer{url: url, listener: l}, nil
}

// media is the address of a prompt file. It must not be short: Asterisk 22 cuts the path of its cached
// copy to the length of the address.
func (p *promptServer) media(file, hash string) string {
	return p.url + "/prompts/" + hash + "/" + file
}

// serve begins to answer.
func (p *promptServer) serve(current func() *flow.Set, files fs.FS) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /prompts/{hash}/{file...}", func(w http.ResponseWriter, r *http.Request) {
		servePrompt(w, r, current(), files)
	})
	p.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	p.done = make(chan error, 1)
	go func() { p.done <- p.server.Serve(p.listener) }()
}

func (p *promptServer) Close() error {
	if p.server == nil {
		return p.listener.Close()
	}
	err := p.server.Close()
	<-p.done
	return err
}

// servePrompt answers with a recording that the set knows, and with nothing else.
func servePrompt(w http.ResponseWriter, r *http.Request, set *flow.Set, files fs.FS) {
	hash, file := r.PathValue("hash"), r.PathValue("file")
	for _, p := range set.Prompts() {
		if p.Hash == hash && p.File == file {
			w.Header().Set("ETag", strconv.Quote(hash))
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			http.ServeFileFS(w, r, files, file)
			return
		}
	}
	http.NotFound(w, r)
}
