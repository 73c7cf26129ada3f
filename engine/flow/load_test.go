package flow

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// folder makes a file system of names and contents.
func folder(files ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		m[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return m
}

// messages are the problems in full.
func messages(ps []Problem) string {
	var all []string
	for _, p := range ps {
		all = append(all, p.String())
	}
	return strings.Join(all, "\n")
}

// rebuild is what a reload makes of a folder that held before.
func rebuild(t *testing.T, before, now fstest.MapFS) (*Set, *Set) {
	t.Helper()
	old, problems := Load(before, Options{})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	return old, reloaded(old, now)
}

func reloaded(old *Set, now fstest.MapFS) *Set {
	return build(old, scan(now, nil, Options{}), Options{}.filled())
}

func version(t *testing.T, s *Set, name string) string {
	t.Helper()
	f, ok := s.Flow(name)
	if !ok {
		t.Fatalf("no flow %s; there are %v; %s", name, s.Names(), messages(s.Problems()))
	}
	return f.Version()
}

func TestEveryFileIsAFlow(t *testing.T) {
	s, problems := Load(folder(
		"sales.lua", "-- sales",
		"lib/menu.lua", "return {}",
		"deep/er/still.lua", "\xef\xbb\xbf-- saved by a Windows editor\r\n",
		".git/hooks/x.lua", "broken(",
		".#sales.lua", "broken(",
		"#sales.lua#", "broken(",
		"sales.lua~", "broken(",
		"flycheck_sales.lua", "broken(",
		"4913", "",
		"README.md", "# about",
	), Options{})
	if got := messages(problems); got != "" {
		t.Error(got)
	}
	if got, want := fmt.Sprint(s.Names()), "[deep/er/still lib/menu sales]"; got != want {
		t.Errorf("names: %s, want %s", got, want)
	}
}

func TestRequireClosure(t *testing.T) {
	files := folder(
		"sales.lua", "local menu = require \"lib.menu\"\nlocal same = require \"lib/menu.lua\"",
		"lib/menu.lua", `local text = require "lib.text"`,
		"lib/text.lua", "return {}",
		"other.lua", "-- other",
	)
	s, problems := Load(files, Options{})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	p, _ := s.Program("sales")
	if len(p.Modules) != 2 || p.Modules["lib/menu"] == nil || p.Modules["lib/text"] == nil {
		t.Errorf("modules: %v", p.Modules)
	}

	files["lib/text.lua"].Data = []byte("return { 1 }")
	next := reloaded(s, files)
	for _, name := range []string{"sales", "lib/menu", "lib/text"} {
		if version(t, s, name) == version(t, next, name) {
			t.Errorf("%s has the same version though what it requires has changed", name)
		}
	}
	if s.flows["other"] != next.flows["other"] {
		t.Error("other changed without a reason")
	}
	if s.units["sales.lua"] != next.units["sales.lua"] {
		t.Error("sales.lua was compiled again though it is the same")
	}
}

func TestVersionIsStable(t *testing.T) {
	files := folder("sales.lua", `local m = require "lib.menu"`, "lib/menu.lua", "return {}")
	first, _ := Load(files, Options{})
	second, _ := Load(files, Options{})
	v := version(t, first, "sales")
	if v != version(t, second, "sales") {
		t.Error("the same files have two versions")
	}
	if len(v) != 12 {
		t.Errorf("version %q is not 12 digits long", v)
	}
	files["unrelated.lua"] = files["lib/menu.lua"]
	third, _ := Load(files, Options{})
	if v != version(t, third, "sales") {
		t.Error("a file sales does not require changed its version")
	}
}

func TestVersionCountsNamedPrompts(t *testing.T) {
	before := folder("sales.lua", `local say = { prompt = "welcome" }`, "other.lua", "-- nothing",
		"prompts/en/welcome.wav", string(pcm(8000, 100)))
	now := folder("sales.lua", `local say = { prompt = "welcome" }`, "other.lua", "-- nothing",
		"prompts/en/welcome.wav", string(pcm(8000, 200)))
	first, second := rebuild(t, before, now)
	if version(t, first, "sales") == version(t, second, "sales") {
		t.Error("a prompt that sales names changed, its version did not")
	}
	if version(t, first, "other") != version(t, second, "other") {
		t.Error("a prompt that other does not name changed its version")
	}
}

func TestBrokenFileHoldsBackItsOwn(t *testing.T) {
	before := folder(
		"sales.lua", `local m = require "lib.menu"`,
		"lib/menu.lua", "return {}",
		"other.lua", "-- other",
	)
	now := folder(
		"sales.lua", "local m = require \"lib.menu\"\n-- new",
		"lib/menu.lua", "local t = {}\nlocal x = = 1\nreturn t\n",
		"other.lua", "-- other, new",
		"fresh.lua", `local m = require "lib.menu"`,
	)
	old, next := rebuild(t, before, now)
	for _, name := range []string{"sales", "lib/menu"} {
		if version(t, old, name) != version(t, next, name) {
			t.Errorf("%s changed though it is broken", name)
		}
	}
	if version(t, old, "other") == version(t, next, "other") {
		t.Error("other is held back by what it does not require")
	}
	if _, ok := next.Flow("fresh"); ok {
		t.Error("fresh has no version that works, and yet it is there")
	}
	got := messages(next.Problems())
	for _, want := range []string{
		"lib/menu.lua:2:", "2 | local x = = 1",
		"sales keeps answering with its last good version " + version(t, old, "sales"),
		"fresh has no good version",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("problem lacks %q:\n%s", want, got)
		}
	}
	if len(next.Problems()) != 1 {
		t.Errorf("%d problems, want 1", len(next.Problems()))
	}

	fixed := reloaded(next, before)
	if len(fixed.Problems()) > 0 || version(t, fixed, "sales") != version(t, old, "sales") {
		t.Errorf("after putting it right: %s", messages(fixed.Problems()))
	}
}

