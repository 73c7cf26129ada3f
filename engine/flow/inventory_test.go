package flow

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine/say"
)

// told is an inventory as lines: name, where it is played, and what is heard in each language.
func (i *Inventory) told() []string {
	var all []string
	for _, item := range slices.Concat(i.Played, i.Said) {
		line := item.Name + " " + item.Where
		for _, language := range i.Languages {
			if h, ok := item.In[language]; ok {
				line += fmt.Sprintf(" %s:%s", language, h.State)
				if h.Instead != "" {
					line += "(" + h.Instead + ")"
				}
			}
		}
		all = append(all, line)
	}
	return all
}

func TestInventory(t *testing.T) {
	wav := string(pcm(8000, 800))
	files := folder(
		"100.lua", `call:play { "both", "english", "text", "nothing", "jingle", "acme/hello", "hello-world" }
call:record { name = "own" }
call:play("own")
call:menu { prompt = "both", choices = { ["1"] = function() call:play("later") end } }
call:set("P", "by-name")
call:play(call:get("P"))`,
		"prompts/en/both.wav", wav, "prompts/pt_BR/both.flac", "", "prompts/en/english.wav", wav, "prompts/jingle.wav", wav,
		"prompts/en/unused.wav", wav, "prompts/en/by-name.wav", wav,
		textsFile, "text: { en: A text., pt_BR: Um texto. }\nenglish: { pt_BR: Inglês. }\nlater: Later.\nold: Old.\n",
	)
	delete(files, "prompts/pt_BR/both.flac")
	files["prompts/pt_BR/both.wav"] = files["prompts/en/both.wav"]
	s, problems := Load(files, Options{Sounds: []string{"acme/*"}})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	inv := s.Inventory()
	want := []string{
		"acme/hello 100.lua:1 en:Asterisk pt_BR:Asterisk",
		"both 100.lua:1 en:recording pt_BR:recording",
		"english 100.lua:1 en:recording pt_BR:text(en)",
		"hello-world 100.lua:1 en:Asterisk pt_BR:missing(en)",
		"jingle 100.lua:1 en:recording pt_BR:recording",
		"later 100.lua:4 en:text pt_BR:text",
		"nothing 100.lua:1 en:missing pt_BR:missing",
		"own 100.lua:3 en:recording pt_BR:recording",
		"text 100.lua:1 en:text pt_BR:text",
	}
	if got := inv.told(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if want := []string{"prompts/en/unused.wav", "prompts.yaml: old"}; !slices.Equal(inv.Unused, want) {
		t.Errorf("unused: %q, want %q", inv.Unused, want)
	}
	for _, l := range inv.In("pt_BR") {
		if l.Name == "english" && (l.Words != "Inglês." || l.File != "prompts/pt_BR/english.wav") {
			t.Errorf("the script has %q for %s", l.Words, l.File)
		}
	}
	spoken, _ := Load(files, Options{Speech: &voice{languages: []string{"pt"}}})
	only := spoken.Inventory("pt_BR")
	for _, line := range []string{"english 100.lua:1 pt_BR:spoken", "text 100.lua:1 pt_BR:spoken", "nothing 100.lua:1 pt_BR:missing"} {
		if !slices.Contains(only.told(), line) {
			t.Errorf("with a voice: no %q in\n%s", line, strings.Join(only.told(), "\n"))
		}
	}
}

// The parts of what flows say are prompts too, in each language those that it needs.
func TestInventoryOfSaid(t *testing.T) {
	values := builtin(t)
	s, problems := Load(folder("100.lua", `call:play { say.digits("12"), say.count(n, "message") }`,
		textsFile, "welcome: { en: Hi., pt_BR: Oi. }"), Options{Values: values})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	inv := s.Inventory()
	told := inv.told()
	for _, line := range []string{"digits/5  en:Asterisk pt_BR:text(en)", "digits/thousand  en:Asterisk"} {
		if !slices.Contains(told, line) {
			t.Errorf("no %q in\n%s", line, strings.Join(told, "\n"))
		}
	}
	for _, l := range inv.In("pt_BR") {
		if l.Lacks() && l.Words == "" {
			t.Errorf("nobody knows the words of %s", l.Name)
		}
	}
	if slices.ContainsFunc(told, func(line string) bool { return strings.HasPrefix(line, "letters/a ") }) {
		t.Errorf("letters are not said, and are in\n%s", strings.Join(told, "\n"))
	}
}

func builtin(t testing.TB) *say.Languages {
	t.Helper()
	values, err := say.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func BenchmarkInventory(b *testing.B) {
	s, _ := Load(folder("100.lua", `call:play { say.money(n, "BRL"), say.date(d), say.number(n) }`,
		textsFile, "welcome: { en: Hi., pt_BR: Oi. }"), Options{Values: builtin(b)})
	for b.Loop() {
		s.Inventory()
	}
}

// What a play pays for knowing what its prompt is.
func BenchmarkSound(b *testing.B) {
	files := folder("100.lua", `call:play "welcome"`)
	wav := string(pcm(8000, 800))
	for n := range 1000 {
		for at, f := range folder(fmt.Sprintf("prompts/en/prompt-%d.wav", n), wav) {
			files[at] = f
		}
	}
	for at, f := range folder("prompts/en/welcome.wav", wav, textsFile, "welcome: { en: Welcome., pt_BR: Oi. }\n") {
		files[at] = f
	}
	s, _ := Load(files, Options{Media: func(file, hash string) string { return "http://10.0.0.5:8573/prompts/" + hash + "/" + file }})
	f, _ := s.Flow("100")
	for _, language := range []string{"en", "pt_BR"} {
		b.Run(language, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := f.Sound("welcome", language); !ok {
					b.Fatal("no sound")
				}
			}
		})
	}
}
