package flow

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sound"
)

// benchFlow is a flow of ordinary length.
const benchFlow = `local menu = require "lib.menu"
call:answer()
local account, why = call:ask {
  prompt = "enter-account-%[1]d",
  min = 5, max = 8, stop = "#", cancel = "*",
  wait = 6, between = 3, tries = 3,
}
if not account then
  return call:continue { context = "operators", exten = "s" }
end
call:play { "your-balance-is", "welcome" }
call:menu {
  prompt = "main-menu", wait = 5, tries = 3,
  choices = {
    ["1"] = function() call:play "one" end,
    ["2"] = function() call:play "two" end,
  },
}
`

// thousand writes 1,000 flows that share a module, long enough ago for their times to be trusted.
func thousand(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	write(b, dir, "lib/menu.lua", "return {}\n", "routes.yaml", "routes:\n  100: flow1\n")
	for i := range 999 {
		write(b, dir, fmt.Sprintf("part%d/flow%d.lua", i%20, i), fmt.Sprintf(benchFlow, i))
	}
	write(b, dir, "flow1.lua", fmt.Sprintf(benchFlow, 1))
	old := time.Now().Add(-time.Hour)
	must(b, filepath.WalkDir(dir, func(at string, _ os.DirEntry, _ error) error { return os.Chtimes(at, old, old) }))
	return dir
}

func BenchmarkLoad1000(b *testing.B) {
	dir := thousand(b)
	for b.Loop() {
		s, problems := LoadDir(dir, Options{})
		if len(problems) > 0 || len(s.flows) != 1001 {
			b.Fatal(len(s.flows), messages(problems))
		}
	}
}

// From the save until the next caller gets it.
func BenchmarkReloadOneOf1000(b *testing.B) {
	w := watch(b, thousand(b), Options{})
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

// The module that all 1,000 flows require is saved.
func BenchmarkReloadModuleOf1000(b *testing.B) {
	w := watch(b, thousand(b), Options{})
	at := filepath.Join(w.dir, "lib/menu.lua")
	n := 0
	for b.Loop() {
		n++
		must(b, os.WriteFile(at, fmt.Appendf(nil, "return { %d }\n", n), 0o644))
		if r := w.next(); len(r.Flows) != 1001 {
			b.Fatal(r, messages(r.Problems))
		}
	}
}

// What it costs to look for changes nobody notified, every two seconds.
func BenchmarkPoll1000(b *testing.B) {
	dir := thousand(b)
	seen := scanDir(dir, nil, Options{})
	for b.Loop() {
		if now := scanDir(dir, seen, Options{}); !now.sameAs(seen) {
			b.Fatal("something changed")
		}
	}
}

func BenchmarkRoute(b *testing.B) {
	routes := "default: a\nroutes:\n"
	for i := range 100 {
		routes += fmt.Sprintf("  %d: a\n  _%dXX: a\n", 1000+i, 2000+i)
	}
	s, _ := Load(routed(routes, "a"), Options{})
	for b.Loop() {
		if _, err := s.Route(engine.Info{Context: "inside", Exten: "209955"}); err != nil {
			b.Fatal(err)
		}
	}
}

// A folder with 200 recordings as studios deliver them: the first start of ivrd, and every later one.
func BenchmarkStartWithRecordings(b *testing.B) {
	const count = 200
	dir := b.TempDir()
	write(b, dir, "100.lua", `call:play "welcome"`)
	for n := range count {
		write(b, dir, fmt.Sprintf("prompts/en/prompt-%d.wav", n), string(hum(44100, 500+float64(n), 3*time.Second)))
	}
	for _, kept := range []bool{false, true} {
		b.Run(fmt.Sprintf("kept=%v", kept), func(b *testing.B) {
			store := &sound.Store{Dir: b.TempDir()}
			if kept {
				LoadDir(dir, Options{Converted: store})
			}
			for b.Loop() {
				if !kept {
					store = &sound.Store{Dir: b.TempDir()}
				}
				if s, problems := LoadDir(dir, Options{Converted: store, Spool: b.TempDir()}); len(problems) > 0 || len(s.Prompts()) != count {
					b.Fatal(len(s.Prompts()), messages(problems))
				}
			}
			b.ReportMetric(float64(b.N*count)/b.Elapsed().Seconds(), "prompts/s")
		})
	}
}
