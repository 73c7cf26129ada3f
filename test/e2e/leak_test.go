package e2e

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	leakCalls  = 10_000
	leakPart   = 2_000 // after each of them memory is looked at
	leakAtOnce = 50
)

// TestLeak makes ten thousand calls, fifty at once, and wants the process to be what it was: no goroutine, no
// socket, no file more, and no more memory after the last two thousand than after the first.
func TestLeak(t *testing.T) {
	flows := map[string]string{
		"100.lua": `
call:on_end(function(why) call.over = why end)
call:answer()
local lib = require "lib"
for i = 1, 3 do call:play(lib.name(i)) end
call:set("DONE", "1")`,
		"lib.lua":      `return { name = function(i) return "prompt-" .. i end }`,
		"200.lua":      `call:answer() call:nonsense()`,
		"300.lua":      `call:answer() call:hangup()`,
		"fallback.lua": `call:answer() call:play("sorry")`,
	}
	// The runtime writes a line for each garbage collection, and twice a second what goroutines there are.
	d := serve(t, quietly, flows, "GODEBUG=gctrace=1,schedtrace=500,scheddetail=1")
	waiting := d.goroutines(t)
	idle := d.afterCalls(t, leakPart)
	var live []int
	for range leakCalls / leakPart {
		if got := d.afterCalls(t, leakPart); got > idle {
			t.Errorf("%d files and sockets are open after %d calls more; there were %d", got, leakPart, idle)
		}
		live = append(live, d.liveHeap(t))
	}
	t.Logf("live heap after each %d calls: %d MiB; %d files open; %d goroutines", leakPart, live, idle, waiting)
	if first, last := live[0], live[len(live)-1]; last > first+2 {
		t.Errorf("the live heap grew from %d to %d MiB: %d", first, last, live)
	}
	for end := timeout(t); ; {
		n := d.goroutines(t)
		if n <= waiting {
			break
		}
		if end.Err() != nil {
			t.Fatalf("%d goroutines are left; before the calls there were %d", n, waiting)
		}
	}
}

// afterCalls makes n calls and returns how many files are open once all are over.
func (d *daemon) afterCalls(t *testing.T, n int64) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var next atomic.Int64
	var callers sync.WaitGroup
	for range leakAtOnce {
		callers.Go(func() {
			for {
				i := next.Add(1)
				if i > n || t.Failed() {
					return
				}
				p := peer{exten: []string{"100", "200", "300", "404"}[i%4], from: fmt.Sprint(i)}
				if err := p.call(ctx, d.agi); err != nil {
					t.Errorf("call %d to %s: %v", i, p.exten, err)
				} else if p.vars["IVRD_STATUS"] == "" {
					t.Errorf("call %d to %s ended without a status: %v", i, p.exten, p.vars)
				}
			}
		})
	}
	callers.Wait()
	return d.descriptors(t)
}

var collected = regexp.MustCompile(`^gc \d+ .* (\d+)->(\d+)->(\d+) MB`)

// liveHeap is what the last garbage collection left, in MiB.
func (d *daemon) liveHeap(t *testing.T) int {
	t.Helper()
	lines := d.log.since(0)
	for i := len(lines) - 1; i >= 0; i-- {
		if m := collected.FindStringSubmatch(lines[i]); m != nil {
			n, _ := strconv.Atoi(m[3])
			return n
		}
	}
	t.Fatal("there was no garbage collection")
	return 0
}

// goroutines waits for the runtime's next list of goroutines and counts those that are not its own.
func (d *daemon) goroutines(t *testing.T) (n int) {
	t.Helper()
	from := d.log.mark()
	d.waitLog(t, from, "SCHED ")
	lines := d.log.since(from)
	for len(lines) > 0 && !strings.HasPrefix(lines[0], "SCHED ") {
		lines, from = lines[1:], from+1
	}
	d.waitLog(t, from+1, "SCHED ") // the list is whole
	for _, line := range d.log.since(from + 1) {
		switch {
		case strings.HasPrefix(line, "SCHED "):
			return n
		case strings.HasPrefix(line, "  G") && !strings.Contains(line, "status=6(") && !strings.Contains(line, "GC "):
			n++
		}
	}
	return n
}
