package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// ariLatency compares how soon a key is followed by the next sound, seen from between client and Asterisk: with
// one call, which presses again and again, and with many, whose callers press every second or so. In between the
// client stops the sound that played.
func ariLatency(b *testing.B, x *exchange, out io.Writer) {
	const many = 200
	tap := newTap(b, x.lab.HTTPAddr())
	bare, ivrd := x.clients(b, tap.address())
	l := x.load(b)
	both := []client{bare, ivrd}
	for _, c := range both { // warm up
		must(b, crowd(50, times(200), func() error { return l.brief(c.name) }))
	}
	reactions := map[string][]reaction{}
	measure := func(c client, calls int, press func([]*caller) error) {
		held, err := l.hold(c.name, "keys", calls, 20)
		must(b, err)
		time.Sleep(200 * time.Millisecond) // for the prompts to begin
		tap.forget()
		must(b, press(held))
		name := label(c, calls)
		reactions[name] = append(reactions[name], tap.reacted()...)
		must(b, release(held))
	}
	for range 3 { // in turns, as the machine's load changes
		for _, c := range both {
			measure(c, 1, pressOn)
		}
	}
	for range 2 {
		for _, c := range both {
			measure(c, many, pressNowAndThen)
		}
	}
	fmt.Fprintf(out, "ARI: from a digit's event to the next request to play, seen at the websocket\n")
	fmt.Fprintf(out, "  %-6s %8s %8s %12s %12s   %s\n", "", "calls", "digits", "p50", "p99", "of that without waiting for Asterisk: p50, p99")
	for _, calls := range []int{1, many} {
		for _, c := range both {
			name := label(c, calls)
			n := len(reactions[name])
			p50, p99 := percentiles(durations(reactions[name], func(r reaction) time.Duration { return r.total }))
			own50, own99 := percentiles(durations(reactions[name], func(r reaction) time.Duration { return r.own }))
			fmt.Fprintf(out, "  %-6s %8d %8d %12s %12s   %s, %s\n", c.name, calls, n, p50.Round(time.Microsecond),
				p99.Round(time.Microsecond), own50.Round(time.Microsecond), own99.Round(time.Microsecond))
			b.ReportMetric(micros(p50), "µs-p50/"+name)
			b.ReportMetric(micros(p99), "µs-p99/"+name)
		}
	}
}

func label(c client, calls int) string { return fmt.Sprintf("%s-%d", c.name, calls) }

// pressOn has callers press key after key for some seconds.
func pressOn(calls []*caller) error {
	const keys = 30
	return each(calls, len(calls), func(c *caller) error {
		err := c.press(strings.Repeat("1", keys))
		time.Sleep(keys * 150 * time.Millisecond) // Asterisk presses them meanwhile
		return err
	})
}

// pressNowAndThen has callers press every second on average, not in step, for some seconds.
func pressNowAndThen(calls []*caller) error {
	return each(calls, len(calls), func(c *caller) error {
		more := during(4 * time.Second)
		time.Sleep(rand.N(time.Second))
		for more() {
			if err := c.press("1"); err != nil {
				return err
			}
			time.Sleep(500*time.Millisecond + rand.N(time.Second))
		}
		return nil
	})
}

func durations(reactions []reaction, by func(reaction) time.Duration) []time.Duration {
	ds := make([]time.Duration, len(reactions))
	for i, r := range reactions {
		ds[i] = by(r)
	}
	return ds
}
