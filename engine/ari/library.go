package ari

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

var (
	_ engine.Librarian = (*channel)(nil)
	_ engine.Librarian = (*Server)(nil)
	_ engine.Lacker    = (*channel)(nil)
)

// lacks are what is not possible, and why.
var lacks = map[engine.Detail]string{
	engine.RecordingSizes: "ARI tells no times, lengths and sizes of recordings; recordings.dir in ivrd.yaml makes them known",
}

// Lacks are the details of what calls over ARI can do that they cannot.
func (c *channel) Lacks() map[engine.Detail]string { return lacks }

// Place is that of the call's Asterisk.
func (c *channel) Place() string { return c.server.Place() }

// Place is the address of Asterisk, or the name by which it logs in.
func (s *Server) Place() string {
	if s.Inbound || s.URL == "" {
		return "ari " + s.Username
	}
	return "ari " + s.URL
}

// Recordings looks after those of the call's Asterisk. It works when the call is over, too.
func (c *channel) Recordings(ctx context.Context, r engine.RecordingsRequest) ([]engine.StoredRecording, error) {
	return c.server.recordings(ctx, r, c.dead)
}

// Recordings looks after all that are in Asterisk's folder for recordings. Of those there is nothing known but name
// and format, and so the order is that of their names, last first. Without a connection it waits for one.
func (s *Server) Recordings(ctx context.Context, r engine.RecordingsRequest) ([]engine.StoredRecording, error) {
	return s.recordings(ctx, r, nil)
}

func (s *Server) recordings(ctx context.Context, r engine.RecordingsRequest, givenUp <-chan struct{}) ([]engine.StoredRecording, error) {
	if r.Do == engine.RecordingsList {
		return s.listRecordings(ctx, r.Name, givenUp)
	}
	found, err := s.storedRecording(ctx, r.Name, givenUp)
	if err != nil || found == nil || r.Format != "" && r.Format != found.Format {
		return nil, err
	}
	if r.Do == engine.RecordingsDelete {
		_, err := s.do(ctx, remove(pathOf("recordings", "stored", r.Name)), givenUp)
		if isStatus(err, 404) { // somebody else was faster
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return []engine.StoredRecording{*found}, nil
}

// A storedInfo is a recording that is over, as Asterisk describes it. Its format is the file's extension.
type storedInfo struct {
	Name   string `json:"name"`
	Format string `json:"format"`
}

func (i storedInfo) recording() engine.StoredRecording {
	r := engine.StoredRecording{Name: i.Name, Format: i.Format}
	for _, f := range engine.RecordingFormats {
		if f.Extension == i.Format {
			r.Format = f.Name
		}
	}
	return r
}

// storedRecording is that of a name; nil if there is none.
func (s *Server) storedRecording(ctx context.Context, name string, givenUp <-chan struct{}) (*engine.StoredRecording, error) {
	q := get(pathOf("recordings", "stored", name))
	answer, err := s.do(ctx, q, givenUp)
	if isStatus(err, 404) {
		return nil, nil
	}
	var info storedInfo
	if err == nil {
		err = answer.decode(q, &info)
	}
	if err != nil {
		return nil, err
	}
	found := info.recording()
	return &found, nil
}

func (s *Server) listRecordings(ctx context.Context, prefix string, givenUp <-chan struct{}) ([]engine.StoredRecording, error) {
	q := get(pathOf("recordings", "stored"))
	answer, err := s.do(ctx, q, givenUp)
	var all []storedInfo
	if err == nil {
		err = answer.decode(q, &all)
	}
	if err != nil {
		return nil, err
	}
	var found []engine.StoredRecording
	for _, info := range all {
		if strings.HasPrefix(info.Name, prefix) && engine.CheckRecordingName(info.Name) == nil {
			found = append(found, info.recording())
		}
	}
	slices.SortFunc(found, func(a, b engine.StoredRecording) int { return cmp.Compare(b.Name, a.Name) })
	return found, nil
}
