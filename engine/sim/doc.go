// Package sim is a simulated backend: calls without Asterisk, in virtual or in real time.
//
// A Channel is the call as the engine sees it, its Phone what the caller does. In virtual time nothing
// waits: the clock jumps to the next thing that happens, so a call of minutes takes microseconds and is
// the same each time. In real time the same code waits, and keys may come from another goroutine. Sim
// has no dialplan: what Asterisk's applications would do is the business of Call.Exec.
//
//	ch := sim.New(sim.Call{Info: engine.Info{Exten: "100", CallerID: "5551234"}})
//	ch.Phone().Press(0, "1")
//	e.Handle(ctx, ch)
//	fmt.Println(ch.Ending(), ch.Phone().Heard())
package sim
