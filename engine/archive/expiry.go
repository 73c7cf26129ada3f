package archive

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// An Expiry deletes recordings when their time is over. It keeps a ledger of those that calls make, so that it still
// knows of them when ivrd was restarted, and touches no others.
type Expiry struct {
	after  time.Duration
	ledger ledger
	places map[string]engine.Librarian
	log    *slog.Logger
	notes  chan note
	owed   []note // that could not be written yet
	failed engine.Throttle
	stop   context.CancelFunc
	done   chan struct{}
}

// mostNotes is how many may wait: a disk that is this far behind is not coming back soon.
const mostNotes = 10_000

// A note says that a recording is to expire, or not to.
type note struct {
	recording
	keep bool
}

// OpenExpiry begins to delete what is older than after and is in one of the places. file is the ledger; it is made
// if it is not there.
func OpenExpiry(file string, after time.Duration, places []engine.Librarian, log *slog.Logger) (*Expiry, error) {
	l, err := openLedger(file)
	if err != nil {
		return nil, fmt.Errorf("ledger of recordings: %w", err)
	}
	x := &Expiry{after: after, ledger: l, places: map[string]engine.Librarian{}, log: log,
		notes: make(chan note, mostNotes), done: make(chan struct{})}
	for _, p := range places {
		x.places[p.Place()] = p
	}
	ctx, stop := context.WithCancel(context.Background())
	x.stop = stop
	go x.work(ctx)
	return x, nil
}

// Note notes a recording that begins, or with keep, that one is not to be deleted. It does not wait for the disk.
func (x *Expiry) Note(l engine.Librarian, r engine.StoredRecording, keep bool) {
	if strings.ContainsAny(r.Format, "\t\r\n") { // no format that there is
		return
	}
	n := note{recording{place: l.Place(), name: r.Name, format: r.Format, made: time.Now()}, keep}
	select {
	case x.notes <- n:
	default:
		x.log.Error("a recording will not expire: the disk with the ledger is too slow", "recording", r.Name)
	}
}

// Close writes what is to be noted. Nothing may be noted after it.
func (x *Expiry) Close() {
	close(x.notes)
	x.stop()
	<-x.done
}

// note writes what is to be noted, or keeps it for later if the disk is full, say.
func (x *Expiry) note() {
	for len(x.owed) > 0 {
		if err := x.ledger.write(x.owed[0]); err != nil {
			if n, due := x.failed.Due("", 1); due {
				x.log.Error("recordings cannot be noted now, and stay for ever if ivrd ends before they can", "recording", x.owed[0].name,
					"waiting", len(x.owed), "attempts", n, "error", err)
			}
			break
		}
		x.owed = x.owed[1:]
	}
	if len(x.owed) > mostNotes {
		x.log.Error("a recording will not expire: too many wait to be noted", "recording", x.owed[0].name)
		x.owed = x.owed[1:]
	}
}

// every is how often it looks for what has expired: an hour, or more often for those that live shorter.
func (x *Expiry) every() time.Duration {
	return min(time.Hour, max(x.after/10, 100*time.Millisecond))
}

func (x *Expiry) work(ctx context.Context) {
	defer close(x.done)
	tick := time.NewTicker(x.every())
	defer tick.Stop()
	x.sweep(ctx)
	for {
		select {
		case n, open := <-x.notes:
			if !open {
				x.note()
				return
			}
			x.owed = append(x.owed, n)
			x.note()
		case <-tick.C:
			x.note()
			x.sweep(ctx)
		}
	}
}

// sweep deletes what has expired. Of a place that cannot be reached it tries one.
func (x *Expiry) sweep(ctx context.Context) {
	known, _, err := x.ledger.read()
	if err != nil {
		x.log.Warn("expired recordings cannot be deleted now", "error", err)
		return
	}
	deleted, failed := 0, map[string]bool{}
	for _, r := range before(known, time.Now().Add(-x.after)) {
		l := x.places[r.place]
		if l == nil || failed[r.place] || ctx.Err() != nil { // a place of another configuration may come back
			continue
		}
		n, over, err := x.delete(ctx, l, r)
		if err == nil && over {
			err = x.ledger.write(note{r, true})
		}
		if err != nil {
			failed[r.place] = true
			x.log.Warn("expired recordings cannot be deleted now", "place", r.place, "recording", r.name, "error", err)
		}
		deleted += n
	}
	if err := x.ledger.shorten(); err != nil {
		x.log.Warn("the ledger of recordings grows", "error", err)
	}
	if deleted > 0 {
		x.log.Info("recordings have expired", "deleted", deleted, "after", x.after)
	}
}

// deleteTime is how long a deletion may take.
const deleteTime = 20 * time.Second

// delete deletes a recording and returns how many files that were, and whether there is nothing more to do. What was
// there before the recording was made is another file: the recording itself came to nothing. One that was written to
// since lives on until that is long enough ago.
func (x *Expiry) delete(ctx context.Context, l engine.Librarian, r recording) (n int, over bool, err error) {
	const clocksDiffer = time.Minute
	ctx, stop := context.WithTimeout(ctx, deleteTime)
	defer stop()
	found, err := l.Recordings(ctx, engine.RecordingsRequest{Do: engine.RecordingsFind, Name: r.name, Format: r.format})
	switch {
	case err != nil:
		return 0, false, err
	case len(found) == 0:
		return 0, true, nil
	case !found[0].Made.IsZero() && found[0].Made.Before(r.made.Add(-clocksDiffer)):
		return 0, true, nil
	case found[0].Made.After(time.Now().Add(-x.after)):
		return 0, false, nil
	}
	gone, err := l.Recordings(ctx, engine.RecordingsRequest{Do: engine.RecordingsDelete, Name: r.name, Format: r.format})
	return len(gone), true, err
}
