package flow

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel does work for 0 … n-1, a few at a time, and returns when all of it is done.
func inParallel(n int, do func(i int)) {
	const few = 4
	workers := min(n, max(few, runtime.GOMAXPROCS(0)))
	if n < few {
		workers = 1
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wg.Wait()
}
