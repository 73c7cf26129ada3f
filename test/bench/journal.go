package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
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

func medianOf(ds []time.Duration) time.Duration {
	slices.Sort(ds)
	return ds[len(ds)/2]
}

// A stepper is a flow that does nothing but steps.
type stepper struct {
	steps int
	took  time.Duration
}

func (s *stepper) Name() string                              { return "steps" }
func (s *stepper) Version() string                           { return "" }
func (s *stepper) Sound(string, string) (engine.Sound, bool) { return engine.Sound{}, false }

func (s *stepper) Run(c *engine.Call) error {
	began := time.Now()
	for range s.steps {
		if _, err := c.Do("step", "with some text", func(context.Context) (string, error) { return "result", nil }); err != nil {
			return err
		}
	}
	s.took = time.Since(began)
	return nil
}

// one is a set of one flow.
type one struct{ flow engine.Flow }

func (o one) Route(engine.Info) (engine.Route, error) { return engine.Route{Flow: o.flow}, nil }
func (o one) Flow(string) (engine.Flow, bool)         { return o.flow, true }

// measureJournal times what a step costs that does nothing.
func measureJournal() error {
	const steps, calls = 1000, 200
	var took []time.Duration
	for range calls {
		s := &stepper{steps: steps}
		e := &engine.Engine{Flows: func() engine.Flows { return one{s} }}
		e.Handle(context.Background(), sim.New(sim.Call{}))
		took = append(took, s.took/steps)
	}
	fmt.Printf("journal\n  %s per step (limits, journal and clock; median of %d calls of %d steps)\n", medianOf(took), calls, steps)
	return nil
}
