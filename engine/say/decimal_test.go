package say

import (
	"math"
	"strings"
	"testing"
)

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct{ input, want string }{
		{"0", "0"}, {"007", "7"}, {"-0", "0"}, {"-0.00", "0.00"}, {"+12.50", "12.50"}, {"-3.1", "-3.1"},
		{"999999999999999999", "999999999999999999"},
		{"0.3333333333333333333333", "0.333333333333333333"},
		{"0.9999999999999999999", "1.000000000000000000"},
		{"", `"" is no number; write it like 1250.40`},
		{"12,50", `"12,50" is no number; write it like 1250.40`},
		{"1.", `"1." is no number; write it like 1250.40`},
		{".5", `".5" is no number; write it like 1250.40`},
		{"--1", `"--1" is no number; write it like 1250.40`},
		{"1e3", `"1e3" is no number; write it like 1250.40`},
		{"1000000000000000000", `"1000000000000000000" has 19 digits before the point; 18 is the most`},
		{strings.Repeat("é", 30), `"éééééééééééééééééééé…" is no number; write it like 1250.40`},
	} {
		d, err := ParseDecimal(c.input)
		got := d.String()
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: got %s, want %s", c.input, got, c.want)
		}
	}
}

func TestRound(t *testing.T) {
	for _, c := range []struct {
		input  string
		places int
		want   string
	}{
		{"1.005", 2, "1.01"}, {"1.004", 2, "1.00"}, {"0.995", 2, "1.00"}, {"9.99", 1, "10.0"}, {"2.5", 0, "3"},
		{"-2.5", 0, "-3"}, {"-0.4", 0, "0"}, {"7", 2, "7.00"}, {"7.1", -1, "7"}, {"7", 99, "7.000000000000000000"},
	} {
		if got := dec(t, c.input).Round(c.places).String(); got != c.want {
			t.Errorf("%s to %d: got %s, want %s", c.input, c.places, got, c.want)
		}
	}
}

func TestFloat(t *testing.T) {
	for f, want := range map[float64]string{
		0.1: "0.1", 1250.4: "1250.4", -2: "-2", 1e17: "100000000000000000", 1.005: "1.005", 1e-7: "0.0000001",
		math.Copysign(0, -1): "0",
	} {
		if got, err := Float(f); err != nil || got.String() != want {
			t.Errorf("%v: got %s %v, want %s", f, got, err, want)
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		if got, err := Float(f); err == nil {
			t.Errorf("%v: got %s, want an error", f, got)
		}
	}
}

func TestInt(t *testing.T) {
	for n, want := range map[int64]string{0: "0", -5: "-5", math.MinInt64: "-9223372036854775808", math.MaxInt64: "9223372036854775807"} {
		if got := Int(n).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
