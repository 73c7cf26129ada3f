package e2e

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/say"
	"github.com/ivrd/ivrd/engine/transcript"
	"github.com/ivrd/ivrd/test/asterisk"
)

// exampleFlows are the flows of an example with a recording beside them for everything its transcripts play and
// say, each a tone of its own: in each of those languages, or, without any, in the one in which it is heard.
func exampleFlows(t *testing.T, name string, tones *asterisk.Tones, languages ...string) map[string]string {
	t.Helper()
	dir := os.DirFS(filepath.Join("../../examples", name, "flows"))
	files := map[string]string{}
	err := fs.WalkDir(dir, ".", func(at string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(dir, at)
		files[at] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range exampleCalls(t, name) {
		for _, step := range audible(t, c) {
			for _, r := range step {
				for _, r := range r.in(languages) {
					files["prompts/"+r.language+"/"+r.name+".wav"] = string(tones.Prompt(r.String(), r.length))
				}
			}
		}
	}
	return files
}

// exampleCalls are the transcripts of an example.
func exampleCalls(t *testing.T, name string) []*transcript.Call {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../../examples", name, "flows", "*"+transcript.Extension))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no transcripts", err)
	}
	var calls []*transcript.Call
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := transcript.Parse(file, string(text))
		if err != nil {
			t.Fatal(err)
		}
		calls = append(calls, parsed.Calls...)
	}
	return calls
}

// A recording is what is heard of a prompt, or of a part of what is said.
type recording struct {
	language, name string
	length         time.Duration
	part           bool // of what is said, which other languages have no use for
}

// in is the recording in each of those languages; without any it is as it is.
func (r recording) in(languages []string) (all []recording) {
	if len(languages) == 0 {
		return []recording{r}
	}
	for _, language := range languages {
		if !r.part || r.language == language {
			all = append(all, recording{language, r.name, r.length, r.part})
		}
	}
	return all
}

// String is what the recording's tone is called.
func (r recording) String() string {
	if r.language == "en" {
		return r.name
	}
	return r.language + "/" + r.name
}

// audible are the recordings of each line of a call, to the caller or to somebody who is called.
func audible(t *testing.T, c *transcript.Call) [][]recording {
	t.Helper()
	lines := make([][]recording, len(c.Lines))
	language := cmp.Or(c.Ring.Language, "en")
	for i, l := range c.Lines {
		if code, ok := strings.CutPrefix(l.Text, "language "); ok {
			language = code
		}
		list, ok := strings.CutPrefix(l.Text, "play ")
		if _, announced, dials := strings.Cut(l.Text, " announce "); dials {
			list, _, _ = strings.Cut(announced, " confirm ")
			ok = true
		}
		if l.Word != transcript.Step || !ok {
			continue
		}
		for _, word := range strings.Fields(list) {
			lines[i] = append(lines[i], recordingsOf(t, word, language)...)
		}
	}
	return lines
}

// recordingsOf are those of one prompt as transcripts write it. What callers recorded is not among them.
func recordingsOf(t *testing.T, word, language string) []recording {
	t.Helper()
	kind, text, ok := strings.Cut(word, ":")
	if !ok {
		return []recording{{language, word, 400 * time.Millisecond, false}}
	}
	switch engine.PromptKind(kind) {
	case engine.SilencePrompt, engine.TonePrompt, engine.RecordingPrompt:
		return nil
	}
	languages, err := say.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	said, err := languages.Say(engine.Prompt{Kind: engine.PromptKind(kind), Text: text}, language)
	if err != nil {
		t.Fatal(err)
	}
	var all []recording
	for _, p := range said {
		if p.Kind == engine.SoundPrompt {
			all = append(all, recording{language, p.Text, 200 * time.Millisecond, true})
		}
	}
	return all
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

// humanTone is how long people press a key of a long number. Asterisk stretches what is shorter than 80 ms, and may then
// take the same key pressed twice for one.
const humanTone = 120 * time.Millisecond

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

// TestAccountExample has phones do what the transcripts say whose callers do nothing but press keys, in both
// languages: each hears what is written there, all of it and nothing else.
func TestAccountExample(t *testing.T) {
	calls := slices.DeleteFunc(exampleCalls(t, "account"), func(c *transcript.Call) bool {
		return len(c.Ring.With) > 0 || slices.ContainsFunc(c.Lines, func(l transcript.Line) bool {
			return l.Word == transcript.Silence || l.Word == transcript.HangUp
		})
	})
	if len(calls) < 5 {
		t.Fatalf("only %d calls that phones can make", len(calls))
	}
	overBoth(t, "account", nil, func(t *testing.T, s *site) {
		var all sync.WaitGroup
		for i, c := range calls {
			p := s.caller(t, c.Ring.Exten, strconv.Itoa(i+1))
			all.Go(func() { follow(t, p, c) })
		}
		all.Wait()
		if err := s.lab.WaitNoChannels(timeout(t)); err != nil {
			t.Error(err)
		}
	})
}

// follow presses keys as a transcript has them, each time what is played before has been heard.
func follow(t *testing.T, p *asterisk.Phone, c *transcript.Call) {
	var want []string
	lines := audible(t, c)
	for i, l := range c.Lines {
		for _, r := range lines[i] {
			want = append(want, r.String())
			if !hears(t, p, r.String()) {
				return
			}
		}
		if l.Word == transcript.Press && !presses(t, p, l.Text) {
			return
		}
	}
	wantHeard(t, p, want...)
}
