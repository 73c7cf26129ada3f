package flow

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// A judge is a gate that objects to every file with the word BAD, and notes what it is asked.
type judge struct {
	mu    sync.Mutex
	asked []string // the flows of each question
}

func (j *judge) gate() Gate {
	return Gate{Reads: []string{".call"}, Judge: func(_ context.Context, s *Set, changed []string) []Problem {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.asked = append(j.asked, strings.Join(changed, " "))
		return bad(s, changed)
	}}
}

// bad are the problems of files with BAD in them, as a linter would find them.
func bad(s *Set, changed []string) []Problem {
	var problems []Problem
	for _, code := range s.Code() {
		i := strings.Index(string(code.Source), "BAD")
		if i < 0 || !slices.ContainsFunc(changed, func(name string) bool { return s.flows[name].has(code.File) }) {
			continue
		}
		line := 1 + strings.Count(string(code.Source[:i]), "\n")
		problems = append(problems, Problem{File: code.File, Line: line, Text: "it says BAD", Hint: "say something else",
			Source: sourceLine(code.Source, line)})
	}
	return problems
}

// questions are those since it was last asked for them.
func (j *judge) questions() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	defer func() { j.asked = nil }()
	return strings.Join(j.asked, "; ")
}

// A history is a folder that is reloaded again and again.
type history struct {
	t    *testing.T
	o    Options
	set  *Set
	last Report
}

func newHistory(t *testing.T, g Gate) *history {
	return &history{t: t, o: Options{Gate: g}.filled(), set: nothing()}
}

// start is the first reading of files.
func (h *history) start(files fstest.MapFS) *history {
	h.set = h.o.load(scan(files, nil, h.o))
	return h
}

// save is a reload of files.
func (h *history) save(files fstest.MapFS) *history {
	next := h.o.Gate.admit(context.Background(), h.set, build(h.set, scan(files, nil, h.o), h.o))
	h.last, h.set = compare(h.set, next), next
	return h
}

// source is what answers for a flow.
func (h *history) source(flow string) string {
	if p, ok := h.set.Program(flow); ok {
		return string(p.Main.Source)
	}
	return ""
}

func (h *history) answers(flow, source string) {
	h.t.Helper()
	if got := h.source(flow); got != source {
		h.t.Errorf("%s is %q, want %q", flow, got, source)
	}
}

