// Package turns has those who need one of a few connections wait for it, in the time that they have.
package turns

import (
	"context"
	"fmt"
	"time"
)

// Turns are a number of connections that are to be had, one for each who has entered. The zero value has none.
type Turns struct{ taken chan struct{} }

// New is for so many connections.
func New(connections int) Turns { return Turns{make(chan struct{}, connections)} }

// A CrowdedError is that no connection was free for as long as somebody would wait.
type CrowdedError struct {
	Connections int
	Waited      time.Duration
}

func (e *CrowdedError) Error() string {
	return fmt.Sprintf("all %d connections are busy; none was free within %s", e.Connections, e.Waited)
}

// Enter waits for a connection, but not longer than most: that is a CrowdedError. Who has entered must Leave.
func (t Turns) Enter(ctx context.Context, most time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case t.taken <- struct{}{}:
		return nil
	default:
	}
	patience := time.NewTimer(most)
	defer patience.Stop()
	select {
	case t.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-patience.C:
		return &CrowdedError{cap(t.taken), most}
	}
}

// Leave lets the next one enter.
func (t Turns) Leave() { <-t.taken }

// Ended is why ctx has ended, nil if it has not. Connections notice that the time is up before ctx does.
func Ended(ctx context.Context) error {
	if until, ok := ctx.Deadline(); ok && !time.Now().Before(until) {
		<-ctx.Done()
	}
	return context.Cause(ctx)
}
