package luaapi

import (
	"slices"
	"sort"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

var tableFuncs = map[string]lua.LGFunction{
	"concat": tableConcat,
	"getn":   tableGetn,
	"insert": tableInsert,
	"maxn":   tableMaxn,
	"remove": tableRemove,
	"sort":   tableSort,
	"unpack": baseUnpack,
}

func tableConcat(L *lua.LState) int {
	t, sep := checkTable(L, 1), optString(L, 2, "")
	i, j := optInt(L, 3, 1), optInt(L, 4, t.Len())
	length := 0
	for k := i; k <= j; k++ {
		s, ok := text(t.RawGet(lua.LNumber(k)))
		if !ok {
			L.RaiseError("table.concat: item %d is a %s value, not a text or number", k, t.RawGet(lua.LNumber(k)).Type())
		}
		length += len(s) + len(sep)
		checkLength(L, length-len(sep))
	}
	var b strings.Builder
	b.Grow(max(0, length))
	for k := i; k <= j; k++ {
		s, _ := text(t.RawGet(lua.LNumber(k)))
		b.WriteString(s)
		if k < j {
			b.WriteString(sep)
		}
	}
	return pushString(L, b.String())
}

func tableGetn(L *lua.LState) int {
	L.Push(lua.LNumber(checkTable(L, 1).Len()))
	return 1
}

func tableInsert(L *lua.LState) int {
	t := checkTable(L, 1)
	n := t.Len()
	if n >= maxList {
		tooLong(L)
	}
	switch L.GetTop() {
	case 2:
		t.RawSetInt(n+1, L.Get(2))
	case 3:
		at := checkInt(L, 2)
		if at < 1 || at > n+1 {
			argError(L, 2, "position "+numberText(lua.LNumber(at))+" is outside the list, which has "+numberText(lua.LNumber(n))+" items")
		}
		insertAt(t, n, at, L.Get(3))
	default:
		L.RaiseError("table.insert takes a table, perhaps a position, and a value")
	}
	runtimeOf(L).charge(32)
	return 0
}

// insertAt moves the items from at to n up by one. gopher-lua's Insert grows the array by one even if there
// is room behind n, which after a few million goes beyond what its indexes can reach.
func insertAt(t *lua.LTable, n, at int, v lua.LValue) {
	if at == n+1 {
		t.RawSetInt(at, v)
		return
	}
	last := t.RawGetInt(n)
	if n > at {
		t.Remove(n)
	} else {
		t.RawSetInt(n, v)
		t.RawSetInt(n+1, last)
		return
	}
	t.Insert(at, v)
	t.RawSetInt(n+1, last)
}

func tableMaxn(L *lua.LState) int {
	t := checkTable(L, 1)
	most := float64(t.MaxN())
	t.ForEach(func(k, _ lua.LValue) {
		if n, ok := k.(lua.LNumber); ok {
			most = max(most, float64(n))
		}
	})
	L.Push(lua.LNumber(most))
	return 1
}

func tableRemove(L *lua.LState) int {
	t := checkTable(L, 1)
	n := t.Len()
	at := optInt(L, 2, n)
	if n == 0 || at < 1 || at > n {
		L.Push(lua.LNil)
		return 1
	}
	v := t.RawGetInt(at)
	if at == n {
		t.RawSetInt(n, lua.LNil)
	} else {
		t.Remove(at)
	}
	L.Push(v)
	return 1
}

// tableSort sorts a copy: a comparison may change the table.
func tableSort(L *lua.LState) int {
	t := checkTable(L, 1)
	var less *lua.LFunction
	if L.Get(2) != lua.LNil {
		less = checkFunction(L, 2)
	}
	items := make([]lua.LValue, t.Len())
	for i := range items {
		items[i] = t.RawGetInt(i + 1)
	}
	runtimeOf(L).charge(16 * len(items))
	if less == nil {
		sortPlain(L, items)
	} else {
		sort.Sort(&byFunction{L: L, less: less, items: items})
	}
	for i, v := range items {
		t.RawSetInt(i+1, v)
	}
	return 0
}

func sortPlain(L *lua.LState, items []lua.LValue) {
	texts, numbers := true, true
	for _, v := range items {
		switch v.(type) {
		case lua.LString:
			numbers = false
		case lua.LNumber:
			texts = false
		default:
			texts, numbers = false, false
		}
	}
	switch {
	case texts:
		slices.SortFunc(items, func(a, b lua.LValue) int { return strings.Compare(string(a.(lua.LString)), string(b.(lua.LString))) })
	case numbers:
		sort.Slice(items, func(i, j int) bool { return items[i].(lua.LNumber) < items[j].(lua.LNumber) })
	default:
		sort.Slice(items, func(i, j int) bool { return L.LessThan(items[i], items[j]) })
	}
}

// byFunction sorts with a Lua function, which may be no order at all: sort.Sort ends whatever it says.
type byFunction struct {
	L     *lua.LState
	less  *lua.LFunction
	items []lua.LValue
}

func (s *byFunction) Len() int      { return len(s.items) }
func (s *byFunction) Swap(i, j int) { s.items[i], s.items[j] = s.items[j], s.items[i] }

func (s *byFunction) Less(i, j int) bool {
	s.L.Push(s.less)
	s.L.Push(s.items[i])
	s.L.Push(s.items[j])
	s.L.Call(2, 1)
	v := s.L.Get(-1)
	s.L.Pop(1)
	return lua.LVAsBool(v)
}
