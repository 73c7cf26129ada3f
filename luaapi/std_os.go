package luaapi

import (
	"errors"
	"fmt"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
)

var osFuncs = map[string]lua.LGFunction{
	"clock":    osClock,
	"date":     osDate,
	"difftime": osDifftime,
	"time":     osTime,
}

// osClock is the seconds since the call began; a flow has no processor time of its own.
func osClock(L *lua.LState) int {
	call := runtimeOf(L).call
	L.Push(lua.LNumber(call.Now().Sub(call.Began()).Seconds()))
	return 1
}

func osDifftime(L *lua.LState) int {
	L.Push(lua.LNumber(checkNumber(L, 1) - checkNumber(L, 2)))
	return 1
}

func osTime(L *lua.LState) int {
	now := runtimeOf(L).call.Now()
	if L.Get(1) == lua.LNil {
		L.Push(lua.LNumber(now.Unix()))
		return 1
	}
	t := checkTable(L, 1)
	field := func(name string, otherwise int) int {
		n, ok := toNumber(t.RawGetString(name))
		if ok {
			return int(n)
		}
		if otherwise < 0 {
			L.RaiseError("os.time: the table has no %s", name)
		}
		return otherwise
	}
	date := time.Date(field("year", -1), time.Month(field("month", -1)), field("day", -1),
		field("hour", 12), field("min", 0), field("sec", 0), 0, now.Location())
	L.Push(lua.LNumber(date.Unix()))
	return 1
}

func osDate(L *lua.LState) int {
	format := optString(L, 1, "%c")
	var t time.Time
	if L.Get(2) == lua.LNil {
		t = runtimeOf(L).call.Now()
	} else {
		t = time.Unix(int64(checkInt(L, 2)), 0)
		t = t.In(runtimeOf(L).call.Began().Location())
	}
	if rest, ok := strings.CutPrefix(format, "!"); ok {
		format, t = rest, t.UTC()
	}
	if strings.HasPrefix(format, "*t") {
		L.Push(dateTable(t))
		return 1
	}
	text, err := strftime(t, format)
	if err != nil {
		L.RaiseError("os.date: %v", err)
	}
	return pushString(L, text)
}

func dateTable(t time.Time) *lua.LTable {
	out := &lua.LTable{Metatable: lua.LNil}
	for name, n := range map[string]int{
		"year": t.Year(), "month": int(t.Month()), "day": t.Day(), "hour": t.Hour(), "min": t.Minute(),
		"sec": t.Second(), "wday": int(t.Weekday()) + 1, "yday": t.YearDay(),
	} {
		out.RawSetString(name, lua.LNumber(n))
	}
	out.RawSetString("isdst", lua.LBool(t.IsDST()))
	return out
}

// dateLetters are those that Go can format; strftime knows the others.
var dateLetters = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'h': "Jan", 'c': "Mon Jan _2 15:04:05 2006", 'd': "02", 'D': "01/02/06",
	'e': "_2", 'F': "2006-01-02", 'H': "15", 'I': "03", 'j': "002", 'm': "01", 'M': "04", 'p': "PM",
	'r': "03:04:05 PM", 'R': "15:04", 'S': "05", 'T': "15:04:05", 'x': "01/02/06", 'X': "15:04:05", 'y': "06", 'Y': "2006",
	'z': "-0700", 'Z': "MST",
}

// strftime writes t as the letters behind each % say.
func strftime(t time.Time, format string) (string, error) {
	const most = 1000
	if len(format) > most {
		return "", fmt.Errorf("the format has %d bytes; %d is the most", len(format), most)
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i++; i == len(format) {
			return "", errors.New("the format ends with a single %")
		}
		if layout, ok := dateLetters[format[i]]; ok {
			b.WriteString(t.Format(layout))
			continue
		}
		text, err := dateNumber(t, format[i])
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func dateNumber(t time.Time, letter byte) (string, error) {
	year, week := t.ISOWeek()
	switch letter {
	case 'U':
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()))/7), nil
	case 'W':
		return fmt.Sprintf("%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7), nil
	case 'w':
		return fmt.Sprint(int(t.Weekday())), nil
	case 'u':
		return fmt.Sprint((int(t.Weekday())+6)%7 + 1), nil
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100), nil
	case 'G':
		return fmt.Sprint(year), nil
	case 'V':
		return fmt.Sprintf("%02d", week), nil
	case 's':
		return fmt.Sprint(t.Unix()), nil
	case 'n':
		return "\n", nil
	case 't':
		return "\t", nil
	case '%':
		return "%", nil
	}
	return "", fmt.Errorf("%%%c is unknown", letter)
}
