package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/archive"
	"gopkg.in/yaml.v3"
)

type recordingsConfig struct {
	Dir    string   `yaml:"dir,omitempty"`    // Asterisk's folder for recordings as ivrd sees it; "" is to ask over ARI
	Expire lifetime `yaml:"expire,omitempty"` // how long they live; 0 is for ever
	Ledger string   `yaml:"ledger"`           // file with those that are to expire
}

// A lifetime is a duration that can be written in days: 30d.
type lifetime time.Duration

var errLifetime = errors.New("write it like 30m, 2h or 3d")

// Set reads days, or what time.ParseDuration reads.
func (l *lifetime) Set(text string) error {
	if text, ok := strings.CutSuffix(text, "d"); ok {
		const most = 36_500
		days, err := strconv.ParseUint(text, 10, 32)
		if err != nil || days > most {
			return errLifetime
		}
		*l = lifetime(time.Duration(days) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return errLifetime
	}
	*l = lifetime(d)
	return nil
}

// UnmarshalYAML reads what Set reads.
func (l *lifetime) UnmarshalYAML(n *yaml.Node) error { return l.Set(n.Value) }

// MarshalYAML writes what UnmarshalYAML reads.
func (l lifetime) MarshalYAML() (any, error) { return l.String(), nil }

// String and Type make it the value of a flag.
func (l lifetime) String() string { return time.Duration(l).String() }
func (l lifetime) Type() string   { return "time" }

// checkRecordings refuses to promise what nobody could do.
func (f *configFile) checkRecordings(c *config, root *yaml.Node) {
	n := at(root, "recordings", "expire")
	switch {
	case n == nil:
	case c.Recordings.Expire < 0:
		f.add(n, "leave it out to keep all", "recordings.expire cannot be negative")
	case c.Recordings.Ledger == "":
		f.add(n, "", "recordings.expire needs recordings.ledger")
	case c.Recordings.Expire > 0 && !c.libraryForAGI():
		f.add(n, `give recordings.dir, or one entry of ari for the same Asterisk; agi: { listen: "" } if all calls come over ARI`,
			"recordings.expire: nothing can delete what calls over FastAGI record")
	}
}

// libraryForAGI reports whether recordings of calls over FastAGI, if there are such calls, can be looked after: in
// the folder, or over ARI if that leads to one Asterisk only, which then is the same one.
func (c *config) libraryForAGI() bool {
	return c.AGI.Listen == "" || c.Recordings.Dir != "" || len(c.ARI) == 1
}

// A library is who looks after recordings: the folder, ARI, or calls by themselves.
type library struct {
	folder engine.Librarian // nil if there is none
	ari    []engine.Librarian
	expiry *archive.Expiry
}

// openLibrary opens what the configuration says.
func openLibrary(c recordingsConfig, ari []engine.Librarian, logger *slog.Logger) (*library, error) {
	l := &library{ari: ari}
	places := ari
	if c.Dir != "" {
		if _, err := os.Stat(c.Dir); err != nil {
			logger.Warn("the folder of recordings cannot be reached yet", "error", err, "hint", "recordings.dir in ivrd.yaml says where it is")
		}
		l.folder = archive.Folder{Dir: c.Dir}
		places = slices.Concat(places, []engine.Librarian{l.folder})
	}
	if c.Expire > 0 {
		expiry, err := archive.OpenExpiry(c.Ledger, time.Duration(c.Expire), places, logger)
		if err != nil {
			return nil, fmt.Errorf("%w; recordings.ledger in ivrd.yaml says where it is", err)
		}
		l.expiry = expiry
	}
	return l, nil
}

// serve has an engine use it.
func (l *library) serve(e *engine.Engine) {
	e.Library = l.of
	if l.expiry != nil {
		e.Expire = l.expiry.Note
	}
}

// of is who looks after the recordings of a call; nil is the call itself.
func (l *library) of(info engine.Info) engine.Librarian {
	if l.folder == nil && info.Backend == "agi" && len(l.ari) == 1 {
		return l.ari[0]
	}
	return l.folder
}

func (l *library) Close() {
	if l.expiry != nil {
		l.expiry.Close()
	}
}
