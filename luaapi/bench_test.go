package luaapi

import (
	"context"
	"fmt"
	goruntime "runtime"
	"testing"

	"github.com/ivrd/ivrd/engine"
	lua "github.com/yuin/gopher-lua"
)

// smallFlow is what a call of an ordinary flow runs besides its steps.
const smallFlow = `
local choices = { ["1"] = "sales", ["2"] = "support" }
local function welcome(name) return "welcome " .. name end
local tries = 0
for i = 1, 3 do tries = tries + i end
local digits = ("12#"):gsub("#", "")
if tonumber(digits) > 5 and choices["1"] then print(welcome("caller"), string.format("%03d", tries)) end
`

// BenchmarkNewState makes the state of a call and runs a small flow in it; live is what a call at rest holds.
func BenchmarkNewState(b *testing.B) {
	p := program(b, "flow.lua", smallFlow)
	run := func(b *testing.B, flow bool) {
		withCall(context.Background(), engine.Limits{}, func(c *engine.Call) {
			make := func() *lua.LState {
				rt := &runtime{call: c, program: p, limits: c.Limits()}
				L := newState(rt)
				if flow {
					if _, err := rt.run(L, L.NewFunctionFromProto(p.Main.Proto), 0); err != nil {
						b.Fatal(err)
					}
				}
				return L
			}
			live := liveBytes(make)
			b.ReportAllocs()
			for b.Loop() {
				make().Close()
			}
			b.ReportMetric(live, "live-B/state")
		})
	}
	b.Run("empty", func(b *testing.B) { run(b, false) })
	b.Run("flow", func(b *testing.B) { run(b, true) })
}

func liveBytes(make func() *lua.LState) float64 {
	const n = 1000
	states := [n]*lua.LState{}
	make()
	var before, after goruntime.MemStats
	goruntime.GC()
	goruntime.ReadMemStats(&before)
	for i := range states {
		states[i] = make()
	}
	goruntime.GC()
	goruntime.ReadMemStats(&after)
	goruntime.KeepAlive(&states)
	return float64(after.HeapAlloc-before.HeapAlloc) / n
}

// BenchmarkVM compares ivrd's Lua with plain gopher-lua, which has neither quota nor caps.
func BenchmarkVM(b *testing.B) {
	for _, w := range []struct{ name, source string }{
		{"calls", `local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end fib(18)`},
		{"loop", `local x = 0 for i = 1, 50000 do x = x + i end`},
		{"table", `local t = {} for i = 1, 10000 do t[i] = i end for i, v in ipairs(t) do t[i] = v + 1 end`},
		{"fields", `local t = { a = 1 } for i = 1, 20000 do t.a = t.a + 1 end`},
		{"concat", `for i = 1, 3000 do local s = "caller " .. i .. " waits" end`},
		{"strings", `for i = 1, 1000 do local s = ("abc"):upper():sub(1, 2):rep(3) end`},
		{"patterns", `for i = 1, 300 do local s = ("key = value"):gsub("(%w+) = (%w+)", "%2 = %1") end`},
	} {
		b.Run(w.name+"/ivrd", func(b *testing.B) {
			p := program(b, "flow.lua", w.source)
			withCall(context.Background(), engine.Limits{}, func(c *engine.Call) {
				rt := &runtime{call: c, program: p, limits: c.Limits()}
				L := newState(rt)
				defer L.Close()
				for b.Loop() {
					rt.setQuota(context.Background())
					if _, err := rt.run(L, L.NewFunctionFromProto(p.Main.Proto), 0); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
		b.Run(w.name+"/plain", func(b *testing.B) {
			L := lua.NewState()
			defer L.Close()
			fn, err := L.LoadString(w.source)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				L.Push(fn)
				L.Call(0, 0)
			}
		})
	}
}

// BenchmarkStep is what a step costs that goes no further than its call.
func BenchmarkStep(b *testing.B) {
	const steps = 1000
	for _, w := range []struct{ name, source string }{
		{"kv.get", `kv.get("language")`},
		{"metrics.count", `metrics.count("payments")`},
		{"metrics.count/labels", `metrics.count("payments", 1, { method = "card", branch = 7 })`},
		{"metrics.timer", `metrics.timer("lookup"):stop()`},
	} {
		b.Run(w.name, func(b *testing.B) {
			p := program(b, "flow.lua", fmt.Sprintf("for i = 1, %d do %s end", steps, w.source))
			for b.Loop() {
				withCall(context.Background(), engine.Limits{}, func(c *engine.Call) {
					if _, err := runIn(c, p); err != nil {
						b.Fatal(err)
					}
				})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/steps, "ns/step")
		})
	}
}

// BenchmarkCompile compiles a file of 15 lines.
func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile("flow.lua", []byte(smallFlow+smallFlow)); err != nil {
			b.Fatal(err)
		}
	}
}
