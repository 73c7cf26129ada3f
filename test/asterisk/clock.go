package asterisk

import (
	"sync"
	"time"
)

// A clock sends the next frame of every phone each 20 ms: one goroutine, however many phones.
type clock struct {
	mu     sync.Mutex
	phones map[*Phone]struct{}
	stop   chan struct{}
	done   chan struct{}
}

func newClock() *clock {
	c := &clock{phones: map[*Phone]struct{}{}, stop: make(chan struct{}), done: make(chan struct{})}
	go c.run()
	return c
}

func (c *clock) run() {
	defer close(c.done)
	tick := time.NewTicker(frame)
	defer tick.Stop()
	began, frames := time.Now(), 0
	for {
		select {
		case <-c.stop:
			return
		case now := <-tick.C:
			due := int(now.Sub(began) / frame)
			for range min(due-frames, 10) { // a ticker drops what its reader is too late for
				c.sendAll()
			}
			frames = due
		}
	}
}

func (c *clock) sendAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for p := range c.phones {
		select {
		case <-p.ended:
			delete(c.phones, p)
		default:
			p.send()
		}
	}
}

func (c *clock) add(p *Phone) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.phones[p] = struct{}{}
}

func (c *clock) close() {
	close(c.stop)
	<-c.done
}
