package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// A rated is what came of so many calls at once.
type rated struct {
	share  // of Asterisk, the client and the load
	client string
	atOnce int
	rate   float64 // calls per second
}

// ariRate sets up and tears down calls as fast as they end, more and more at once, until that gives no more. So
// that it can be seen who is the limit, Asterisk has a core of its own and everybody else must do with the others.
func ariRate(b *testing.B, x *exchange, out io.Writer) {
	bare, ivrd := x.clients(b, x.lab.HTTPAddr())
	l := x.load(b)
	first, others := split()
	self := process(os.Getpid())
	must(b, x.asterisk.pin(first))
	for _, p := range []process{bare.process, ivrd.process, self} {
		must(b, p.pin(others))
	}
	b.Cleanup(func() { must(b, self.pin(append(first, others...))) })
	for _, c := range []client{bare, ivrd} { // warm up
		x.rate(b, l, c, 20)
	}
	crowds := []int{1, 4, 16, 64, 128}
	all := make([]rated, len(crowds))
	for range 2 { // other programs may spoil one
		for i, atOnce := range crowds {
			all[i] = better(all[i], x.rate(b, l, ivrd, atOnce))
		}
	}
	best, last := slices.MaxFunc(all, byRate), all[len(all)-1]
	all = append(all, better(x.rate(b, l, bare, best.atOnce), x.rate(b, l, bare, best.atOnce)))

	fmt.Fprintf(out, "ARI: calls answered and ended per second, the better of two times. Asterisk may use core 0 only, all else the other %d\n", len(others))
	fmt.Fprintf(out, "  %-6s %8s %8s   %-42s   %s\n", "", "at once", "calls/s", "cores used: Asterisk, client, load, others", "idle: core 0, others")
	for _, r := range all {
		fmt.Fprintf(out, "  %-6s %8d %8.0f   %8.2f %8.2f %8.2f %8.2f %8s %11.2f %8.2f\n", r.client, r.atOnce, r.rate,
			r.processes[0], r.processes[1], r.processes[2], r.others(), "", r.idleOn(first), r.idleOn(others))
	}
	fmt.Fprintf(out, "  the most is %.0f calls/s, with %d at once; with %d it is %.0f: %s\n", best.rate, best.atOnce, last.atOnce, last.rate,
		best.limit(first))
	b.ReportMetric(best.rate, "calls/s")
	for i, name := range []string{"asterisk", "ivrd", "load"} {
		b.ReportMetric(best.processes[i], name+"-cores")
	}
}

// rate has so many calls at once for two seconds.
func (x *exchange) rate(t testing.TB, l *load, c client, atOnce int) rated {
	var done atomic.Int64
	now := func() usage { return usageOf(t, x.asterisk, c.process, process(os.Getpid())) }
	before := now()
	must(t, crowd(atOnce, during(2*time.Second), func() error {
		done.Add(1)
		return l.brief(c.name)
	}))
	after := now()
	return rated{after.since(before), c.name, atOnce, float64(done.Load()) / after.at.Sub(before.at).Seconds()}
}

func byRate(a, b rated) int { return cmp.Compare(a.rate, b.rate) }

func better(a, b rated) rated {
	if a.rate > b.rate {
		return a
	}
	return b
}

// limit says who was the limit.
func (r *rated) limit(asterisk coreSet) string {
	const nearlyAll = 0.9
	switch {
	case r.processes[0] > nearlyAll:
		return "Asterisk, which has used up its core, is the limit"
	case r.idleOn(asterisk) > 1-nearlyAll:
		return "Asterisk is not the limit"
	}
	return "other programs on Asterisk's core do not let it be seen who is the limit"
}
