package luaapi

import (
	"math"
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Arguments of the standard library. gopher-lua's own checks read "010" as eight and cut 1.5 to 1 in silence.

// calledAs is what the flow calls the function that runs now.
func calledAs(L *lua.LState) string {
	f := frameOf(L)
	if f == nil || f.Parent == nil || f.Parent.Fn.IsG {
		return "the function"
	}
	for _, call := range f.Parent.Fn.Proto.DbgCalls {
		if call.Pc == f.Parent.Pc-1 && call.Name != "" && call.Name[0] != 0 {
			return call.Name
		}
	}
	return "the function"
}

func argError(L *lua.LState, n int, message string) {
	L.RaiseError("bad argument #%d to %s (%s)", n, calledAs(L), message)
}

func typeError(L *lua.LState, n int, expected string) {
	got := "no value"
	if n <= L.GetTop() {
		got = L.Get(n).Type().String()
	}
	argError(L, n, expected+" expected, got "+got)
}

func checkAny(L *lua.LState, n int) lua.LValue {
	if n > L.GetTop() {
		argError(L, n, "value expected")
	}
	return L.Get(n)
}

func checkTable(L *lua.LState, n int) *lua.LTable {
	t, ok := L.Get(n).(*lua.LTable)
	if !ok {
		typeError(L, n, "table")
	}
	return t
}

func checkFunction(L *lua.LState, n int) *lua.LFunction {
	f, ok := L.Get(n).(*lua.LFunction)
	if !ok {
		typeError(L, n, "function")
	}
	return f
}

func checkString(L *lua.LState, n int) string {
	switch v := L.Get(n).(type) {
	case lua.LString:
		return string(v)
	case lua.LNumber:
		return numberText(v)
	}
	typeError(L, n, "string")
	return ""
}

func optString(L *lua.LState, n int, otherwise string) string {
	if L.Get(n) == lua.LNil {
		return otherwise
	}
	return checkString(L, n)
}

func checkNumber(L *lua.LState, n int) float64 {
	v, ok := toNumber(L.Get(n))
	if !ok {
		typeError(L, n, "number")
	}
	return float64(v)
}

// checkInt is a whole number. Those that no string or table can have are cut to ±2^53.
func checkInt(L *lua.LState, n int) int {
	f := checkNumber(L, n)
	if f != math.Trunc(f) && !math.IsInf(f, 0) {
		argError(L, n, "whole number expected, got "+numberText(lua.LNumber(f)))
	}
	const most = 1 << 53
	return int(min(max(f, -most), most))
}

func optInt(L *lua.LState, n, otherwise int) int {
	if L.Get(n) == lua.LNil {
		return otherwise
	}
	return checkInt(L, n)
}

// toNumber is v as arithmetic takes it: a number, or a string that holds one.
func toNumber(v lua.LValue) (lua.LNumber, bool) {
	switch x := v.(type) {
	case lua.LNumber:
		return x, true
	case lua.LString:
		return parseNumber(string(x))
	}
	return 0, false
}

// parseNumber reads a number as Lua writes it: decimal, with exponent, or hexadecimal. 010 is ten.
func parseNumber(s string) (lua.LNumber, bool) {
	s = strings.Trim(s, " \t\r\n\v\f")
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || digits == "" {
		return 0, false
	}
	if len(digits) > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') {
		n, ok := parseInBase(digits[2:], 16)
		if s[0] == '-' {
			n = -n
		}
		return n, ok
	}
	if strings.Trim(digits, "0123456789.eE+-") != "" { // no inf, nan, 1_000 or 0x1p4
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return lua.LNumber(f), true
}

func parseInBase(s string, base int) (lua.LNumber, bool) {
	if s == "" {
		return 0, false
	}
	n := 0.0
	for _, c := range strings.ToLower(s) {
		d := strings.IndexRune("0123456789abcdefghijklmnopqrstuvwxyz", c)
		if d < 0 || d >= base {
			return 0, false
		}
		n = n*float64(base) + float64(d)
	}
	return lua.LNumber(n), true
}

// numberText is a number as tostring and .. write it: whole numbers in full, others with 14 digits, so that
// 0.1 + 0.2 is 0.3.
func numberText(n lua.LNumber) string {
	f := float64(n)
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case f == math.Trunc(f) && math.Abs(f) < 1<<63:
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'g', 14, 64)
}

// text is what v looks like in a string; ok is false for what has no such form.
func text(v lua.LValue) (s string, ok bool) {
	switch x := v.(type) {
	case lua.LString:
		return string(x), true
	case lua.LNumber:
		return numberText(x), true
	}
	return "", false
}

// pushString returns s to Lua, if a flow may have a string of that length.
func pushString(L *lua.LState, s string) int {
	checkLength(L, len(s))
	runtimeOf(L).charge(len(s))
	L.Push(lua.LString(s))
	return 1
}

// checkLength refuses a string before it is built.
func checkLength(L *lua.LState, n int) {
	if most := runtimeOf(L).limits.StringBytes; n > most || n < 0 {
		L.RaiseError("the text would be too long: a string holds at most %d bytes", most)
	}
}

// part is s[i:j] as a value of its own: a few bytes must not keep a megabyte alive.
func part(s string, i, j int) lua.LString {
	if sub := s[i:j]; len(s) <= 256 || len(sub)*4 > len(s) {
		return lua.LString(sub)
	}
	return lua.LString(strings.Clone(s[i:j]))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
