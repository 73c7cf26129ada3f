package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/spell"
	"gopkg.in/yaml.v3"
)

// A secretConfig is where a secret is. It never stands in the configuration itself.
type secretConfig struct {
	Env  string `yaml:"env,omitempty"`  // a variable of the environment …
	File string `yaml:"file,omitempty"` // … or a file that has nothing else in it
}

// read gives the secret. The line breaks behind it in a file are not part of it.
func (c secretConfig) read() (string, error) {
	var value string
	if c.Env != "" {
		var ok bool
		if value, ok = os.LookupEnv(c.Env); !ok {
			return "", fmt.Errorf("the environment has no %s", c.Env)
		}
	} else {
		text, err := os.ReadFile(c.File)
		if err != nil {
			return "", err
		}
		value = strings.TrimRight(string(text), "\r\n")
	}
	if len(value) < engine.ShortestSecret {
		return "", fmt.Errorf("%s has fewer than %d bytes, too few to be told from other texts on record; choose a longer one", cmp.Or(c.Env, c.File), engine.ShortestSecret)
	}
	return value, nil
}

// checkSecrets judges the secrets, which stand at n.
func (f *configFile) checkSecrets(all map[string]secretConfig, n *yaml.Node) {
	const hint = "write { env: NAME } for the environment, or { file: PATH }"
	for name, c := range all {
		where := at(n, name)
		if !plainName.MatchString(name) {
			f.add(where, "use small letters, such as crm_key", "secrets: %q cannot be the name of a secret", name)
		}
		switch {
		case c.Env == "" && c.File == "":
			f.add(where, hint, "secrets.%s says nothing of where it is", name)
		case c.Env != "" && c.File != "":
			f.add(where, hint, "secrets.%s cannot be in two places", name)
		}
	}
}

// secrets are those of the configuration. Those in files are read each time, so that they can be replaced.
type secrets struct {
	places map[string]secretConfig
	log    *slog.Logger

	mu    sync.Mutex
	known map[string]string // as read last
}

func (c config) secrets(log *slog.Logger) *secrets {
	return &secrets{places: c.Secrets, log: log, known: map[string]string{}}
}

// check reads each once, and tells of all that cannot be read.
func (s *secrets) check() error {
	var faults []error
	for _, name := range sortedNames(s.places) {
		if _, err := s.get(name); err != nil {
			faults = append(faults, err)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return usageError{err}
	}
	return nil
}

// get gives a secret. What cannot be read any more is as it was.
func (s *secrets) get(name string) (string, error) {
	place, ok := s.places[name]
	if !ok {
		return "", noSecret(name, slices.Collect(maps.Keys(s.places)))
	}
	value, err := place.read()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.known[name] = value
		return value, nil
	}
	before, ok := s.known[name]
	if !ok {
		return "", fmt.Errorf("secrets.%s: %w", name, err)
	}
	s.log.Warn("a secret cannot be read any more; it stays as it was", "secret", name, "error", err)
	return before, nil
}

// noSecret says that none is called like that.
func noSecret(name string, known []string) error {
	return fmt.Errorf("there is no secret %s%s", name, cmp.Or(spell.Suffix(name, known), "; secrets in ivrd.yaml is the place for it"))
}
