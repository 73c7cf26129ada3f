package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A polyglot speaks every language, and says nothing.
type polyglot struct{}

func (polyglot) Speaks(string) bool              { return true }
func (polyglot) Languages() []string             { return nil }
func (polyglot) Prepare(context.Context, []Text) {}

// A voice speaks some languages, and notes what it is to prepare.
type voice struct {
	languages []string
	prepare   func(ctx context.Context) // nil takes no time

	mu   sync.Mutex
	last []Text
}

func (v *voice) Speaks(language string) bool {
	language, _, _ = strings.Cut(language, "_")
	return slices.Contains(v.languages, language)
}

func (v *voice) Languages() []string { return v.languages }

func (v *voice) Prepare(ctx context.Context, texts []Text) {
	v.mu.Lock()
	v.last = texts
	v.mu.Unlock()
	if v.prepare != nil {
		v.prepare(ctx)
	}
}

func (v *voice) prepared() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return fmt.Sprint(v.last)
}

// What nobody recorded is spoken, unless a recording is nearer to the language asked for.
func TestSpokenSound(t *testing.T) {
	wav := string(pcm(8000, 800))
	s, problems := Load(folder(
		"100.lua", `call:play { "both", "text", tts "Hello.", tts("Olá.", { language = "pt_BR" }), tts(name) }`,
		"prompts/en/both.wav", wav, "prompts/en/hello-world.wav", wav, "prompts/any.wav", wav,
		textsFile, "both: { en: Both., pt: Ambos. }\ntext: Everybody's.\nany: { pt: Qualquer. }\ndigits/1: { en: One., pt: Um. }\nfrench: { fr: Non. }\n",
	), Options{Speech: &voice{languages: []string{"en", "pt"}}, Media: func(file, _ string) string { return file }})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	f, _ := s.Flow("100")
	for _, tt := range []struct {
		name, language string
		want           engine.Sound
	}{
		{"both", "en", engine.Sound{Media: "prompts/en/both.wav", Text: "Both.", Duration: 100 * time.Millisecond}},
		{"both", "pt_BR", engine.Sound{Media: "prompts/en/both.wav", Text: "Ambos.", Spoken: "pt", Duration: 100 * time.Millisecond}},
		{"both", "fr", engine.Sound{Media: "prompts/en/both.wav", Text: "Both.", Duration: 100 * time.Millisecond}},
		{"text", "pt_BR", engine.Sound{Text: "Everybody's.", Spoken: "pt_BR"}},
		{"text", "fr", engine.Sound{Text: "Everybody's.", Spoken: "en"}},
		{"any", "pt", engine.Sound{Media: "prompts/any.wav", Text: "Qualquer.", Duration: 100 * time.Millisecond}},
		{"digits/1", "en", engine.Sound{Text: "One."}}, // Asterisk has it
		{"digits/1", "pt", engine.Sound{Media: "digits/1", Text: "Um.", Spoken: "pt"}},
		{"french", "fr", engine.Sound{Text: "Non."}},
	} {
		if got, _ := f.Sound(tt.name, tt.language); got != tt.want {
			t.Errorf("%s in %s: got %+v, want %+v", tt.name, tt.language, got, tt.want)
		}
	}
	var all []string
	for _, text := range s.Spoken() {
		all = append(all, text.Language+" "+text.Words)
	}
	wanted := []string{"pt Ambos.", "pt Um.", "en Everybody's.", "pt Everybody's.", "en Hello.", "pt Hello.", "pt_BR Olá."}
	if !slices.Equal(all, wanted) {
		t.Errorf("to be spoken:\n%q, want\n%q", all, wanted)
	}
	if set, _ := Load(folder("100.lua", `call:play(tts "Hello.")`), Options{}); set.Spoken() != nil {
		t.Error("something is spoken without an engine")
	}
}

// A save goes live when its texts are there, but does not wait for ever, and a later save does not wait for it.
func TestPrepared(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "100.lua", `call:play(tts "First.")`)
	ready := make(chan struct{}, 10)
	begun := make(chan struct{}, 10)
	v := &voice{languages: []string{"en"}}
	ready <- struct{}{}
	v.prepare = func(ctx context.Context) {
		begun <- struct{}{}
		select {
		case <-ready:
		case <-ctx.Done():
		}
	}
	w := watch(t, dir, Options{Speech: v})
	<-begun
	if got := v.prepared(); got != "[{en First.}]" {
		t.Errorf("at the start %s is prepared", got)
	}
	write(t, dir, "100.lua", `call:play(tts "Second.")`)
	<-begun
	if got := v.prepared(); got != "[{en Second.}]" || strings.Contains(w.source("100"), "Second") {
		t.Errorf("%s is prepared, and callers get %s already", got, w.source("100"))
	}
	write(t, dir, "100.lua", `call:play(tts "Third.")`)
	<-begun
	ready <- struct{}{}
	if w.next(); !strings.Contains(w.source("100"), "Third") {
		t.Errorf("callers get %s", w.source("100"))
	}
}

// FuzzTexts: whatever prompts.yaml holds, every problem has its place, and what is read can be played.
func FuzzTexts(f *testing.F) {
	for _, text := range []string{
		"", "welcome: Hi\n", "welcome: { en: Hi, pt-BR: Oi }\n", "a b: x\n", "- a\n", "a: &x b\nc: *x\n", "a: |\n  two\n  lines\n", "a: { english: x }", "a: 1\nb: true\nc: ~\n", "\xff", "? [a]\n: b\n", "a: { en: { x: y } }\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		texts, problems := parseTexts(&file{path: textsFile, content: []byte(text)})
		for _, p := range problems {
			if p.File != textsFile {
				t.Errorf("a problem without a place: %v", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		for name, words := range texts {
			if _, err := engine.NewSound(name); err != nil {
				t.Error(err)
			}
			for language := range words {
				if language != "" && !languageFolder.MatchString(language) {
					t.Errorf("%s has words in %q", name, language)
				}
			}
		}
	})
}
