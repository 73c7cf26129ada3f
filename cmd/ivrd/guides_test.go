package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ivrd/ivrd/engine/flow"
)

// The Lua in the guides compiles, and the linter is certain of no mistake in it.
func TestGuidesLua(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../../docs/*.md", "../../docs/*/*.md", "../../README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	blocks := 0
	for _, file := range files {
		for i, code := range codeBlocks(guide(t, file), "lua") {
			blocks++
			other := &fstest.MapFile{Data: []byte("-- a flow that guides speak of")}
			folder := fstest.MapFS{"block.lua": {Data: []byte(code)}, "sales.lua": other, "opening.lua": other,
				"hours.yaml": {Data: []byte("office: { zone: UTC }")}, "config.yaml": {Data: []byte("night-pin: '2811'")}}
			set, problems := flow.Load(folder, flow.Options{Speech: anyVoice{}})
			problems = append(problems, set.Lint(flow.LintOptions{Flows: []string{"block"}, Certain: true})...)
			for _, p := range problems {
				t.Errorf("%s, block %d of Lua: %s", file, i+1, p)
			}
		}
	}
	if blocks < 20 {
		t.Errorf("only %d blocks of Lua in %v", blocks, files)
	}
}

// anyVoice speaks every language, as the guides take for granted.
type anyVoice struct{}

func (anyVoice) Speaks(string) bool                   { return true }
func (anyVoice) Languages() []string                  { return nil }
func (anyVoice) Prepare(context.Context, []flow.Text) {}

// A translated guide shows the same code as the original, section by section; its comments are translated too.
func TestTranslatedGuides(t *testing.T) {
	for _, guides := range []struct {
		original, translated string
		sections             [][2]string
	}{
		{"flows.md", "pt_BR/flows.md", [][2]string{
			{"Prompts", "Mensagens"}, {"Saying", "Falar valores"}, {"Asking", "Perguntar"}, {"Menus", "Menus"},
		}},
	} {
		original, translated := guide(t, "../../docs/"+guides.original), guide(t, "../../docs/"+guides.translated)
		for _, names := range guides.sections {
			for _, language := range []string{"lua", "yaml"} {
				want := codeBlocks(section(t, original, names[0]), language)
				got := codeBlocks(section(t, translated, names[1]), language)
				if !slices.Equal(got, want) {
					t.Errorf("%s, %s: the code is not that of %s, %s:\n%s", guides.translated, names[1], guides.original, names[0],
						strings.Join(got, "\n"))
				}
			}
		}
		if n := strings.Count(translated, "\n## "); n != len(guides.sections) {
			t.Errorf("%s has %d sections, and %d are compared", guides.translated, n, len(guides.sections))
		}
	}
}

func guide(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// section is what stands below a heading.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("there is no section %q", heading)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	return rest
}

var luaComment = regexp.MustCompile(`(?m)[ \t]*--.*$`)

// codeBlocks are the blocks of code in a language, without comments.
func codeBlocks(text, language string) []string {
	var all []string
	for _, found := range regexp.MustCompile(fmt.Sprintf("(?sm)^```%s\n(.*?)^```$", language)).FindAllStringSubmatch(text, -1) {
		all = append(all, luaComment.ReplaceAllString(found[1], ""))
	}
	return all
}
