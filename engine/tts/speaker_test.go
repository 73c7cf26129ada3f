package tts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivrd/ivrd/engine/sound"
)

// A text is spoken once: for all who ask at the same time, later, and by the next process.
func TestSpokenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &puppet{speak: after(time.Second)}
		s := newSpeaker(t, p)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { say(t, s, "en", "Hello.") })
		}
		wg.Wait()
		first := say(t, s, "en", "Hello.")
		next := newSpeaker(t, p)
		next.Store = s.Store
		again := say(t, next, "en", "Hello.")
		if len(p.asked) != 1 || first.Path != again.Path || first.Key != again.Key || first.Duration != 100*time.Millisecond {
			t.Errorf("asked %v; %+v, then %+v", p.words(), first, again)
		}
		if err := os.Remove(first.Path); err != nil {
			t.Fatal(err)
		}
		if say(t, s, "en", "Hello."); len(p.asked) != 2 {
			t.Error("what is gone from the folder is not made again")
		}
	})
}

func TestKey(t *testing.T) {
	key := func(settings string, voices map[string]string, language, words string) string {
		s := &Speaker{Maker: &puppet{settings: settings}, Voices: voices}
		return s.key(Request{Text{language, words}, s.voice(language)})
	}
	seen := map[string]bool{}
	for _, k := range []string{
		key("", nil, "en", "x"), key("fast", nil, "en", "x"), key("", nil, "pt", "x"), key("", nil, "en", "y"),
		key("", map[string]string{"en": "amy"}, "en", "x"), key("", map[string]string{"en": "bob"}, "en", "x"),
		key("e", nil, "n", "x"), key("", nil, "enx", ""),
	} {
		if seen[k] || len(k) != 32 {
			t.Errorf("%s: twice, or of the wrong length", k)
		}
		seen[k] = true
	}
	if key("", nil, "en", "x") != key("", nil, "en", "x") {
		t.Error("a key changes")
	}
}

func TestVoices(t *testing.T) {
	voices := map[string]string{"pt": "maria", "pt_BR": "ana", "en": "amy"}
	for _, tt := range []struct {
		voices         map[string]string
		language, want string
	}{
		{voices, "pt_BR", "ana"}, {voices, "pt-BR", "ana"}, {voices, "pt_PT", "maria"}, {voices, "en_AU_f", "amy"},
		{voices, "de", ""}, {voices, "", ""}, {nil, "pt_BR", "pt-BR"}, {nil, "en", "en"}, {nil, "", ""},
	} {
		s := newSpeaker(t, &puppet{})
		s.Voices = tt.voices
		if got := s.voice(tt.language); got != tt.want || s.Speaks(tt.language) != (tt.want != "") {
			t.Errorf("%q: got %q, want %q", tt.language, got, tt.want)
		}
	}
	s := newSpeaker(t, &puppet{})
	s.Voices = voices
	if _, err := s.Speak(t.Context(), Text{"de", "Hallo."}); !errors.Is(err, ErrNoVoice) || !strings.Contains(err.Error(), "language de") {
		t.Errorf("got %v", err)
	}
}

// So many are spoken at once and no more.
func TestJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &puppet{speak: after(time.Second)}
		s := newSpeaker(t, p)
		s.Jobs = 3
		var wg sync.WaitGroup
		for n := range 10 {
			wg.Go(func() { say(t, s, "en", fmt.Sprint(n)) })
		}
		began := time.Now()
		wg.Wait()
		if took := time.Since(began); p.most != 3 || took != 4*time.Second {
			t.Errorf("%d at once, %v", p.most, took)
		}
	})
}

// Who hangs up stops the engine, unless somebody else waits for the same text.
func TestHangup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stopped []string
		p := &puppet{speak: func(ctx context.Context, r Request) ([]byte, error) {
			made, err := after(time.Second)(ctx, r)
			if err != nil {
				stopped = append(stopped, r.Words)
			}
			return made, err
		}}
		s := newSpeaker(t, p)
		gone := errors.New("gone")
		short, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, gone)
		defer cancel()
		var wg sync.WaitGroup
		for _, words := range []string{"mine", "ours"} {
			wg.Go(func() {
				if _, err := s.Speak(short, Text{"en", words}); err != gone {
					t.Errorf("%s: %v", words, err)
				}
			})
		}
		wg.Go(func() { say(t, s, "en", "ours") })
		wg.Wait()
		if !slices.Equal(stopped, []string{"mine"}) {
			t.Errorf("stopped %v", stopped)
		}
		say(t, s, "en", "mine") // is no failure to remember
	})
}

