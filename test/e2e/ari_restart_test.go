package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// TestARIKilled kills the daemon under calls and starts it again: the callers are back in the dialplan, and those
// who talk to each other go on until one hangs up.
func TestARIKilled(t *testing.T) {
	t.Parallel()
	s := plan{
		Flows: map[string]string{
			"100.lua": onEnd + `call:play("endless")`,
			"101.lua": onEnd + `call:ask { prompt = "enter", max = 1, wait = 60 } call:play("after")`,
			"102.lua": onEnd + `call:record { name = "killed", max = 60 }`,
			"103.lua": onEnd + `call:play("enter") call:wait(60)`,
			"105.lua": onEnd + `call:dial("PJSIP/" .. call.caller.name)`,
			"104.lua": onEnd + `call:exec("Playback", "music")`,
		},
		Prompts: map[string]time.Duration{"endless": time.Minute, "enter": 300 * time.Millisecond, "after": 300 * time.Millisecond},
		Sounds:  map[string]time.Duration{"music": 4 * time.Second},
		Phones:  []string{"bob", "carol"},
		ARI:     true,
	}.start(t)
	calls := map[string]*asterisk.Phone{}
	for _, exten := range []string{"100", "101", "102", "104"} {
		calls[exten] = s.dial(t, exten, exten)
	}
	bobs, carols := s.dialAs(t, "105", "3", "bob"), s.dialAs(t, "105", "4", "carol")
	bob, carol := s.rung(t, "bob"), s.rung(t, "carol")
	answers(t, bob)
	answers(t, carol)
	s.wantTalking(t, bobs, bob)
	s.wantTalking(t, carols, carol)
	alice, zoe := s.dial(t, "103", "1"), s.dial(t, "103", "2")
	for _, p := range []*asterisk.Phone{alice, zoe} {
		hear(t, p, "enter")
	}
	s.rest.must(t, "POST", "/bridges/talk", map[string]any{"type": "mixing"})
	s.rest.must(t, "POST", "/bridges/talk/addChannel", map[string]any{"channel": []string{s.channelOf(t, "1"), s.channelOf(t, "2")}})
	hear(t, calls["100"], "endless")
	hear(t, calls["101"], "enter")
	<-s.speak(t, calls["102"], 300*time.Millisecond)
	hear(t, calls["104"], "music")

	s.signal(t, syscall.SIGKILL)
	<-s.exited
	late := s.dial(t, "101", "6")
	wantHeard(t, late, "dialplan-sorry")
	s.wantEnd(t, "6", "FAILED")
	s.restart(t)
	began := time.Now()
	for exten, p := range calls {
		if exten != "104" {
			hear(t, p, "dialplan-sorry")
		}
	}
	released := time.Since(began)
	t.Logf("released %v after ivrd was back", released.Round(time.Millisecond))
	if released > 4*time.Second {
		t.Errorf("the callers waited %v for the dialplan", released)
	}
	wantHeard(t, calls["100"], "endless", "dialplan-sorry")
	wantHeard(t, calls["101"], "enter", "dialplan-sorry")
	wantHeard(t, calls["102"], "dialplan-sorry")
	wantHeard(t, calls["104"], "music", "dialplan-sorry")
	for exten := range calls {
		s.wantEnd(t, exten, "SUCCESS lost")
	}

	for _, pair := range [][2]*asterisk.Phone{{alice, zoe}, {bobs, bob}, {carols, carol}} {
		s.wantTalking(t, pair[0], pair[1])
	}
	for _, p := range []*asterisk.Phone{alice, bob, carols} {
		if err := p.HangUp(); err != nil {
			t.Fatal(err)
		}
	}
	hear(t, zoe, "dialplan-sorry")
	s.wantEnd(t, "2", "SUCCESS lost")
	hear(t, bobs, "dialplan-sorry")
	s.wantEnd(t, "3", "SUCCESS lost")
	if _, err := carol.WaitEnded(timeout(t)); err != nil {
		t.Error(err)
	}
	s.rest.must(t, "DELETE", "/bridges/talk", nil)
	s.wantNoBridges(t)
	s.wantNothingLeft(t)

	again := s.dial(t, "101", "7")
	hear(t, again, "enter")
	press(t, again, "1")
	wantHeard(t, again, "enter", "after")
	s.wantEnd(t, "7", "SUCCESS completed")
}

