package luaapi

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// stringFormat is string.format, after lstrlib.c: at most two digits of width and of precision.
func stringFormat(L *lua.LState) int {
	format := checkString(L, 1)
	var b strings.Builder
	arg := 1
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i < len(format) && format[i] == '%' {
			b.WriteByte('%')
			continue
		}
		spec, verb, next := formatSpec(L, format, i)
		i = next
		arg++
		b.WriteString(formatOne(L, spec, verb, arg))
		checkLength(L, b.Len())
	}
	return pushString(L, b.String())
}

// formatSpec reads flags, width and precision at i, and the letter behind them.
func formatSpec(L *lua.LState, format string, i int) (spec string, verb byte, next int) {
	start := i
	digits := func() {
		n := 0
		for ; i < len(format) && isDigit(format[i]); i++ {
			n++
		}
		if n > 2 {
			L.RaiseError("format %%%s: width and precision have at most two digits", keyText(lua.LString(format[start:])))
		}
	}
	for i < len(format) && strings.IndexByte("-+ #0", format[i]) >= 0 && i-start < 5 {
		i++
	}
	digits()
	if i < len(format) && format[i] == '.' {
		i++
		digits()
	}
	if i >= len(format) {
		L.RaiseError("%s", "the format ends with a single %; %% stands for one")
	}
	return format[start:i], format[i], i
}

func formatOne(L *lua.LState, spec string, verb byte, arg int) string {
	if arg > L.GetTop() {
		argError(L, arg, "no value for %"+spec+string(rune(verb)))
	}
	switch verb {
	case 'd', 'i':
		return fmt.Sprintf("%"+spec+"d", formatInt(L, verb, arg))
	case 'u', 'o', 'x', 'X':
		n := formatInt(L, verb, arg)
		if verb == 'u' {
			verb = 'd'
		}
		return fmt.Sprintf("%"+spec+string(rune(verb)), uint64(n))
	case 'c':
		return fmt.Sprintf("%"+spec+"s", string([]byte{byte(checkInt(L, arg))}))
	case 'e', 'E', 'f', 'F', 'g', 'G':
		return formatFloat(spec, verb, checkNumber(L, arg))
	case 's':
		return formatText(spec, textOf(L, checkAny(L, arg)))
	case 'q':
		return quoteLua(checkString(L, arg))
	}
	L.RaiseError("format %%%s%c is unknown; there are %%d %%s %%f %%g %%x %%c %%q", spec, verb)
	return ""
}

func formatInt(L *lua.LState, verb byte, arg int) int64 {
	f := checkNumber(L, arg)
	if f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
		argError(L, arg, "%"+string(rune(verb))+" needs a whole number, got "+numberText(lua.LNumber(f))+"; math.floor or %.0f round")
	}
	return int64(f)
}

// formatFloat is fmt's, except where C writes otherwise: inf, nan, and the default precision of %g.
func formatFloat(spec string, verb byte, f float64) string {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		width, _, _ := strings.Cut(spec, ".")
		return formatText(width, numberText(lua.LNumber(f)))
	}
	if (verb == 'g' || verb == 'G') && !strings.Contains(spec, ".") {
		spec += ".6"
	}
	return fmt.Sprintf("%"+spec+string(rune(verb)), f)
}

// formatText counts bytes, as Lua does, where fmt would count characters.
func formatText(spec, s string) string {
	width, precision, cut := strings.Cut(spec, ".")
	if n, _ := strconv.Atoi(precision); cut && n < len(s) {
		s = s[:n]
	}
	left := strings.Contains(width, "-")
	n, _ := strconv.Atoi(strings.TrimLeft(width, "-+ #0"))
	pad := strings.Repeat(" ", max(0, n-len(s)))
	if left {
		return s + pad
	}
	return pad + s
}

func quoteLua(s string) string {
	r := strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", "\\\n", "\r", `\r`, "\x00", `\000`)
	return `"` + r.Replace(s) + `"`
}
