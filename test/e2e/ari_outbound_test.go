package e2e

import (
	"testing"
	"time"
)

// halves asks for two keys, and for two more.
const halves = `
call:ask { prompt = "enter", min = 2, max = 2, wait = 25, between = 25 }
log.info("half of", call.caller.number)
call:ask { min = 2, max = 2, wait = 25, between = 25 }
call:play("after")`

// TestARIOutboundCut breaks a connection that Asterisk has opened: Asterisk keeps its events, so keys that are
// pressed meanwhile count, and who hangs up meanwhile has hung up.
func TestARIOutboundCut(t *testing.T) {
	t.Parallel()
	s := plan{
		Config: recorded,
		Flows: map[string]string{
			"100.lua": onEnd + halves,
			"101.lua": onEnd + `call:play("short") call:play("after")`,
			"102.lua": onEnd + `call:play("long") call:play("after")`,
		},
		Prompts: map[string]time.Duration{
			"enter": 300 * time.Millisecond, "after": 300 * time.Millisecond, "short": 600 * time.Millisecond, "long": 3 * time.Second,
		},
		ARI: true,
		Via: viaARI{Outbound: []string{"ivrd", "ivrd~2"}},
	}.start(t)
	entry, short, long, hangsUp := s.dial(t, "100", "1"), s.dial(t, "101", "2"), s.dial(t, "102", "3"), s.dial(t, "100", "4")
	hear(t, entry, "enter")
	hear(t, hangsUp, "enter")
	hear(t, long, "long")
	hear(t, short, "short")
	press(t, entry, "12")
	s.waitLog(t, 0, "half of 1")

	from := s.log.mark()
	s.proxy.Cut()
	s.waitLog(t, from, "connection to Asterisk lost", `"calls":4`)
	began := time.Now()
	press(t, entry, "3")
	if err := hangsUp.HangUp(); err != nil {
		t.Fatal(err)
	}
	pass(time.Second - time.Since(began))
	s.proxy.Mend()
	s.waitLog(t, from, "connected to Asterisk")
	s.waitLog(t, from, "flow of 4 over: hangup")
	press(t, entry, "4")
	wantHeard(t, entry, "enter", "after")
	s.wantSteps(t, "1", "> answer", "> play enter", "press 12", "press 34", "> play after", "> continue")
	wantHeard(t, short, "short", "after")
	wantHeard(t, long, "long", "after")
	for _, from := range []string{"1", "2", "3"} {
		s.wantEnd(t, from, "SUCCESS completed")
	}
	s.wantNothingLeft(t)
}

// TestARIOutboundTaken has another program take the application of a connection that Asterisk has opened. No more
// events come over that, so its calls are given up.
func TestARIOutboundTaken(t *testing.T) {
	t.Parallel()
	s := plan{
		Flows: map[string]string{"100.lua": onEnd + halves}, Prompts: askPrompts,
		ARI: true, Via: viaARI{Outbound: []string{"ivrd"}},
	}.start(t)
	p := s.dial(t, "100", "1")
	hear(t, p, "enter")
	ws := listenAs(t, s.lab, "ivrd")
	s.waitLog(t, 0, `"level":"ERROR"`, "taken over", `"calls":1`, "until Asterisk is restarted")
	s.waitLog(t, 0, "flow of 1 over: lost")
	wantHeard(t, p, "enter", "dialplan-sorry")
	s.wantEnd(t, "1", "SUCCESS lost")
	ws.CloseNow()
}