// A failure is told once, is not tried again at once, and not for ever.
func TestFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken error
		p := &puppet{speak: func(context.Context, Request) ([]byte, error) { return wav(1600), broken }}
		var log bytes.Buffer
		s := newSpeaker(t, p)
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
		broken = errors.New("no licence")
		for range 3 {
			for _, words := range []string{"a", "PIN 1234"} {
				if _, err := s.Speak(t.Context(), Text{"en", words}); err != broken {
					t.Errorf("%s: %v", words, err)
				}
			}
		}
		if len(p.asked) != 2 || strings.Count(log.String(), "no licence") != 1 || strings.Contains(log.String(), "1234") {
			t.Errorf("asked for %q, told\n%s", p.words(), &log)
		}
		broken = nil
		time.Sleep(retry)
		say(t, s, "en", "a")
	})
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpeaker(t, &puppet{speak: after(time.Hour)})
		s.Timeout = 3 * time.Second
		began := time.Now()
		_, err := s.Speak(t.Context(), Text{"en", "a"})
		if took := time.Since(began); took != 3*time.Second || err == nil || !strings.Contains(err.Error(), "longer than 3s") {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// What an engine answers must be a recording.
func TestNoRecording(t *testing.T) {
	s := newSpeaker(t, &puppet{speak: func(context.Context, Request) ([]byte, error) { return []byte("<html>Sorry</html>"), nil }})
	_, err := s.Speak(t.Context(), Text{"en", "a"})
	if !errors.Is(err, sound.ErrFormat) || !strings.HasPrefix(err.Error(), "the text-to-speech engine's answer: ") {
		t.Errorf("got %v", err)
	}
}

func texts(words ...string) []Text {
	var all []Text
	for _, w := range words {
		all = append(all, Text{"en", w})
	}
	return all
}

// Preparing waits for what is new, but not for what the last one waited for in vain.
func TestPrepare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &puppet{speak: func(ctx context.Context, r Request) ([]byte, error) {
			if r.Words == "slow" {
				return after(time.Minute)(ctx, r)
			}
			return after(time.Second)(ctx, r)
		}}
		s := newSpeaker(t, p)
		s.Timeout = time.Hour
		prepare := func(most time.Duration, words ...string) time.Duration {
			ctx, stop := context.WithTimeout(t.Context(), most)
			defer stop()
			began := time.Now()
			s.Prepare(ctx, texts(words...))
			return time.Since(began)
		}
		for _, tt := range []struct {
			words []string
			want  time.Duration
		}{
			{[]string{"a", "b", "a", "c", "d"}, 2 * time.Second}, // two at once, each once
			{[]string{"a", "b", "c", "d"}, 0},
			{[]string{"a", "slow"}, 5 * time.Second},
			{[]string{"a", "slow"}, 0},
			{[]string{"slow", "e"}, time.Second},
			{nil, 0},
		} {
			if got := prepare(5*time.Second, tt.words...); got != tt.want {
				t.Errorf("%v took %v, want %v", tt.words, got, tt.want)
			}
		}
		dropped, drop := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, drop)
		s.Prepare(dropped, texts("f"))
		if got := prepare(5*time.Second, "f"); got != 900*time.Millisecond {
			t.Errorf("what a dropped preparation waited for took %v", got)
		}
		time.Sleep(time.Minute)
		asked := len(p.words())
		if say(t, s, "en", "slow"); len(p.words()) != asked {
			t.Error("what took long was not made in the background")
		}
		if got := p.words(); len(got) != 7 {
			t.Errorf("asked for %v", got)
		}
	})
}

// A caller's text does not wait for all that is prepared, and the next preparation takes the place of the last.
func TestPrepareGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &puppet{speak: after(time.Second)}
		s := newSpeaker(t, p)
		now, stop := context.WithCancel(t.Context())
		stop()
		var many []string
		for n := range 100 {
			many = append(many, fmt.Sprint("old ", n))
		}
		s.Prepare(now, texts(many...))
		synctest.Wait()
		began := time.Now()
		say(t, s, "en", "urgent")
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("a caller waited for %v", took)
		}
		s.Prepare(now, texts("new"))
		time.Sleep(time.Minute)
		if got := p.words(); !slices.Contains(got, "new") || len(got) > 10 {
			t.Errorf("asked for %d texts: %v", len(got), got)
		}
	})
}

// Close ends what is going on, and nothing begins any more.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpeaker(t, &puppet{speak: after(time.Hour)})
		s.Timeout = 2 * time.Hour
		now, stop := context.WithCancel(t.Context())
		stop()
		s.Prepare(now, texts("a", "b", "c", "d"))
		failed := make(chan error, 1)
		go func() {
			_, err := s.Speak(t.Context(), Text{"en", "e"})
			failed <- err
		}()
		synctest.Wait()
		s.Close()
		if err := <-failed; err == nil {
			t.Error("somebody still waits")
		}
		if _, err := s.Speak(t.Context(), Text{"en", "f"}); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		s.Prepare(t.Context(), texts("g"))
	})
}

func BenchmarkKnown(b *testing.B) {
	s := newSpeaker(b, &puppet{})
	t := Text{"en", "Thank you for calling. All our agents are busy at the moment."}
	for b.Loop() {
		if _, err := s.Speak(b.Context(), t); err != nil {
			b.Fatal(err)
		}
	}
}
