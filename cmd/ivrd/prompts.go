package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// A promptServer hands the recordings beside the flows to Asterisk, under addresses that hold the hash of
// their content, and nothing else. It has every content that was ever served, so that a recording can be
// replaced under a call that has yet to hear it.
type promptServer struct {
	url      string
	spool    string // folder of recordings, each named by its hash
	listener net.Listener
	server   *http.Server
	done     chan error
}

// servePrompts listens and begins to answer.
func servePrompts(ctx context.Context, c httpConfig) (*promptServer, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, listenError("prompts", "http.listen", err)
	}
	spool, err := os.MkdirTemp("", "ivrd-prompts-")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("folder for recordings: %w", err), l.Close())
	}
	p := &promptServer{url: c.URL, spool: spool, listener: l, done: make(chan error, 1)}
	if p.url == "" {
		p.url = "http://" + l.Addr().String()
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /prompts/{hash}/{file...}", p.prompt)
	p.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { p.done <- p.server.Serve(l) }()
	return p, nil
}

// media is the address of a prompt file. It must not be short: Asterisk 22 cuts the path of its cached
// copy to the length of the address.
func (p *promptServer) media(file, hash string) string {
	return p.url + "/prompts/" + hash + "/" + file
}

// prompt answers with the recording of a hash. The file's name in the address is for people.
func (p *promptServer) prompt(w http.ResponseWriter, r *http.Request) {
	hash := r.PathValue("hash")
	if _, err := strconv.ParseUint(hash, 16, 64); err != nil { // and so no path out of the folder
		http.NotFound(w, r)
		return
	}
	w.Header().Set("ETag", strconv.Quote(hash))
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeFile(w, r, filepath.Join(p.spool, hash+".wav"))
}

func (p *promptServer) Close() error {
	err := p.server.Close()
	<-p.done
	return errors.Join(err, os.RemoveAll(p.spool))
}
