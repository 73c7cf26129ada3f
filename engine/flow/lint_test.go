package flow

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/enginetest"
	"github.com/ivrd/ivrd/engine/say"
	"github.com/ivrd/ivrd/flows"
	"github.com/ivrd/ivrd/luaapi"
	"github.com/ivrd/ivrd/luaapi/bind"
)

// lint is what the linter says about files that load without a problem, a line each.
func lint(t *testing.T, o LintOptions, files ...string) string {
	t.Helper()
	return lintWith(t, Options{}, o, files...)
}

func lintWith(t *testing.T, load Options, o LintOptions, files ...string) string {
	t.Helper()
	s, problems := Load(folder(files...), load)
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	var all []string
	for _, p := range s.Lint(o) {
		all = append(all, told(p))
	}
	return strings.Join(all, "\n")
}

// told is a problem in one line.
func told(p Problem) string {
	s := p.Error()
	if p.Warning {
		s = p.Where() + ": warning: " + strings.TrimPrefix(s, p.Where()+": ")
	}
	return s
}

// TestLintFiles lints each file of testdata/lint. A line about which there is a problem says so in a comment
// --> text; hint, with "warning: " in front of a warning; several are separated by |.
func TestLintFiles(t *testing.T) {
	names, err := fs.Glob(os.DirFS("testdata/lint"), "*.lua")
	if err != nil || len(names) == 0 {
		t.Fatal("no files", err)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			source, err := os.ReadFile(path.Join("testdata/lint", name))
			if err != nil {
				t.Fatal(err)
			}
			s, problems := Load(folder(name, string(source), "sales.lua", "-- sales", "lib/tools.lua", "return {}"), Options{Sounds: []string{"acme/*"}})
			if len(problems) > 0 {
				t.Fatal(messages(problems))
			}
			got := map[int][]string{}
			for _, p := range s.Lint(LintOptions{}) {
				text := strings.TrimPrefix(told(p), p.Where()+": ")
				got[p.Line] = append(got[p.Line], text)
			}
			for i, line := range strings.Split(string(source), "\n") {
				compareLine(t, name, i+1, line, got[i+1])
			}
		})
	}
}

