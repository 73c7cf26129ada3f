package main

import "github.com/ivrd/ivrd/engine"

// whenOver is told of calls that are over, one function after the other.
type whenOver []func(c *engine.Call)

var _ engine.Observer = whenOver(nil)

// Begin does not take part in steps; neither does End.
func (whenOver) Begin(*engine.Call, *engine.Step) *engine.Outcome { return nil }

// End does nothing.
func (whenOver) End(*engine.Call, *engine.Step) {}

// Over tells all of them.
func (o whenOver) Over(c *engine.Call) {
	for _, tell := range o {
		tell(c)
	}
}
