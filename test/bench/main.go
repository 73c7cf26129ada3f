// Command bench measures ivrd beside a bare Go FastAGI handler that does the same session without Lua,
// journal or limits, and prints ratios. Both run as processes of their own, in turn, and are driven by
// the same peer, which answers as Asterisk would but at once.
//
//	go run ./test/bench
//
// The reference session is ANSWER, SET VARIABLE, a prompt with one digit, GET VARIABLE, STREAM FILE,
// SAY NUMBER, VERBOSE and HANGUP.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"time"
)

func main() {
	role := flag.String("serve", "", "run as a server: bare or ivrd (used by the benchmark itself)")
	rounds := flag.Int("rounds", 5, "rounds; the median counts")
	sessions := flag.Int("sessions", 10_000, "sessions a round")
	atOnce := flag.Int("at-once", 50, "sessions at once")
	held := flag.Int("held", 5_000, "calls held to measure memory")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch *role {
	case "":
		err = measure(ctx, *rounds, *sessions, *atOnce, *held)
	default:
		err = serve(ctx, *role)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure runs everything and prints it.
func measure(ctx context.Context, rounds, sessions, atOnce, held int) error {
	if err := compareSessions(ctx, rounds, sessions, atOnce); err != nil {
		return err
	}
	if err := compareMemory(ctx, held); err != nil {
		return err
	}
	if err := measureReload(ctx); err != nil {
		return err
	}
	return measureJournal()
}

// compareSessions runs the reference session on both servers in turn.
func compareSessions(ctx context.Context, rounds, sessions, atOnce int) error {
	fmt.Printf("reference session, %d sessions, %d at once, medians of %d rounds\n", sessions, atOnce, rounds)
	fmt.Printf("  %-6s %12s %14s %16s %16s\n", "", "sessions/s", "CPU/session", "digit p50", "digit p99")
	results := map[string][]result{}
	for range rounds {
		for _, name := range []string{"bare", "ivrd"} {
			r, err := oneRound(ctx, name, sessions, atOnce)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			results[name] = append(results[name], r)
		}
	}
	medians := map[string]result{}
	for _, name := range []string{"bare", "ivrd"} {
		m := median(results[name])
		medians[name] = m
		fmt.Printf("  %-6s %12.0f %14s %16s %16s\n", name, m.rate, m.cpu.Round(100*time.Nanosecond), m.p50.Round(time.Microsecond), m.p99.Round(time.Microsecond))
	}
	var ratios []float64
	for i := range results["bare"] {
		ratios = append(ratios, float64(results["ivrd"][i].cpu)/float64(results["bare"][i].cpu))
	}
	slices.Sort(ratios)
	fmt.Printf("  CPU per session, ivrd / bare: %.2f (rounds %.2f to %.2f)\n", ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
	return pacedLatency(ctx, atOnce)
}

// pacedLatency measures the digit's latency while calls come as callers do, not as fast as they can.
func pacedLatency(ctx context.Context, atOnce int) error {
	s, err := start(ctx, "ivrd")
	if err != nil {
		return err
	}
	defer s.stop()
	p := &peer{address: s.address, pause: 20 * time.Millisecond}
	if err := p.run(ctx, 40*atOnce, atOnce); err != nil {
		return err
	}
	p50, p99 := p.latency()
	fmt.Printf("  ivrd, %d calls at once that each think 20 ms before a digit: digit to next command p50 %s, p99 %s\n\n",
		atOnce, p50.Round(time.Microsecond), p99.Round(time.Microsecond))
	return nil
}

// A result is what one round on one server gave.
type result struct {
	rate     float64 // sessions per second
	cpu      time.Duration
	p50, p99 time.Duration // from the digit's reply to the next command
}

func oneRound(ctx context.Context, name string, sessions, atOnce int) (result, error) {
	s, err := start(ctx, name)
	if err != nil {
		return result{}, err
	}
	defer s.stop()
	if err := (&peer{address: s.address}).run(ctx, sessions/10, atOnce); err != nil { // warm up
		return result{}, err
	}
	before, err := s.cpu()
	if err != nil {
		return result{}, err
	}
	p := &peer{address: s.address}
	began := time.Now()
	if err := p.run(ctx, sessions, atOnce); err != nil {
		return result{}, err
	}
	took := time.Since(began)
	after, err := s.cpu()
	if err != nil {
		return result{}, err
	}
	p50, p99 := p.latency()
	return result{float64(sessions) / took.Seconds(), (after - before) / time.Duration(sessions), p50, p99}, nil
}

func median(rs []result) result {
	pick := func(by func(result) float64) float64 {
		values := make([]float64, len(rs))
		for i, r := range rs {
			values[i] = by(r)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return result{
		rate: pick(func(r result) float64 { return r.rate }),
		cpu:  time.Duration(pick(func(r result) float64 { return float64(r.cpu) })),
		p50:  time.Duration(pick(func(r result) float64 { return float64(r.p50) })),
		p99:  time.Duration(pick(func(r result) float64 { return float64(r.p99) })),
	}
}

// compareMemory holds calls on both servers and compares what each takes.
func compareMemory(ctx context.Context, held int) error {
	fmt.Printf("memory with %d calls held in the middle of a question\n", held)
	perCall := map[string]float64{}
	for _, name := range []string{"bare", "ivrd"} {
		bytes, err := memory(ctx, name, held)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		perCall[name] = bytes
		fmt.Printf("  %-6s %8.1f KB per call\n", name, bytes/1024)
	}
	fmt.Printf("  ivrd / bare: %.2f\n\n", perCall["ivrd"]/perCall["bare"])
	return nil
}

func memory(ctx context.Context, name string, held int) (float64, error) {
	s, err := start(ctx, name)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	if err := (&peer{address: s.address}).run(ctx, 200, 50); err != nil { // warm up
		return 0, err
	}
	before, err := s.resident()
	if err != nil {
		return 0, err
	}
	p := &peer{address: s.address, hold: make(chan struct{})}
	release, err := p.holdCalls(ctx, held)
	defer release()
	if err != nil {
		return 0, err
	}
	after, err := s.resident()
	return float64(after-before) / float64(held), err
}
