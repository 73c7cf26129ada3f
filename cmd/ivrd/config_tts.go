package main

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/ivrd/ivrd/engine/sound"
	"github.com/ivrd/ivrd/engine/tts"
	"github.com/ivrd/ivrd/internal/yamldoc"
	"gopkg.in/yaml.v3"
)

// checkPrompts refuses what can be no language and no pattern.
func (f *configFile) checkPrompts(c promptsConfig, root *yaml.Node) {
	if n := at(root, "prompts", "language"); n != nil && !isLanguage(c.Language) {
		f.add(n, "write it like en or pt_BR", "prompts.language: %q is no language", c.Language)
	}
	for i, pattern := range c.Sounds {
		if _, err := path.Match(pattern, ""); err != nil {
			f.add(at(root, "prompts", "sounds").Content[i], "write it like acme/*", "prompts.sounds: %q is no pattern", pattern)
		}
	}
}

// isLanguage reports whether a text looks like Asterisk's code of a language.
func isLanguage(code string) bool {
	return len(code) > 1 && strings.Trim(strings.ToLower(code), "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// checkTTS refuses what is no engine, or two.
func (f *configFile) checkTTS(c ttsConfig, root *yaml.Node) {
	n := at(root, "tts")
	if n == nil || yamldoc.IsNull(n) {
		return
	}
	const hint = `write it like command: [espeak-ng, -v, "{voice}", --stdin, --stdout]`
	given := func(key string) *yaml.Node { return at(n, key) }
	switch {
	case len(c.Command) == 0 && c.URL == "":
		f.add(n, hint, "tts needs a command or a url")
	case len(c.Command) > 0 && c.URL != "":
		f.add(given("url"), "leave one of them out", "tts has a command and a url")
	case len(c.Command) > 0 && c.Command[0] == "":
		f.add(given("command"), hint, "tts.command has no program")
	}
	if u, err := url.Parse(c.URL); c.URL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		f.add(given("url"), `write it like "https://tts.example/speak"`, "tts.url is no address of a service")
	}
	if c.URL == "" {
		for _, key := range []string{"headers", "body", "answer"} {
			if of := given(key); of != nil && len(c.Command) > 0 {
				f.add(of, "a command gets the text on its standard input, or where {text} stands", "tts.%s is for a url", key)
			}
		}
	}
	if voices := given("voices"); voices != nil {
		for i := 0; i+1 < len(voices.Content); i += 2 {
			if key := voices.Content[i]; !isLanguage(key.Value) {
				f.add(key, "write it like en or pt_BR", "tts.voices: %q is no language", key.Value)
			}
		}
	}
	if c.Jobs < 0 || c.Jobs > 64 {
		f.add(given("jobs"), "leave it out for 2", "tts.jobs must be from 1 to 64")
	}
	if c.Timeout < 0 {
		f.add(given("timeout"), "leave it out for 10s", "tts.timeout cannot be negative")
	}
}

func (c ttsConfig) on() bool { return len(c.Command) > 0 || c.URL != "" }

// beside makes the path of a program be what the configuration file at path means.
func (c *ttsConfig) beside(path string) {
	if len(c.Command) > 0 && strings.ContainsRune(c.Command[0], filepath.Separator) {
		c.Command[0] = beside(path, c.Command[0])
	}
}

// speaker is the engine without a place to keep anything.
func (c ttsConfig) speaker() *tts.Speaker {
	s := &tts.Speaker{Voices: c.Voices, Jobs: c.Jobs, Timeout: c.Timeout, Maker: tts.Command(c.Command)}
	if c.URL != "" {
		s.Maker = &tts.Service{URL: c.URL, Headers: c.Headers, Body: c.Body, Answer: c.Answer}
	}
	return s
}

// findProgram says at the start what every text would say.
func (c ttsConfig) findProgram() error {
	if len(c.Command) == 0 {
		return nil
	}
	if _, err := exec.LookPath(c.Command[0]); err != nil {
		return fmt.Errorf("tts.command: %w", err)
	}
	return nil
}

// mostKept is how much is kept of recordings and of texts, in bytes each.
const mostKept = 2 << 30

func keep(dir, what string) *sound.Store {
	return &sound.Store{Dir: filepath.Join(dir, what), Most: mostKept}
}

// cacheFolder is the folder of what was converted and spoken.
func (c promptsConfig) cacheFolder() (string, error) {
	if c.Cache != "" {
		return c.Cache, nil
	}
	usual, err := os.UserCacheDir()
	return filepath.Join(usual, "ivrd"), err
}
