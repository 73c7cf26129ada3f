package flow

import (
	"context"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	now := folder("100.lua", `call:answer() call:set("A", config.get("operators.sales"))`, "200.lua", "call:answer()", "config.yaml", `
operators: { sales: 0300, support: +55119, list: [1, "2", yes, ~] }
most: 12
rate: 2.50
on: true
none:
`)
	s, problems := Load(now, Options{})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	for path, want := range map[string]string{
		"operators.sales": `"0300"`, "operators.support": `"+55119"`, "operators.list": `[1,"2","yes",null]`, "most": "12", "rate": "2.50",
		"on": "true", "none": "", "operators": `{"list":[1,"2","yes",null],"sales":"0300","support":"+55119"}`, "operators.slaes": "",
	} {
		if got, _ := s.settings.get(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	if _, hint := s.settings.get("operators.slaes"); hint != "did you mean operators.sales?" {
		t.Errorf("hint %q", hint)
	}

	now["config.yaml"] = folder("x", "operators: { sales: 400 }\n")["x"]
	changed := reloaded(s, now)
	if got, _ := changed.settings.get("operators.sales"); got != "400" {
		t.Errorf("after the change: %s", got)
	}
	if version(t, changed, "100") == version(t, s, "100") {
		t.Error("a flow that asks for settings has the same version with others")
	}
	if version(t, changed, "200") != version(t, s, "200") {
		t.Error("a flow that asks for none has another version")
	}

	now["config.yaml"] = folder("x", "operators: { a.b: 1 }\n")["x"]
	broken := reloaded(changed, now)
	if got, _ := broken.settings.get("operators.sales"); got != "400" {
		t.Errorf("broken: %s", got)
	}
	if got := messages(broken.Problems()); !strings.Contains(got, `config.yaml:1:14: a key cannot have a dot in it, as "a.b" has`) {
		t.Errorf("problems: %s", got)
	}
}

// A save of the settings that a flow cannot do with is held back with that flow, and reaches no caller.
func TestSettingsHeldBack(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "100.lua", `call:set("A", config.get("a"))`, "200.lua", `call:set("A", config.get("a", 9))`,
		"300.lua", `if hours.open("office") then call:answer() end`, "config.yaml", "a: 1\n", "hours.yaml", "office: { zone: UTC }\n")
	w := watch(t, dir, Options{Gate: Gate{Judge: func(_ context.Context, s *Set, changed []string) []Problem {
		return s.Lint(LintOptions{Flows: changed, Certain: true})
	}}})
	write(t, dir, "config.yaml", "b: 2\n")
	r := w.next()
	if got := messages(r.Problems); !strings.Contains(got, "there is no setting a") {
		t.Errorf("problems: %s", got)
	}
	for name, want := range map[string]string{"100": "1", "200": ""} {
		if got, _ := w.Current().flows[name].Setting("a"); got != want {
			t.Errorf("a flow %s has %q, want %q", name, got, want)
		}
	}
	write(t, dir, "config.yaml", "a: 3\n")
	w.next()
	if got, _ := w.Current().flows["100"].Setting("a"); got != "3" {
		t.Errorf("put right: %q", got)
	}
	write(t, dir, "hours.yaml", "reception: { zone: UTC }\n")
	w.next()
	if _, err := w.Current().flows["300"].Hours("office", aChristmas, nil); err != nil {
		t.Errorf("a flow that is held back has lost its schedule: %v", err)
	}
}

func TestLintSettings(t *testing.T) {
	s, _ := Load(folder("100.lua", "call:answer()\nlocal a, b = config.get(\"a\"), config.get(\"b\", 1)\nlog.info(a, b, config.get(\"x\" .. a))", "config.yaml", "aa: 1\n"), Options{})
	got := messages(s.Lint(LintOptions{Certain: true}))
	if !strings.Contains(got, "100.lua:2: there is no setting a; did you mean aa?") || strings.Count(got, "no setting") != 1 {
		t.Errorf("got %s", got)
	}
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte("operators: { sales: 0300 }\nlist: [1, {a: b}]\n"))
	f.Fuzz(func(t *testing.T, source []byte) {
		s, _ := Load(folder("config.yaml", string(source)), Options{})
		for path := range s.settings.values {
			s.settings.get(path + "x")
		}
	})
}
