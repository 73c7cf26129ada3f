package luaapi

import (
	"errors"
	goruntime "runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// bombs are flows that would take the daemon with them. Each must end with an error that has its text.
var bombs = []struct{ name, source, want string }{
	{"infinite loop", `while true do end`, "used up its"},
	{"infinite recursion", `local function f() return 1 + f() end f()`, "used up its"},
	{"infinite tail recursion", `local function f() return f() end f()`, "used up its"},
	{"pcall loop", `while true do pcall(function() while true do end end) end`, "used up its"},
	{"pcall of errors", `while true do pcall(error, "x") end`, "used up its"},
	{"xpcall loop", `while true do xpcall(function() while true do end end, function() while true do end end) end`, "used up its"},
	{"error swallowed", `repeat local ok = pcall(function() local s = "x" while true do s = s .. s end end) until false`, "used up its"},
	{"deep pcall", `local function f() pcall(f) end f() while true do f() end`, "used up its"},
	{"deep pcall of itself", `local function f() return pcall(f) end f() while true do end`, "used up its"},
	{"string doubling", `local s = "x" for i = 1, 40 do s = s .. s end`, "too long"},
	{"string.rep", `local s = string.rep("x", 2^31)`, "too long"},
	{"string.rep of nothing", `local s = string.rep("", 1e300) while true do end`, "used up its"},
	{"string.rep with separator", `local s = string.rep("", 1e9, "x")`, "too long"},
	{"large index", `local t = {} for i = 1, 1e9 do t[i * 65535] = {} t[65535] = i t = {t} end`, "used up its"},
	{"index 6e7", `local t = {} t[6e7] = 1 while true do t[#t + 1] = 1 end`, "used up its"},
	{"list", `local t = {} for i = 1, 1e9 do t[i] = i end`, "used up its"},
	{"list by insert", `local t = {} while true do table.insert(t, 1) end`, "used up its"},
	{"list from the end", `local t = {} for i = 1e6, 1, -1 do t[i] = i end`, "used up its"},
	{"sparse lists", `local all = {} for i = 1, 1e9 do local t = {} t[60000] = 1 all[i] = t end`, "used up its"},
	{"map", `local t = {} for i = 1, 1e9 do t["k" .. i] = i end`, "used up its"},
	{"map emptied", `local t = {} for i = 1, 1e9 do t["k" .. i] = i t["k" .. i] = nil end`, "used up its"},
	{"nested tables", `local t = {} while true do t = { t } end`, "used up its"},
	{"nested named tables", `local t while true do t = { a = t, b = {}, c = {} } end`, "used up its"},
	{"closures", `local f while true do local g = f f = function() return g end end`, "used up its"},
	{"varargs kept", `local all = {} local function keep(...) all[#all + 1] = { ... } end local big = {} for i = 1, 7000 do big[i] = i end while true do keep(unpack(big)) end`, "used up its"},
	{"strings kept", `local t = {} local s = ("x"):rep(1e5) for i = 1, 1e9 do t[i] = s .. i end`, "used up its"},
	{"parts of strings kept", `local t = {} local s = ("x"):rep(1e6) for i = 1, 1e9 do t[i] = (s .. i):sub(1, 3) end`, "used up its"},
	{"iterators kept", `local t = {} local s = ("x"):rep(1e6) for i = 1, 1e9 do t[i] = (s .. i):gmatch(".") end`, "used up its"},
	{"errors kept", `local t = {} local s = ("x"):rep(1e6) for i = 1, 1e9 do t[i] = select(2, pcall(error, s .. i)) end`, "used up its"},
	{"global table", `x = {} while true do x = { x, x } end`, "used up its"},
	{"library table", `string.x = {} while true do string.x = { string.x, {} } end`, "used up its"},
	{"gsub", `local s = ("a"):rep(4e5):gsub("a", "bb") while true do s:gsub("b", "b") end`, "used up its"},
	{"gsub grows", `local s = ("a"):rep(1e5) s:gsub("a", s)`, "too long"},
	{"gsub with captures grows", `local s = ("a"):rep(1e5) s:gsub(".+", ("%0"):rep(1e5))`, "too long"},
	{"find", `("a"):rep(1e6):find(".-b")`, "takes too long"},
	{"find backtracking", `("a"):rep(28):find(("a*"):rep(28) .. "b")`, "takes too long"},
	{"find set", `("a"):rep(1e6):find("[" .. ("b"):rep(1e5) .. "]")`, "takes too long"},
	{"find balance", `("("):rep(1e6):find("%b()")`, "takes too long"},
	{"find back reference", `("a"):rep(1e6):find("(.-)%1b")`, "takes too long"},
	{"pattern depth", `("a"):rep(1e4):find(("a?"):rep(1e4) .. "b")`, "too complex"},
	{"coroutines", `local t = {} for i = 1, 1e5 do t[i] = coroutine.create(function() coroutine.yield() end) coroutine.resume(t[i]) end`, "too many coroutines"},
	{"nested coroutines", `local function f() coroutine.wrap(f)() end f()`, "too many coroutines"},
	{"coroutine spins", `coroutine.wrap(function() while true do end end)()`, "used up its"},
	{"coroutine spins and is resumed", `while true do coroutine.resume(coroutine.create(function() while true do end end)) end`, "used up its"},
	{"coroutine memory", `local co = coroutine.wrap(function() local t while true do t = { t } end end) co()`, "used up its"},
	{"coroutine recursion", `coroutine.wrap(function() local function f() return 1 + f() end f() end)()`, "used up its"},
	{"yield across pcall", `local co = coroutine.wrap(function() pcall(coroutine.yield) error("done") end) co()`, "done"},
	{"yield across pcall of Lua", `coroutine.wrap(function() assert(pcall(function() coroutine.yield() end)) end)()`, "yield across"},
	{"yield in sort", `coroutine.wrap(function() table.sort({ 3, 2, 1 }, function(a, b) coroutine.yield() return a < b end) end)()`, "yield across"},
	{"yield in iterator", `coroutine.wrap(function() for x in function() coroutine.yield() end do end end)()`, "yield inside"},
	{"yield in metamethod", `coroutine.wrap(function() local t = setmetatable({}, { __index = function() coroutine.yield() end }) return t.x + 1 end)()`, "yield inside"},
	{"yield outside", `coroutine.yield(1)`, "outside of a coroutine"},
	{"table.concat", `local t = {} for i = 1, 60000 do t[i] = ("x"):rep(100) end table.concat(t)`, "too long"},
	{"table.concat separator", `local s = ("x"):rep(1e6) local t = {} for i = 1, 60000 do t[i] = "" end table.concat(t, s)`, "too long"},
	{"table.concat range", `table.concat({}, "", 1, 1e15)`, "item 1"},
	{"sort without order", `local t = {} for i = 1, 60000 do t[i] = i end while true do table.sort(t, function() return true end) end`, "used up its"},
	{"sort that errs", `table.sort({ 3, 2, 1 }, function() error("stop") end)`, "stop"},
	{"format width", `string.format("%999999999d", 1)`, "at most two digits"},
	{"format precision", `string.format("%.99999f", 1)`, "at most two digits"},
	{"format many", `local f = ("%99s"):rep(8000) string.format(f, unpack({}, 1, 7999))`, "no value"},
	{"unpack", `unpack({}, 1, 1e8)`, "too many values"},
	{"unpack far", `unpack({}, -1e300, 1e300)`, "too many values"},
	{"varargs", `local function f(...) return f(1, 2, 3, 4, 5, 6, 7, 8, ...) end f()`, "used up its"},
	{"string.byte", `(("x"):rep(1e6)):byte(1, -1)`, "too many values"},
	{"tostring recursion", `local t = {} setmetatable(t, { __tostring = function(x) return tostring(x) end }) tostring(t)`, "used up its"},
	{"index loop", `local t = {} t = setmetatable(t, { __index = t }) return t.x`, "recursion"},
	{"index function loop", `local t = {} setmetatable(t, { __index = function(t, k) return t[k] end }) return t.x`, "used up its"},
	{"newindex loop", `local t = {} setmetatable(t, { __newindex = t }) local k = "x" t[k] = 1`, "loop"},
	{"concat recursion", `local t = {} setmetatable(t, { __concat = function(a, b) return a .. b end }) return t .. "x"`, "used up its"},
	{"eq recursion", `local mt = {} mt.__eq = function(a, b) return a == b end return setmetatable({}, mt) == setmetatable({}, mt)`, "used up its"},
	{"call chain", `local t = {} setmetatable(t, { __call = function(self) return self() end }) t()`, "used up its"},
	{"xpcall handler recursion", `xpcall(error, function(e) error(e) end) while true do xpcall(error, function(e) local t = nil; t.x() end) end`, "used up its"},
	{"print", `while true do print(("x"):rep(1e6)) end`, "used up its"},
	{"os.exit", `os.exit(1)`, "call:hangup()"},
	{"reads files", `local f = io.open("/etc/passwd")`, "flows have no files"},
	{"runs programs", `os.execute("true")`, "not available"},
}

// TestBombs runs each for at most three seconds in little memory.
func TestBombs(t *testing.T) {
	for _, b := range bombs {
		t.Run(b.name, func(t *testing.T) {
			p := program(t, "flow.lua", b.source)
			var before, after goruntime.MemStats
			goruntime.GC()
			goruntime.ReadMemStats(&before)
			// Garbage may pile up while the collector waits for a processor, unless it is told a limit.
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(before.Sys) + 48<<20))
			began, cpu := time.Now(), cpuTime(t)
			_, err := runProgram(p, engine.Limits{RunTime: time.Second})
			took := min(time.Since(began), cpuTime(t)-cpu) // neither a busy machine nor the collector's threads count
			goruntime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), b.want) {
				t.Errorf("got %v, want %s", err, b.want)
			}
			if fault, ok := errors.AsType[*engine.FlowError](err); ok && strings.Contains(fault.Text, "ivrd is at fault") {
				t.Errorf("a Go panic: %v\n%s", fault, fault.Trace)
			}
			if took > slower*3*time.Second {
				t.Errorf("took %v", took)
			}
			if grown := int64(after.Sys) - int64(before.Sys); grown > 96<<20 {
				t.Errorf("the process grew by %d MB", grown>>20)
			}
			t.Logf("%v, %d MB more from the system, %d MB in use: %v", took.Round(time.Millisecond), (int64(after.Sys)-int64(before.Sys))>>20, after.HeapAlloc>>20, err)
		})
	}
}