func TestBadFiles(t *testing.T) {
	tests := []struct {
		name  string
		files fstest.MapFS
		want  []string
	}{
		{"missing", folder("a.lua", "-- x\nlocal m = require \"lib.mneu\"", "lib/menu.lua", "return {}"),
			[]string{`a.lua:2: there is no module lib/mneu`, "did you mean lib/menu?", `2 | local m = require "lib.mneu"`}},
		{"outside", folder("a.lua", `local m = require "../../etc/passwd"`), []string{"a.lua:1:", "outside the flows folder"}},
		{"absolute", folder("a.lua", `local m = require "/etc/passwd"`), []string{"a.lua:1:", "outside the flows folder"}},
		{"itself", folder("a.lua", `local m = require "a"`), []string{"a.lua:1: this file requires itself"}},
		{"cycle", folder("a.lua", `local m = require "b"`, "b.lua", `local m = require "c"`, "c.lua", `local m = require "b"`),
			[]string{"c.lua:1: these files require each other: b → c → b"}},
		{"empty", folder("a.lua", "\n\n"), []string{"a.lua: this file is empty"}},
		{"too long", folder("a.lua", "--"+strings.Repeat("x", maxSource)), []string{"a.lua: this file is longer than 256 KB"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, problems := Load(test.files, Options{})
			got := messages(problems)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("problems lack %q:\n%s", want, got)
				}
			}
			if _, ok := s.Flow("a"); ok {
				t.Error("a is there although it cannot run")
			}
			if len(problems) != 1 {
				t.Errorf("%d problems, want 1:\n%s", len(problems), got)
			}
		})
	}
}

func TestDeletedFiles(t *testing.T) {
	before := folder("sales.lua", `local m = require "menu"`, "menu.lua", "return {}", "old.lua", "-- old")
	old, next := rebuild(t, before, folder("sales.lua", `local m = require "menu"`))
	if version(t, next, "sales") != version(t, old, "sales") {
		t.Error("sales lost its last good version with the file it requires")
	}
	if got := fmt.Sprint(next.Names()); got != "[sales]" {
		t.Errorf("flows: %s, want [sales]", got)
	}
	if got := messages(next.Problems()); !strings.Contains(got, `sales.lua:1: there is no module menu`) {
		t.Error(got)
	}
}

func TestEmptyFolderKeepsEverything(t *testing.T) {
	old, next := rebuild(t, folder("sales.lua", "-- sales"), folder())
	if version(t, old, "sales") != version(t, next, "sales") {
		t.Error("sales changed")
	}
	if got := messages(next.Problems()); !strings.Contains(got, "is empty") || !strings.Contains(got, "sales keeps answering") {
		t.Error(got)
	}
}

func TestWhatCheckersSee(t *testing.T) {
	s, problems := Load(folder("b.lua", "-- b", "a.lua", "-- a", "c.lua", "x = = 1", "routes.yml", "default: a",
		textsFile, "welcome: { en: Hi }"), Options{})
	if got := messages(problems); !strings.Contains(got, "routes.yml: this file is not read; name it routes.yaml") || len(problems) != 2 {
		t.Error(got)
	}
	var files []string
	for _, c := range s.Code() {
		files = append(files, c.File)
	}
	if got := fmt.Sprint(files); got != "[a.lua b.lua]" {
		t.Errorf("code: %s, want [a.lua b.lua]", got)
	}
	if got := s.Texts()["welcome"]["en"]; got != "Hi" || s.Language() != "en" {
		t.Errorf("texts in %s: %q", s.Language(), got)
	}
	if _, ok := s.Program("c"); ok {
		t.Error("there is a program of what does not compile")
	}
}
