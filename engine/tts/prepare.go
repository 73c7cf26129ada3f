package tts

import (
	"context"
	"errors"
)

// An order is a text that is to be spoken ahead of any call.
type order struct {
	Text
	key  string
	wait *wait // nil if nobody waits for it
}

// A wait ends when so many orders are done with.
type wait struct {
	keys []string
	left int
	over chan struct{}
}

// done is called under the lock.
func (w *wait) done() {
	if w == nil {
		return
	}
	if w.left--; w.left == 0 {
		close(w.over)
	}
}

// Prepare has all those texts spoken. It returns when those are there that the last preparation did not have, or
// when ctx ends; what is missing then is made in the background. It takes the place of an earlier one. If ctx is
// cancelled, which no deadline does, the next one waits for what this one did.
func (s *Speaker) Prepare(ctx context.Context, texts []Text) {
	w := s.enqueue(texts)
	if len(w.keys) == 0 {
		return
	}
	select {
	case <-w.over:
	case <-ctx.Done():
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, key := range w.keys {
				delete(s.asked, key)
			}
		}
	}
}

// enqueue puts what has to be made in the place of what was to be made, and says what to wait for.
func (s *Speaker) enqueue(texts []Text) *wait {
	w := &wait{over: make(chan struct{})}
	var first, later []order
	asked := map[string]bool{}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open()
	for _, t := range texts {
		key := s.key(Request{t, s.voice(t.Language)})
		_, known := s.known[key]
		switch {
		case asked[key] || known || s.ended || !s.Speaks(t.Language):
		case s.asked[key]:
			later = append(later, order{t, key, nil})
		default:
			w.left++
			w.keys = append(w.keys, key)
			first = append(first, order{t, key, w})
		}
		asked[key] = true
	}
	s.drop()
	s.asked, s.queue = asked, append(first, later...)
	for range min(cap(s.running)-s.busy, len(s.queue)) {
		s.busy++
		s.work.Add(1)
		go s.prepare()
	}
	return w
}

// drop forgets what was to be made. It is called under the lock.
func (s *Speaker) drop() {
	for _, o := range s.queue {
		o.wait.done()
	}
	s.queue = nil
}

// prepare has texts spoken until there are no more.
func (s *Speaker) prepare() {
	defer s.work.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) > 0 {
		o := s.queue[0]
		s.queue = s.queue[1:]
		if j := s.making[o.key]; j != nil { // others are at it, and this one can do something else
			s.work.Add(1)
			go s.follow(j, o)
			continue
		}
		s.mu.Unlock()
		s.fulfil(o)
		s.mu.Lock()
		o.wait.done()
	}
	s.busy--
}

// follow waits for what somebody else has spoken.
func (s *Speaker) follow(j *job, o order) {
	defer s.work.Done()
	<-j.done
	s.mu.Lock()
	defer s.mu.Unlock()
	o.wait.done()
}

func (s *Speaker) fulfil(o order) {
	if _, err := s.speak(s.closed, o.Text); err != nil && !errors.Is(err, ErrClosed) && s.closed.Err() == nil {
		s.tell(err, "language", o.Language, "text", o.Words)
	}
}