// TestMemoryLimit wants memory to be named as the reason, and ordinary data to fit.
func TestMemoryLimit(t *testing.T) {
	limits := engine.Limits{RunTime: time.Minute, Instructions: 1 << 40}
	for _, source := range []string{
		`local t = {} for i = 1, 1e9 do t[i] = i end`,
		`local t = {} while true do t = { t } end`,
		`string.x = {} while true do string.x = { string.x, {} } end`,
		`local t = {} for i = 1, 1e9 do t["k" .. i] = i end`,
		`local t = {} for i = 1, 1e9 do local l = {} l[50000] = 1 t[i] = l end`,
		`local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1e5) .. i end`,
	} {
		_, err := runProgram(program(t, "flow.lua", source), limits)
		if limit, ok := errors.AsType[*engine.LimitError](err); !ok || limit.What != "memory" || !strings.HasPrefix(err.Error(), "flow.lua:1: ") {
			t.Errorf("%s: got %v", source, err)
		}
	}
	for _, source := range []string{
		`local t = {} for i = 1, 65535 do t[i] = i end assert(#t == 65535)`,
		`for i = 1, 1000 do local t = {} for j = 1, 1000 do t[j] = "x" .. j end end`,
		`local s = "" for i = 1, 5000 do s = s .. "some text" end`,
		`for i = 1, 200 do local s = ("x"):rep(1e6) .. i end`,
		`local t = {} for i = 1, 20000 do t["key" .. i] = { i } end`,
	} {
		if _, err := runProgram(program(t, "flow.lua", source), limits); err != nil {
			t.Errorf("%s: got %v", source, err)
		}
	}
}
