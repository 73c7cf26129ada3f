package luaapi

import (
	"testing"
	"time"

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
