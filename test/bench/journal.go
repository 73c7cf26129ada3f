package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
)

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
	median := medianOf(took, func(d time.Duration) time.Duration { return d })
	fmt.Printf("journal\n  %s per step (limits, journal and clock; median of %d calls of %d steps)\n", median, calls, steps)
	return nil
}
