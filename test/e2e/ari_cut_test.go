package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// interrupted are flows of which each is at another step when the connection breaks.
var interrupted = map[string]string{
	"100.lua": `call:answer() call:play("long") call:play("after")`,
	"101.lua": `call:answer()` + halves,
	"102.lua": `call:answer() call:record { name = "cut", max = 25, stop = "#" } call:play("after")`,
	"103.lua": `
call:answer()
call:play("enter")
log.info("computing")
local n = 0
for i = 1, 1.5e7 do n = n + i end
call:set("SUM", "1")
call:play("after")`,
	"104.lua": `call:answer() call:exec("Playback", "music") call:play("after")`,
	"105.lua": `call:answer() call:play("enter") call:wait(5) call:play("after")`,
	"106.lua": `call:answer() call:dial("PJSIP/bob") call:play("after")`,
	"107.lua": `call:answer() call:dial("PJSIP/carol") call:play("after")`,
}

// TestARICut breaks the connection for a second under calls in the middle of a prompt, of an entry, of a
// recording, of computing, of a dialplan application, of a pause and of a conversation, and while somebody else
// rings, who answers meanwhile: all go on where they were.
func TestARICut(t *testing.T) {
	t.Parallel()
	s := plan{
		Config: recorded + "limits: { run_time: 20s, instructions: 1000000000 }\n",
		Flows:  interrupted,
		Prompts: map[string]time.Duration{
			"long": 5 * time.Second, "enter": 300 * time.Millisecond, "after": 300 * time.Millisecond,
		},
		Sounds: map[string]time.Duration{"music": 5 * time.Second},
		Phones: []string{"bob", "carol"},
		ARI:    true,
	}.start(t)

	inPrompt, inEntry, inRecording := s.dial(t, "100", "1"), s.dial(t, "101", "2"), s.dial(t, "102", "3")
	inExec, inPause := s.dial(t, "104", "5"), s.dial(t, "105", "6")
	talks, rings := s.dial(t, "106", "7"), s.dial(t, "107", "8")
	bob, carol := s.rung(t, "bob"), s.rung(t, "carol")
	answers(t, bob)
	s.wantTalking(t, talks, bob)
	hear(t, inPrompt, "long")
	hear(t, inExec, "music")
	hear(t, inPause, "enter")
	hear(t, inEntry, "enter")
	press(t, inEntry, "12")
	s.waitLog(t, 0, "half of 2")
	speaking := s.speak(t, inRecording, 4*time.Second)
	computing := s.dial(t, "103", "4")
	s.waitLog(t, 0, "computing")

	from := s.log.mark()
	s.proxy.Cut()
	s.waitLog(t, from, "connection to Asterisk lost")
	began := time.Now()
	answers(t, carol)
	pass(time.Second - time.Since(began))
	s.proxy.Mend()
	s.waitLog(t, from, "connected to Asterisk")
	s.wantTalking(t, rings, carol)
	s.wantTalking(t, talks, bob)
	for _, p := range []*asterisk.Phone{bob, carol} {
		if err := p.HangUp(); err != nil {
			t.Fatal(err)
		}
	}
	press(t, inEntry, "34")
	<-speaking
	press(t, inRecording, "#")

	wantHeard(t, inPrompt, "long", "after")
	s.wantSteps(t, "1", "> answer", "> play long", "> play after", "> continue")
	wantHeard(t, inEntry, "enter", "after")
	s.wantSteps(t, "2", "> answer", "> play enter", "press 12", "press 34", "> play after", "> continue")
	wantHeard(t, inRecording, "after")
	wantHeard(t, computing, "enter", "after")
	s.wantSteps(t, "4", "> answer", "> play enter", "> set SUM 1", "> play after", "> continue")
	wantHeard(t, inExec, "music", "after")
	s.wantSteps(t, "5", "> answer", "> exec Playback music", "reply 0", "> play after", "> continue")
	wantHeard(t, inPause, "enter", "after")
	s.wantSteps(t, "6", "> answer", "> play enter", "> wait 5s", "> play after", "> continue")
	hear(t, talks, "after")
	hear(t, rings, "after")
	for _, from := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		s.wantEnd(t, from, "SUCCESS completed")
	}
	if d := first(inPrompt).Duration; d < 4900*time.Millisecond {
		t.Errorf("of a prompt of 5s %v were heard", d)
	}
	s.wantNothingLeft(t)
}

// rung is the phone of that name, once it rings.
func (s *site) rung(t *testing.T, name string) *asterisk.Phone {
	t.Helper()
	p, err := s.lab.WaitRing(timeout(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func answers(t *testing.T, p *asterisk.Phone) {
	t.Helper()
	if err := p.Answer(); err != nil {
		t.Fatal(err)
	}
}

// wantTalking has two phones hear each other.
func (s *site) wantTalking(t *testing.T, a, b *asterisk.Phone) {
	t.Helper()
	for _, pair := range [][2]*asterisk.Phone{{a, b}, {b, a}} {
		from, to := pair[0], pair[1]
		ctx, stop := context.WithCancel(timeout(t))
		speaking := make(chan struct{})
		go func() { // until it is heard: the two may be about to be connected
			defer close(speaking)
			for ctx.Err() == nil && from.Speak(ctx, s.tones.Tone("voice"), 200*time.Millisecond) == nil {
				from.Speak(ctx, asterisk.Tone{}, 200*time.Millisecond)
			}
		}()
		_, err := to.WaitHeard(ctx, "voice")
		stop()
		<-speaking
		if err != nil {
			t.Error(err)
		}
	}
}

// speak has a phone speak, and closes what it returns when that is over.
func (s *site) speak(t *testing.T, p *asterisk.Phone, d time.Duration) <-chan struct{} {
	t.Helper()
	if err := p.WaitMedia(timeout(t)); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := p.Speak(timeout(t), asterisk.Tone{Low: 500, High: 900}, d); err != nil {
			t.Error(err)
		}
	}()
	return done
}

// wantSteps compares the journal of the call from that number.
func (d *daemon) wantSteps(t *testing.T, number string, want ...string) {
	t.Helper()
	if got := d.steps(t, number); !slices.Equal(got, want) {
		t.Errorf("the call from %s went\n%s\nwant\n%s", number, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
