package transcript_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/engine/transcript"
)

// A slow is what a server far away remembers.
type slow struct{ *engine.Memory }

func (s slow) Change(ctx context.Context, scope, key string, change func(string, time.Time) (string, time.Time, error)) error {
	select {
	case <-time.After(time.Second):
		return s.Memory.Change(ctx, scope, key, change)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// A call that ended while it waited for what is remembered elsewhere ends there again.
func TestHangupWhileRemembering(t *testing.T) {
	f := flow(func(c *engine.Call) error {
		n, err := c.Count(engine.Remembered{Key: "calls"}, 1, 0)
		if err != nil {
			return err
		}
		return c.SetVar("N", fmt.Sprint(n))
	})
	for hangup, want := range map[time.Duration]string{
		500 * time.Millisecond: "ring 1\n> kv incr calls 1\nhang up\n",
		3 * time.Second:        "ring 1\n> kv incr calls 1\nreply 1\n> set N 1\n> continue\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			var o over
			ch := sim.New(sim.Call{Real: true, Info: engine.Info{Exten: "1"}})
			ch.Phone().HangUp(hangup)
			e := engine.Engine{Flows: func() engine.Flows { return f }, KV: slow{engine.NewMemory()}, Log: slog.New(slog.DiscardHandler),
				Observe: func(engine.Info) engine.Observer { return &o }}
			e.Handle(t.Context(), ch)
			text := transcript.Write(o.call).String()
			if text != want {
				t.Errorf("written:\n%s\nwant:\n%s", text, want)
			}
			for _, r := range stage(f).Run(t.Context(), parse(t, text)) {
				if r.Diff != nil {
					t.Error(r.Diff)
				}
			}
		})
	}
}
