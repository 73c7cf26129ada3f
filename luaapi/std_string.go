package luaapi

import (
	"strings"
	"unicode"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
)

var stringFuncs = map[string]lua.LGFunction{
	"byte":    stringByte,
	"char":    stringChar,
	"find":    func(L *lua.LState) int { return stringFind(L, true) },
	"format":  stringFormat,
	"gmatch":  stringGmatch,
	"gsub":    stringGsub,
	"len":     stringLen,
	"lower":   stringLower,
	"match":   func(L *lua.LState) int { return stringFind(L, false) },
	"rep":     stringRep,
	"reverse": stringReverse,
	"sub":     stringSub,
	"upper":   stringUpper,
}

// from turns Lua's position i, which counts from 1 or with a minus from the end, into one that counts from 1.
func from(i, length int) int {
	if i < 0 {
		return max(length+i+1, 0)
	}
	return i
}

func stringByte(L *lua.LState) int {
	s := checkString(L, 1)
	i := from(optInt(L, 2, 1), len(s))
	j := from(optInt(L, 3, i), len(s))
	i, j = max(i, 1), min(j, len(s))
	if j-i >= maxUnpack {
		L.RaiseError("too many values: %d, at most %d", j-i+1, maxUnpack)
	}
	for k := i; k <= j; k++ {
		L.Push(lua.LNumber(s[k-1]))
	}
	return max(0, j-i+1)
}

func stringChar(L *lua.LState) int {
	b := make([]byte, L.GetTop())
	for i := range b {
		c := checkInt(L, i+1)
		if c < 0 || c > 255 {
			argError(L, i+1, "a byte is 0 to 255, got "+numberText(lua.LNumber(c)))
		}
		b[i] = byte(c)
	}
	return pushString(L, string(b))
}

func stringLen(L *lua.LState) int {
	L.Push(lua.LNumber(len(checkString(L, 1))))
	return 1
}

func stringLower(L *lua.LState) int { return stringCase(L, unicode.ToLower) }
func stringUpper(L *lua.LState) int { return stringCase(L, unicode.ToUpper) }

// stringCase changes letters of any alphabet in UTF-8; of other bytes only A to Z.
func stringCase(L *lua.LState, change func(rune) rune) int {
	s := checkString(L, 1)
	if utf8.ValidString(s) {
		return pushString(L, strings.Map(change, s))
	}
	b := []byte(s)
	for i, c := range b {
		if isLetter(c) {
			b[i] = byte(change(rune(c)))
		}
	}
	return pushString(L, string(b))
}

func stringRep(L *lua.LState) int {
	s, n := checkString(L, 1), max(0, checkInt(L, 2))
	sep := optString(L, 3, "")
	most := runtimeOf(L).limits.StringBytes
	if size := len(s) + len(sep); size > 0 && n > most/size+1 {
		checkLength(L, -1)
	}
	if n == 0 {
		return pushString(L, "")
	}
	checkLength(L, n*len(s)+(n-1)*len(sep))
	return pushString(L, strings.Repeat(s+sep, n-1)+s)
}

func stringReverse(L *lua.LState) int {
	s := checkString(L, 1)
	b := make([]byte, len(s))
	for i := range b {
		b[i] = s[len(s)-1-i]
	}
	return pushString(L, string(b))
}

func stringSub(L *lua.LState) int {
	s := checkString(L, 1)
	i, j := max(1, from(checkInt(L, 2), len(s))), min(len(s), from(optInt(L, 3, -1), len(s)))
	if i > j {
		L.Push(lua.LString(""))
		return 1
	}
	L.Push(part(s, i-1, j))
	runtimeOf(L).charge(j - i)
	return 1
}

