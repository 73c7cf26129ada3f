package say

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Number says a number, whole or with digits behind the point.
func (l *Language) Number(n Decimal, g Gender) (Sounds, error) {
	if err := l.checkGender(g); err != nil {
		return nil, err
	}
	if n.negative {
		said, err := l.Number(n.abs(), g)
		return l.minus(said, err)
	}
	if n.fraction == "" {
		return l.sayBy("cardinal", g, n.whole)
	}
	return l.decimal(n, g)
}

// minus says that what said says is negative.
func (l *Language) minus(said Sounds, err error) (Sounds, error) {
	if err != nil {
		return nil, err
	}
	return l.say(l.negative, "", field{name: "number", said: said})
}

// decimal says the digits behind the point one by one, unless the language's pattern names a rule set that
// says them as a number.
func (l *Language) decimal(n Decimal, g Gender) (Sounds, error) {
	p, ok := l.decimals[strconv.Itoa(len(n.fraction))]
	if !ok {
		p = l.decimals["other"]
	}
	digits := speaker{lang: l}
	for _, c := range n.fraction {
		digits.number("cardinal", "", uint64(c-'0'))
	}
	if digits.err != nil {
		return nil, digits.err
	}
	return l.say(p, g, field{name: "whole", number: n.whole}, field{name: "fraction", number: n.behind(), said: digits.out})
}

// Ordinal says which in a row: first, second.
func (l *Language) Ordinal(n int64, g Gender) (Sounds, error) {
	if err := l.checkGender(g); err != nil {
		return nil, err
	}
	if n < 0 {
		return l.minus(l.sayBy("ordinal", g, -uint64(n)))
	}
	return l.sayBy("ordinal", g, uint64(n))
}

// checkGender finds misspelt ones. The three genders may be asked of every language, for a flow does not
// know which the call's language has.
func (l *Language) checkGender(g Gender) error {
	switch g {
	case "", Masculine, Feminine, Neuter:
		return nil
	}
	if slices.Contains(l.forms, string(g)) {
		return nil
	}
	return fmt.Errorf("language %s has no gender or form %q", l.code, shorten(string(g)))
}

// Digits says digits one by one; *, # and A to D are digits of a telephone.
func (l *Language) Digits(s string) (Sounds, error) {
	if s == "" || strings.Trim(s, "0123456789*#ABCDabcd") != "" {
		return nil, fmt.Errorf("%q is not digits; there are 0-9, *, # and A-D", shorten(s))
	}
	if len(s) > maxSounds {
		return nil, fmt.Errorf("%d digits are more than anybody listens to; %d are the most", len(s), maxSounds)
	}
	said := make(Sounds, len(s))
	for i, c := range s {
		said[i] = l.digit(c)
	}
	return said, nil
}

// digit is the sound of a key. A star pressed on a telephone is called so even where the sign in a text
// has another name.
func (l *Language) digit(c rune) string {
	switch c {
	case '*':
		return "digits/star"
	case '#':
		return "digits/pound"
	}
	return l.character(c)
}
