package main

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
)

func TestSecretsConfig(t *testing.T) {
	for text, want := range map[string]string{
		"{ key: { env: CRM_KEY }, other: { file: /run/secrets/other } }": "",
		"{ key: hunter22 }":                    "ivrd.yaml:1:17: secrets.key must be like { env: CRM_KEY } or { file: /run/secrets/crm_key }",
		"{ key: }":                             "ivrd.yaml:1:17: secrets.key says nothing of where it is; write { env: NAME } for the environment, or { file: PATH }",
		"{ key: { env: A, file: b } }":         "ivrd.yaml:1:17: secrets.key cannot be in two places",
		"{ key: { path: b } }":                 "there is no key secrets.key.path; there is env, file",
		"{ Key: { env: A } }":                  `"Key" cannot be the name of a secret; use small letters, such as crm_key`,
		"{ key: { env: A }, key: { env: B } }": "secrets.key is there twice",
	} {
		c := defaults()
		err := c.parse("ivrd.yaml", []byte("secrets: "+text+"\n"))
		if got := reason(err); !strings.Contains(got, want) || (want == "") != (err == nil) {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A file can be replaced while ivrd runs; one that cannot be read any more leaves the secret as it was.
func TestSecretsAreReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var log strings.Builder
	c := config{Secrets: map[string]secretConfig{"file": {File: file}, "env": {Env: "IVRD_TEST_SECRET"}}}
	s := c.secrets(slog.New(slog.NewTextHandler(&log, nil)))
	err := s.check()
	if want := "secrets.env: the environment has no IVRD_TEST_SECRET\nsecrets.file: open " + file; !strings.HasPrefix(reason(err), want) {
		t.Errorf("at the start: got %v", err)
	}
	t.Setenv("IVRD_TEST_SECRET", "abc")
	write("first\r\n")
	if want := "secrets.env: IVRD_TEST_SECRET has fewer than 4 bytes, too few to be told from other texts on record; choose a longer one"; reason(s.check()) != want {
		t.Errorf("one that is short: got %v", s.check())
	}
	t.Setenv("IVRD_TEST_SECRET", "abcd")
	if err := s.check(); err != nil {
		t.Error(err)
	}
	expect := func(want string) {
		t.Helper()
		if got, err := s.get("file"); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	expect("first")
	write("second\nline\n\n")
	expect("second\nline")
	write("")
	expect("second\nline")
	if !strings.Contains(log.String(), "a secret cannot be read any more; it stays as it was") {
		t.Errorf("the log says %s", log.String())
	}
	if _, err := s.get("flie"); reason(err) != "there is no secret flie; did you mean file?" {
		t.Errorf("got %v", err)
	}
}

// What a call with secrets leaves on record has their names in it, and passes as a transcript.
func TestSecretsStayOffTheRecord(t *testing.T) {
	const hush = "hush & 4711"
	t.Setenv("IVRD_TEST_SECRET", hush)
	c := config{Secrets: map[string]secretConfig{"key": {Env: "IVRD_TEST_SECRET"}}}
	dir := t.TempDir()
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	r, err := record(filepath.Join(dir, "journal"), logger)
	if err != nil {
		t.Fatal(err)
	}
	set, problems := flow.Load(fstest.MapFS{"100.lua": {Data: []byte(`
local key = secrets.get("key")
call:set("KEY", key)
kv.set("key", { key = key })
log.info("it is", kv.get("key").key)
call:set("LONG", ("x"):rep(150) .. json.encode { key = key })
call:on_end(function() error("no " .. key) end)
error("with " .. key)
`)}}, flow.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	e := &engine.Engine{
		Flows: func() engine.Flows { return set }, Log: logger, Secrets: c.secrets(logger).get,
		Observe: func(engine.Info) engine.Observer { return whenOver{r.queue} },
	}
	ch := sim.New(sim.Call{Info: engine.Info{Exten: "100", CallerID: "5551234", ID: "17.1"}})
	e.Handle(t.Context(), ch)
	r.Close()
	if got, _ := ch.Var(t.Context(), "KEY"); got != hush {
		t.Errorf("the flow set %q", got)
	}
	text, err := os.ReadFile(filepath.Join(dir, "journal", sim.Epoch.Format("2006-01-02")+".call"))
	if err != nil {
		t.Fatal(err)
	}
	if all := string(text) + log.String(); strings.Contains(all, "hush") || !strings.Contains(all, "> set KEY key\n") ||
		!strings.Contains(all, "with key") || !strings.Contains(all, "no key") || !strings.Contains(all, "it is key") {
		t.Errorf("on record is\n%s", all)
	}
	out := &strings.Builder{}
	test := tester{set: set, out: out}
	if err := test.run(t.Context(), folder{dir: filepath.Join(dir, "journal")}); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	test = tester{set: set, out: io.Discard, rehearsal: rehearsal{names: flow.Names{Secrets: []string{"kee"}}}}
	if err := test.run(t.Context(), folder{dir: filepath.Join(dir, "journal")}); err == nil {
		t.Error("a flow got a secret that ivrd.yaml does not have")
	}
}
