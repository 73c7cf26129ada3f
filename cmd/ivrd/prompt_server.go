package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/ivrd/ivrd/engine/sound"
)

// A promptServer hands the recordings beside the flows to Asterisk, under addresses that hold the hash of
// their content, and nothing else. It has every content that was ever served, so that a recording can be
// replaced under a call that has yet to hear it.
type promptServer struct {
	url    string                      // of the server it is part of
	spool  string                      // folder of recordings, each named by its hash
	spoken atomic.Pointer[sound.Store] // of texts; nil if nobody speaks
}

// servePrompts has s answer for recordings.
func servePrompts(s *httpServer) (*promptServer, error) {
	spool, err := os.MkdirTemp("", "ivrd-prompts-")
	if err != nil {
		return nil, fmt.Errorf("folder for recordings: %w", err)
	}
	p := &promptServer{url: s.url, spool: spool}
	s.mux.HandleFunc("GET /prompts/{hash}/{file...}", p.prompt)
	s.mux.HandleFunc("GET /speech/{key}/{file}", p.speech)
	return p, nil
}

// media is the address of a prompt file. It must not be short: Asterisk 22 cuts the path of its cached
// copy to the length of the address.
func (p *promptServer) media(file, hash string) string {
	name, _ := sound.IsName(file) // what was converted has another ending
	return p.url + "/prompts/" + hash + "/" + name + ".wav"
}

// speechMedia is the address of a text that was spoken.
func (p *promptServer) speechMedia(f sound.File) string {
	return p.url + "/speech/" + f.Key + "/text.wav"
}

// prompt answers with the recording of a hash. The file's name in the address is for people.
func (p *promptServer) prompt(w http.ResponseWriter, r *http.Request) {
	hash := r.PathValue("hash")
	p.answer(w, r, hash, filepath.Join(p.spool, hash+".wav"))
}

// speech answers with a text that was spoken. The same key is always the same text, in the same voice.
func (p *promptServer) speech(w http.ResponseWriter, r *http.Request) {
	spoken, key := p.spoken.Load(), r.PathValue("key")
	if spoken == nil {
		http.NotFound(w, r)
		return
	}
	p.answer(w, r, key, spoken.Path(key))
}

var hexadecimal = regexp.MustCompile(`^[0-9a-f]{8,64}$`) // and so no path out of the folder

func (p *promptServer) answer(w http.ResponseWriter, r *http.Request, hash, path string) {
	if !hexadecimal.MatchString(hash) {
		http.NotFound(w, r)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	w.Header().Set("ETag", strconv.Quote(hash))
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("Content-Type", "audio/wav")
	http.ServeContent(w, r, "", time.Time{}, f)
}

// Close removes the folder.
func (p *promptServer) Close() error { return os.RemoveAll(p.spool) }
