package e2e

import (
	"syscall"
	"testing"
	"time"
)

// relayed are flows whose calls are in the middle of something when another ivrd takes their application over.
var relayed = map[string]string{
	"100.lua": onEnd + halves,
	"101.lua": onEnd + `call:play("long") call:play("after")`,
	"102.lua": onEnd + `call:record { name = "relayed", max = 60, stop = "#" } call:play("after")`,
	"103.lua": onEnd + `call:exec("Playback", "music") call:play("after") call:exec("Playback", "jingle") call:play("after")`,
	"104.lua": onEnd + `call:play("endless")`,
	"105.lua": onEnd + `call:dial("PJSIP/bob") call:play("after")`,
}

var relayPrompts = map[string]time.Duration{
	"enter": 300 * time.Millisecond, "after": 300 * time.Millisecond, "long": 3 * time.Second, "endless": time.Minute,
}

// another starts a second daemon with the same configuration, ports aside, and returns once it takes calls.
func (s *site) another(t *testing.T, p plan) *daemon {
	t.Helper()
	d := serve(t, p.Config+p.Via.entry(s.proxy.Addr()), s.flowFiles(p))
	d.waitLog(t, 0, "connected to Asterisk")
	return d
}

// TestARIHandover has a second ivrd take the application over. The first one brings its calls to their end and
// does not fight; when the second one has gone it takes calls again.
func TestARIHandover(t *testing.T) {
	t.Parallel()
	p := plan{
		Config: recorded, Flows: relayed, Prompts: relayPrompts, ARI: true,
		Sounds: map[string]time.Duration{"music": 4 * time.Second, "jingle": 300 * time.Millisecond}, Phones: []string{"bob"},
	}
	s := p.start(t)
	entry, prompt, recording := s.dial(t, "100", "1"), s.dial(t, "101", "2"), s.dial(t, "102", "3")
	exec, hangsUp, talks := s.dial(t, "103", "4"), s.dial(t, "104", "5"), s.dial(t, "105", "8")
	bob := s.rung(t, "bob")
	answers(t, bob)
	s.wantTalking(t, talks, bob)
	hear(t, entry, "enter")
	press(t, entry, "12")
	s.waitLog(t, 0, "half of 1")
	hear(t, prompt, "long")
	<-s.speak(t, recording, 300*time.Millisecond)
	hear(t, exec, "music")
	hear(t, hangsUp, "endless")

	second := s.another(t, p)
	s.waitLog(t, 0, `"level":"WARN"`, "taken over", `"calls":6`)
	s.waitLog(t, 0, "connected to Asterisk", `"app":"ivrd~`, `"calls":6`)
	fresh := s.dial(t, "100", "6")
	hear(t, fresh, "enter")
	press(t, fresh, "1234")
	wantHeard(t, fresh, "enter", "after")
	second.wantSteps(t, "6", "> answer", "> play enter", "press 12", "press 34", "> play after", "> continue")
	pass(2 * time.Second) // so that the second one looks twice for calls that nobody has

	s.wantTalking(t, talks, bob)
	if err := bob.HangUp(); err != nil {
		t.Fatal(err)
	}
	hear(t, talks, "after")
	press(t, entry, "34")
	wantHeard(t, entry, "enter", "after")
	s.wantSteps(t, "1", "> answer", "> play enter", "press 12", "press 34", "> play after", "> continue")
	press(t, recording, "#")
	wantHeard(t, recording, "after")
	wantHeard(t, prompt, "long", "after")
	if err := hangsUp.HangUp(); err != nil {
		t.Fatal(err)
	}
	s.waitLog(t, 0, "flow of 5 over: hangup")
	wantHeard(t, exec, "music", "after", "jingle", "after")
	for _, from := range []string{"1", "2", "3", "4", "6", "8"} {
		s.wantEnd(t, from, "SUCCESS completed")
	}
	if line, ok := second.log.find(0, "lost"); ok {
		t.Errorf("the second one meddled with calls of the first: %s", line)
	}
	if n := s.log.count("taken over"); n != 1 {
		t.Errorf("it was taken over %d times", n)
	}

	from := s.log.mark()
	second.signal(t, syscall.SIGTERM)
	second.wantExit(t, 0)
	s.waitLog(t, from, "taken back", "nobody has it")
	s.waitLog(t, from, "connected to Asterisk", `"app":"ivrd"`)
	again := s.dial(t, "101", "7")
	wantHeard(t, again, "long", "after")
	s.wantSteps(t, "7", "> answer", "> play long", "> play after", "> continue")
	s.wantNothingLeft(t)
}

// TestARIHandoverDeath kills either of two ivrds of which one has taken over from the other: what it leaves behind
// goes to the dialplan, and nobody waits for it for ever.
func TestARIHandoverDeath(t *testing.T) {
	t.Parallel()
	p := plan{Config: recorded, Flows: relayed, Prompts: relayPrompts, ARI: true}

	t.Run("the second", func(t *testing.T) {
		t.Parallel()
		s := p.start(t)
		first := s.dial(t, "100", "1")
		hear(t, first, "enter")
		second := s.another(t, p)
		s.waitLog(t, 0, "connected to Asterisk", `"app":"ivrd~`)
		left := s.dial(t, "104", "2")
		hear(t, left, "endless")
		from := s.log.mark()
		second.signal(t, syscall.SIGKILL)
		began := time.Now()
		s.waitLog(t, from, "taken back", "does not answer")
		t.Logf("taken back after %v", time.Since(began).Round(time.Millisecond))
		s.waitLog(t, from, "connected to Asterisk", `"app":"ivrd"`, `"calls":1`)
		wantHeard(t, left, "endless", "dialplan-sorry")
		s.wantEnd(t, "2", "SUCCESS lost")
		press(t, first, "1234")
		wantHeard(t, first, "enter", "after")
		s.wantEnd(t, "1", "SUCCESS completed")
		fresh := s.dial(t, "101", "3")
		wantHeard(t, fresh, "long", "after")
		s.wantEnd(t, "3", "SUCCESS completed")
		s.wantNothingLeft(t)
	})
	t.Run("the first", func(t *testing.T) {
		t.Parallel()
		s := p.start(t)
		left := s.dial(t, "104", "1")
		hear(t, left, "endless")
		second := s.another(t, p)
		s.waitLog(t, 0, "connected to Asterisk", `"app":"ivrd~`)
		s.signal(t, syscall.SIGKILL)
		wantHeard(t, left, "endless", "dialplan-sorry")
		s.wantEnd(t, "1", "SUCCESS lost")
		second.waitLog(t, 0, "back in the dialplan")
		<-s.exited
		if err := s.lab.WaitNoChannels(timeout(t)); err != nil {
			t.Error(err)
		}
	})
}
