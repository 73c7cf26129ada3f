package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// When a save counts as finished. Every way of saving passes through moments at which the folder is not
// as it is meant: a file is cut to nothing before it is written, is gone before its successor has its
// name, a checkout has written half of its files. So a change goes live once the folder has been quiet
// and two looks at it found the same; what would break or take away something must hold for longer.
const (
	quietTime   = 15 * time.Millisecond  // without notice of a change, before the first look …
	restless    = 500 * time.Millisecond // … or this long with them: then only what is found counts
	steady      = 15 * time.Millisecond  // between two looks that must agree
	steadySlow  = 250 * time.Millisecond // the same where no notice comes: network disks are slow
	usualDoubt  = 400 * time.Millisecond // how long something must be broken or gone to be believed
	neverSteady = 10 * time.Second       // then files that keep changing are left as they were
)

// ErrClosed is what Reload returns once the folder is not watched any more.
var ErrClosed = errors.New("flows are not watched any more")

// Flows is a folder's Set, kept up to date.
type Flows struct {
	dir     string
	o       Options
	current atomic.Pointer[Set]
	asked   chan reloadRequest
	stop    chan struct{}
	stopped chan struct{}
	once    sync.Once

	// of the goroutine that watches
	notify *notifier
	seen   *snapshot // what current was made of
	looks  atomic.Int64
}

type reloadRequest struct {
	done chan Report
}

// Watch reads the folder dir and keeps reading it until Close. Neither a folder that does not exist yet
// nor one full of errors is an error: see Current and its Problems.
func Watch(dir string, o Options) (*Flows, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("watch flows: %w", err)
	}
	f := &Flows{
		dir: abs, o: o.filled(),
		asked: make(chan reloadRequest), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	f.notify = newNotifier(abs, f.o.NoNotify, f.o.Gate.Reads...)
	f.seen = f.look(nil)
	first := f.o.load(f.seen)
	f.o.prepare(context.Background(), first)
	f.current.Store(first)
	go f.run()
	return f, nil
}

// Current is the set that new calls get.
func (f *Flows) Current() *Set { return f.current.Load() }

// Flows is Current as engine.Engine wants it.
func (f *Flows) Flows() engine.Flows { return f.Current() }

// Fallback is what calls without a route get.
func (f *Flows) Fallback() engine.Fallback { return f.Current().Fallback() }

// Reload looks at every file now, whatever its time and size say, and returns what came of it.
func (f *Flows) Reload(ctx context.Context) (Report, error) {
	r := reloadRequest{done: make(chan Report, 1)}
	select {
	case f.asked <- r:
	case <-f.stopped:
		return Report{}, ErrClosed
	case <-ctx.Done():
		return Report{}, context.Cause(ctx)
	}
	select {
	case report := <-r.done:
		return report, nil
	case <-f.stopped:
		return Report{}, ErrClosed
	case <-ctx.Done():
		return Report{}, context.Cause(ctx)
	}
}

// Close ends watching. Current stays as it is.
func (f *Flows) Close() error {
	f.once.Do(func() { close(f.stop) })
	<-f.stopped
	return nil
}

func (f *Flows) run() {
	defer close(f.stopped)
	defer f.notify.close()
	poll := time.NewTicker(f.o.Poll)
	defer poll.Stop()
	for {
		select {
		case <-f.stop:
			return
		case e := <-f.notify.events():
			if f.notify.concerns(e) {
				f.settle(time.Now(), true)
			}
		case <-f.notify.errors(): // events were lost
			f.settle(time.Now(), true)
		case <-poll.C:
			if now := f.look(f.seen); now.sameAs(f.seen) {
				f.seen = now
			} else {
				f.settle(time.Now(), false)
			}
		case r := <-f.asked:
			f.answer(r)
		}
	}
}

// look reads the folder and watches what folders it finds in it.
func (f *Flows) look(before *snapshot) *snapshot {
	const most = 5 // a file in a folder that was not watched yet is seen the second time at the latest
	var s *snapshot
	for range most {
		f.looks.Add(1)
		s = scanDir(f.dir, before, f.o)
		if !f.notify.follow(s.dirs) {
			break
		}
		before = s
	}
	if p := f.notify.problem(f.o.Poll); p != nil {
		s.problems = append(s.problems, *p)
	}
	return s
}

