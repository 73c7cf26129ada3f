package flow

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

func TestSound(t *testing.T) {
	tone := func(ms int) string { return string(pcm(8000, 8*ms)) }
	s, problems := Load(folder(
		"sales.lua", "-- sales",
		"prompts/en/welcome.wav", tone(100),
		"prompts/pt/welcome.wav", tone(200),
		"prompts/pt_BR/bye.wav", tone(300),
		"prompts/jingle.wav", tone(400),
		"prompts/en/menu/main.wav", tone(500),
		"prompts/vip/hello.wav", tone(600),
		"elsewhere/en/nothing.wav", tone(700),
		textsFile, "welcome: { en: Welcome., pt_BR: Bem-vindo. }\njingle: \"(music)\"\nonly-text: { en: Words. }\n",
	), Options{Media: func(file, hash string) string { return "http://x/" + file }})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	f, _ := s.Flow("sales")
	tests := []struct {
		name, language string
		want           engine.Sound
		ok             bool
	}{
		{"welcome", "en", engine.Sound{Media: "http://x/prompts/en/welcome.wav", Text: "Welcome.", Duration: 100 * time.Millisecond}, true},
		{"welcome", "en_GB", engine.Sound{Media: "http://x/prompts/en/welcome.wav", Text: "Welcome.", Duration: 100 * time.Millisecond}, true},
		{"welcome", "pt_BR", engine.Sound{Media: "http://x/prompts/pt/welcome.wav", Text: "Bem-vindo.", Duration: 200 * time.Millisecond}, true},
		{"welcome", "pt-BR", engine.Sound{Media: "http://x/prompts/pt/welcome.wav", Text: "Bem-vindo.", Duration: 200 * time.Millisecond}, true},
		{"welcome", "fr", engine.Sound{Media: "http://x/prompts/en/welcome.wav", Text: "Welcome.", Duration: 100 * time.Millisecond}, true},
		{"welcome", "", engine.Sound{Media: "http://x/prompts/en/welcome.wav", Text: "Welcome.", Duration: 100 * time.Millisecond}, true},
		{"bye", "pt_BR", engine.Sound{Media: "http://x/prompts/pt_BR/bye.wav", Duration: 300 * time.Millisecond}, true},
		{"bye", "pt", engine.Sound{}, false},
		{"jingle", "fr", engine.Sound{Media: "http://x/prompts/jingle.wav", Text: "(music)", Duration: 400 * time.Millisecond}, true},
		{"menu/main", "en", engine.Sound{Media: "http://x/prompts/en/menu/main.wav", Duration: 500 * time.Millisecond}, true},
		{"vip/hello", "en", engine.Sound{Media: "http://x/prompts/vip/hello.wav", Duration: 600 * time.Millisecond}, true},
		{"pt/welcome", "en", engine.Sound{Media: "http://x/prompts/pt/welcome.wav", Duration: 200 * time.Millisecond}, true},
		{"only-text", "en", engine.Sound{Text: "Words."}, true},
		{"nothing", "en", engine.Sound{}, false},
		{"../../etc/passwd", "en", engine.Sound{}, false},
	}
	for _, test := range tests {
		t.Run(test.name+" "+test.language, func(t *testing.T) {
			got, ok := f.Sound(test.name, test.language)
			if got != test.want || ok != test.ok {
				t.Errorf("got %+v %v, want %+v %v", got, ok, test.want, test.ok)
			}
		})
	}
	var list []string
	for _, p := range s.Prompts() {
		list = append(list, p.Name+":"+p.Language)
	}
	if got, want := fmt.Sprint(list), "[bye:pt_BR jingle: menu/main:en vip/hello: welcome:en welcome:pt]"; got != want {
		t.Errorf("prompts %s, want %s", got, want)
	}
}

func TestBrokenPromptsKeepTheOld(t *testing.T) {
	good := string(pcm(8000, 8000))
	before := folder("a.lua", "-- a", "prompts/en/x.wav", good, textsFile, "x: Old words.")
	_, next := rebuild(t, before, folder("a.lua", "-- a", "prompts/en/x.wav", good[:500], textsFile, "x: [1, 2"))
	f, _ := next.Flow("a")
	got, ok := f.Sound("x", "en")
	if want := (engine.Sound{Text: "Old words.", Duration: time.Second}); got != want || !ok {
		t.Errorf("got %+v %v, want %+v", got, ok, want)
	}
	text := messages(next.Problems())
	for _, want := range []string{"prompts/en/x.wav: the recording is cut short", "prompts.yaml:1", "prompts/en/x.wav keeps answering"} {
		if !strings.Contains(text, want) {
			t.Errorf("problems lack %q:\n%s", want, text)
		}
	}
}

func TestBadTexts(t *testing.T) {
	tests := []struct{ yaml, want string }{
		{"a b: text", `prompts.yaml:1:1: prompt "a b"`},
		{"welcome: { english: Hi }", "english is no language"},
		{"welcome: [Hi]", "the text of welcome must be one word or text, not a list"},
		{"welcome: Hi\nwelcome: Ho", "prompts.yaml:2:1: welcome is there twice"},
		{"- welcome", "prompts.yaml must be written as key: value"},
	}
	for _, test := range tests {
		_, problems := Load(folder("a.lua", "-- a", textsFile, test.yaml), Options{})
		if got := messages(problems); !strings.Contains(got, test.want) {
			t.Errorf("%s: %s, want %q", test.yaml, got, test.want)
		}
	}
}
