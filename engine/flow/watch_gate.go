package flow

import (
	"context"
	"time"
)

// A question is put to the gate.
type question struct {
	answer chan *Set
	cancel context.CancelFunc
}

// ask lets the gate work on its own goroutine, and has spoken what that lets through; either the answer is
// taken, or the question dropped.
func (f *Flows) ask(next *Set) *question {
	ctx, cancel := context.WithCancel(context.Background())
	q := &question{make(chan *Set, 1), cancel}
	prev := f.Current()
	go func() {
		defer cancel()
		admitted := f.o.Gate.admit(ctx, prev, next)
		f.o.prepare(ctx, admitted)
		q.answer <- admitted
	}()
	return q
}

func (q *question) drop() {
	q.cancel()
	<-q.answer
}

// admit is what the gate leaves of next, which was made of at. It is nil if the folder is not like that any
// more, which endless leaves for later, or if somebody wants something else.
func (f *Flows) admit(next *Set, at *snapshot, endless bool) *Set {
	q := f.ask(next)
	events, lost := f.notify.events(), f.notify.errors()
	if endless {
		events, lost = nil, nil
	}
	var look <-chan time.Time // after something was noticed
	for {
		select {
		case admitted := <-q.answer:
			if look != nil && !f.look(at).sameAs(at) {
				return nil
			}
			return admitted
		case e := <-events:
			if f.notify.concerns(e) && look == nil {
				look = time.After(quietTime)
			}
		case <-lost:
			look = time.After(quietTime)
		case <-look:
			if look = nil; !f.look(at).sameAs(at) {
				q.drop()
				return nil
			}
		case r := <-f.asked:
			q.drop()
			f.answer(r)
			return nil
		case <-f.stop:
			q.drop()
			return nil
		}
	}
}
