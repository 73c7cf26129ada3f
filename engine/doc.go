// Package engine runs calls: it takes a Channel from a backend, finds the flow for it, and sees the
// call through to its end, whatever ends it.
//
// Engine knows neither Lua nor sockets. Backends (engine/agi, engine/sim) implement Channel and hand
// each new call to a Handler; flows (engine/flow) implement Flow and act through a Call. Everything a
// flow does passes Call.Do, where limits are consulted and the journal is kept.
//
//	e := &engine.Engine{Flows: set}
//	server := &agi.Server{Handler: e.Handle}
package engine
