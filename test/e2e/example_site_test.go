package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/database"
	"github.com/ivrd/ivrd/test/asterisk"
)

// An example is one of examples/ as it stands there: flows, configuration, migrations and dialplan. What it connects
// to elsewhere is the test's.
type example struct {
	name      string
	languages []string          // that callers hear
	config    map[string]string // what ivrd.yaml says, and what it says here
	flows     map[string]string // files in place of its own, and more
	env       []string
	phones    []string // that can be called; each is the one member of the queue of its name
	also      []string // what is heard besides all that transcripts have, such as "pt_BR date:2026-11-30:long"
}

func (e example) start(t *testing.T, overARI bool) *site {
	t.Helper()
	tones := new(asterisk.Tones)
	flows := exampleFlows(t, e.name, tones, e.languages...)
	for _, line := range e.also {
		language, words, _ := strings.Cut(line, " ")
		for _, r := range recordingsIn(t, language, words) {
			flows["prompts/"+r.language+"/"+r.name+".wav"] = string(tones.Prompt(r.String(), r.length))
		}
	}
	for file, text := range e.flows {
		flows[file] = text
	}
	var queues strings.Builder
	for _, name := range e.phones {
		fmt.Fprintf(&queues, "[%s]\nmember => PJSIP/%s\n", name, name)
	}
	s := plan{
		ARI: overARI, Config: quietly + e.configuration(t), Flows: flows, Tones: tones, Phones: e.phones, Env: e.env,
		Dialplan: e.dialplan(t, overARI), Via: viaARI{Config: map[string]string{"queues.conf": queues.String()}},
	}.start(t)
	symlink(t, s.recordingsDir(), filepath.Join(s.dir, "recordings"))
	return s
}

func (e example) path(file string) string { return filepath.Join("../../examples", e.name, file) }

func (e example) read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(e.path(file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	ownFlows = regexp.MustCompile(`(?m)^flows: .*\n`)
	ownARI   = regexp.MustCompile(`(?m)^ari:\n(?:  .*\n)+`)
)

// configuration is that of the example but for the addresses.
func (e example) configuration(t *testing.T) string {
	t.Helper()
	text := e.read(t, "ivrd.yaml")
	for _, part := range []*regexp.Regexp{ownFlows, ownARI} {
		if !part.MatchString(text) {
			t.Fatalf("ivrd.yaml has nothing like %s", part)
		}
		text = part.ReplaceAllString(text, "")
	}
	for old, here := range e.config {
		if !strings.Contains(text, old) {
			t.Fatalf("ivrd.yaml has no %q", old)
		}
		text = strings.ReplaceAll(text, old, here)
	}
	migrations, err := filepath.Abs(e.path("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	text = strings.ReplaceAll(text, "migrations: ./migrations\n", "")
	if _, err := os.Stat(migrations); err == nil {
		text += fmt.Sprintf("migrations: %q\n", migrations)
	}
	return text
}

// dialplan is that of the example: what it has for phones is for callers here. For FastAGI it is what its README says.
func (e example) dialplan(t *testing.T, overARI bool) string {
	t.Helper()
	text := e.read(t, "extensions.conf")
	if !overARI {
		text = strings.ReplaceAll(text, "Stasis(ivrd)", "AGI(agi://ADDRESS)")
	}
	return "include => from-phones\n\n" + text + "\n"
}

// recordingsIn are those of several prompts as transcripts write them.
func recordingsIn(t *testing.T, language, words string) (all []recording) {
	t.Helper()
	for _, word := range strings.Fields(words) {
		all = append(all, recordingsOf(t, word, language)...)
	}
	return all
}

// hearAll hears prompts as transcripts write them, one after the other.
func hearAll(t *testing.T, p *asterisk.Phone, language, words string) {
	t.Helper()
	for _, r := range recordingsIn(t, language, words) {
		hear(t, p, r.String())
	}
}

// enters is hearAll, and presses keys while the last prompt is heard.
func enters(t *testing.T, p *asterisk.Phone, language, words, keys string) {
	t.Helper()
	hearAll(t, p, language, words)
	press(t, p, keys)
}

// rows are what a database of the test's has.
func rows(t *testing.T, url, sql string) string {
	t.Helper()
	pools, err := database.Open([]database.Config{{Name: engine.MainDatabase, URL: url}})
	if err != nil {
		t.Fatal(err)
	}
	defer pools.Close()
	rows, err := pools.Query(t.Context(), engine.MainDatabase, sql, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// wantRows waits until the database has that: what a call leaves is written when it is over.
func wantRows(t *testing.T, url, sql, want string) {
	t.Helper()
	for ctx := timeout(t); ; {
		got := rows(t, url, sql)
		if got == want {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%s: got %s, want %s", sql, got, want)
		}
	}
}

// caller is a phone whose keys are as people press them.
func (s *site) caller(t *testing.T, exten, from string) *asterisk.Phone {
	t.Helper()
	p, err := s.lab.Dial(t.Context(), exten, asterisk.Call{From: from, Tone: humanTone, Gap: humanTone})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// takes has a phone that rings answer and speak with a caller, and hang up.
func (s *site) takes(t *testing.T, p, caller *asterisk.Phone) {
	t.Helper()
	if err := p.Answer(); err != nil {
		t.Fatal(err)
	}
	speaksTo(t, p, caller, "hello")
	speaksTo(t, caller, p, "good-day")
	p.HangUp()
	if _, err := caller.WaitEnded(timeout(t)); err != nil {
		t.Error(err)
	}
}

// wantQuiet wants no channels to be left.
func (s *site) wantQuiet(t *testing.T) {
	t.Helper()
	if err := s.lab.WaitNoChannels(timeout(t)); err != nil {
		t.Error(err)
	}
	if line, ok := s.log.find(0, "flow ended early"); ok {
		t.Errorf("a flow failed: %s", line)
	}
}
