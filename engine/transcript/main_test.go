package transcript_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/engine/transcript"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A flow is one written in Go.
type flow func(c *engine.Call) error

func (f flow) Name() string                              { return "test" }
func (f flow) Version() string                           { return "v1" }
func (f flow) Run(c *engine.Call) error                  { return f(c) }
func (f flow) Sound(string, string) (engine.Sound, bool) { return engine.Sound{}, false }
func (f flow) Flow(name string) (engine.Flow, bool)      { return f, name == "test" }
func (f flow) Route(engine.Info) (engine.Route, error)   { return engine.Route{Flow: f}, nil }

func stage(f flow) *transcript.Stage {
	return &transcript.Stage{
		Engine: func() *engine.Engine {
			return &engine.Engine{Flows: func() engine.Flows { return f }, Log: slog.New(slog.DiscardHandler)}
		},
		Dial: func(c *transcript.Call) (engine.Channel, transcript.Phone) {
			ch := sim.New(sim.Call{Info: c.Info(), Vars: c.Vars(), Start: c.Clock})
			return ch, ch.Phone()
		},
	}
}

func parse(t testing.TB, text string) *transcript.File {
	t.Helper()
	f, err := transcript.Parse("test.call", text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// run runs a transcript and returns the differences.
func run(t testing.TB, f flow, text string) string {
	t.Helper()
	var diffs string
	for _, r := range stage(f).Run(context.Background(), parse(t, text)) {
		diffs += r.Diff.String()
	}
	return diffs
}

func sounds(names ...string) engine.Prompts {
	var list engine.Prompts
	for _, name := range names {
		list = append(list, engine.Prompt{Text: name})
	}
	return list
}

func lists(names ...string) []engine.Prompts {
	var list []engine.Prompts
	for _, name := range names {
		list = append(list, sounds(name))
	}
	return list
}

func pattern(s string) engine.Pattern {
	p, err := engine.ParsePattern(s)
	if err != nil {
		panic(err)
	}
	return p
}

// balance is the flow of the example in DESIGN.md.
func balance(c *engine.Call) error {
	if err := c.Answer(); err != nil {
		return err
	}
	_, answer, err := c.Menu(engine.MenuRequest{
		Asking:  engine.Asking{Prompt: sounds("main-menu"), Wait: 5e9, Tries: 3, Invalid: lists("invalid")},
		Choices: []engine.Pattern{pattern("1")},
	})
	if err != nil {
		return err
	}
	if answer.Why != engine.Match {
		return c.Continue(engine.Location{Context: "operators"})
	}
	reply, err := c.Do("http", "GET https://core.example/accounts/"+c.Info().CallerID, func(context.Context) (string, error) {
		return "", errors.New("the real server was asked")
	})
	if err != nil {
		return c.Continue(engine.Location{Exten: "broken"})
	}
	var amount float64
	if _, err := fmt.Sscanf(reply, `200 {"balance": %f}`, &amount); err != nil {
		return err
	}
	money := engine.Prompt{Kind: "money", Text: fmt.Sprintf("%.2f:BRL", amount)}
	if _, err := c.Play(append(sounds("your-balance-is"), money), ""); err != nil {
		return err
	}
	return c.Hangup(engine.CauseNormal)
}

const balanceCall = `# A wrong key, then the balance.
ring 100 from 5551234
> answer
> play main-menu
press 9
> play invalid
> play main-menu
press 1
> http GET https://core.example/accounts/5551234
reply 200 {"balance": 1250.4}
> play your-balance-is money:1250.40:BRL
> hangup normal
`
