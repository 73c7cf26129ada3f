package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// onEnd has a flow log how it ended.
const onEnd = `call:on_end(function(why) log.info("flow of", call.caller.number, "over:", why) end)
call:answer()
`

// unreachable are flows that do something when Asterisk goes away, and would go on doing it.
var unreachable = map[string]string{
	"100.lua": onEnd + `call:play("endless") call:play("after")`,
	"101.lua": onEnd + `call:ask { prompt = "enter", max = 1, wait = 60 } call:play("after")`,
	"102.lua": onEnd + `call:record { name = "lost", max = 60 } call:play("after")`,
	"103.lua": onEnd + `call:play("enter") while true do call:set("A", "1") call:wait(0.2) end`,
	"104.lua": onEnd + `call:exec("Playback", "music") call:play("after")`,
}

// TestARILost has Asterisk be out of reach for longer than calls wait. Their flows end as lost, and as soon as it
// can be reached again the callers are back in the dialplan, whatever they were listening to.
func TestARILost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		outage   string
		away     time.Duration
		after    time.Duration // after which the flows are given up
		released time.Duration // once Asterisk can be reached, at the latest
	}{
		{"1s", 2500 * time.Millisecond, time.Second, 3 * time.Second},
		{"0s", 500 * time.Millisecond, 0, 3 * time.Second},
	} {
		t.Run("outage "+test.outage, func(t *testing.T) {
			t.Parallel()
			s := plan{
				Config:  recorded,
				Flows:   unreachable,
				Prompts: map[string]time.Duration{"endless": 30 * time.Second, "enter": 300 * time.Millisecond, "after": time.Second},
				Sounds:  map[string]time.Duration{"music": 5 * time.Second},
				ARI:     true, Via: viaARI{Keys: "outage: " + test.outage},
			}.start(t)
			calls := map[string]*asterisk.Phone{}
			for _, exten := range []string{"100", "101", "102", "103", "104"} {
				calls[exten] = s.dial(t, exten, exten)
			}
			hear(t, calls["100"], "endless")
			hear(t, calls["101"], "enter")
			<-s.speak(t, calls["102"], 500*time.Millisecond)
			hear(t, calls["103"], "enter")
			hear(t, calls["104"], "music")

			began := time.Now() // before ivrd can notice
			s.proxy.Cut()
			s.waitLog(t, 0, "calls given up", `"calls":5`)
			for exten := range calls {
				s.waitLog(t, 0, "flow of "+exten+" over: lost")
			}
			if took := time.Since(began); took < test.after || took > test.after+time.Second {
				t.Errorf("the calls were given up after %v, want %v", took, test.after)
			}
			pass(test.away - time.Since(began))
			late := s.dial(t, "101", "999")
			wantHeard(t, late, "dialplan-sorry")
			s.wantEnd(t, "999", "FAILED")

			s.proxy.Mend()
			mended := time.Now()
			for exten, p := range calls {
				if exten == "104" {
					continue // Asterisk plays on, as the dialplan would
				}
				hear(t, p, "dialplan-sorry")
				s.wantEnd(t, exten, "SUCCESS lost")
			}
			t.Logf("released %v after Asterisk could be reached", time.Since(mended).Round(time.Millisecond))
			if took := time.Since(mended); took > test.released {
				t.Errorf("the callers were released %v after Asterisk could be reached", took)
			}
			wantHeard(t, calls["100"], "endless", "dialplan-sorry")
			wantHeard(t, calls["101"], "enter", "dialplan-sorry")
			wantHeard(t, calls["102"], "dialplan-sorry")
			wantHeard(t, calls["103"], "enter", "dialplan-sorry")
			wantHeard(t, calls["104"], "music", "dialplan-sorry")
			s.wantEnd(t, "104", "SUCCESS lost")
			s.wantSteps(t, "101", "> answer", "> play enter", "> end lost connection to Asterisk lost")
			s.wantNothingLeft(t)
			if n := s.log.count("no connection to Asterisk", "ERROR"); n > 2 {
				t.Errorf("%d lines say that there is no connection", n)
			}

			again := s.dial(t, "101", "7")
			hear(t, again, "enter")
			press(t, again, "1")
			wantHeard(t, again, "enter", "after")
			s.wantEnd(t, "7", "SUCCESS completed")
		})
	}
}

// TestARIStall has the connection fail as in a router that forgot it: nothing is refused, nothing arrives. Pings
// find that out, and calls go on, also one that was being answered.
func TestARIStall(t *testing.T) {
	t.Parallel()
	s := plan{
		Config: recorded,
		Flows: map[string]string{
			"100.lua": onEnd + halves,
			"101.lua": onEnd + `call:play("long") call:play("after")`,
			"102.lua": `log.info("computing") ` + compute(2e6) + onEnd + `call:play("after")`,
		},
		Prompts: map[string]time.Duration{"enter": 300 * time.Millisecond, "after": 300 * time.Millisecond, "long": 10 * time.Second},
		ARI:     true,
	}.start(t)
	inEntry, inPrompt := s.dial(t, "100", "1"), s.dial(t, "101", "2")
	hear(t, inEntry, "enter")
	press(t, inEntry, "12")
	s.waitLog(t, 0, "half of 1")
	hear(t, inPrompt, "long")
	inAnswer := s.dial(t, "102", "3")
	s.waitLog(t, 0, "computing")

	from := s.log.mark()
	s.proxy.Stall()
	began := time.Now()
	s.waitLog(t, from, "connection to Asterisk lost")
	noticed := time.Since(began)
	s.proxy.Mend()
	s.waitLog(t, from, "connected to Asterisk", `"calls":3`)
	t.Logf("noticed after %v, regained %v later", noticed.Round(time.Millisecond), (time.Since(began) - noticed).Round(time.Millisecond))
	if noticed > 12*time.Second {
		t.Errorf("it took %v to notice", noticed)
	}
	press(t, inEntry, "34")
	wantHeard(t, inEntry, "enter", "after")
	s.wantSteps(t, "1", "> answer", "> play enter", "press 12", "press 34", "> play after", "> continue")
	wantHeard(t, inAnswer, "after")
	wantHeard(t, inPrompt, "long", "after")
	for _, from := range []string{"1", "2", "3"} {
		s.wantEnd(t, from, "SUCCESS completed")
	}
	s.wantNothingLeft(t)
}

// compute is Lua that takes its time.
func compute(steps float64) string {
	return fmt.Sprintf("do local n = 0 for i = 1, %.0f do n = n + i end end\n", steps)
}
