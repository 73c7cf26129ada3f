package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// ariSessions compares the processor time that a reference session takes, in turns. The bare client sends all over
// its websocket; ivrd answers over HTTP, because Asterisk holds up everything behind a request to answer while a
// phone's first audio is to come.
func ariSessions(b *testing.B, x *exchange, out io.Writer) {
	const rounds, sessions, atOnce = 7, 300, 100
	l := x.load(b)
	asked := x.requests(b, l)
	bare, ivrd := x.clients(b, x.lab.HTTPAddr())
	var asterisk []time.Duration
	round := func(c client, n int) time.Duration {
		before, beforeAsterisk := processorTime(b, c.process), processorTime(b, x.asterisk)
		must(b, crowd(atOnce, times(n), func() error { return l.reference(c.name) }))
		asterisk = append(asterisk, (processorTime(b, x.asterisk)-beforeAsterisk)/time.Duration(n))
		return (processorTime(b, c.process) - before) / time.Duration(n)
	}
	for _, c := range []client{bare, ivrd} { // warm up
		round(c, 2*atOnce)
	}
	asterisk = nil
	var bares, ivrds []time.Duration
	var ratios []float64
	for i := range rounds {
		bares, ivrds = append(bares, round(bare, sessions)), append(ivrds, round(ivrd, sessions))
		ratios = append(ratios, float64(ivrds[i])/float64(bares[i]))
	}
	for _, ds := range [][]time.Duration{bares, ivrds, asterisk} {
		slices.Sort(ds)
	}
	slices.Sort(ratios)
	const median = rounds / 2
	b.ReportMetric(micros(bares[median]), "µs-CPU/bare-session")
	b.ReportMetric(micros(ivrds[median]), "µs-CPU/ivrd-session")
	b.ReportMetric(ratios[median], "ivrd/bare")
	fmt.Fprintf(out, "ARI: reference session, %d at once, medians of %d rounds of %d sessions\n", atOnce, rounds, sessions)
	fmt.Fprintf(out, "  %-6s %14s %18s\n", "", "CPU/session", "requests/session")
	fmt.Fprintf(out, "  %-6s %14s %18d\n", "bare", bares[median].Round(time.Microsecond), len(asked[bareApp]))
	fmt.Fprintf(out, "  %-6s %14s %18d\n", "ivrd", ivrds[median].Round(time.Microsecond), len(asked[ivrdApp]))
	fmt.Fprintf(out, "  CPU per session, ivrd / bare: %.2f (rounds %.2f to %.2f); Asterisk itself takes %s\n",
		ratios[median], ratios[0], ratios[rounds-1], asterisk[len(asterisk)/2].Round(10*time.Microsecond))
	fmt.Fprintf(out, "  ivrd sends besides: %s\n", besides(asked[ivrdApp], asked[bareApp]))
}

// requests is what each client sends in one reference session.
func (x *exchange) requests(t testing.TB, l *load) map[string][]ask {
	tap := newTap(t, x.lab.HTTPAddr())
	bare, ivrd := x.clients(t, tap.address())
	defer bare.stop()
	defer ivrd.stop()
	asked := map[string][]ask{}
	for _, c := range []client{bare, ivrd} {
		tap.forget()
		must(t, l.reference(c.name))
		asked[c.name] = tap.asked()
	}
	return asked
}

// besides lists the kinds of requests that there are more of in a than in b.
func besides(a, b []ask) string {
	more := map[string]int{}
	for _, r := range a {
		more[r.kind()]++
	}
	for _, r := range b {
		more[r.kind()]--
	}
	var list []string
	for _, kind := range slices.Sorted(maps.Keys(more)) {
		if n := more[kind]; n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, kind))
		}
	}
	return strings.Join(list, ", ")
}

func processorTime(t testing.TB, p process) time.Duration {
	t.Helper()
	d, err := p.cpu()
	must(t, err)
	return d
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// TestARISessions sees that both clients do the same, so that it is fair to compare them.
func TestARISessions(t *testing.T) {
	x := newExchange(t, newDaemon(t))
	tap := newTap(t, x.lab.HTTPAddr())
	bare, ivrd := x.clients(t, tap.address())
	l := x.load(t)
	want := []string{
		"POST answer", "set ACCOUNT=4711", "play sound:main-menu", "DELETE playbacks", "read BALANCE",
		"play sound:your-balance-is", "play sound:digits/40", "play sound:digits/2", "DELETE channels 16",
	}
	for _, c := range []client{bare, ivrd} {
		tap.forget()
		must(t, l.reference(c.name))
		var got []string
		for _, r := range tap.asked() {
			got = append(got, r.heard()...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s did\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		tap.forget()
		calls, err := l.hold(c.name, "keys", 3, 3)
		must(t, err)
		for _, call := range calls {
			must(t, call.press("12"))
		}
		tap.waitReacted(6)
		must(t, release(calls))
		must(t, l.brief(c.name))
	}
}
