package luaapi

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/ivrd/ivrd/engine"
	lua "github.com/yuin/gopher-lua"
)

// remains are flows that might leave something in their state; used says whether it is used again.
var remains = []struct {
	name, source string
	used         bool
}{
	{"nothing", ``, true},
	{"numbers", `x = 0 for i = 1, 1000 do x = x + i * 1.5 end`, true},
	{"globals", `a, string.b, math.pi = 1, 2, 3 _G.c = {} mark = print`, true},
	{"closures", `local n = 0 function count() n = n + 1 return n end count() keep = { count }`, true},
	{"caught error", `local function f(t) local u = function() return t end error({ u }) end caught = { pcall(f, {}) }`, true},
	{"caught fault", `caught = { pcall(function() return nil + {} end) } pcall(string.rep)`, true},
	{"error handler", `local n = 0 xpcall(function() n = n + 1 return nil .. n end, function(e) n = n + 1 return e end)`, true},
	{"errors within errors", `xpcall(error, function(e) return nil + e end)`, true},
	{"callbacks", `("abc"):gsub(".", function(c) return pcall(error, c) and c or nil end) table.sort({ 3, 1, 2 }, function(a, b) return a < b end)`, true},
	{"varargs", `local function f(...) return select("#", ...), ... end f(1, nil, "x", {})`, true},
	{"tail calls", `local function f(n) if n == 0 then return "end" end return f(n - 1) end f(500)`, true},
	{"upvalues open at the end", `local a = {} local function f() return a end g = f return f, a`, true},
	{"depth that fits", `local function f(n) if n > 0 then f(n - 1) end return n end f(5)`, true},
	{"deep calls", `local function f(n) if n > 0 then f(n - 1) end return n end f(60)`, true},
	{"deeper calls", `local function f(n) if n > 0 then f(n - 1) end return n end f(400)`, false},
	{"many values", `local t = {} for i = 1, 2000 do t[i] = i end select("#", unpack(t))`, false},
	{"coroutine", `local co = coroutine.wrap(function() coroutine.yield(1) end) co()`, false},
	{"ended coroutine", `coroutine.wrap(function() return 1 end)()`, false},
	{"error", `local t = {} local function f() return t end error(f)`, false},
	{"fault", `local t = nil t.x = 1`, false},
	{"no end", `while true do end`, false},
	{"no end within pcall", `while true do pcall(error) end`, false},
	{"recursion", `local function f() return 1 + f() end f()`, false},
	{"memory", `local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end`, false},
}

// traces finds what a call left behind: it prints nothing in a new state.
const traces = `
for k, v in pairs(_G) do if k == "a" or k == "c" or k == "x" or k == "mark" or k == "keep" or k == "caught" or k == "g" then print("global", k) end end
if string.b or math.pi == 3 then print("library") end
if count then print("function") end
local function locals() local a, b, c, d, e, f, g, h, i, j return a, b, c, d, e, f, g, h, i, j end
for i = 1, 10 do if (select(i, locals())) ~= nil then print("register", i) end end
local function given(...) return select("#", ...) end
if given() ~= 0 or given(nil) ~= 1 or select("#", pcall(given)) ~= 2 then print("arguments") end
local ok, why = pcall(error, "mine", 0)
if ok or why ~= "mine" then print("error", ok, why) end
if coroutine.running() then print("coroutine") end
local n = 0
local function add() n = n + 1 end
add() pcall(add) pcall(function() add() error() end)
if n ~= 3 then print("upvalue", n) end
`