// answered is viaStasis for callers who are answered before ivrd has them.
var answered = strings.Replace(viaStasis, " same => n,Stasis", " same => n,Answer()\n same => n,Stasis", 1)

// TestARIOutboundDown has calls come while ivrd is down, from an Asterisk that keeps its events: they are answered
// when it is up again, and their keys count. Who hung up meanwhile does not bother it.
func TestARIOutboundDown(t *testing.T) {
	t.Parallel()
	s := plan{
		Flows: map[string]string{"100.lua": `
log.info("flow of", call.caller.number)
call:answer()
call:ask { prompt = "enter", min = 4, max = 4, wait = 20, between = 20 }
call:play("after")`},
		Prompts:  map[string]time.Duration{"enter": 300 * time.Millisecond, "after": 300 * time.Millisecond},
		Config:   recorded,
		Dialplan: answered,
		ARI:      true, Via: viaARI{Outbound: []string{"ivrd", "ivrd~2"}},
	}.start(t)
	before := s.dial(t, "100", "1")
	hear(t, before, "enter")
	s.signal(t, syscall.SIGKILL)
	<-s.exited

	impatient := s.dial(t, "100", "2")
	if err := impatient.WaitAnswered(timeout(t)); err != nil {
		t.Fatal(err)
	}
	press(t, impatient, "1")
	patient := s.dial(t, "100", "3")
	if err := patient.WaitAnswered(timeout(t)); err != nil {
		t.Fatal(err)
	}
	press(t, patient, "12")
	if err := impatient.HangUp(); err != nil {
		t.Fatal(err)
	}
	if err := s.lab.WaitLog(timeout(t), "Queued 'StasisEnd'"); err != nil {
		t.Fatal(err)
	}
	s.restart(t)
	press(t, patient, "34")
	wantHeard(t, patient, "after")
	s.wantEnd(t, "3", "SUCCESS completed")
	s.wantSteps(t, "3", "> answer", "> play enter", "press 1234", "> play after", "> continue")
	wantHeard(t, before, "enter", "dialplan-sorry")
	s.wantEnd(t, "1", "SUCCESS lost")
	if line, ok := s.log.find(0, "flow of 2"); ok {
		t.Errorf("a flow ran for a caller who had hung up: %s", line)
	}
	s.wantNothingLeft(t)
}

// TestARIDrain ends the daemon with SIGTERM under calls, as TestDrain does over FastAGI.
func TestARIDrain(t *testing.T) {
	t.Parallel()
	s := plan{
		Config: quietly + "drain: 3s\n",
		Flows: map[string]string{
			"100.lua": onEnd + `call:ask { prompt = "enter", max = 1, wait = 60 } call:play("after")`,
			"200.lua": onEnd + `while true do pcall(function() call:play("endless") end) end`,
		},
		Prompts: map[string]time.Duration{
			"enter": 300 * time.Millisecond, "after": 300 * time.Millisecond, "endless": 30 * time.Second,
		},
		ARI: true,
	}.start(t)
	finishes, stubborn := s.dial(t, "100", "1"), s.dial(t, "200", "2")
	hear(t, finishes, "enter")
	hear(t, stubborn, "endless")
	s.signal(t, syscall.SIGTERM)
	began := time.Now()
	s.waitLog(t, 0, "no new calls", `"calls":2`)

	late := s.dial(t, "100", "3")
	wantHeard(t, late, "dialplan-sorry")
	s.wantEnd(t, "3", "SUCCESS drain")
	press(t, finishes, "1")
	wantHeard(t, finishes, "enter", "after")
	s.wantEnd(t, "1", "SUCCESS completed")
	s.wantExit(t, 0)
	if took := time.Since(began); took > 6*time.Second {
		t.Errorf("ivrd ended %v after SIGTERM; calls have 3s", took)
	}
	wantHeard(t, stubborn, "endless", "dialplan-sorry")
	s.wantEnd(t, "2", "SUCCESS drain")
	s.waitLog(t, 0, "flow of 2 over: drain")
	wantHeard(t, s.dial(t, "100", "4"), "dialplan-sorry")
	s.wantEnd(t, "4", "FAILED")
	for _, words := range []string{"connection to Asterisk lost", `"level":"ERROR"`} {
		if line, ok := s.log.find(0, words); ok {
			t.Errorf("an orderly end is no trouble: %s", line)
		}
	}
	s.wantNothingLeft(t)
}

