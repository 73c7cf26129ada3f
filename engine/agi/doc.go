// Package agi answers Asterisk's FastAGI connections and hands each one to the engine as a Channel.
//
// It speaks the protocol as res_agi.c does, not as its documentation has it: HANGUP lines at any time,
// commands that are never answered, replies that go on after their end. Package engine knows nothing of
// that. FastAGI has neither encryption nor passwords, so a Server takes calls from the addresses it is
// told only, its own machine by default.
//
//	s := &agi.Server{Handler: eng.Handle}
//	l, err := agi.Listen(ctx, "127.0.0.1:4573")
//	...
//	err = s.Serve(ctx, l) // until ctx ends; running calls go on
//	s.Shutdown(deadline)  // waits for them
//
// # Digits
//
// Asterisk has no type-ahead for AGI: between two commands it reads and forgets what the caller presses.
// A Channel therefore lets every digit end every sound, keeps those nobody asked for, and goes on with
// the sound where it was. When a flow thinks for longer than Server.TypeAhead, a WAIT FOR DIGIT listens
// meanwhile. What cannot be saved: digits pressed during answer, record, and all that runs a dialplan
// application or any AGI command sent as such; those not in stop while Asterisk says a number, digits or
// characters, which it cannot resume (package engine asks for that only in languages it cannot make of
// recordings itself); and a key released in the instant between two commands, well under a millisecond as
// a rule, or within TypeAhead of a flow beginning to think.
//
// # Applications
//
// What a flow does with other calls is done by dialplan applications: Dial, ConfBridge, Bridge, ChanSpy and
// so on, by EXEC. What they have to know stands in their arguments, where nothing may end one and begin
// another, or in variables; what came of them is read from variables, all in one command. None of them can
// be stopped: when the context of such a step ends, the flow does, and the application when it is over.
// Some of it takes extensions of ivrd's own, dialplan/ivrd.conf, because Dial alone tells neither when a
// conversation began nor who ended it, and has the caller wait, deaf, while it announces.
package agi
