package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// stdlib is Lua's own library, as far as a flow may have it.
func stdlib() []library {
	libs := []library{
		{Funcs: baseFuncs, Values: map[string]lua.LValue{"_VERSION": lua.LString("Lua 5.1")}},
		{Funcs: hiddenFuncs},
		{Name: "string", Funcs: stringFuncs},
		{Name: "table", Funcs: tableFuncs},
		{Name: "math", Funcs: mathFuncs, Values: mathValues},
		{Name: "os", Funcs: osFuncs},
		{Name: "coroutine", Funcs: coroutineFuncs()},
		{Name: "debug", Funcs: map[string]lua.LGFunction{"traceback": debugTraceback}},
	}
	return append(libs, removedLibraries()...)
}

var baseFuncs = map[string]lua.LGFunction{
	"assert":       baseAssert,
	"error":        baseError,
	"getmetatable": baseGetMetatable,
	"ipairs":       baseIpairs,
	"next":         baseNext,
	"pairs":        basePairs,
	"pcall":        basePcall,
	"print":        basePrint,
	"rawequal":     baseRawEqual,
	"rawget":       baseRawGet,
	"rawset":       baseRawSet,
	"require":      baseRequire,
	"select":       baseSelect,
	"setmetatable": baseSetMetatable,
	"tonumber":     baseToNumber,
	"tostring":     baseToString,
	"type":         baseType,
	"unpack":       baseUnpack,
	"xpcall":       baseXpcall,
}

func baseAssert(L *lua.LState) int {
	if lua.LVAsBool(checkAny(L, 1)) {
		return L.GetTop()
	}
	if L.GetTop() < 2 || L.Get(2) == lua.LNil {
		L.RaiseError("assertion failed!")
	}
	L.Error(L.Get(2), 0)
	return 0
}

// baseError puts the place in front of a text, as Lua does: level 1 is where error was called, 2 the caller of that.
func baseError(L *lua.LState) int {
	v := L.Get(1)
	level := optInt(L, 2, 1)
	s, ok := v.(lua.LString)
	if !ok || level < 1 {
		L.Error(v, 0)
	}
	f := frameOf(L)
	for ; level > 0 && f != nil; level-- {
		f = f.Parent
	}
	if file, line := f.line(); line > 0 {
		s = lua.LString(file + ":" + numberText(lua.LNumber(line)) + ": " + string(s))
	}
	L.Error(s, 0)
	return 0
}

func baseGetMetatable(L *lua.LState) int {
	L.Push(L.GetMetatable(checkAny(L, 1)))
	return 1
}

func baseSetMetatable(L *lua.LState) int {
	t := checkTable(L, 1)
	meta := checkAny(L, 2)
	if _, ok := meta.(*lua.LTable); !ok && meta != lua.LNil {
		typeError(L, 2, "nil or table")
	}
	if old, ok := t.Metatable.(*lua.LTable); ok && old.RawGetString("__metatable") != lua.LNil {
		L.RaiseError("this table's metatable cannot be changed")
	}
	t.Metatable = meta
	L.SetTop(1)
	return 1
}

var ipairsNext = goFunction(func(L *lua.LState) int {
	i := checkInt(L, 2) + 1
	v := checkTable(L, 1).RawGetInt(i)
	if v == lua.LNil {
		return 0
	}
	L.Push(lua.LNumber(i))
	L.Push(v)
	return 2
})

func baseIpairs(L *lua.LState) int {
	t := checkTable(L, 1)
	L.Push(ipairsNext)
	L.Push(t)
	L.Push(lua.LNumber(0))
	return 3
}

var pairsNext = goFunction(baseNext)

func basePairs(L *lua.LState) int {
	t := checkTable(L, 1)
	L.Push(pairsNext)
	L.Push(t)
	L.Push(lua.LNil)
	return 3
}

func baseNext(L *lua.LState) int {
	t := checkTable(L, 1)
	key := L.Get(2)
	if key == lua.LNil {
		theShelf.fill(L, t)
	}
	key, v := t.Next(key)
	for name, ok := key.(lua.LString); ok && strings.HasPrefix(string(name), "\x00"); name, ok = key.(lua.LString) {
		key, v = t.Next(key) // what rewritten code calls
	}
	if key == lua.LNil {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(key)
	L.Push(v)
	return 2
}

func basePcall(L *lua.LState) int {
	checkAny(L, 1)
	return attempt(L, trampolineFunction, L.GetTop()-1)
}

// baseXpcall lets the handler see the stack as it was where the error is.
func baseXpcall(L *lua.LState) int {
	checkAny(L, 1)
	checkFunction(L, 2)
	L.SetTop(2)
	L.Insert(L.Get(2), 1) // handler, function, handler
	L.SetTop(2)
	return attempt(L, handlerGuard, 1)
}

// handlerGuard calls the second of its arguments and hands errors to the first.
var handlerGuard = goFunction(func(L *lua.LState) int {
	handler := L.Get(1)
	L.Remove(1)
	return guard(L, func(L *lua.LState) {
		v := runtimeOf(L).note(L, L.Get(-1))
		L.Panic = raise // an error in the handler
		L.Push(handler)
		L.Push(v)
		L.Call(1, 1)
		runtimeOf(L).raising = true
		panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: L.Get(-1), StackTrace: "-"})
	})
})

