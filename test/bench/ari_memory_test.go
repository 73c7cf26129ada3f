package main

import (
	"fmt"
	"io"
	"testing"
)

// ariMemory compares how much each client grows for a call that it holds in the middle of a question, whose
// prompt is over. Short calls before and meanwhile keep the collector at work, so that both times there is as much
// garbage as there ever is.
func ariMemory(b *testing.B, x *exchange, out io.Writer) {
	const held, short = 1500, 1000
	bare, ivrd := x.clients(b, x.lab.HTTPAddr())
	l := x.load(b)
	growth := map[string]float64{}
	for _, c := range []client{bare, ivrd} {
		others := func() { must(b, crowd(50, times(short), func() error { return l.brief(c.name) })) }
		others()
		before := memoryOf(b, c.process)
		calls, err := l.hold(c.name, "held", held, 50)
		must(b, err)
		others()
		growth[c.name] = float64(memoryOf(b, c.process)-before) / held / 1024
		must(b, release(calls))
	}
	ratio := growth[ivrdApp] / growth[bareApp]
	fmt.Fprintf(out, "ARI: memory with %d calls held in the middle of a question\n", held)
	fmt.Fprintf(out, "  bare   %8.1f KB per call\n", growth[bareApp])
	fmt.Fprintf(out, "  ivrd   %8.1f KB per call\n", growth[ivrdApp])
	fmt.Fprintf(out, "  ivrd / bare: %.2f\n", ratio)
	b.ReportMetric(growth[bareApp], "KB/bare-call")
	b.ReportMetric(growth[ivrdApp], "KB/ivrd-call")
	b.ReportMetric(ratio, "ivrd/bare")
}

func memoryOf(t testing.TB, p process) int64 {
	t.Helper()
	n, err := p.resident()
	must(t, err)
	return n
}