// settle waits until the folder is as somebody meant it, and makes that current. noticed says that
// notifications come.
func (f *Flows) settle(began time.Time, noticed bool) {
	for noticed && time.Since(began) < restless && f.pause(quietTime, false) == restlessPause {
	}
	at, since := f.look(f.seen), time.Now()
	var next *Set     // made of at
	var admitted bool // the gate has been asked about it
	for step := steady; ; {
		tired, endless := time.Since(began) > restless, time.Since(began) > neverSteady
		p := f.pause(step, tired)
		if p == stopPause {
			return
		}
		before := at
		at = f.look(at)
		happened := f.notify.pending() || p == restlessPause
		noticed = noticed || happened
		switch {
		case endless:
			at, next = steadyPart(before, at, f.seen), nil
		case !at.sameAs(before), happened && !tired:
			since, next, step = time.Now(), nil, steady
			continue
		case gitBusy(f.dir):
			step = steady
			continue
		}
		if at.sameAs(f.seen) {
			f.seen = at
			return
		}
		if next == nil {
			next, admitted = build(f.Current(), at, f.o), false
		}
		step = f.needed(next, at, noticed) - time.Since(since)
		if !admitted && (step <= 0 || endless) {
			if next = f.admit(next, at, endless); next == nil {
				step = steady
				continue
			}
			admitted, step = true, f.needed(next, at, noticed)-time.Since(since)
		}
		if step <= 0 || endless {
			f.activate(next, at, began)
			return
		}
	}
}

// needed is how long the folder must have been like that, for next to be believed.
func (f *Flows) needed(next *Set, at *snapshot, noticed bool) time.Duration {
	switch {
	case f.doubtful(next, at):
		return f.o.doubt
	case !noticed:
		return steadySlow
	}
	return steady
}

// doubtful reports whether something is broken or gone that was not before, or looks cut off.
func (f *Flows) doubtful(next *Set, at *snapshot) bool {
	for name, old := range f.seen.files {
		now := at.files[name]
		if now == nil || now.hash != old.hash && bytes.HasSuffix(old.content, newline) && !bytes.HasSuffix(now.content, newline) {
			return true
		}
	}
	known := f.Current().problems
	return slices.ContainsFunc(next.problems, func(p Problem) bool {
		return !slices.ContainsFunc(known, func(q Problem) bool { return p.Error() == q.Error() })
	})
}

// steadyPart is now without the files that changed since before: those stay as they were in seen.
func steadyPart(before, now, seen *snapshot) *snapshot {
	part := *now
	part.files = make(map[string]*file, len(now.files))
	for at, f := range now.files {
		if old := before.files[at]; old != nil && old.hash == f.hash {
			part.files[at] = f
		} else if old := seen.files[at]; old != nil {
			part.files[at] = old
		}
	}
	return &part
}

// activate swaps the pointer, and reports if anything is different.
func (f *Flows) activate(next *Set, at *snapshot, began time.Time) Report {
	prev := f.Current()
	f.current.Store(next)
	f.seen = at
	report := compare(prev, next)
	report.Took = time.Since(began)
	if f.o.OnReload != nil && (report.Activated() || !equalProblems(prev.problems, next.problems)) {
		f.o.OnReload(report)
	}
	return report
}

// answer is Reload on the goroutine that watches.
func (f *Flows) answer(r reloadRequest) {
	if report, ok := f.reload(); ok {
		r.done <- report
	}
}

// reload reports false if Close was called.
func (f *Flows) reload() (Report, bool) {
	began := time.Now()
	at := f.look(f.seen.doubted())
	for time.Since(began) < restless {
		before := at
		if f.pause(steady, true) == stopPause {
			return Report{}, false
		}
		if at = f.look(at); at.sameAs(before) {
			break
		}
	}
	q := f.ask(build(f.Current(), at, f.o))
	select {
	case next := <-q.answer:
		return f.activate(next, at, began), true
	case <-f.stop:
		q.drop()
		return Report{}, false
	}
}

// A pauseEnd says how a pause ended.
type pauseEnd int

const (
	quietPause    pauseEnd = iota // nothing happened
	restlessPause                 // something was noticed, which ended it
	stopPause                     // Close was called
)

// pause waits for d; something that happens ends it, unless it has to last. Whoever wants a reload
// meanwhile gets it.
func (f *Flows) pause(d time.Duration, last bool) pauseEnd {
	timer := time.NewTimer(d)
	defer timer.Stop()
	end := quietPause
	for {
		select {
		case <-timer.C:
			return end
		case e := <-f.notify.events():
			if f.notify.concerns(e) {
				f.notify.drain()
				end = restlessPause
			}
		case <-f.notify.errors():
			end = restlessPause
		case r := <-f.asked:
			f.answer(r)
			end = restlessPause
		case <-f.stop:
			return stopPause
		}
		if end == restlessPause && !last {
			return end
		}
	}
}