func (h *history) problems(want string) {
	h.t.Helper()
	if got := messages(h.set.Problems()); got != want {
		h.t.Errorf("problems:\n%s\nwant:\n%s", got, want)
	}
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGateHoldsBack(t *testing.T) {
	j := &judge{}
	h := newHistory(t, j.gate()).save(folder("a.lua", "-- 1", "b.lua", "-- 1", "routes.yaml", "routes: {100: a, 200: b, 300: c}\n", "c.lua", "-- 1"))
	h.problems("")
	expect(t, j.questions(), "a b c")
	good := version(t, h.set, "a")

	files := folder("a.lua", "-- 2\n-- BAD", "b.lua", "-- 2", "routes.yaml", "routes: {100: b, 200: a}\n", "c.lua", "-- 1")
	h.save(files)
	h.answers("a", "-- 1")
	h.answers("b", "-- 2")
	h.problems("a.lua:2: it says BAD; say something else\n  2 | -- BAD\n  a keeps answering with its last good version " + good)
	expect(t, j.questions(), "a b; b") // b is looked at in the company in which it goes live
	if !h.last.Routes || len(h.last.Flows) != 1 {
		t.Errorf("report %s", h.last)
	}
	for exten, want := range map[string]string{"100": "b", "200": "a"} {
		if r := h.set.router.literal[routeKey{"", exten}]; r.to != h.set.flows[want] {
			t.Errorf("extension %s does not get the %s that answers", exten, want)
		}
	}

	files["b.lua"].Data = []byte("-- 3")
	h.save(files)
	h.answers("b", "-- 3")
	expect(t, j.questions(), "b") // a was judged already
	if len(h.set.Problems()) != 1 || h.last.Fixed != 0 {
		t.Errorf("report %s: %s", h.last, messages(h.set.Problems()))
	}

	files["a.lua"].Data = []byte("-- 3")
	h.save(files)
	h.answers("a", "-- 3")
	h.problems("")
	if h.last.Fixed != 1 || len(h.last.Flows) != 1 {
		t.Errorf("report %s, %d fixed", h.last, h.last.Fixed)
	}
}

func TestGateTakesBack(t *testing.T) {
	j := &judge{}
	h := newHistory(t, j.gate()).save(folder("a.lua", "-- 1")).save(folder("a.lua", "BAD = 1"))
	j.questions()
	h.save(folder("a.lua", "-- 1"))
	h.problems("")
	expect(t, j.questions(), "")
	if h.last.Activated() || h.last.Fixed != 1 {
		t.Errorf("report %s", h.last)
	}
}

// TestGateFirstLoad: a daemon that starts has no better version of a flow, so it answers as it is, and the
// problem is told until the flow changes. From then on the gate holds.
func TestGateFirstLoad(t *testing.T) {
	j := &judge{}
	files := folder("a.lua", "BAD = 1", "b.lua", "-- 1", "routes.yaml", "default: a\n")
	h := newHistory(t, j.gate()).start(files)
	const told = "a.lua:1: it says BAD; say something else; until then it answers calls as it is\n  1 | BAD = 1"
	h.problems(told)
	expect(t, fmt.Sprint(h.set.Names()), "[a b]")
	h.answers("a", "BAD = 1")

	files["b.lua"].Data = []byte("-- 2")
	h.save(files)
	h.problems(told)
	h.answers("b", "-- 2")

	files["a.lua"].Data = []byte("BAD = 2")
	h.save(files)
	h.answers("a", "BAD = 1")
	files["a.lua"].Data = []byte("-- good")
	h.save(files)
	h.problems("")
	h.answers("a", "-- good")
	if s, problems := Load(folder("a.lua", "BAD = 1"), Options{Gate: j.gate()}); len(problems) != 1 || len(s.Names()) != 1 {
		t.Error(messages(problems))
	}
}

func TestGateSharedModule(t *testing.T) {
	j := &judge{}
	files := folder("a.lua", `local m = require "lib.m"`, "b.lua", `local m = require "lib.m"`, "c.lua", "-- 1", "lib/m.lua", "return 1")
	h := newHistory(t, j.gate()).save(files)
	files["lib/m.lua"].Data, files["c.lua"].Data = []byte("return BAD"), []byte("-- 2")
	h.save(files)
	j.questions()
	h.answers("lib/m", "return 1")
	h.answers("c", "-- 2")
	for _, name := range []string{"a", "b"} {
		p, _ := h.set.Program(name)
		expect(t, string(p.Modules["lib/m"].Source), "return 1")
	}
	if ps := h.set.Problems(); len(ps) != 1 || len(ps[0].Keeps) != 3 {
		t.Error(messages(ps))
	}

	files["a.lua"].Data = []byte("local m = require \"lib.m\"\n-- more")
	h.save(files)
	expect(t, j.questions(), "a")
	if ps := h.set.Problems(); len(ps) != 1 || len(ps[0].Keeps) != 3 {
		t.Error(messages(ps))
	}

	files["a.lua"].Data = []byte("-- without it")
	h.save(files)
	expect(t, j.questions(), "a")
	h.answers("a", "-- without it")
	if ps := h.set.Problems(); len(ps) != 1 || len(ps[0].Keeps) != 2 {
		t.Error(messages(ps))
	}
}

// A save elsewhere can be what a flow was waiting for.
func TestGateAsksAgain(t *testing.T) {
	files := func(more ...string) fstest.MapFS {
		return folder(append([]string{"a.lua", `BAD = call:run("b")`, "b.lua", "-- 1", "c.lua", "-- 1", "a.call", "ring a"}, more...)...)
	}
	tests := []struct {
		name string
		more []string
		want string
	}{
		{"nothing", nil, ""},
		{"a flow that it does not name", []string{"c.lua", "-- 2"}, "c"},
		{"a flow that it names", []string{"b.lua", "-- 2"}, "a b; b"},
		{"a new flow", []string{"d.lua", "-- 1"}, "a d; d"},
		{"a transcript", []string{"a.call", "ring b"}, "a"},
		{"routes", []string{"routes.yaml", "default: a"}, "a"},
		{"a prompt", []string{"prompts/welcome.wav", string(pcm(8000, 100))}, "a"},
		{"another file", []string{"README.md", "# a"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			j := &judge{}
			h := newHistory(t, j.gate()).save(files())
			expect(t, j.questions(), "a b c; b c")
			h.save(files(test.more...))
			expect(t, j.questions(), test.want)
			if len(h.set.Problems()) != 1 {
				t.Error(messages(h.set.Problems()))
			}
		})
	}
}

func TestGatePanics(t *testing.T) {
	h := newHistory(t, Gate{Judge: func(_ context.Context, s *Set, changed []string) []Problem {
		for _, p := range bad(s, changed) {
			panic(p.Text)
		}
		return nil
	}})
	h.save(folder("a.lua", "-- 1", "b.lua", "-- 1")).save(folder("a.lua", "BAD = 1", "b.lua", "-- 2"))
	h.answers("a", "-- 1")
	h.answers("b", "-- 2")
	if got := messages(h.set.Problems()); !strings.HasPrefix(got, "a.lua: this flow cannot be checked: panic: it says BAD; this is a fault of ivrd") {
		t.Error(got)
	}
}

// What a problem holds back if its file is part of no changed flow.
func TestGateProblemsElsewhere(t *testing.T) {
	tests := []struct {
		problem Problem
		held    string
	}{
		{Problem{File: "a.call", Keeps: []Kept{{Name: "a"}}}, "a"},
		{Problem{File: "a.lua", Keeps: []Kept{{Name: "b"}}}, "b"},
		{Problem{File: "a.lua", Keeps: []Kept{{Name: "unknown"}}}, "a"},
		{Problem{File: "a.call"}, "a b"},
		{Problem{}, "a b"},
		{Problem{File: "a.lua", Warning: true}, ""},
	}
	for _, test := range tests {
		h := newHistory(t, Gate{Judge: func(context.Context, *Set, []string) []Problem {
			test.problem.Text = "wrong"
			return []Problem{test.problem}
		}})
		h.save(folder("a.lua", "-- 1", "b.lua", "-- 1"))
		var held []string
		for _, name := range []string{"a", "b"} {
			if h.source(name) == "" {
				held = append(held, name)
			}
		}
		if got := strings.Join(held, " "); test.held == "a b" || test.held == "" {
			expect(t, got, test.held)
		} else if len(held) != 2 { // it objects to the other one as well, once that is alone
			t.Errorf("%+v: held %s", test.problem, got)
		}
		if len(h.set.Problems()) != 1 {
			t.Error(messages(h.set.Problems()))
		}
	}
}

func TestGateWarningsStay(t *testing.T) {
	n := 0
	h := newHistory(t, Gate{Judge: func(context.Context, *Set, []string) []Problem {
		n++
		return []Problem{{File: "x.call", Text: fmt.Sprint("warning ", n), Warning: true}}
	}})
	h.save(folder("a.lua", "-- 1", "b.lua", "-- 1")).save(folder("a.lua", "-- 1"))
	h.problems("x.call: warning 1")
	h.save(folder())
	h.problems("flows folder: it is empty; is its disk mounted?\n  a keeps answering with its last good version " + version(t, h.set, "a"))
	h.save(folder("a.lua", "-- 2"))
	h.problems("x.call: warning 2")
}

func TestGateFiles(t *testing.T) {
	s, problems := Load(folder("a.lua", "-- 1", "b/two.call", "2", "a.call", "1", ".x.call", "3", "big.call", strings.Repeat("x", maxSource+1)),
		Options{Gate: (&judge{}).gate()})
	var got []string
	for at, content := range s.GateFiles() {
		got = append(got, at+"="+string(content))
	}
	expect(t, fmt.Sprint(got), "[a.call=1 b/two.call=2]")
	if len(problems) != 1 || !problems[0].Warning {
		t.Error(messages(problems))
	}
}

// On disk: one reload for each save, and a transcript that is put right is noticed.
func TestGateWatched(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.lua", "-- 1\n", "a.call", "1\n", "b.lua", "-- 1\n")
	g := Gate{Reads: []string{".call"}, Judge: func(_ context.Context, s *Set, changed []string) []Problem {
		problems := bad(s, changed)
		for at, content := range s.GateFiles() {
			if !strings.Contains(string(s.flows["a"].program.Main.Source), strings.TrimSpace(string(content))) {
				problems = append(problems, Problem{File: at, Text: "it went another way", Keeps: []Kept{{Name: "a"}}})
			}
		}
		return problems
	}}
	w := watch(t, dir, Options{Gate: g})
	write(t, dir, "a.lua", "-- 2\n")
	if r := w.next(); r.Activated() || len(r.Problems) != 1 {
		t.Errorf("report %s: %s", r, messages(r.Problems))
	}
	w.settled()
	write(t, dir, "a.call", "2\n")
	if r := w.once("a", "-- 2\n"); r.Fixed != 1 || len(r.Flows) != 1 {
		t.Errorf("report %s", r)
	}
	write(t, dir, "b.lua", "BAD()\n")
	if r := w.next(); r.Activated() || len(r.Problems) != 1 {
		t.Errorf("report %s: %s", r, messages(r.Problems))
	}
	w.settled()
}

// A gate that takes its time is left alone, but a further save, Reload and Close do not wait for it.
func TestGateIsInterrupted(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.lua", "-- 1\n", "b.lua", "-- 1\n")
	started := make(chan struct{}, 10)
	w := watch(t, dir, Options{Gate: Gate{Judge: func(ctx context.Context, s *Set, changed []string) []Problem {
		if p, _ := s.Program("a"); strings.Contains(string(p.Main.Source), "slow") {
			started <- struct{}{}
			<-ctx.Done()
		}
		return nil
	}}})
	write(t, dir, "a.lua", "-- slow\n")
	<-started
	write(t, dir, "a.lua", "-- 2\n")
	w.once("a", "-- 2\n")

	write(t, dir, "a.lua", "-- slow, once more\n")
	<-started
	ctx, cancel := context.WithCancel(context.Background())
	asked := make(chan error)
	go func() {
		_, err := w.Reload(ctx)
		asked <- err
	}()
	<-started // Reload asks the gate anew
	cancel()
	if err := <-asked; err != context.Canceled {
		t.Error(err)
	}
	must(t, w.Close())
	if got := w.source("a"); got != "-- 2\n" {
		t.Errorf("a is %q", got)
	}
}

func TestLintCertain(t *testing.T) {
	s, problems := Load(folder("a.lua", `
local bit, pack, nul, io_open, gone = bit32, table.pack, json.nul, io.open, call.caller.nmae
if bit and pack and DEBUG then call:play("no-such-prompt") end
local x = nul == null and gone or io_open
call:anwser()
local to = call.dailed
call:play(acount, { stopp = x })
call:run("nowhere")
say.nmber(to)
log.info(json.nul, string.fromat, io.open)
call:hangup()
call:wait()
`, "b.lua", "unknown()\nrequire 'c'", "c.lua", "log.info(of_b)", "d.lua", "of_b = 1\nrequire 'c'", "routes.yaml", "default: a"), Options{})
	if len(problems) > 0 {
		t.Fatal(messages(problems))
	}
	var got []string
	for _, p := range s.Lint(LintOptions{Flows: []string{"a", "c"}, Certain: true}) {
		got = append(got, p.Error())
	}
	want := strings.Split(`a.lua:5:6: no method call:anwser; did you mean answer?
a.lua:6:17: call has no dailed; did you mean dialed?
a.lua:7:11: acount is not defined
a.lua:7:21: call:play: no option stopp; did you mean stop?
a.lua:8:11: there is no flow nowhere; it would be the file nowhere.lua
a.lua:9:5: say has no nmber; did you mean number?
a.lua:10:15: json has no nul; did you mean null?
a.lua:10:27: string has no fromat; did you mean format?
a.lua:10:38: io.open is not available in flows; flows have no files; data comes through the library, such as db and http
a.lua:12:6: call:wait: seconds is missing: How long, such as 1.5.`, "\n")
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := messages(s.Lint(LintOptions{Flows: []string{"b"}})); !strings.HasPrefix(got, "b.lua:1:1: unknown is not defined") || strings.Contains(got, "c.lua") {
		t.Error(got)
	}
}

// lintGate is the gate of ivrd serve as it is by default.
func lintGate() Gate {
	return Gate{Judge: func(_ context.Context, s *Set, changed []string) []Problem {
		return s.Lint(LintOptions{Flows: changed, Certain: true})
	}}
}

// From the save until the next caller gets it, with the linter as the gate.
func BenchmarkReloadOneOf1000Linted(b *testing.B) {
	w := watch(b, thousand(b), Options{Gate: lintGate()})
	at := filepath.Join(w.dir, "part3/flow3.lua")
	n := 0
	for b.Loop() {
		n++
		must(b, os.WriteFile(at, []byte(fmt.Sprintf(benchFlow, 3)+fmt.Sprintf("-- %d\n", n)), 0o644))
		if r := w.next(); len(r.Flows) != 1 || len(r.Problems) > 0 {
			b.Fatal(r, messages(r.Problems))
		}
	}
}

// What the gate costs at the start, and when a module of all flows is saved.
func BenchmarkLint1000(b *testing.B) {
	s, _ := LoadDir(thousand(b), Options{})
	for b.Loop() {
		if ps := s.Lint(LintOptions{Flows: s.Names(), Certain: true}); len(ps) > 0 {
			b.Fatal(messages(ps))
		}
	}
}

func BenchmarkLintOneOf1000(b *testing.B) {
	s, _ := LoadDir(thousand(b), Options{})
	for b.Loop() {
		if ps := s.Lint(LintOptions{Flows: []string{"part3/flow3"}, Certain: true}); len(ps) > 0 {
			b.Fatal(messages(ps))
		}
	}
}
