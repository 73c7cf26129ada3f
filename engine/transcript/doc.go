// Package transcript reads, runs and writes calls as text: what ivrd did, and what the caller and other
// systems did, one action per line. It is the language of flow tests, contract tests and recorded calls.
//
// A transcript is followed by a Run, an engine.Observer: it checks each step against the next line that
// begins with >, and makes a Phone do what the lines between say. What the phone belongs to is not its
// business: the simulator's is one, a SIP phone in front of a real Asterisk is another.
//
//	file, err := transcript.Parse("menu.call", text)
//	stage := transcript.Stage{Engine: newEngine, Dial: func(c *transcript.Call) (engine.Channel, transcript.Phone) {
//		ch := sim.New(sim.Call{Info: c.Info(), Vars: c.Vars(), Start: c.Clock})
//		return ch, ch.Phone()
//	}}
//	for _, result := range stage.Run(ctx, file) {
//		fmt.Print(result.Diff) // nothing if the call went as written
//	}
//
// # Grammar
//
// One action per line; blank lines and indentation mean nothing. Text files end in .call.
//
//	file    = { line }
//	line    = comment | ring | clock | seed | secret | step | [ when ] world | outcome
//	comment = "#" text                           the ones right above a ring are that call's title
//	ring    = "ring" EXTEN { option }            a call begins, and the one before it is over
//	option  = "from" NUMBER | "name" NAME | "in" CONTEXT | "language" CODE | "path" PATH[?QUERY]
//	        | "with" VARIABLE=VALUE { VARIABLE=VALUE }
//	clock   = "clock" TIME                       such as 2026-11-22T10:00:00Z
//	seed    = "seed" NUMBER                      for the flow's random numbers; without it, 1
//	secret  = "secret" NAME text                 what secrets.get gives; without it, the name
//	step    = ">" KIND [ text ]                  ivrd does this next, and nothing else
//	when    = "at" DURATION | "then"
//	world   = "press" DIGITS | "silence" [ DURATION ] | "say" [ DURATION ] [ text ] | "hang up" | event | party
//	event   = "event" ( "hold" | "unhold" | "talking" | "quiet" | "text" | "user_event" ) [ text ] [ JSON ]
//	party   = NAME ( "answers" | "is busy" | "refuses" | "presses" DIGITS | "hangs up" )
//	outcome = [ "at" DURATION ] ( "reply" [ text ] | "row" [ text ] | "fail" [ text ] )   at: of http, db, redis, kv and hours
//
// EXTEN, NUMBER, NAME … are words, or anything in double quotes. A DURATION is 2.5s, 300ms or 2m.
//
// # Steps
//
// A step is compared with what the journal says, blanks aside; line breaks and other control characters
// are written \n, \t, \x07. "> end error" without a text matches every error, and a step that ends in
// "..." everything that begins like it.
//
// # The world
//
// World lines happen during the step above them (those right below ring: when the call arrives), as
// early as that step can take them, one after the other; the caller's finger needs 80 ms for a key and
// 60 ms between two. "at 2.5s" counts from the beginning of the step. "silence 2s" makes the lines behind
// it wait. A plain "silence" makes them wait until ivrd gives up waiting for a key, and "then" until it
// has taken what was pressed before:
//
//	> play enter-pin
//	press 12
//	silence 2s
//	press 34
//
// presses four keys with a pause; "press 12" and "then press 34" would be two entries. What still waits
// when the next step begins happens then. A ? is a secret key of a recorded call; it is pressed as 0.
//
// # Parties
//
// A line that begins with a name is about somebody whom the flow dials: PJSIP/alice is alice. What a party does
// happens during the step above it, as what the caller does; nobody answers unless a line says so.
//
//	> dial PJSIP/alice PJSIP/bob
//	bob answers
//	at 20s bob hangs up
//
// # Outcomes
//
// reply, row and fail say what came of the step above: they stand in for systems that are not there.
// A reply to redis is JSON, in which "5" is a text and 5 a number, or a text without quotes.
// A row is one of a database, as a JSON object. Text in double quotes may hold \n, \t, \" and bytes such as \xff.
// Where a real Asterisk does the step, it is done, and its result must be the reply, or a failure.
//
// The first clock above the first step is when the call arrives, and time goes on from there. Every other
// one is what the flow is told when it next asks for the time. Seeds are handed out in order; the last one
// counts from then on.
package transcript
