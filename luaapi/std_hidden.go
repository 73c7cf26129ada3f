package luaapi

import (
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// hiddenFuncs are what rewritten code calls; see rewrite.
var hiddenFuncs = map[string]lua.LGFunction{
	hiddenConcat: concat,
	hiddenSet:    set,
	hiddenFields: fields,
	hiddenList:   list,
}

// concat is a..b..c.
func concat(L *lua.LState) int {
	n := L.GetTop()
	length := 0
	for i := 1; i <= n; i++ {
		switch v := L.Get(i).(type) {
		case lua.LString:
			length += len(v)
		case lua.LNumber:
			length += 8
		default:
			return concatMeta(L, n)
		}
	}
	checkLength(L, max(0, length-8*n))
	var b strings.Builder
	b.Grow(length)
	for i := 1; i <= n; i++ {
		s, _ := text(L.Get(i))
		b.WriteString(s)
	}
	return pushString(L, b.String())
}

// concatMeta is concat with __concat, which joins from the right.
func concatMeta(L *lua.LState, n int) int {
	right := L.Get(n)
	for i := n - 1; i >= 1; i-- {
		left := L.Get(i)
		a, aText := text(left)
		b, bText := text(right)
		if aText && bText {
			checkLength(L, len(a)+len(b))
			runtimeOf(L).charge(len(a) + len(b))
			right = lua.LString(a + b)
			continue
		}
		f := L.GetMetaField(left, "__concat")
		if f == lua.LNil {
			f = L.GetMetaField(right, "__concat")
		}
		if f == lua.LNil {
			culprit, at := left, i
			if aText {
				culprit, at = right, i+1
			}
			L.RaiseError("cannot concat a %s value (part %d)%s", culprit.Type(), at, hint(L, concatPart(at)))
		}
		L.Push(f)
		L.Push(left)
		L.Push(right)
		L.Call(2, 1)
		right = L.Get(-1)
		L.Pop(1)
	}
	L.Push(right)
	return 1
}

// set is t[key] = value.
func set(L *lua.LState) int {
	object, key, value := L.Get(1), L.Get(2), L.Get(3)
	if t, ok := object.(*lua.LTable); ok && t.Metatable == lua.LNil {
		rawSet(L, t, key, value)
		return 0
	}
	setThrough(L, object, key, value)
	return 0
}

// setThrough follows __newindex, as the VM does.
func setThrough(L *lua.LState, object, key, value lua.LValue) {
	for range lua.MaxTableGetLoop {
		t, isTable := object.(*lua.LTable)
		if isTable && t.RawGet(key) != lua.LNil {
			rawSet(L, t, key, value)
			return
		}
		next := L.GetMetaField(object, "__newindex")
		switch {
		case next == lua.LNil && isTable:
			rawSet(L, t, key, value)
			return
		case next == lua.LNil:
			L.RaiseError("attempt to index a %s value%s with key '%s'", object.Type(), hint(L, indexedObject), keyText(key))
		case next.Type() == lua.LTFunction:
			L.Push(next)
			L.Push(object)
			L.Push(key)
			L.Push(value)
			L.Call(3, 0)
			return
		}
		object = next
	}
	L.RaiseError("a loop in __newindex")
}

func keyText(key lua.LValue) string {
	s, ok := text(key)
	if !ok {
		return key.Type().String()
	}
	const longest = 80
	if len(s) > longest {
		return s[:longest] + "…"
	}
	return s
}

// rawSet is t[key] = value without metamethods. A list that reaches gopher-lua's limit ends the flow: the
// length would no longer grow, and t[#t+1] = x would overwrite the same item for ever.
func rawSet(L *lua.LState, t *lua.LTable, key, value lua.LValue) {
	n, ok := key.(lua.LNumber)
	if !ok {
		if key == lua.LNil {
			L.RaiseError("table index is nil%s", hint(L, indexedKey))
		}
		t.RawSet(key, value)
		return
	}
	if math.IsNaN(float64(n)) {
		L.RaiseError("table index is not a number (nan)")
	}
	if n >= 100 && n <= maxList+1 && value != lua.LNil {
		checkList(L, t, n)
	}
	t.RawSet(key, value)
}

func checkList(L *lua.LState, t *lua.LTable, n lua.LNumber) {
	if n == maxList+1 && t.RawGetInt(maxList) != lua.LNil || n == maxList && t.RawGetH(lua.LNumber(maxList+1)) != lua.LNil {
		tooLong(L)
	}
	if last := t.RawGetInt(int(n) - 1); last == lua.LNil {
		runtimeOf(L).charge(16 * int(n)) // the gap before it may have to be filled
	}
}

func tooLong(L *lua.LState) {
	rt := runtimeOf(L)
	rt.quota.endAtLimit("memory", strconv.Itoa(maxList)+" items in one list", "a list that grows without end? Large data belongs in a database")
	L.RaiseError("%v", rt.quota.Err())
}

// fields is {[key] = value, …}: the table made so far, then keys and values.
func fields(L *lua.LState) int {
	t := L.Get(1).(*lua.LTable)
	for i := 2; i < L.GetTop(); i += 2 {
		rawSet(L, t, L.Get(i), L.Get(i+1))
	}
	L.SetTop(1)
	return 1
}

// list is {…, f()}: the table made so far, how many items it has, then the values of the last expression.
func list(L *lua.LState) int {
	t, n := L.Get(1).(*lua.LTable), int(L.Get(2).(lua.LNumber))
	top := L.GetTop()
	if n+top-2 > maxList {
		tooLong(L)
	}
	runtimeOf(L).charge(16 * top)
	for i := 3; i <= top; i++ {
		t.RawSetInt(n+i-2, L.Get(i))
	}
	L.SetTop(1)
	return 1
}

// stringArithmetic makes arithmetic on strings read them as decimal: gopher-lua itself takes "0123" + 0 for
// an octal number, and a caller's digits are such strings.
var stringArithmetic = map[string]lua.LGFunction{
	"__add": arithmetic("__add", func(a, b float64) float64 { return a + b }),
	"__sub": arithmetic("__sub", func(a, b float64) float64 { return a - b }),
	"__mul": arithmetic("__mul", func(a, b float64) float64 { return a * b }),
	"__div": arithmetic("__div", func(a, b float64) float64 { return a / b }),
	"__mod": arithmetic("__mod", modulo),
	"__pow": arithmetic("__pow", math.Pow),
	"__unm": arithmetic("__unm", func(a, _ float64) float64 { return -a }),
}

func modulo(a, b float64) float64 {
	m := math.Mod(a, b)
	if m*b < 0 {
		m += b
	}
	return m
}

func arithmetic(event string, op func(a, b float64) float64) lua.LGFunction {
	return func(L *lua.LState) int {
		a, ok1 := toNumber(L.Get(1))
		b, ok2 := a, true
		if L.GetTop() > 1 {
			b, ok2 = toNumber(L.Get(2))
		}
		if !ok1 || !ok2 {
			wrong := L.Get(1)
			if ok1 {
				wrong = L.Get(2)
			}
			if f := L.GetMetaField(wrong, event); wrong.Type() != lua.LTString && f != lua.LNil {
				L.Insert(f, 1) // "2" * vector
				L.Call(L.GetTop()-1, 1)
				return 1
			}
			if s, ok := wrong.(lua.LString); ok {
				L.RaiseError("attempt to perform arithmetic on the text %q, which is not a number", keyText(s))
			}
			L.RaiseError("attempt to perform arithmetic on a %s value", wrong.Type())
		}
		L.Push(lua.LNumber(op(float64(a), float64(b))))
		return 1
	}
}