// TestReusedState: a state that is used again is, in all that gopher-lua keeps in it, like a new one, and a flow
// finds nothing in it. One that is not like new is not used again.
func TestReusedState(t *testing.T) {
	look := program(t, "flow.lua", traces)
	for _, r := range remains {
		t.Run(r.name, func(t *testing.T) {
			p := program(t, "flow.lua", r.source)
			limits := engine.Limits{Instructions: 100_000}
			withCall(context.Background(), limits, func(c *engine.Call) {
				configure()
				s := newSpare()
				for range 3 {
					rt := &runtime{call: c, program: p, limits: c.Limits()}
					L := rt.open(s)
					_, err := rt.run(L, L.NewFunctionFromProto(p.Main.Proto), 0)
					if used := rt.reusable(err) && s.wipe(); used != r.used {
						t.Fatalf("used again: %v, want %v (ended with %v)", used, r.used, err)
					} else if !used {
						return
					}
					if d := difference("L", reflect.ValueOf(s.L), reflect.ValueOf(brandNew()), map[[2]uintptr]bool{}); d != "" {
						t.Fatal("not like new:", d)
					}
					found := ""
					rt = &runtime{call: c, program: look, limits: c.Limits(), print: func(s string) { found += s + "\n" }}
					L = rt.open(s)
					if _, err := rt.run(L, L.NewFunctionFromProto(look.Main.Proto), 0); err != nil || found != "" {
						t.Fatalf("found %q, %v", found, err)
					}
					if !rt.reusable(nil) || !s.wipe() {
						t.Fatal("not used again after looking")
					}
				}
			})
		})
	}
}

// brandNew is a new state, without what gopher-lua itself leaves in the calls' frames that its states share.
func brandNew() *lua.LState {
	L := newSpare().L
	*framesOf(L).segments[0] = [lua.FramesPerSegment]frame{}
	return L
}

// difference compares all that two values lead to; it says where they differ, "" if nowhere.
func difference(path string, a, b reflect.Value, seen map[[2]uintptr]bool) string {
	if a.Kind() != b.Kind() || a.IsValid() && a.Type() != b.Type() {
		return fmt.Sprintf("%s: %v and %v", path, a, b)
	}
	switch a.Kind() {
	case reflect.Invalid:
		return ""
	case reflect.Pointer:
		pair := [2]uintptr{a.Pointer(), b.Pointer()}
		if pair[0] == pair[1] || seen[pair] {
			return ""
		}
		if a.IsNil() || b.IsNil() {
			return fmt.Sprintf("%s: %v and %v", path, a, b)
		}
		if a.Type().String() == "*lua.allocator" { // where numbers are put, each in a place of its own
			return ""
		}
		seen[pair] = true
		return difference(path, a.Elem(), b.Elem(), seen)
	case reflect.Interface:
		return difference(path, a.Elem(), b.Elem(), seen)
	case reflect.Struct:
		for i := range a.NumField() {
			if d := difference(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i), seen); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() || a.Kind() == reflect.Slice && a.Cap() != b.Cap() {
			return fmt.Sprintf("%s: %d and %d items", path, a.Len(), b.Len())
		}
		for i := range a.Len() {
			if d := difference(fmt.Sprintf("%s[%d]", path, i), a.Index(i), b.Index(i), seen); d != "" {
				return d
			}
		}
		return ""
	case reflect.Map:
		if a.Len() != b.Len() {
			return fmt.Sprintf("%s: %d and %d keys", path, a.Len(), b.Len())
		}
		for it := a.MapRange(); it.Next(); {
			if d := difference(fmt.Sprintf("%s[%v]", path, it.Key()), it.Value(), b.MapIndex(it.Key()), seen); d != "" {
				return d
			}
		}
		return ""
	case reflect.Func:
		if a.Pointer() != b.Pointer() {
			return path + ": another function"
		}
		return ""
	}
	if !a.Equal(b) {
		return fmt.Sprintf("%s: %v and %v", path, a, b)
	}
	return ""
}

// TestDifference: the comparison above sees what a call might leave.
func TestDifference(t *testing.T) {
	configure()
	for name, change := range map[string]func(L *lua.LState){
		"global":   func(L *lua.LState) { L.G.Global = &lua.LTable{} },
		"register": func(L *lua.LState) { L.Push(lua.LTrue); L.Pop(1) },
		"context":  func(L *lua.LState) { L.SetContext(context.Background()) },
		"strings":  func(L *lua.LState) { L.SetMetatable(lua.LTrue, &lua.LTable{}) },
		"thread":   func(L *lua.LState) { L.G.CurrentThread = L },
	} {
		s := newSpare()
		change(s.L)
		if difference("L", reflect.ValueOf(s.L), reflect.ValueOf(brandNew()), map[[2]uintptr]bool{}) == "" {
			t.Errorf("%s: no difference seen", name)
		}
	}
}
