package luaapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	lua "github.com/yuin/gopher-lua"
)

func TestLimits(t *testing.T) {
	spin := program(t, "flow.lua", "local n = 0\nwhile true do\n  n = n + 1\nend")
	tests := []struct {
		limits engine.Limits
		what   string
	}{
		{engine.Limits{Instructions: 10_000}, "instructions"},
		{engine.Limits{RunTime: time.Millisecond}, "computing time"},
	}
	for _, test := range tests {
		_, err := runProgram(spin, test.limits)
		limit, ok := errors.AsType[*engine.LimitError](err)
		if !ok || limit.What != test.what || limit.Hint == "" || !strings.HasPrefix(err.Error(), "flow.lua:") {
			t.Errorf("%s: got %v", test.what, err)
		}
	}
}

// TestWaitingIsNotRunning has a caller take longer to type than a flow may run without a step: the checks in between
// have the whole time each.
func TestWaitingIsNotRunning(t *testing.T) {
	p := program(t, "flow.lua", `
local function check(digits)
  local n = 0
  for i = 1, 1000 do n = n + i end
  return digits == "3"
end
print(call:ask { max = 1, wait = 10, tries = 3, check = check })`)
	synctest.Test(t, func(t *testing.T) {
		ch := sim.New(sim.Call{Real: true})
		for i, key := range []string{"1", "2", "3"} {
			ch.Phone().Press(time.Duration(i+1)*5*time.Second, key)
		}
		flow := testFlow(func(c *engine.Call) error {
			printed, err := runIn(c, p)
			if err != nil || printed != "3\tnil\tnil\n" {
				t.Errorf("got %q, %v", printed, err)
			}
			return nil
		})
		e := engine.Engine{Flows: func() engine.Flows { return flow }}
		e.Handle(t.Context(), ch)
	})
}

// TestLimitBoundsStrings wants StringBytes kept by all that make strings.
func TestLimitBoundsStrings(t *testing.T) {
	for _, source := range []string{
		`local s = x .. x`, `x:rep(2)`, `table.concat { x, x }`, `x:gsub("x", "yy")`, `string.format("%s%s", x, x)`,
		`string.format("%q", ("\n"):rep(700))`, `print(x, x)`, `error(x .. x)`,
		`tostring(setmetatable({}, { __tostring = function() return x .. x end }))`,
	} {
		_, err := runProgram(program(t, "flow.lua", `x = ("x"):rep(1000) `+source), engine.Limits{StringBytes: 1000})
		if err == nil || !strings.Contains(err.Error(), "at most 1000 bytes") {
			t.Errorf("%s: got %v", source, err)
		}
	}
}

// TestEndOfCall wants the reason of the call's end itself, whatever the flow catches.
func TestEndOfCall(t *testing.T) {
	for _, source := range []string{
		`while true do end`,
		`while true do pcall(function() while true do end end) end`,
		`coroutine.wrap(function() while true do end end)()`,
		`while true do coroutine.resume(coroutine.create(function() while true do end end)) end`,
	} {
		p := program(t, "flow.lua", source)
		ctx, cancel := context.WithCancelCause(context.Background())
		var err error
		withCall(ctx, engine.Limits{}, func(c *engine.Call) {
			rt := &runtime{call: c, program: p, limits: c.Limits()}
			L := newState(rt)
			defer L.Close()
			rt.quota.most = 1 << 40
			cancel(engine.ErrHangup)
			_, err = rt.run(L, L.NewFunctionFromProto(p.Main.Proto), 0)
		})
		if !errors.Is(err, engine.ErrHangup) {
			t.Errorf("%s: got %v", source, err)
		}
	}
}

// TestEndIsFinal wants no line to run once a binding has ended the call.
func TestEndIsFinal(t *testing.T) {
	for _, source := range []string{
		`stop() ran = true`,
		`pcall(stop) ran = true`,
		`xpcall(stop, function() ran = true end) ran = true`,
		`pcall(pcall, stop) ran = true`,
		`coroutine.resume(coroutine.create(stop)) ran = true`,
		`pcall(coroutine.wrap(function() stop() ran = true end)) ran = true`,
		`coroutine.resume(coroutine.create(function() pcall(stop) ran = true end)) ran = true`,
		`table.sort({ 3, 2, 1 }, function() pcall(stop) ran = true end)`,
		`("x"):gsub("x", function() pcall(stop) end) ran = true`,
		`local t = setmetatable({}, { __index = function() pcall(stop) ran = true end }) pcall(function() return t.x end) ran = true`,
	} {
		p := program(t, "flow.lua", source)
		withCall(context.Background(), engine.Limits{}, func(c *engine.Call) {
			rt := &runtime{call: c, program: p, limits: c.Limits()}
			L := newState(rt)
			defer L.Close()
			L.SetGlobal("stop", L.NewFunction(func(L *lua.LState) int {
				rt.quota.end(engine.ErrOver)
				L.RaiseError("%v", engine.ErrOver)
				return 0
			}))
			_, err := rt.run(L, L.NewFunctionFromProto(p.Main.Proto), 0)
			if !errors.Is(err, engine.ErrOver) || L.GetGlobal("ran") != lua.LNil {
				t.Errorf("%s: got %v, ran on: %v", source, err, L.GetGlobal("ran"))
			}
		})
	}
}

