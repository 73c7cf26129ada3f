package luaapi

import (
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	lua "github.com/yuin/gopher-lua"
)

func TestReadDate(t *testing.T) {
	now := time.Date(2026, time.November, 28, 0, 0, 0, 0, time.UTC)
	tests := []struct{ format, digits, want string }{
		{"DDMMYYYY", "28112026", "2026-11-28"},
		{"MMDDYYYY", "02292024", "2024-02-29"},
		{"YYYYMMDD", "19000101", "1900-01-01"},
		{"DDMMYY", "010150", "2050-01-01"},
		{"DDMMYY", "010176", "2076-01-01"},
		{"DDMMYY", "010177", "1977-01-01"},
		{"YYMMDD", "991231", "1999-12-31"},
		{"DDMMYYYY", "29022023", ""},
		{"DDMMYYYY", "31042026", ""},
		{"DDMMYYYY", "00012026", ""},
		{"DDMMYYYY", "01002026", ""},
		{"DDMMYYYY", "01132026", ""},
		{"DDMMYYYY", "01010000", ""},
		{"DDMMYYYY", "0101*026", ""},
	}
	for _, tt := range tests {
		got, ok := readDate(tt.format, tt.digits, now)
		if !ok {
			got = ""
		}
		if got != tt.want {
			t.Errorf("%s as %s is %q, want %q", tt.digits, tt.format, got, tt.want)
		}
	}
}

func TestReadMoney(t *testing.T) {
	point := askMoneyOptions{Decimals: 2, Point: "*"}
	cents := askMoneyOptions{Decimals: 2}
	whole := askMoneyOptions{Decimals: 0, Point: "*"}
	tests := []struct {
		o      askMoneyOptions
		digits string
		want   float64 // -1: no amount
	}{
		{point, "12", 12},
		{point, "12*5", 12.5},
		{point, "12*50", 12.5},
		{point, "*50", 0.5},
		{point, "12*", 12},
		{point, "999999999999", 999999999999},
		{point, "12*505", -1},
		{point, "1*2*3", -1},
		{point, "*", -1},
		{point, "12#", -1},
		{point, "1234567890123", -1},
		{cents, "1250", 12.5},
		{cents, "5", 0.05},
		{cents, "50", 0.5},
		{cents, "1*5", -1},
		{whole, "7", 7},
		{whole, "7*", 7},
		{whole, "7*5", -1},
	}
	for _, tt := range tests {
		v, ok, err := tt.o.meant(tt.digits)
		got := float64(-1)
		if ok {
			got = float64(v.(lua.LNumber))
		}
		if got != tt.want || err != nil {
			t.Errorf("%q with %d decimals and point %q is %v (%v), want %v", tt.digits, tt.o.Decimals, tt.o.Point, got, err, tt.want)
		}
	}
}

// FuzzEntries reads digits as dates, times and amounts: what is taken is what the digits say.
func FuzzEntries(f *testing.F) {
	for _, digits := range []string{"28112026", "290224", "230", "1360", "12*50", "*5", "0", "999999999999*99", "****"} {
		f.Add(digits, 2)
	}
	now := time.Date(2026, time.November, 28, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, digits string, decimals int) {
		if strings.Trim(digits, "0123456789*#") != "" || len(digits) > 13 || digits == "" {
			return // nothing that an entry can be
		}
		for _, format := range []string{"DDMMYYYY", "MMDDYYYY", "YYYYMMDD", "DDMMYY", "MMDDYY", "YYMMDD"} {
			if len(digits) != len(format) {
				continue
			}
			text, ok := readDate(format, digits, now)
			if !ok {
				continue
			}
			layout := strings.NewReplacer("DD", "02", "MM", "01", "YYYY", "2006", "YY", "06").Replace(format)
			if day, err := time.Parse(time.DateOnly, text); err != nil || day.Format(layout) != digits {
				t.Errorf("%s as %s is %s", digits, format, text)
			}
		}
		if v, ok, err := (&askTimeOptions{Clock: "24h"}).meant(nil, digits); err != nil {
			t.Error(err)
		} else if ok {
			if at, err := time.Parse("15:04", lua.LVAsString(v)); err != nil || strings.TrimLeft(at.Format("1504"), "0") != strings.TrimLeft(digits, "0") {
				t.Errorf("%s is %s", digits, v)
			}
		}
		for _, point := range []engine.Digits{"*", "#", ""} {
			o := askMoneyOptions{Decimals: max(0, min(4, decimals)), Point: point}
			v, ok, err := o.meant(digits)
			if err != nil {
				t.Error(err)
			} else if n, _ := v.(lua.LNumber); ok && (n < 0 || n >= 1e13) {
				t.Errorf("%s with %q is %v", digits, point, v)
			}
		}
	})
}
