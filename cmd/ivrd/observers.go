package main

import "github.com/ivrd/ivrd/engine"

// observers follow calls together.
type observers []engine.Observer

var _ engine.Observer = observers(nil)

// Begin tells all of them of a step. The first outcome that one of them gives stands.
func (o observers) Begin(c *engine.Call, s *engine.Step) *engine.Outcome {
	var outcome *engine.Outcome
	for _, one := range o {
		if given := one.Begin(c, s); outcome == nil {
			outcome = given
		}
	}
	return outcome
}

// End tells all of them of a step that is done.
func (o observers) End(c *engine.Call, s *engine.Step) {
	for _, one := range o {
		one.End(c, s)
	}
}

// Over tells all of them that the call is over.
func (o observers) Over(c *engine.Call) {
	for _, one := range o {
		one.Over(c)
	}
}