// attempt calls the function below the nargs values on top. The end of the call passes through.
func attempt(L *lua.LState, call lua.LValue, nargs int) int {
	rt := runtimeOf(L)
	err, catchable := rt.protect(L, call, nargs, lua.MultRet)
	if !catchable {
		L.RaiseError("%v", rt.quota.Err())
	}
	if err == nil {
		L.Insert(lua.LTrue, 1)
		return L.GetTop()
	}
	L.Push(lua.LFalse)
	L.Push(err.Object)
	return 2
}

func basePrint(L *lua.LState) int {
	parts := make([]string, L.GetTop())
	length := 0
	for i := range parts {
		parts[i] = textOf(L, L.Get(i+1))
		length += len(parts[i]) + 1
		checkLength(L, length)
	}
	if rt := runtimeOf(L); rt.print != nil {
		rt.print(strings.Join(parts, "\t"))
	}
	return 0
}

func baseRawEqual(L *lua.LState) int {
	L.Push(lua.LBool(L.RawEqual(checkAny(L, 1), checkAny(L, 2))))
	return 1
}

func baseRawGet(L *lua.LState) int {
	L.Push(checkTable(L, 1).RawGet(checkAny(L, 2)))
	return 1
}

func baseRawSet(L *lua.LState) int {
	t := checkTable(L, 1)
	rawSet(L, t, checkAny(L, 2), checkAny(L, 3))
	L.SetTop(1)
	return 1
}

func baseSelect(L *lua.LState) int {
	n := L.GetTop()
	if s, ok := L.Get(1).(lua.LString); ok && s == "#" {
		L.Push(lua.LNumber(n - 1))
		return 1
	}
	i := checkInt(L, 1)
	if i < 0 {
		i += n
	}
	if i < 1 {
		argError(L, 1, "index out of range")
	}
	return max(0, n-i)
}

func baseToNumber(L *lua.LState) int {
	v := checkAny(L, 1)
	var n lua.LNumber
	ok := false
	if L.Get(2) == lua.LNil {
		n, ok = toNumber(v)
	} else {
		base := checkInt(L, 2)
		if base < 2 || base > 36 {
			argError(L, 2, "base out of range")
		}
		s := strings.ToLower(strings.TrimSpace(checkString(L, 1)))
		if base == 16 {
			s = strings.TrimPrefix(s, "0x")
		}
		n, ok = parseInBase(strings.TrimPrefix(s, "-"), base)
		if strings.HasPrefix(s, "-") {
			n = -n
		}
	}
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(n)
	return 1
}

func baseToString(L *lua.LState) int {
	return pushString(L, textOf(L, checkAny(L, 1)))
}

// textOf is tostring(v).
func textOf(L *lua.LState, v lua.LValue) string {
	if s, ok := text(v); ok {
		return s
	}
	if f := L.GetMetaField(v, "__tostring"); f != lua.LNil {
		L.Push(f)
		L.Push(v)
		L.Call(1, 1)
		s, ok := text(L.Get(-1))
		L.Pop(1)
		if !ok {
			L.RaiseError("__tostring must return a string")
		}
		return s
	}
	return v.String()
}

func baseType(L *lua.LState) int {
	L.Push(lua.LString(checkAny(L, 1).Type().String()))
	return 1
}

// maxUnpack is how many values a function may be given at once.
const maxUnpack = 8000

func baseUnpack(L *lua.LState) int {
	t := checkTable(L, 1)
	i, j := optInt(L, 2, 1), optInt(L, 3, t.Len())
	if i > j {
		return 0
	}
	if j-i >= maxUnpack {
		L.RaiseError("too many values to unpack: %d, at most %d", j-i+1, maxUnpack)
	}
	for k := i; k <= j; k++ {
		L.Push(t.RawGet(lua.LNumber(k)))
	}
	return j - i + 1
}

func debugTraceback(L *lua.LState) int {
	s := optString(L, 1, "")
	if s != "" {
		s += "\n"
	}
	return pushString(L, s+"stack traceback:\n\t"+strings.Join(traceOf(L), "\n\t"))
}