// TestFreshQuota runs an on_end function after each way a flow can end; it sees the flow's variables.
func TestFreshQuota(t *testing.T) {
	for _, end := range []string{
		``, `error("x")`, `while true do end`, `local function f() return 1 + f() end f()`, `crash()`,
		`local t while true do t = { t } end`, `pcall(error, "x") error("y")`,
		`local function deep() local x = nil; x.y() end deep()`,
	} {
		p := program(t, "flow.lua", "local n = 1\nfunction at_end() n = n + 1 return n end\nn = 41\nlocal function g()\n"+end+"\nend\ng()")
		withCall(context.Background(), engine.Limits{Instructions: 1_000_000}, func(c *engine.Call) {
			rt := &runtime{call: c, program: p, limits: c.Limits()}
			L := newState(rt)
			defer L.Close()
			L.SetGlobal("crash", L.NewFunction(func(*lua.LState) int { panic("a bug") }))
			_, err := rt.run(L, L.NewFunctionFromProto(p.Main.Proto), 0)
			if (err == nil) != (end == "") {
				t.Errorf("%s: %v", end, err)
			}
			rt.setQuota(context.Background())
			results, err := rt.run(L, L.GetGlobal("at_end"), 1)
			if err != nil || results[0] != lua.LNumber(42) {
				t.Errorf("%s: at_end: got %v, %v", end, results, err)
			}
		})
	}
}

// TestRest wants time spent in steps not to count as computing.
func TestRest(t *testing.T) {
	withCall(context.Background(), engine.Limits{}, func(c *engine.Call) {
		rt := &runtime{call: c, limits: c.Limits()}
		L := newState(rt)
		defer L.Close()
		q := rt.quota
		for range 256 {
			q.Done()
		}
		q.until = time.Now().Add(-time.Hour) // the flow has waited for a caller
		q.rest()
		for range 256 {
			q.Done()
		}
		if q.err != nil {
			t.Errorf("after rest: %v", q.err)
		}
		q.until = time.Now().Add(-time.Hour)
		for range 256 {
			q.Done()
		}
		if q.err == nil {
			t.Error("without rest nothing ended")
		}
	})
}

// TestGoPanic blames ivrd, and no pcall or coroutine hides it.
func TestGoPanic(t *testing.T) {
	for _, source := range []string{
		`crash()`, `pcall(crash)`, `coroutine.resume(coroutine.create(crash))`, `pcall(coroutine.wrap(function() crash() end))`,
		`table.sort({ 2, 1 }, crash)`, `xpcall(crash, print)`,
	} {
		p := program(t, "flow.lua", source+"\nran = true")
		withCall(context.Background(), engine.Limits{}, func(c *engine.Call) {
			rt := &runtime{call: c, program: p, limits: c.Limits()}
			L := newState(rt)
			defer L.Close()
			L.SetGlobal("crash", L.NewFunction(func(*lua.LState) int {
				var nothing *engine.Call
				_ = *nothing
				return 0
			}))
			_, err := rt.run(L, L.NewFunctionFromProto(p.Main.Proto), 0)
			fault, ok := errors.AsType[*engine.FlowError](err)
			if !ok || !strings.HasPrefix(fault.Text, "ivrd is at fault") || L.GetGlobal("ran") != lua.LNil {
				t.Errorf("%s: got %v, ran on: %v", source, err, L.GetGlobal("ran"))
			}
		})
	}
}

// spoil tries to leave something behind for other calls; look finds what others left.
const spoil = `
for _, name in ipairs { "string", "table", "math", "os", "coroutine", "debug" } do
  local lib = _G[name]
  for k in pairs(lib) do lib[k] = nil end
  lib.mark = "left"
  rawset(lib, "other", "left")
  assert(not pcall(setmetatable, lib, {}))
  assert(not pcall(function() getmetatable(lib).__index = { mark = "left" } end))
  assert(not pcall(rawset, getmetatable(lib), "mark", "left"))
  table.insert(lib, "left")
end
function string.upper() return "left" end
assert(("x"):upper() == "left")
assert(not pcall(function() getmetatable("").__index = { upper = function() return "left" end } end))
assert(not pcall(setmetatable, "", {}) and not pcall(setmetatable, 1, {}) and not pcall(setmetatable, print, {}))
assert(not pcall(rawset, getmetatable(""), "mark", 1))
assert(not pcall(setmetatable, _G, { __index = function() return "left" end }))
mark, print, pairs = "left", "left", "left"
_G["\0concat"] = function() return "left" end
assert("a" .. "b" == "left")
require("m").mark = "left"
math.randomseed(1)
`

