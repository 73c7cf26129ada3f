package luaapi

import (
	"errors"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
)

// TestRuntimeErrors checks the text that a designer sees, with the place.
func TestRuntimeErrors(t *testing.T) {
	tests := []struct{ source, want string }{
		{"tostrin(1)", "flow.lua:1: attempt to call a nil value (global 'tostrin'); did you mean tostring?"},
		{"local answer\nanswer()", "flow.lua:2: attempt to call a nil value (local 'answer')"},
		{"local t = {}\nt.x.y()", "flow.lua:2: attempt to index a nil value (field 'x') with key 'y'"},
		{"local t = {}\nt.go()", "flow.lua:2: attempt to call a nil value (field 'go')"},
		{"local t = { go = 1 }\nlocal function f() t.go() end\nf()", "flow.lua:2: attempt to call a number value (field 'go')"},
		{"string.uper('x')", "flow.lua:1: attempt to call a nil value (field 'uper'); did you mean upper?"},
		{"local s = 'x'\ns:uper()", "flow.lua:2: attempt to call a nil value (method 'uper'); did you mean upper?"},
		{"local t = { start = print }\nt:strat()", "flow.lua:2: attempt to call a nil value (method 'strat'); did you mean start?"},
		{"local x\nx:go()", "flow.lua:2: attempt to call method 'go' of a nil value (local 'x')"},
		{"local x\nreturn x.b", "flow.lua:2: attempt to index a nil value (local 'x') with key 'b'"},
		{"return nothing.b", "flow.lua:1: attempt to index a nil value (global 'nothing') with key 'b'"},
		{"local t = {}\nlocal function f() return t.a.b end\nf()", "flow.lua:2: attempt to index a nil value (field 'a') with key 'b'"},
		{"local x\nx.b = 1", "flow.lua:2: attempt to index a nil value (local 'x') with key 'b'"},
		{"local x, k = nil, 'b'\nx[k] = 1", "flow.lua:2: attempt to index a nil value (local 'x') with key 'b'"},
		{"local t, k = {}\nt[k] = 1", "flow.lua:2: table index is nil (local 'k')"},
		{"local t, k = {}\nt[1], t[k] = 1, 2", "flow.lua:2: table index is nil (local 'k')"},
		{"local t = {\n[nothing] = 1 }", "flow.lua:1: table index is nil"},
		{"local function f() return nil end\nreturn f().x", "flow.lua:2: attempt to index a nil value (result of local 'f') with key 'x'"},
		{"local a\nlocal b = 'x' .. a", "flow.lua:2: cannot concat a nil value (part 2) (local 'a')"},
		{"local a\nlocal b = 'x' .. 1 ..\n  a .. 'y'", "flow.lua:2: cannot concat a nil value (part 3) (local 'a')"},
		{"local t = {}\nreturn t .. 'x'", "flow.lua:2: cannot concat a table value (part 1) (local 't')"},
		{"local a\nreturn 1 + a", "flow.lua:2: attempt to perform arithmetic on a nil value (local 'a')"},
		{"local a\nreturn a * 2", "flow.lua:2: attempt to perform arithmetic on a nil value (local 'a')"},
		{"return 'abc' + 1", "flow.lua:1: attempt to perform arithmetic on the text \"abc\", which is not a number"},
		{"local a\nreturn -a", "flow.lua:2: attempt to perform arithmetic on a value that is no number (local 'a')"},
		{"local a\nreturn #a", "flow.lua:2: attempt to get the length of a value that has none (local 'a')"},
		{"local a\nif a < 1 then end", "flow.lua:2: attempt to compare nil with number (local 'a')"},
		{"local a\nif 1 < a then end", "flow.lua:2: attempt to compare number with nil (local 'a')"},
		{"for i = 1, 'x' do end", "flow.lua:1: 'for' needs numbers: its limit is none"},
		{"for k in nil do end", "flow.lua:1: 'for … in' needs pairs(t), ipairs(t) or a function, got a nil value"},
		{"for k in pairs(nil) do end", "flow.lua:1: bad argument #1 to pairs (table expected, got nil)"},
		{"string.rep()", "flow.lua:1: bad argument #1 to rep (string expected, got no value)"},
		{"string.format('%d', 1.5)", "flow.lua:1: bad argument #2 to format (%d needs a whole number, got 1.5; math.floor or %.0f round)"},
		{"math.floor({})", "flow.lua:1: bad argument #1 to floor (number expected, got table)"},
		{"error('mine')", "flow.lua:1: mine"},
		{"error('mine', 0)", "flow.lua:1: mine"},
		{"error({ code = 42 })", "flow.lua:1: error with code 42"},
		{"error({ message = 'no' })", "flow.lua:1: no"},
		{"error()", "flow.lua:1: error with nil"},
		{"assert(nil, 'why')", "flow.lua:1: why"},
		{"assert(false)", "flow.lua:1: assertion failed!"},
		{"coroutine.wrap(function()\n  local x\n  x()\nend)()", "flow.lua:3: attempt to call a nil value (local 'x')"},
		{"local ok, err = pcall(function()\n  local x\n  x()\nend)\nerror(err, 0)", "flow.lua:3: attempt to call a nil value (local 'x')"},
		{"setmetatable(_G, {})", "flow.lua:1: this table's metatable cannot be changed"},
		{"local x = setmetatable({}, { __add = 1 }) + 1", "flow.lua:1: attempt to perform arithmetic on a table value (result of global 'setmetatable')"},
	}
	for _, test := range tests {
		_, err := runLua(t, test.source)
		fault, ok := errors.AsType[*engine.FlowError](err)
		if !ok || fault.Error() != test.want {
			t.Errorf("%s\n got %v\nwant %s", test.source, err, test.want)
		}
	}
}

func TestErrorTrace(t *testing.T) {
	_, err := runLua(t, "local function menu()\n  local x\n  x.y = 1\nend\nlocal function main()\n  local ok = menu()\nend\nmain()\n")
	fault, ok := errors.AsType[*engine.FlowError](err)
	want := "flow.lua:3 in function 'menu'\nflow.lua:6 in function 'main'\nflow.lua:8 in main chunk"
	if !ok || fault.Trace != want || fault.Flow != "flow" || fault.File != "flow.lua" || fault.Line != 3 || fault.Source != "x.y = 1" {
		t.Errorf("got %+v, want trace\n%s", fault, want)
	}
}

// TestTraceOfRethrown wants the place of the first error, not of the one that handed it on.
func TestTraceOfRethrown(t *testing.T) {
	_, err := runLua(t, "local co = coroutine.wrap(function()\n  local t\n  return t.x\nend)\nlocal ok, err = pcall(co)\nerror(err, 0)")
	fault, ok := errors.AsType[*engine.FlowError](err)
	if !ok || fault.Line != 3 || !strings.HasPrefix(fault.Trace, "flow.lua:3 in ") {
		t.Errorf("got %+v", fault)
	}
}

func TestSourceLine(t *testing.T) {
	p := program(t, "flow.lua", "\xef\xbb\xbfone()\r\n  two()  \r\nthree()")
	for n, want := range []string{0: "\xef\xbb\xbfone()", 1: "\xef\xbb\xbfone()", 2: "two()", 3: "three()", 4: ""} {
		if got := p.Line("flow.lua", n); n > 0 && got != want {
			t.Errorf("line %d: got %q, want %q", n, got, want)
		}
	}
	if got := p.Line("other.lua", 1); got != "" {
		t.Errorf("other file: got %q", got)
	}
}
