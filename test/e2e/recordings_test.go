package e2e

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// libraries are the two ways to recordings: over ARI, and in the folder, which is the only one for FastAGI.
func libraries(t *testing.T, options string, test func(t *testing.T, start func(t *testing.T, p plan) *site)) {
	for _, backend := range []string{"ari", "agi"} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			test(t, func(t *testing.T, p plan) *site { return p.withRecordings(t, backend == "ari", options) })
		})
	}
}

// withRecordings starts a site that can look after recordings.
func (p plan) withRecordings(t *testing.T, overARI bool, options string) *site {
	t.Helper()
	dir := ""
	if p.ARI = overARI; !p.ARI {
		dir = "dir: ./recordings, "
	}
	p.Config = quietly + "recordings: { " + dir + options + " }\n"
	s := p.start(t)
	if err := os.Symlink(s.recordingsDir(), filepath.Join(s.dir, "recordings")); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) recordingsDir() string { return s.lab.Path(s.lab.Dir() + "/spool/recording") }

// recordings are the files that there are, whoever made them.
func (s *site) recordings(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(s.recordingsDir(), func(file string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files = append(files, strings.TrimPrefix(file, s.recordingsDir()+"/"))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return files
}

// wantRecordings waits until there are these files and no others. Names may be patterns.
func (s *site) wantRecordings(t *testing.T, want ...string) {
	t.Helper()
	ctx := timeout(t)
	for {
		got := s.recordings(t)
		if slices.EqualFunc(got, want, func(file, pattern string) bool {
			ok, err := path.Match(pattern, file)
			return ok && err == nil
		}) {
			return
		}
		select {
		case <-ctx.Done():
			t.Errorf("there are %q, want %q", got, want)
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// TestRecordingsExpire: what a call has recorded goes when its time is over, also if ivrd was down meanwhile; what a
// flow keeps and what others made stays.
func TestRecordingsExpire(t *testing.T) {
	const flow = `call:answer()
call:record { name = "messages/" .. call.caller.number, max = 1 }
call:record { name = "kept", max = 1, keep = true }
call:play(recording("kept"))
`
	libraries(t, "expire: 6s", func(t *testing.T, start func(t *testing.T, p plan) *site) {
		s := start(t, plan{Flows: map[string]string{"100.lua": flow}})
		if err := os.WriteFile(filepath.Join(s.recordingsDir(), "others.wav"), []byte("RIFF"), 0o644); err != nil {
			t.Fatal(err)
		}
		p := s.dial(t, "100", "1")
		says(t, p, "word", 1800*time.Millisecond)
		hear(t, p, "word")
		if _, err := p.WaitEnded(timeout(t)); err != nil {
			t.Error(err)
		}
		s.wantRecordings(t, "kept.wav", "messages/1.wav", "others.wav")
		if s.rest != nil { // as other programs fetch them
			if file := s.rest.get(t, "/recordings/stored/messages%2F1/file"); !strings.HasPrefix(file, "RIFF") {
				t.Errorf("ARI gives out %.20q", file)
			}
		}
		s.signal(t, syscall.SIGTERM)
		s.wantExit(t, 0)
		s.wantRecordings(t, "kept.wav", "messages/1.wav", "others.wav")
		s.launch(t)
		s.wantRecordings(t, "kept.wav", "others.wav")
		s.waitLog(t, 0, "recordings have expired")
		s.wantRecordings(t, "kept.wav", "others.wav")
	})
}

// TestRecordingsOverBoth: over FastAGI, with ARI for the same Asterisk, recordings are looked after too.
func TestRecordingsOverBoth(t *testing.T) {
	const flow = `call:answer()
call:on_end(function() recordings.delete("calls/whole") end)
call:monitor("start", { name = "calls/whole" })
call:record { name = "greeting", max = 1 }
call:monitor("stop")
for _, one in ipairs(recordings.list()) do call:play(recording(one.name)) end
`
	s := plan{ARI: true, Flows: map[string]string{"100.lua": flow}, Dialplan: "exten => _X.,1,AGI(agi://${AGI})\n same => n,Hangup()\n"}.start(t)
	if _, err := s.lab.CLI("dialplan set global AGI " + s.agi); err != nil {
		t.Fatal(err)
	}
	p := s.dial(t, "100", "1")
	says(t, p, "word", 2000*time.Millisecond)
	wantHeard(t, p, "word")
	if heard := first(p).Duration; heard < 1700*time.Millisecond {
		t.Errorf("of two recordings of a second the caller heard %v", heard)
	}
	s.wantRecordings(t, "greeting.wav")
}

// TestRecordingsDiskFull: a recording that Asterisk could not keep is no recording. Asterisk itself says nothing of it.
func TestRecordingsDiskFull(t *testing.T) {
	for _, backend := range []string{"ari", "agi"} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			s := plan{ARI: backend == "ari", Config: quietly + "recordings: { dir: ./recordings }\n", Flows: map[string]string{
				"100.lua":      "call:answer()\nlocal r = call:record { name = \"a/b\", max = 2 }\ncall:play(\"saved\")\n",
				"101.lua":      "call:answer()\ncall:play(\"flow-sorry\")\n",
				"fallback.lua": "call:answer()\ncall:play(\"flow-sorry\")\n",
			}, Prompts: map[string]time.Duration{"saved": 400 * time.Millisecond, "flow-sorry": 400 * time.Millisecond}}.start(t)
			if err := os.Symlink(s.recordingsDir(), filepath.Join(s.dir, "recordings")); err != nil {
				t.Fatal(err)
			}
			wantHeard(t, s.dial(t, "101", "9"), "flow-sorry") // Asterisk cannot fetch it while its disk is full
			for i, want := range []string{"saved", "flow-sorry", "saved"} {
				if err := s.lab.DiskFull(want != "saved"); err != nil {
					t.Fatal(err)
				}
				p := s.dial(t, "100", strconv.Itoa(i))
				says(t, p, "word", 1500*time.Millisecond)
				wantHeard(t, p, want)
				if err := p.HangUp(); err != nil {
					t.Error(err)
				}
			}
			s.waitLog(t, 0, "record a/b: the file is empty; is the disk of Asterisk's recordings full?")
		})
	}
}

// says has a phone speak as soon as the call is answered.
func says(t *testing.T, p *asterisk.Phone, word string, d time.Duration) {
	t.Helper()
	err := p.WaitMedia(timeout(t))
	if err == nil {
		err = p.Speak(timeout(t), p.Tone(word), d)
	}
	if err != nil {
		t.Fatal(err)
	}
}
