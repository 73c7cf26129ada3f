package sim

import (
	"context"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Notifier = (*Channel)(nil)

// Notify tells fn of what happens while a method waits.
func (ch *Channel) Notify(_ context.Context, kinds []engine.EventKind, fn func(engine.Event) bool) error {
	ch.notices, ch.notify = kinds, fn
	return nil
}

// Happen makes something happen to the call beside what its caller does.
func (p *Phone) Happen(after time.Duration, e engine.Event) {
	p.ch.happen(after, event{kind: other, other: e})
}
