package e2e

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// harmful are flows that fail, each in a way of its own. They begin with answer and the prompt hello.
var harmful = []struct{ name, code, log string }{
	{"raises an error", `local menu = nil; menu.choice = 1`, `menu`},
	{"calls what is not there", `call:anwser()`, `did you mean answer`},
	{"loops", `while true do end`, "used up its"},
	{"loops and catches every error", `while true do pcall(function() while true do end end) end`, "used up its"},
	{"makes steps without end", `while true do call:set("A", "1") end`, "used up its steps"},
	{"recurses", `local function f(n) return 1 + f(n + 1) end f(1)`, "used up its nested calls"},
	{"fills a table", `local t = {} for i = 1, 1e9 do t[i] = { i } end`, "used up its memory"},
	{"keeps long texts", `local t = {} for i = 1, 1e9 do t["k" .. i % 1e5] = string.rep("x", 1e5) .. i end`, "used up its memory"},
	{"starts coroutines", `local t = {} for i = 1, 1e9 do t[i % 1e5] = coroutine.wrap(function() coroutine.yield() end); t[i % 1e5]() end`, "too many coroutines"},
	{"builds a huge string", `local s = "x" while true do s = s .. s end`, "too long"},
	{"formats a huge string", `local s = string.rep("x", 1e9)`, "too long"},
	{"matches for ever", `string.find(string.rep("a", 1e5), string.rep("a?", 100) .. string.rep("a", 100) .. "b")`, "pattern takes too long"},
	{"ends the process", `os.exit(1)`, "os.exit"},
	{"reads files", `io.open("/etc/passwd")`, "io"},
	{"plays what is not there", `call:play("no-such-prompt")`, "no-such-prompt"},
}

// TestHarm has callers of harmful flows hear the fallback, while others listen to a prompt that must not
// be disturbed.
func TestHarm(t *testing.T) {
	t.Parallel()
	const music = 12 * time.Second
	flows := map[string]string{
		"100.lua":      "call:answer()\ncall:play(\"music\")\n",
		"300.lua":      "x = = 1\n", // never was a flow
		"fallback.lua": "call:answer()\ncall:play(\"flow-sorry\")\n",
	}
	for i, h := range harmful {
		flows[fmt.Sprint(200+i, ".lua")] = "call:answer()\ncall:play(\"hello\")\n" + h.code + "\n"
	}
	s := plan{Config: quietly + "gate: none\n", Flows: flows, Prompts: map[string]time.Duration{
		"music": music, "hello": 300 * time.Millisecond, "flow-sorry": 400 * time.Millisecond,
	}}.start(t)

	listeners := []*asterisk.Phone{s.dial(t, "100", "1"), s.dial(t, "100", "2"), s.dial(t, "100", "3")}
	for _, p := range listeners {
		hear(t, p, "music")
	}
	var calls sync.WaitGroup
	for i, h := range harmful {
		from := fmt.Sprint(200 + i)
		p := s.dial(t, from, from)
		calls.Go(func() {
			if got, err := p.WaitEnded(timeout(t)); err != nil {
				t.Errorf("%s: %v, %v", h.name, got, err)
			}
			if got := strings.Join(asterisk.Names(p.Heard()), " "); got != "hello flow-sorry" {
				t.Errorf("%s: heard %v", h.name, p.Heard())
			}
		})
	}
	wantHeard(t, s.dial(t, "300", "300"), "flow-sorry")
	calls.Wait()
	for i, h := range harmful {
		s.wantFallback(t, h.name, fmt.Sprint(200+i), h.log)
	}
	for _, p := range listeners {
		s.wantUndisturbed(t, p, "music", music)
	}
	if peak := s.peakMemory(t); peak > 512<<20 {
		t.Errorf("the process grew to %d MiB", peak>>20)
	}
}

// wantFallback looks at what the dialplan and the log say of a flow that failed.
func (s *site) wantFallback(t *testing.T, name, exten, log string) {
	t.Helper()
	end, err := s.lab.WaitGlobal(timeout(t), "END_"+exten)
	if status := strings.Fields(end); err != nil || len(status) != 2 || status[1] != "fallback" {
		t.Errorf("%s: the dialplan sees %q, %v; want fallback", name, end, err)
	}
	line := s.waitLog(t, 0, "flow ended early", `"exten":"`+exten+`"`)
	if !strings.Contains(line, log) || !strings.Contains(line, `"flow":"`+exten+`"`) {
		t.Errorf("%s: the log does not say %q:\n%s", name, log, line)
	}
	if !strings.Contains(line, exten+".lua:3: ") {
		t.Errorf("%s: the log does not say where:\n%s", name, line)
	}
}

// wantUndisturbed wants a call in which that prompt was heard whole and in one piece.
func (s *site) wantUndisturbed(t *testing.T, p *asterisk.Phone, name string, whole time.Duration) {
	t.Helper()
	if _, err := p.WaitEnded(timeout(t)); err != nil {
		t.Error(err)
		return
	}
	heard := p.Heard()
	if len(heard) != 1 || heard[0].Name != name || (heard[0].Duration-whole).Abs() > 200*time.Millisecond {
		t.Errorf("a caller who should not have noticed heard %v", heard)
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory is the most memory the process ever had, in bytes.
func (d *daemon) peakMemory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	m := highWater.FindSubmatch(status)
	if m == nil {
		t.Fatal("the kernel does not say how much memory it has")
	}
	kib, _ := strconv.Atoi(string(m[1]))
	t.Logf("peak memory %d MiB", kib>>10)
	return kib << 10
}
