package flow

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A caller is a channel that notes what is played, and lets the test act before the first of it is over.
type caller struct {
	info   engine.Info
	during func()
	heard  []string
	vars   map[string]string
}

func (c *caller) Info() engine.Info            { return c.info }
func (c *caller) Answer(context.Context) error { return nil }

func (c *caller) Play(_ context.Context, p []engine.Prompt, _ engine.Digits) (engine.Digit, error) {
	c.heard = append(c.heard, engine.Prompts(p).String()+" "+p[0].Sound.Text)
	if c.during != nil {
		c.during()
		c.during = nil
	}
	return engine.NoDigit, nil
}

func (c *caller) SetVar(_ context.Context, name, value string) error {
	c.vars[name] = value
	return nil
}
func (c *caller) Var(context.Context, string) (string, error)     { return "", nil }
func (c *caller) Continue(context.Context, engine.Location) error { return nil }
func (c *caller) Hangup(context.Context, engine.Cause) error      { return nil }
func (c *caller) Record(context.Context, engine.RecordRequest) (engine.Recording, error) {
	return engine.Recording{}, nil
}
func (c *caller) ReadDigit(context.Context, time.Duration) (engine.Digit, error) {
	return engine.NoDigit, nil
}

func TestCallKeepsItsVersion(t *testing.T) {
	dir := t.TempDir()
	save := func(v string) {
		write(t, dir, "lib/late.lua", "return \"late-"+v+"\"\n", "next.lua", "call:play \"next-"+v+"\"\n",
			"sales.lua", "call:play \"first-"+v+"\"\ncall:play(require \"lib.late\")\ncall:run \"next\"\n",
			textsFile, "first-1: One\nfirst-2: Two\nlate-1: Late one\n")
	}
	save("1")
	w := watch(t, dir, Options{})
	e := &engine.Engine{Flows: w.Flows.Flows, Fallback: w.Fallback}
	during := func() {
		save("2")
		w.next()
		if got := w.source("lib/late"); got != "return \"late-2\"\n" {
			t.Errorf("lib/late is %q", got)
		}
	}
	old := version(t, w.Current(), "sales")
	for _, want := range []struct{ heard, version string }{
		{"[first-1 One late-1 Late one next-1 ]", old},
		{"[first-2 Two late-2  next-2 ]", ""},
	} {
		c := &caller{info: engine.Info{Exten: "sales"}, during: during, vars: map[string]string{}}
		e.Handle(context.Background(), c)
		if got := fmt.Sprint(c.heard); got != want.heard {
			t.Errorf("heard %s, want %s", got, want.heard)
		}
		if want.version == "" {
			want.version = version(t, w.Current(), "sales")
		}
		if got := c.vars["IVRD_VERSION"]; got != want.version {
			t.Errorf("IVRD_VERSION %s, want %s", got, want.version)
		}
		during = nil
	}
}
