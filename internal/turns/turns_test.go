package turns

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestTurns(t *testing.T) {
	two := New(2)
	ctx, stop := context.WithCancel(t.Context())
	for range 2 {
		if err := two.Enter(ctx, 0); err != nil {
			t.Fatal(err)
		}
	}
	err := two.Enter(ctx, time.Millisecond)
	if full, ok := errors.AsType[*CrowdedError](err); !ok || full.Connections != 2 || full.Waited != time.Millisecond {
		t.Errorf("the third got %v", err)
	}
	entered := make(chan error)
	go func() { entered <- two.Enter(ctx, time.Minute) }()
	two.Leave()
	if err := <-entered; err != nil {
		t.Errorf("who waited got %v", err)
	}
	time.AfterFunc(time.Millisecond, stop)
	if err := two.Enter(ctx, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("whose context ended got %v", err)
	}
	two.Leave()
	if err := two.Enter(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("whose context had ended got %v", err)
	}
}

// What the time was for is known as soon as the time is up.
func TestEnded(t *testing.T) {
	slow := errors.New("slow")
	ctx, stop := context.WithDeadlineCause(t.Context(), time.Now().Add(time.Millisecond), slow)
	defer stop()
	if err := Ended(ctx); err != nil && err != slow {
		t.Errorf("got %v", err)
	}
	for until, _ := ctx.Deadline(); time.Now().Before(until); {
	}
	if err := Ended(ctx); err != slow {
		t.Errorf("when the time was up: %v", err)
	}
}