func compareLine(t *testing.T, name string, n int, line string, got []string) {
	t.Helper()
	var want []string
	if _, comment, ok := strings.Cut(line, "--> "); ok {
		want = strings.Split(comment, " | ")
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:%d: got\n  %s\nwant\n  %s", name, n, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestLintDefaultFlows(t *testing.T) {
	s, problems := Load(flows.FS, Options{})
	problems = append(problems, s.Lint(LintOptions{})...)
	if len(problems) > 0 {
		t.Error(messages(problems))
	}
}

func TestLintContract(t *testing.T) {
	files, err := enginetest.Files(enginetest.Contract())
	if err != nil {
		t.Fatal(err)
	}
	sounds := append(enginetest.Sounds(files), "never", "enter-*", "main-menu", "sub-menu", "invalid", "inner", "outer")
	s, problems := Load(enginetest.Contract(), Options{Sounds: sounds, Speech: polyglot{}})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	meant := []string{"missing_caught.lua", "missing_prompt.lua", "http_missing.lua", "run_missing.lua", "fail.lua", "hours_all.lua"}
	for _, p := range s.Lint(LintOptions{}) {
		if !p.Warning && !slices.Contains(meant, p.File) {
			t.Error(p)
		}
	}
}

func TestLintExamples(t *testing.T) {
	for _, m := range luaapi.API().Modules {
		for _, f := range m.Funcs {
			t.Run(f.Call, func(t *testing.T) { lintExample(t, f) })
		}
	}
}

func lintExample(t *testing.T, f bind.Signature) {
	files := folder("example.lua", f.Example, hoursFile, "office: { zone: UTC }")
	for _, name := range []string{"opening", "sales"} { // flows that examples run
		files[name+".lua"] = &fstest.MapFile{Data: []byte("-- " + name)}
	}
	s, problems := Load(files, Options{Sounds: []string{"*"}, Speech: polyglot{}})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	for _, p := range s.Lint(LintOptions{}) {
		if !strings.HasSuffix(p.Text, ": never used") { // an example shows a result and leaves it there
			t.Error(p)
		}
	}
}

func TestLintPrompts(t *testing.T) {
	wav := string(pcm(8000, 800))
	got := lintWith(t, Options{Sounds: []string{"acme/*"}}, LintOptions{},
		"100.lua", `call:play { "welcome", "both", "german", "anywhere", "spoken", "acme/hello", "hello-world", "digits/1", "mesage" }
call:play("spoken")
call:record { name = "greeting" }
call:play("greeting")
call:play("/var/lib/sounds/far-away")
call:play("de/german")
call:ask { prompt = "welcom", no_input = { "both", { "german", "nowhere" } }, invalid = "nowhere" }`,
		"prompts/en/welcome.wav", wav, "prompts/en/both.wav", wav, "prompts/de/both.wav", wav,
		"prompts/de/german.wav", wav, "prompts/anywhere.wav", wav,
		"prompts.yaml", "spoken: Only words.\nmessage: A message.\n",
	)
	want := strings.TrimLeft(`
100.lua:1:33: warning: prompt german is missing in en; record it, or record it in the default language, which stands in for all
100.lua:1:55: warning: prompt spoken has a text and no recording yet
100.lua:1:106: there is no prompt mesage; did you mean message?
100.lua:7: there is no prompt nowhere; did you mean anywhere?
100.lua:7:22: there is no prompt welcom; did you mean welcome?`, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Who comes from another Lua for telephony begins with its names.
func TestLintNamesFromElsewhere(t *testing.T) {
	got := lintWith(t, Options{}, LintOptions{Certain: true}, "100.lua", `session:answer()
freeswitch.consoleLog("info", "hello")
app.playback("hello-world")
local queue = channel.QUEUE:get()`)
	want := strings.TrimLeft(`
100.lua:1:1: session is not defined; here the call is call, as in call:answer() and call:play(…)
100.lua:2:1: freeswitch is not defined; here log.info(…) writes to the log, and the call is call, as in call:play(…)
100.lua:3:1: app is not defined; here call:exec(…) runs an application of the dialplan
100.lua:4:15: channel is not defined; here call:get(…) and call:set(…) are for the channel's variables`, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLintUnreachedFlows(t *testing.T) {
	files := []string{
		"routes.yaml", "routes:\n  100: main\n  200: {flow: other, fallback: rescue}\ndefault: night\nfallback: sorry\n",
		"main.lua", `require "lib.tools"; call:run("direct"); call:menu { choices = { ["1"] = "chosen", ["2"] = function() call:run("deep/" .. call.exten) end } }`,
		"other.lua", "--", "rescue.lua", "--", "night.lua", "--", "sorry.lua", "--", "direct.lua", "--", "chosen.lua", "--",
		"lib/tools.lua", "return {}", "lonely.lua", `call:run("lonely")`, "fallback.lua", "--",
	}
	want := "lonely.lua: warning: no route and no other flow leads to this flow; only calls that ask for it by name, agi://host/lonely, get it"
	static := slices.Clone(files)
	static[3] = strings.Replace(static[3], `call:run("deep/" .. call.exten)`, "", 1)
	if got := lint(t, LintOptions{}, static...); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if got := lint(t, LintOptions{}, files...); got != "" {
		t.Errorf("a flow is run by a name that only the call knows; got %s", got)
	}
	if got := lint(t, LintOptions{}, static[2:]...); got != "" {
		t.Errorf("without routes.yaml every flow is an extension; got %s", got)
	}
}

func TestLintSharedGlobals(t *testing.T) {
	got := lint(t, LintOptions{},
		"main.lua", "company = 'acme'\nrequire 'lib.a'\ncall:play(prompt_of_a)\nfunction string.trim(s) return (s:gsub('%s', '')) end",
		"lib/a.lua", "prompt_of_a = 'hello-world'\nrequire 'lib.b'\nreturn company",
		"lib/b.lua", "return company .. string.trim(' x ')",
		"alone.lua", "return company",
	)
	want := "alone.lua:1:8: company is not defined"
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestLintDoesNotRepeatWhatLoadSays(t *testing.T) {
	s, problems := Load(folder(
		"100.lua", `require "lib.missing"; call:run("broken")`, "broken.lua", "x = ", "routes.yaml", "routes: {100: nowhere, 200: \"200\"}",
		"200.lua", `call:run("100")`,
	), Options{})
	if len(problems) != 3 {
		t.Fatal(messages(problems))
	}
	if got := messages(s.Lint(LintOptions{})); got != "" {
		t.Error(got)
	}
}

func TestLintEndingFunctionsAreDeclared(t *testing.T) {
	if theVocabulary().libraries["call"].members["record"] == nil {
		t.Error("there is no call:record any more")
	}
	var prompts, flows, choices int
	for _, m := range luaapi.API().Modules {
		for _, f := range m.Funcs {
			for _, p := range allParams(f.Params) {
				prompts += as(isPrompt(p))
				flows += as(isFlow(p))
				choices += as(isChoices(p))
			}
		}
	}
	if prompts < 7 || flows < 1 || choices < 1 {
		t.Errorf("the declarations show %d prompts, %d flows and %d choices", prompts, flows, choices)
	}
}

func allParams(params []bind.Param) []bind.Param {
	all := slices.Clone(params)
	for _, p := range params {
		all = append(all, allParams(p.Options)...)
	}
	return all
}

func as(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestLintSounds(t *testing.T) {
	names, _ := say.Packaged(usualLanguage)
	for _, name := range []string{"hello-world", "digits/1", "letters/a", "beep", "vm-goodbye"} {
		if !names.Has(name) {
			t.Errorf("%s is missing", name)
		}
	}
	if names.Has("") {
		t.Error("there is an empty line")
	}
}

// Names that ivrd.yaml does not have may hold back a save; where nothing is known of it, any will do.
func TestLintNames(t *testing.T) {
	source := "local crm = db.open(\"cmr\")\nlocal web = http.service(\"core\")\nlocal x = crm:value(\"select 1\"), web:get(\"/\")\ncall:set(\"X\", tostring(x))"
	o := LintOptions{Certain: true, Names: Names{Databases: []string{"crm", "main"}, Services: []string{}}}
	want := `100.lua:1:22: there is no database cmr; did you mean crm?
100.lua:2:27: there is no service core; services in ivrd.yaml is the place for it`
	if got := lint(t, o, "100.lua", source); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	o.Names.Services = []string{"billing"}
	if got := lint(t, o, "100.lua", source); !strings.Contains(got, "services in ivrd.yaml has billing") {
		t.Errorf("got\n%s", got)
	}
	if got := lint(t, LintOptions{Certain: true}, "100.lua", source); got != "" {
		t.Errorf("got\n%s", got)
	}
	source = "redis.call(\"GET\", \"x\")\nredis.open(\"cahce\"):call(\"GET\", \"x\")"
	o.Names.Redis = []string{"cache"}
	want = `100.lua:1: there is no redis main; redis in ivrd.yaml has cache
100.lua:2:13: there is no redis cahce; did you mean cache?`
	if got := lint(t, o, "100.lua", source); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Texts need an engine with a voice; this may hold back a save.
func TestLintSpeech(t *testing.T) {
	source := "call:play(tts 'Hello.')\ncall:play { \"hello-world\", tts(\"Hallo.\", { language = \"de\" }) }"
	for _, certain := range []bool{false, true} {
		o := LintOptions{Certain: certain}
		got := lintWith(t, Options{Speech: &voice{languages: []string{"en"}}}, o, "100.lua", source)
		if want := `100.lua:2:56: tts: there is no voice for language de; tts.voices in ivrd.yaml names them`; got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		got = lint(t, o, "100.lua", source)
		if want := "100.lua:1:11: tts: there is no text-to-speech engine; a section tts in ivrd.yaml names one\n"; !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 1 {
			t.Errorf("without an engine: got\n%s\nwant first\n%s", got, want)
		}
	}
}

// FuzzLint: whatever compiles can be linted, and every problem has its place.
func FuzzLint(f *testing.F) {
	names, _ := fs.Glob(os.DirFS("testdata/lint"), "*.lua")
	for _, name := range names {
		source, err := os.ReadFile(path.Join("testdata/lint", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source))
	}
	f.Add(`call:menu { choices = { [x] = 1, ["2"] = y, f() } } call:ask(...) _G[1] = _G.x`)
	f.Add("local call = call.call(call, call:call()) goto a ::a:: return (call)(...)")
	f.Fuzz(func(t *testing.T, source string) {
		code, err := luaapi.Compile("a.lua", []byte(source))
		if err != nil {
			return
		}
		s, _ := Load(fstest.MapFS{}, Options{})
		s.units = map[string]*unit{"a.lua": {code: code}}
		for _, p := range s.Lint(LintOptions{}) {
			if p.Text == "" || p.Line < 1 || p.Line > 1+strings.Count(source, "\n")+strings.Count(source, "\r") {
				t.Errorf("%+v", p)
			}
			_ = fmt.Sprint(p)
		}
	})
}

// What one of the backends cannot do is told of, unless the flow asks for the backend first.
func TestLintBackends(t *testing.T) {
	backends := []Backend{
		{"agi", engine.Abilities{Kinds: []engine.Kind{engine.StepAGI, engine.StepMonitor, engine.StepDial, engine.StepOn},
			Lacks: map[engine.Detail]string{"monitor mute": "MixMonitor cannot", "on hold": "AGI has no events"}}},
		{"ari", engine.Abilities{Kinds: []engine.Kind{engine.StepDial, engine.StepMonitor, engine.StepOn}}},
	}
	for _, tt := range []struct{ code, want string }{
		{`call:play("vm-goodbye")`, ""},
		{`call:dial("PJSIP/a", { confirm = "1" })`, ""},
		{`call:agi("NOOP")`, "main.lua:1:6: warning: call:agi is not possible over ari: it cannot agi; a call over ari that gets here ends in the fallback"},
		{`if call.backend == "agi" then call:agi("NOOP") end`, ""},
		{`if "ari" == call.backend then call:dial("PJSIP/a") else call:agi("NOOP") end`,
			"main.lua:1:62: warning: call:agi is not possible over ari: it cannot agi; a call over ari that gets here ends in the fallback"},
		{`call:monitor("pause")`, ""},
		{`call:monitor("mute")`, "main.lua:1:15: warning: call:monitor: action mute is not possible over agi: MixMonitor cannot; a call over agi that gets here ends in the fallback"},
		{`call:on("hold", function() end)`, "main.lua:1:10: warning: call:on: event hold is not possible over agi: AGI has no events; a call over agi that gets here ends in the fallback"},
		{`call:conference("x", { max = 1 })`,
			"main.lua:1:6: warning: call:conference is not possible over agi: it cannot conference; a call over agi that gets here ends in the fallback\n" +
				"main.lua:1:6: warning: call:conference is not possible over ari: it cannot conference; a call over ari that gets here ends in the fallback"},
	} {
		t.Run(tt.code, func(t *testing.T) {
			if got := lint(t, LintOptions{Backends: backends}, "main.lua", tt.code, "routes.yaml", "default: main"); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
