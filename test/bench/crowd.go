package main

import (
	"errors"
	"sync"
	"time"
)

// crowd has that many goroutines do something again and again, while there is more to do, and returns what went
// wrong. One for which something does stops.
func crowd(size int, more func() bool, do func() error) error {
	errs := make(chan error, size)
	for range size {
		go func() {
			var err error
			for err == nil && more() {
				err = do()
			}
			errs <- err
		}()
	}
	var all []error
	for range size {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// times says n times that there is more.
func times(n int) func() bool {
	var mu sync.Mutex
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		n--
		return n >= 0
	}
}

// during says so for some time.
func during(d time.Duration) func() bool {
	end := time.Now().Add(d)
	return func() bool { return time.Now().Before(end) }
}
