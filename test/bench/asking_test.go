package main

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/say"
)

// asked is how often a call asks.
const asked = 500

// BenchmarkAsking has a caller answer questions: how long it takes from the last digit to the next prompt, and how
// much of everything a question costs.
func BenchmarkAsking(b *testing.B) {
	for _, ask := range []struct{ name, options, keys string }{
		{"plain", `max = 4`, "1234"},
		{"stop", `min = 1, max = 8, stop = "#"`, "1234#"},
		{"patterns", `pattern = { "[1-9][1-9]9XXXXXXXX", "[1-9][1-9][2-5]XXXXXXX", "1XX", "0" }`, "11987654321"},
		{"check", `max = 11, check = cpf`, "52998224725"},
		{"checks", `max = 4, check = { { pattern = "[1-9]XXX", invalid = "no" }, { check = function(d) return d ~= "9999" end, invalid = "no" } }`, "1234"},
		{"confirm", `max = 4, confirm = function(d) return { "you-entered", say.number(d), "press-1" } end`, "1234"},
		{"secret", `max = 4, secret = true`, "1234"},
		{"invalid", `max = 4, tries = 1, check = function() return false, "never" end, failed = "no"`, "1234"},
	} {
		b.Run(ask.name, func(b *testing.B) { benchmarkAsking(b, ask.options, ask.keys) })
	}
}

// cpf is a check that computes.
const cpf = `
local function cpf(d)
  local function digit(n)
    local sum = 0
    for i = 1, n do sum = sum + (d:byte(i) - 48) * (n + 2 - i) end
    local rest = sum % 11
    return rest < 2 and 0 or 11 - rest
  end
  return d:sub(10) == digit(9) .. "" .. digit(10)
end
`

func benchmarkAsking(b *testing.B, options, keys string) {
	source := fmt.Sprintf("%s for _ = 1, %d do call:ask { prompt = \"enter\", %s } end", cpf, asked, options)
	set, problems := flow.Load(fstest.MapFS{"ask.lua": {Data: []byte(source)}}, flow.Options{})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	languages, err := say.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	e := &engine.Engine{Flows: func() engine.Flows { return set }, Say: languages.Say}
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		c := &typist{keys: keys, took: took}
		e.Handle(context.Background(), c)
		if took = c.took; c.questions < asked {
			b.Fatalf("%d questions", c.questions)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/asked, "µs/question")
	b.ReportMetric(microseconds(took[len(took)/2]), "p50-digit-to-prompt-µs")
	b.ReportMetric(microseconds(took[len(took)*99/100]), "p99-digit-to-prompt-µs")
}

func microseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// A typist answers each question at once, and a prompt to confirm with 1. It takes the time from its last digit to
// the prompt behind it.
type typist struct {
	engine.Channel
	keys      string
	left      string
	last      time.Time
	took      []time.Duration
	questions int
}

func (c *typist) Info() engine.Info { return engine.Info{ID: "1.1", Exten: "ask", Backend: "bench"} }

func (c *typist) Play(_ context.Context, p []engine.Prompt, _ engine.Digits) (engine.Digit, error) {
	if !c.last.IsZero() {
		c.took = append(c.took, time.Since(c.last))
	}
	switch p[0].Text {
	case "enter":
		c.questions++
		c.left = c.keys
	case "you-entered":
		c.left = "1"
	}
	return engine.NoDigit, nil
}

func (c *typist) ReadDigit(context.Context, time.Duration) (engine.Digit, error) {
	if c.left == "" {
		return engine.NoDigit, nil
	}
	d := engine.Digit(c.left[0])
	c.left = c.left[1:]
	c.last = time.Now()
	return d, nil
}

func (c *typist) SetVar(context.Context, string, string) error    { return nil }
func (c *typist) Continue(context.Context, engine.Location) error { return nil }
func (c *typist) Hangup(context.Context, engine.Cause) error      { return nil }
