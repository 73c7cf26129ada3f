package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A coreSet is processor cores by number.
type coreSet []int

// split gives the first core to one and all others to another; a machine with one core gives it to both.
func split() (first, others coreSet) {
	for n := 1; n < runtime.NumCPU(); n++ {
		others = append(others, n)
	}
	if others == nil {
		others = coreSet{0}
	}
	return coreSet{0}, others
}

// pin has all threads of a process run on these cores only, and those that they will start.
func (p process) pin(cores coreSet) error {
	var mask unix.CPUSet
	for _, n := range cores {
		mask.Set(n)
	}
	for done := map[string]bool{}; ; { // until there is no new one, from a thread that had not been pinned yet
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", p))
		if err != nil {
			return err
		}
		before := len(done)
		for _, task := range tasks {
			if id, err := strconv.Atoi(filepath.Base(task)); err == nil && !done[task] {
				done[task] = true
				if err := unix.SchedSetaffinity(id, &mask); err != nil && err != unix.ESRCH {
					return fmt.Errorf("pin process %d: %w", p, err)
				}
			}
		}
		if len(done) == before {
			return nil
		}
	}
}

// A usage is who has used the processor until some moment.
type usage struct {
	at        time.Time
	processes []time.Duration
	idle      []time.Duration // by core
}

// usageOf asks what processes and cores have used.
func usageOf(t testing.TB, ps ...process) usage {
	t.Helper()
	u := usage{at: time.Now(), idle: idleTimes(t)}
	for _, p := range ps {
		u.processes = append(u.processes, processorTime(t, p))
	}
	return u
}

// A share is how many cores were used, on average, between two moments.
type share struct {
	processes []float64
	idle      []float64 // by core
}

func (u usage) since(before usage) share {
	took := u.at.Sub(before.at).Seconds()
	var s share
	for i := range u.processes {
		s.processes = append(s.processes, (u.processes[i]-before.processes[i]).Seconds()/took)
	}
	for i := range u.idle {
		s.idle = append(s.idle, min((u.idle[i]-before.idle[i]).Seconds()/took, 1))
	}
	return s
}

// idleOn is how many of these cores were idle.
func (s share) idleOn(cores coreSet) (sum float64) {
	for _, n := range cores {
		if n < len(s.idle) {
			sum += s.idle[n]
		}
	}
	return sum
}

// others is how many cores the rest of the machine used.
func (s share) others() float64 {
	busy := float64(len(s.idle))
	for _, idle := range s.idle {
		busy -= idle
	}
	for _, used := range s.processes {
		busy -= used
	}
	return max(busy, 0)
}

// idleTimes is how long each core has been idle (proc(5), stat: the fourth number, in ticks of 10 ms).
func idleTimes(t testing.TB) []time.Duration {
	t.Helper()
	text, err := os.ReadFile("/proc/stat")
	must(t, err)
	var idle []time.Duration
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 5 || !strings.HasPrefix(fields[0], "cpu") || fields[0] == "cpu" {
			continue
		}
		ticks, err := strconv.ParseInt(fields[4], 10, 64)
		must(t, err)
		idle = append(idle, time.Duration(ticks)*10*time.Millisecond)
	}
	return idle
}