// TestARIDrainLost ends the daemon while Asterisk is out of reach: it does not wait for it as long as calls would,
// and the next one releases them.
func TestARIDrainLost(t *testing.T) {
	t.Parallel()
	s := plan{
		Config:  quietly + "drain: 1s\n",
		Flows:   map[string]string{"100.lua": onEnd + halves},
		Prompts: askPrompts,
		ARI:     true,
	}.start(t)
	p := s.dial(t, "100", "1")
	hear(t, p, "enter")
	s.proxy.Cut()
	s.waitLog(t, 0, "connection to Asterisk lost")
	began := time.Now()
	s.signal(t, syscall.SIGTERM)
	s.wantExit(t, 0)
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("it ended after %v", took)
	}
	s.waitLog(t, 0, "flow of 1 over: drain")
	s.proxy.Mend()
	s.restart(t)
	wantHeard(t, p, "enter", "dialplan-sorry")
	s.wantEnd(t, "1", "SUCCESS lost")
	s.wantNothingLeft(t)
}

// TestARIAsteriskKilled kills Asterisk under calls: it is back in time, or only after they were given up.
func TestARIAsteriskKilled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, outage, end string }{
		{"back in time", "1m", "hangup"},
		{"back too late", "1s", "lost"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := plan{
				Flows: map[string]string{
					"100.lua": onEnd + `call:play("endless")`,
					"101.lua": onEnd + `call:ask { prompt = "enter", max = 1, wait = 60 } call:play("after")`,
					"102.lua": onEnd + `call:record { name = "crash", max = 60 }`,
					"103.lua": onEnd + `call:play("enter") while true do call:set("A", "1") call:wait(0.1) end`,
					"104.lua": onEnd + `call:exec("Playback", "music")`,
				},
				Prompts: map[string]time.Duration{"endless": time.Minute, "enter": 300 * time.Millisecond, "after": 300 * time.Millisecond},
				Sounds:  map[string]time.Duration{"music": time.Minute},
				ARI:     true, Via: viaARI{Keys: "outage: " + test.outage},
				Env: []string{"GODEBUG=schedtrace=500,scheddetail=1"},
			}.start(t)
			s.callAndFinish(t, "1")
			files, goroutines := s.descriptors(t), s.goroutines(t)
			phones := map[string]*asterisk.Phone{}
			for _, exten := range []string{"100", "101", "102", "103", "104"} {
				phones[exten] = s.dial(t, exten, exten)
			}
			hear(t, phones["100"], "endless")
			hear(t, phones["101"], "enter")
			<-s.speak(t, phones["102"], 300*time.Millisecond)
			hear(t, phones["103"], "enter")
			hear(t, phones["104"], "music")
			from := s.log.mark()
			s.lab.Kill()
			s.waitLog(t, from, "connection to Asterisk lost", `"calls":5`)
			if test.end == "lost" {
				s.waitLog(t, from, "calls given up", `"calls":5`)
			}
			if err := s.lab.Restart(); err != nil {
				t.Fatal(err)
			}
			s.waitLog(t, from, "connected to Asterisk")
			for exten := range phones {
				s.waitLog(t, from, "flow of "+exten+" over: "+test.end)
			}
			s.callAndFinish(t, "2")
			s.wantNothingLeft(t)
			s.wantNoMore(t, files, goroutines)
		})
	}
}

// callAndFinish makes a call to 101 and sees it through.
func (s *site) callAndFinish(t *testing.T, from string) {
	t.Helper()
	p := s.dial(t, "101", from)
	hear(t, p, "enter")
	press(t, p, "1")
	wantHeard(t, p, "enter", "after")
	s.wantEnd(t, from, "SUCCESS completed")
}

// wantNoMore waits until the daemon has no more files, sockets and goroutines than it had.
func (d *daemon) wantNoMore(t *testing.T, files, goroutines int) {
	t.Helper()
	for end := timeout(t); ; {
		f, g := d.descriptors(t), d.goroutines(t)
		if f <= files && g <= goroutines {
			return
		}
		if end.Err() != nil {
			t.Fatalf("%d files and sockets and %d goroutines are left; there were %d and %d", f, g, files, goroutines)
		}
	}
}
