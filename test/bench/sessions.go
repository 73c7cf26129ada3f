package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// A result is what one round on one server gave.
type result struct {
	rate     float64 // sessions per second
	cpu      time.Duration
	p50, p99 time.Duration // from the digit's reply to the next command
}

// compareSessions runs the reference session on both servers in turn, and measures how soon a digit is
// answered when calls come as callers do.
func compareSessions(ctx context.Context, d *daemon, rounds, sessions, atOnce int) error {
	bare, err := d.startBare(ctx)
	if err != nil {
		return err
	}
	defer bare.stop()
	ivrd, err := d.start(ctx)
	if err != nil {
		return err
	}
	defer ivrd.stop()
	for _, s := range []*server{bare, ivrd} { // warm up
		if _, err := s.round(ctx, 2000, atOnce); err != nil {
			return err
		}
	}
	var bares, ivrds []result
	for range rounds {
		b, err := bare.round(ctx, sessions, atOnce)
		if err != nil {
			return fmt.Errorf("bare: %w", err)
		}
		i, err := ivrd.round(ctx, sessions, atOnce)
		if err != nil {
			return fmt.Errorf("ivrd: %w", err)
		}
		bares, ivrds = append(bares, b), append(ivrds, i)
	}
	fmt.Printf("reference session, %d at once, medians of %d rounds of %d sessions\n", atOnce, rounds, sessions)
	fmt.Printf("  %-6s %12s %14s %14s %14s\n", "", "sessions/s", "CPU/session", "digit p50", "digit p99")
	printResults("bare", bares)
	printResults("ivrd", ivrds)
	printRatio(bares, ivrds)
	return pacedLatency(ctx, ivrd, atOnce)
}

// round plays n sessions on s.
func (s *server) round(ctx context.Context, n, atOnce int) (result, error) {
	before, err := s.cpu()
	if err != nil {
		return result{}, err
	}
	p := &peer{address: s.address}
	began := time.Now()
	if err := p.run(ctx, n, atOnce); err != nil {
		return result{}, err
	}
	took := time.Since(began)
	after, err := s.cpu()
	if err != nil {
		return result{}, err
	}
	p50, p99 := p.latency()
	return result{float64(n) / took.Seconds(), (after - before) / time.Duration(n), p50, p99}, nil
}

func printResults(name string, rs []result) {
	fmt.Printf("  %-6s %12.0f %14s %14s %14s\n", name,
		medianOf(rs, func(r result) float64 { return r.rate }),
		medianOf(rs, func(r result) time.Duration { return r.cpu }).Round(100*time.Nanosecond),
		medianOf(rs, func(r result) time.Duration { return r.p50 }).Round(time.Microsecond),
		medianOf(rs, func(r result) time.Duration { return r.p99 }).Round(time.Microsecond))
}

// printRatio compares round by round, since both then had the same share of the machine.
func printRatio(bares, ivrds []result) {
	ratios := make([]float64, len(bares))
	for i := range ratios {
		ratios[i] = float64(ivrds[i].cpu) / float64(bares[i].cpu)
	}
	slices.Sort(ratios)
	fmt.Printf("  CPU per session, ivrd / bare: %.2f (rounds %.2f to %.2f)\n", ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
}

// pacedLatency measures the digit's latency while calls come as callers do, not as fast as they can.
func pacedLatency(ctx context.Context, s *server, atOnce int) error {
	p := &peer{address: s.address, pause: 100 * time.Millisecond}
	if err := p.run(ctx, 40*atOnce, atOnce); err != nil {
		return err
	}
	p50, p99 := p.latency()
	fmt.Printf("  ivrd, %d calls at once that each think for 100 ms or so before a digit: digit to next command p50 %s, p99 %s\n\n",
		atOnce, p50.Round(time.Microsecond), p99.Round(time.Microsecond))
	return nil
}

func medianOf[T any, N cmp.Ordered](values []T, by func(T) N) N {
	ns := make([]N, len(values))
	for i, v := range values {
		ns[i] = by(v)
	}
	slices.Sort(ns)
	return ns[len(ns)/2]
}

// percentiles is the median and the 99th percentile. It sorts what it is given.
func percentiles(ds []time.Duration) (p50, p99 time.Duration) {
	if len(ds) == 0 {
		return 0, 0
	}
	slices.Sort(ds)
	return ds[len(ds)/2], ds[len(ds)*99/100]
}
