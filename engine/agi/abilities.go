package agi

import "github.com/ivrd/ivrd/engine"

// Abilities are those of all calls over FastAGI.
func Abilities() engine.Abilities { return engine.AbilitiesOf((*channel)(nil)) }
