package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine/flow"
)

// A folder holds flows for measureReload.
type folder struct{ path string }

// manyFlows writes n flows of twenty lines each.
func manyFlows(n int) (folder, error) {
	path, err := os.MkdirTemp("", "ivrd-bench-")
	if err != nil {
		return folder{}, err
	}
	dir := folder{path}
	for i := range n {
		if err := dir.change(i); err != nil {
			return dir, err
		}
	}
	return dir, nil
}

// change gives flow i a content it never had.
func (f folder) change(i int) error {
	text := fmt.Sprintf("-- %d\n%s%s", time.Now().UnixNano(), strings.Repeat("call:play(\"welcome\")\n", 12), reference)
	return os.WriteFile(filepath.Join(f.path, fmt.Sprintf("flow%04d.lua", i)), []byte(text), 0o644)
}

func (f folder) remove() { _ = os.RemoveAll(f.path) }

// measureReload times loading 1,000 flows and one changed file of them.
func measureReload(ctx context.Context) error {
	dir, err := manyFlows(1000)
	defer dir.remove()
	if err != nil {
		return err
	}
	began := time.Now()
	reports := make(chan time.Time, 10)
	flows, err := flow.Watch(dir.path, flow.Options{OnReload: func(flow.Report) { reports <- time.Now() }})
	if err != nil {
		return err
	}
	defer flows.Close()
	fmt.Printf("reload\n  1,000 flows loaded in %s\n", time.Since(began).Round(time.Millisecond))
	var took []time.Duration
	for i := range 9 {
		saved := time.Now()
		if err := dir.change(i); err != nil {
			return err
		}
		select {
		case at := <-reports:
			took = append(took, at.Sub(saved))
		case <-time.After(10 * time.Second):
			return fmt.Errorf("a changed file was not noticed in 10 s")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	live := medianOf(took, func(d time.Duration) time.Duration { return d })
	fmt.Printf("  one changed file of them live after %s (median of %d)\n\n", live.Round(time.Millisecond), len(took))
	return nil
}
