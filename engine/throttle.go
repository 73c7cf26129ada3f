package engine

import (
	"sync"
	"time"
)

// A Throttle keeps the log readable while something is down: what many calls would say again and again is said once
// a minute, with how often it came up. Its zero value is ready.
type Throttle struct {
	mu  sync.Mutex
	all map[string]*repeated
}

type repeated struct {
	said  time.Time
	times int // since then
}

const (
	sayAgain   = time.Minute
	mostThings = 1000 // to be said; a flow can make up any number of them
)

// Due takes note that something came up so many times, which may be 0. It reports whether to say so now, and how
// often it came up since it was last said.
func (t *Throttle) Due(what string, times int) (all int, due bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.all[what]
	if r == nil {
		if times == 0 {
			return 0, false
		}
		if t.all == nil || len(t.all) >= mostThings {
			t.all = map[string]*repeated{}
		}
		r = &repeated{}
		t.all[what] = r
	}
	r.times += times
	if now := time.Now(); r.times > 0 && now.Sub(r.said) >= sayAgain {
		all, r.said, r.times = r.times, now, 0
		return all, true
	}
	return 0, false
}
