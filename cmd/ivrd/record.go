package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/transcript"
)

// A recorder writes down every call that is over, as a transcript, in one file a day. Calls do not wait for
// it: they are written one after the other on a goroutine of its own.
type recorder struct {
	dir    string
	logger *slog.Logger
	calls  chan *engine.Call
	done   chan struct{}
	lost   atomic.Int64 // calls that came while the queue was full

	failures engine.Throttle
}

// record begins to write into the folder dir.
func record(dir string, logger *slog.Logger) (*recorder, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("folder for journals: %w", err)
	}
	const queue = 10_000 // calls; a disk that is this far behind is not coming back soon
	r := &recorder{dir: dir, logger: logger, calls: make(chan *engine.Call, queue), done: make(chan struct{})}
	go r.work()
	return r, nil
}

// queue has a call that is over written down.
func (r *recorder) queue(c *engine.Call) {
	select {
	case r.calls <- c:
	default:
		r.lost.Add(1)
	}
}

// Close writes what is queued. No call may end after it.
func (r *recorder) Close() {
	close(r.calls)
	<-r.done
}

func (r *recorder) work() {
	defer close(r.done)
	for c := range r.calls {
		r.tell(c, r.write(c))
		if n := r.lost.Swap(0); n > 0 {
			r.logger.Error("journals lost: the disk is too slow", "calls", n)
		}
	}
}

// tell says of calls that could not be written how many they are, once a minute.
func (r *recorder) tell(c *engine.Call, err error) {
	const what = "journals not written"
	if err == nil {
		if n, due := r.failures.Due(what, 0); due {
			r.logger.Error(what, "calls", n)
		}
		return
	}
	if n, due := r.failures.Due(what, 1); due {
		r.logger.Error(what, "calls", n, "call", c.Info().ID, "error", err)
	}
}

// write adds a call to its day, whole or not at all.
func (r *recorder) write(c *engine.Call) error {
	name := filepath.Join(r.dir, c.Began().Format(time.DateOnly)+transcript.Extension)
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		if _, err = f.WriteString(journal(c)); err != nil {
			err = errors.Join(err, f.Truncate(end))
		}
	}
	return errors.Join(err, f.Close())
}

// journal is a call as a transcript, below a line that says which call it was.
func journal(c *engine.Call) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s call %s", c.Began().Format(time.RFC3339), c.Info().ID)
	if flow := c.Routed(); flow != nil {
		fmt.Fprintf(&b, ", flow %s version %s", flow.Name(), flow.Version())
	}
	fmt.Fprintf(&b, ": %s after %s\n", c.Outcome().Status(), engine.Seconds(c.Took().Round(time.Millisecond)))
	b.WriteString(transcript.Write(c).String())
	b.WriteString("\n")
	return b.String()
}
