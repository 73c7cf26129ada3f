package say

import (
	"strconv"
	"strings"
	"testing"
)

func TestPluralsAsCLDRHasThem(t *testing.T) {
	for _, line := range gunzip(t, "plurals") {
		code, rest, _ := strings.Cut(line, "\t")
		category, numbers, _ := strings.Cut(rest, "\t")
		l := language(t, code)
		for part := range strings.FieldsSeq(numbers) {
			for _, n := range spread(t, part) {
				if got := l.Plural(n); got != Plural(category) {
					t.Errorf("%s %s: got %s, want %s", code, n, got, category)
				}
			}
		}
	}
}

// spread is the numbers of "7", "2..9" (our runs of whole numbers), or "0.0~1.5" (CLDR's samples).
func spread(t *testing.T, part string) []Decimal {
	t.Helper()
	low, high, run := strings.Cut(part, "..")
	if !run {
		low, high, run = strings.Cut(part, "~")
	}
	if !run {
		return []Decimal{dec(t, low)}
	}
	places := len(dec(t, low).fraction)
	first, err1 := strconv.Atoi(strings.Replace(low, ".", "", 1))
	last, err2 := strconv.Atoi(strings.Replace(high, ".", "", 1))
	if err1 != nil || err2 != nil || first > last {
		t.Fatalf("%q is no range", part)
	}
	var all []Decimal
	for n := first; n <= last; n++ {
		s := strconv.Itoa(n)
		if places > 0 {
			s = strings.Repeat("0", max(places+1-len(s), 0)) + s
			s = s[:len(s)-places] + "." + s[len(s)-places:]
		}
		all = append(all, dec(t, s))
	}
	return all
}

func TestPluralOperands(t *testing.T) {
	for _, c := range []struct {
		rule, number string
		want         bool
	}{
		{"n = 1", "1.0", true},
		{"n = 1", "1.5", false},
		{"n != 1", "1.5", true},
		{"n % 10 = 1", "21", true},
		{"i = 1", "1.9", true},
		{"v = 2", "1.50", true},
		{"w = 1", "1.50", true},
		{"f = 50", "1.50", true},
		{"t = 5", "1.50", true},
		{"t = 5", "1.050", true},
		{"e = 0", "1", true},
		{"c = 0", "1", true},
		{"i = 2,4..6", "5", true},
		{"i = 2,4..6", "3", false},
		{"i = 1 and v = 0 or i = 7 @integer 1, 7", "7.0", true},
		{"i = 1 and v = 0 or i = 7", "1.0", false},
	} {
		rule, err := parsePlural(One, c.rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := rule.holds(dec(t, c.number)); got != c.want {
			t.Errorf("%s of %s: got %v, want %v", c.rule, c.number, got, c.want)
		}
	}
}
