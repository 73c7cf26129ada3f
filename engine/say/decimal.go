package say

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Decimal is a number as people write it: 12, -3, 12.50. It keeps the zeros at its end, because they
// are said, and decide the plural in some languages. The zero value is 0.
type Decimal struct {
	negative bool
	whole    uint64
	fraction string // digits behind the point
}

// Numbers longer than this are no amounts anybody listens to, and would not fit the arithmetic.
const (
	maxWhole    = 18
	maxFraction = 18
)

// Int is a whole number.
func Int(n int64) Decimal {
	if n < 0 {
		return Decimal{negative: true, whole: -uint64(n)}
	}
	return Decimal{whole: uint64(n)}
}

// Float is f with as many digits as are needed to tell it from its neighbours: 0.1 is 0.1.
func Float(f float64) (Decimal, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Decimal{}, fmt.Errorf("%v is no number that can be said", f)
	}
	return ParseDecimal(strconv.FormatFloat(f, 'f', -1, 64))
}

// ParseDecimal reads a number such as 12, -3.50 or +7.
func ParseDecimal(s string) (Decimal, error) {
	var d Decimal
	rest := s
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		d.negative = rest[0] == '-'
		rest = rest[1:]
	}
	whole, fraction, point := strings.Cut(rest, ".")
	if !digits(whole) || point && !digits(fraction) {
		return Decimal{}, fmt.Errorf("%q is no number; write it like 1250.40", shorten(s))
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > maxWhole {
		return Decimal{}, fmt.Errorf("%q has %d digits before the point; %d is the most", shorten(s), len(whole), maxWhole)
	}
	d.fraction = fraction
	if whole != "" {
		d.whole, _ = strconv.ParseUint(whole, 10, 64)
	}
	if len(fraction) > maxFraction {
		d = d.Round(maxFraction) // a float64 of 17 places or a long division
	}
	return d.positiveZero(), nil
}

// digits reports whether s is digits and nothing else.
func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// shorten is s as a message shows it.
func shorten(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// Round is d with exactly so many places behind the point; halves go away from zero, as with money.
func (d Decimal) Round(places int) Decimal {
	places = min(max(places, 0), maxFraction)
	if len(d.fraction) <= places {
		d.fraction += strings.Repeat("0", places-len(d.fraction))
		return d
	}
	up := d.fraction[places] >= '5'
	kept := []byte(d.fraction[:places])
	for i := places - 1; up && i >= 0; i-- {
		if kept[i]++; kept[i] <= '9' {
			up = false
			break
		}
		kept[i] = '0'
	}
	if up {
		d.whole++
	}
	d.fraction = string(kept)
	return d.positiveZero()
}

// trim is d without the zeros at its end.
func (d Decimal) trim() Decimal {
	d.fraction = strings.TrimRight(d.fraction, "0")
	return d
}

func (d Decimal) abs() Decimal {
	d.negative = false
	return d
}

// positiveZero keeps -0 from being called minus zero.
func (d Decimal) positiveZero() Decimal {
	if d.whole == 0 && strings.Trim(d.fraction, "0") == "" {
		d.negative = false
	}
	return d
}

// behind is the digits behind the point as a number: 5 of 12.05.
func (d Decimal) behind() uint64 {
	n, _ := strconv.ParseUint(d.fraction, 10, 64)
	return n
}

func (d Decimal) String() string {
	s := strconv.FormatUint(d.whole, 10)
	if d.negative {
		s = "-" + s
	}
	if d.fraction != "" {
		s += "." + d.fraction
	}
	return s
}
