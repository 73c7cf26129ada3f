package main

import (
	"context"
	"fmt"
)

// compareMemory holds calls on both servers and compares what each takes.
func compareMemory(ctx context.Context, d *daemon, held int) error {
	fmt.Printf("memory with %d calls held in the middle of a question\n", held)
	bare, err := memory(ctx, d.startBare, held)
	if err != nil {
		return fmt.Errorf("bare: %w", err)
	}
	fmt.Printf("  bare   %8.1f KB per call\n", bare/1024)
	ivrd, err := memory(ctx, d.start, held)
	if err != nil {
		return fmt.Errorf("ivrd: %w", err)
	}
	fmt.Printf("  ivrd   %8.1f KB per call\n  ivrd / bare: %.2f\n\n", ivrd/1024, ivrd/bare)
	return nil
}

// memory is how much a server grows for each call that it holds.
func memory(ctx context.Context, start func(context.Context) (*server, error), held int) (float64, error) {
	s, err := start(ctx)
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