// stringFind is find and match.
func stringFind(L *lua.LState, find bool) int {
	s, p := checkString(L, 1), checkString(L, 2)
	start := max(1, from(optInt(L, 3, 1), len(s)))
	if start > len(s)+1 {
		L.Push(lua.LNil)
		return 1
	}
	if find && (lua.LVAsBool(L.Get(4)) || !strings.ContainsAny(p, "^$*+?.([%-")) {
		i := strings.Index(s[start-1:], p)
		if i < 0 {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(lua.LNumber(start + i))
		L.Push(lua.LNumber(start + i + len(p) - 1))
		return 2
	}
	m := newMatcher(L, s, p)
	i, end := m.search(start - 1)
	if end < 0 {
		L.Push(lua.LNil)
		return 1
	}
	if find {
		L.Push(lua.LNumber(i + 1))
		L.Push(lua.LNumber(end))
		return 2 + m.pushCaptures(i, end, false)
	}
	return m.pushCaptures(i, end, true)
}

// search finds the first match at or behind i.
func (m *matcher) search(i int) (start, end int) {
	if strings.HasPrefix(m.p, "^") {
		return i, m.at(i, 1)
	}
	for ; i <= len(m.s); i++ {
		m.step(1)
		if end := m.at(i, 0); end >= 0 {
			return i, end
		}
	}
	return 0, -1
}

func stringGmatch(L *lua.LState) int {
	s, p := checkString(L, 1), checkString(L, 2)
	at := 0
	// The texts are upvalues besides, so that the heap's scale finds them.
	L.Push(L.NewClosure(func(L *lua.LState) int {
		m := newMatcher(L, s, p)
		for ; at <= len(s); at++ {
			m.step(1)
			end := m.at(at, 0)
			if end < 0 {
				continue
			}
			start := at
			at = max(end, at+1)
			return m.pushCaptures(start, end, true)
		}
		L.Push(lua.LNil)
		return 1
	}, lua.LString(s), lua.LString(p)))
	return 1
}

func stringGsub(L *lua.LState) int {
	s, p := checkString(L, 1), checkString(L, 2)
	with := L.Get(3)
	switch with.(type) {
	case lua.LString, lua.LNumber, *lua.LTable, *lua.LFunction:
	default:
		typeError(L, 3, "string, table or function")
	}
	most := optInt(L, 4, len(s)+1)
	anchored := strings.HasPrefix(p, "^")
	first := 0
	if anchored {
		first = 1
	}
	m := newMatcher(L, s, p)
	var b strings.Builder
	n, i := 0, 0
	for n < most {
		m.step(1)
		end := m.at(i, first)
		if end >= 0 {
			n++
			b.WriteString(m.replacement(with, i, end))
			checkLength(L, b.Len())
		}
		switch {
		case end > i:
			i = end
		case i < len(s):
			b.WriteByte(s[i])
			i++
		default:
			i = len(s) + 1
		}
		if i > len(s) || anchored {
			break
		}
	}
	if i < len(s) {
		b.WriteString(s[i:])
	}
	pushString(L, b.String())
	L.Push(lua.LNumber(n))
	return 2
}

// replacement is what gsub puts in place of s[from:to].
func (m *matcher) replacement(with lua.LValue, from, to int) string {
	L := m.L
	var v lua.LValue
	switch w := with.(type) {
	case *lua.LTable:
		v = L.GetTable(w, m.capture(0, from, to))
	case *lua.LFunction:
		L.Push(w)
		L.Call(m.pushCaptures(from, to, true), 1)
		v = L.Get(-1)
		L.Pop(1)
	default:
		template, _ := text(with)
		return m.expand(template, from, to)
	}
	if !lua.LVAsBool(v) {
		return m.s[from:to]
	}
	s, ok := text(v)
	if !ok {
		L.RaiseError("gsub can only put texts and numbers in, not a %s", v.Type())
	}
	return s
}

func (m *matcher) expand(template string, from, to int) string {
	if !strings.Contains(template, "%") {
		return template
	}
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		c := template[i]
		if c != '%' {
			b.WriteByte(c)
			continue
		}
		if i++; i == len(template) {
			m.L.RaiseError("%s", "the replacement ends with a single %; %% stands for one")
		}
		switch c = template[i]; {
		case c == '0':
			b.WriteString(m.s[from:to])
		case isDigit(c):
			s, _ := text(m.capture(int(c-'1'), from, to))
			b.WriteString(s)
		default:
			b.WriteByte(c)
		}
		checkLength(m.L, b.Len())
	}
	return b.String()
}
