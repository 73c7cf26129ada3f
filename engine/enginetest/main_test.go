package enginetest

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/transcript"
)

// places are where flows of the contract go to: the extension that a context has.
var places = map[string]string{"operators": "s", "direct": "300"}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// load reads the contract, flows and transcripts.
func load(t testing.TB) (*flow.Set, []*transcript.File) {
	t.Helper()
	set, problems := flow.Load(Contract(), flow.Options{})
	for _, p := range problems {
		t.Fatal(p)
	}
	files, err := Files(Contract())
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 30 {
		t.Fatalf("only %d transcripts; is the folder whole?", len(files))
	}
	return set, files
}

// noVoice is an error for the one language that nobody speaks.
func noVoice(language string) error {
	if language == "tlh" {
		return errors.New("there is no voice")
	}
	return nil
}

// newEngine runs the contract's flows.
func newEngine(set *flow.Set) *engine.Engine {
	fallback, _ := set.Flow("fallback")
	return &engine.Engine{
		Say: languages().Say,
		Speak: func(_ context.Context, _, language string) (engine.Sound, error) {
			return engine.Sound{}, noVoice(language)
		},
		Flows:    func() engine.Flows { return set },
		Fallback: func() engine.Fallback { return engine.Fallback{Flow: fallback} },
		Limits:   Limits,
		Log:      slog.New(slog.DiscardHandler),
	}
}