const look_ = `
assert(mark == nil and ("x"):upper() == "X" and "a" .. "b" == "ab")
for _, name in ipairs { "string", "table", "math", "os", "coroutine", "debug" } do
  local lib = _G[name]
  assert(lib.mark == nil and lib.other == nil and lib[1] == nil and next(lib))
end
assert(require("m").mark == nil and type(print) == "function" and select("#", pairs {}) == 3)
`

// TestIsolation runs many calls at once of which each spoils what it can reach.
func TestIsolation(t *testing.T) {
	p := program(t, "flow.lua", look_+spoil, "m.lua", "return {}")
	withCall(context.Background(), engine.Limits{}, func(c *engine.Call) {
		var wg sync.WaitGroup
		faults := make(chan error, 16)
		calls := make([]*engine.Call, 16)
		for i := range calls {
			calls[i] = c
		}
		for range 16 {
			wg.Go(func() {
				withCall(context.Background(), engine.Limits{}, func(c *engine.Call) {
					for range 100 {
						if _, err := runIn(c, p); err != nil {
							faults <- err
							return
						}
					}
				})
			})
		}
		wg.Wait()
		close(faults)
		for err := range faults {
			t.Error(err)
		}
	})
}

func TestRequire(t *testing.T) {
	tests := []struct {
		name  string
		files []string
		want  string // printed, or the error
	}{
		{"value", []string{"flow.lua", `local m = require "lib.menu" print(m.name, require("lib/menu") == m)`, "lib/menu.lua", `return { name = "menu" }`}, "menu\ttrue\n"},
		{"once", []string{"flow.lua", `require "m" require "m"`, "m.lua", `print(...)`}, "m\n"},
		{"nothing returned", []string{"flow.lua", `print(require "m")`, "m.lua", ``}, "true\n"},
		{"own globals", []string{"flow.lua", `require "m" print(x)`, "m.lua", `x = 5`}, "5\n"},
		{"missing", []string{"flow.lua", `require "m"`}, "flow.lua:1: there is no module m in this version of the flow (m.lua below the flows folder)"},
		{"of itself", []string{"a.lua", `require "b"`, "b.lua", "\nrequire 'b'"}, "b.lua:2: modules require each other in a circle: b → b"},
		{"circle", []string{"flow.lua", `require "a"`, "a.lua", `require "b"`, "b.lua", `require "c"`, "c.lua", `require "a"`}, "c.lua:1: modules require each other in a circle: a → b → c → a"},
		{"error in module", []string{"flow.lua", `require "m"`, "m.lua", "\n\nlocal x = y.z"}, "m.lua:3: attempt to index a nil value (global 'y') with key 'z'"},
		{"error twice", []string{"flow.lua", `print(pcall(require, "m")) print(pcall(require, "m"))`, "m.lua", "error('no', 0)"}, "false\tno\nfalse\tno\n"},
	}
	for _, test := range tests {
		printed, err := runProgram(program(t, test.files...), engine.Limits{})
		if err != nil {
			printed = err.Error()
		}
		if printed != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, printed, test.want)
		}
	}
}

// TestRandomIsTheCalls wants the same numbers for the same seed, and a seed from the journal.
func TestRandomIsTheCalls(t *testing.T) {
	p := program(t, "flow.lua", `math.randomseed(7) print(math.random(1000), math.random(1000), math.random(5, 5))`)
	a, err := runProgram(p, engine.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := runProgram(p, engine.Limits{}); a != b {
		t.Errorf("same seed: %s and %s", a, b)
	}
	withCall(context.Background(), engine.Limits{}, func(c *engine.Call) {
		if _, err := runIn(c, program(t, "flow.lua", `assert(math.random() < 1) assert(math.random(3) <= 3)`)); err != nil {
			t.Error(err)
		}
		var kinds []string
		for _, s := range c.Journal() {
			kinds = append(kinds, fmt.Sprint(s.Kind))
		}
		if !strings.Contains(strings.Join(kinds, " "), string(engine.StepSeed)) {
			t.Errorf("no seed in the journal: %v", kinds)
		}
	})
}
