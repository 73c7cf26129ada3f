package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine/transcript"
	"github.com/ivrd/ivrd/test/asterisk"
)

// exampleFlows are the flows of an example with a recording beside them for everything its transcripts play,
// each a tone of its own.
func exampleFlows(t *testing.T, name string, tones *asterisk.Tones) map[string]string {
	t.Helper()
	dir := filepath.Join("../../examples", name, "flows")
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
		if filepath.Ext(e.Name()) == transcript.Extension {
			for _, prompt := range played(t, e.Name(), string(text)) {
				files["prompts/en/"+prompt+".wav"] = string(tones.Prompt(prompt, 400*time.Millisecond))
			}
		}
	}
	return files
}

// played are the recordings that transcripts play, to the caller or to somebody who is called.
func played(t *testing.T, name, text string) []string {
	t.Helper()
	file, err := transcript.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range file.Calls {
		for _, l := range c.Lines {
			list, ok := strings.CutPrefix(l.Text, "play ")
			if _, announced, dials := strings.Cut(l.Text, " announce "); dials {
				list, _, _ = strings.Cut(announced, " confirm ")
				ok = true
			}
			if l.Word != transcript.Step || !ok {
				continue
			}
			for _, prompt := range strings.Fields(list) {
				if !strings.Contains(prompt, ":") && !strings.Contains(prompt, "call-") {
					names = append(names, prompt)
				}
			}
		}
	}
	return names
}

// overBoth runs a test of an example over ARI and over FastAGI.
func overBoth(t *testing.T, name string, phones []string, test func(t *testing.T, s *site)) {
	for _, backend := range []string{"ari", "agi"} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			tones := new(asterisk.Tones)
			p := plan{Flows: exampleFlows(t, name, tones), Tones: tones, Phones: phones}
			test(t, p.withRecordings(t, backend == "ari", ""))
		})
	}
}

// TestConferenceExample has a participant wait for the moderator, who hears them, locks the room and ends the
// conference.
func TestConferenceExample(t *testing.T) {
	overBoth(t, "conference", nil, func(t *testing.T, s *site) {
		p := s.dial(t, "8000", "1")
		hear(t, p, "conf-getpin")
		press(t, p, "4711#")
		hear(t, p, "conf-placeintoconf")

		m := s.dial(t, "8000", "2")
		hear(t, m, "conf-getpin")
		press(t, m, "1#") // too short
		hear(t, m, "conf-invalidpin")
		press(t, m, "471100#")
		hear(t, m, "conf-placeintoconf")
		speaksTo(t, p, m, "question")
		speaksTo(t, m, p, "answer")

		press(t, m, "*3")
		late := s.dial(t, "8000", "3")
		hear(t, late, "conf-getpin")
		press(t, late, "4711#")
		hear(t, late, "conf-locked")
		hear(t, late, "vm-goodbye")

		press(t, m, "*0")
		hear(t, m, "vm-goodbye")
		hear(t, p, "confbridge-conf-end")
		hear(t, p, "vm-goodbye")
		for _, phone := range []*asterisk.Phone{p, m, late} {
			if _, err := phone.WaitEnded(timeout(t)); err != nil {
				t.Error(err)
			}
		}
		if err := s.lab.WaitNoChannels(timeout(t)); err != nil {
			t.Error(err)
		}
	})
}

// speaksTo has one phone speak until the other one hears it: who has just come in may not be heard at once.
func speaksTo(t *testing.T, from, to *asterisk.Phone, word string) {
	t.Helper()
	ctx := timeout(t)
	heard := make(chan error, 1)
	go func() {
		_, err := to.WaitHeard(ctx, word)
		heard <- err
	}()
	for {
		if err := from.Speak(ctx, from.Tone(word), 300*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-heard:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
	}
}

// TestAttendantExample has three colleagues ring; one hears who is calling and takes the call. When all are
// busy the caller leaves a message.
func TestAttendantExample(t *testing.T) {
	overBoth(t, "attendant", []string{"anna", "ben", "carla"}, func(t *testing.T, s *site) {
		caller := s.introduced(t, "1")
		anna, ben, carla := s.ring(t, "anna"), s.ring(t, "ben"), s.ring(t, "carla")
		if err := ben.Answer(); err != nil {
			t.Fatal(err)
		}
		hear(t, ben, "priv-callpending")
		hear(t, ben, "my-name")
		hear(t, ben, "followme/options")
		press(t, ben, "1")
		speaksTo(t, ben, caller, "hello")
		speaksTo(t, caller, ben, "good-day")
		for _, other := range []*asterisk.Phone{anna, carla} {
			if cause, err := other.WaitEnded(timeout(t)); err != nil || cause.By != asterisk.Asterisk {
				t.Errorf("a colleague's phone rings on: %+v, %v", cause, err)
			}
		}
		ben.HangUp()
		hear(t, caller, "vm-goodbye")
		if _, err := caller.WaitEnded(timeout(t)); err != nil {
			t.Error(err)
		}
		for _, segment := range caller.Heard() {
			if segment.Name == "priv-callpending" {
				t.Error("the caller heard what was for the colleague")
			}
		}

		late := s.introduced(t, "2")
		for _, name := range []string{"anna", "ben", "carla"} {
			if err := s.ring(t, name).Refuse(486); err != nil {
				t.Error(err)
			}
		}
		hear(t, late, "vm-nobodyavail")
		hear(t, late, "vm-intro")
		if err := late.Speak(timeout(t), late.Tone("message"), spoken); err != nil {
			t.Fatal(err)
		}
		press(t, late, "#")
		hear(t, late, "vm-msgsaved")
		hear(t, late, "vm-goodbye")
		if _, err := late.WaitEnded(timeout(t)); err != nil {
			t.Error(err)
		}
		s.wantRecordings(t, "attendant/message-*.wav")
		if err := s.lab.WaitNoChannels(timeout(t)); err != nil {
			t.Error(err)
		}
	})
}

// spoken is how long a phone speaks to be recorded. It begins before the beep, of which a phone knows nothing.
const spoken = 2500 * time.Millisecond

// introduced is a caller to the attendant who has said a name.
func (s *site) introduced(t *testing.T, from string) *asterisk.Phone {
	t.Helper()
	p := s.dial(t, "200", from)
	hear(t, p, "priv-recordintro")
	if err := p.Speak(timeout(t), p.Tone("my-name"), spoken); err != nil {
		t.Fatal(err)
	}
	press(t, p, "#")
	hear(t, p, "priv-introsaved")
	return p
}

// ring waits until a phone rings.
func (s *site) ring(t *testing.T, name string) *asterisk.Phone {
	t.Helper()
	p, err := s.lab.WaitRing(timeout(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
