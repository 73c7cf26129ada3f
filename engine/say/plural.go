package say

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/internal/spell"
)

// A Plural is one of CLDR's plural categories.
type Plural string

// The categories. Every language has Other; which of the rest it has, its file says.
const (
	Zero  Plural = "zero"
	One   Plural = "one"
	Two   Plural = "two"
	Few   Plural = "few"
	Many  Plural = "many"
	Other Plural = "other"
)

var pluralNames = []string{string(Zero), string(One), string(Two), string(Few), string(Many), string(Other)}

func isPlural(word string) bool { return slices.Contains(pluralNames, word) }

// Plural is the category of n, by which a noun takes its form.
func (l *Language) Plural(n Decimal) Plural {
	for _, r := range l.plurals {
		if r.holds(n) {
			return r.category
		}
	}
	return Other
}

// hasPlural reports whether the language tells that category from others.
func (l *Language) hasPlural(p Plural) bool {
	return p == Other || slices.ContainsFunc(l.plurals, func(r pluralRule) bool { return r.category == p })
}

// A pluralRule is a condition in the syntax of CLDR (Unicode TR 35 part 3, Language Plural Rules): any of
// several, each all of several relations.
type pluralRule struct {
	category Plural
	any      [][]relation
}

// A relation compares a number's operand, or what is left of it by mod, with ranges.
type relation struct {
	operand byte
	mod     uint64 // 0 means no division
	not     bool
	ranges  [][2]uint64
}

func (r pluralRule) holds(n Decimal) bool {
	for _, all := range r.any {
		if !slices.ContainsFunc(all, func(r relation) bool { return !r.holds(n) }) {
			return true
		}
	}
	return false
}

func (r relation) holds(n Decimal) bool {
	v, whole := operand(r.operand, n)
	if r.mod > 0 {
		v %= r.mod
	}
	in := whole && slices.ContainsFunc(r.ranges, func(x [2]uint64) bool { return x[0] <= v && v <= x[1] })
	return in != r.not
}

// operand is what CLDR's letters stand for. whole is false for an n that is between two whole numbers: it
// equals none. The exponent e (or c) of compact numbers such as "2 M" is 0, for we never say those.
func operand(letter byte, n Decimal) (v uint64, whole bool) {
	switch letter {
	case 'n':
		return n.whole, n.trim().fraction == ""
	case 'i':
		return n.whole, true
	case 'v':
		return uint64(len(n.fraction)), true
	case 'w':
		return uint64(len(n.trim().fraction)), true
	case 'f':
		return n.behind(), true
	case 't':
		return n.trim().behind(), true
	}
	return 0, true
}

// parsePlural reads a rule, without the samples CLDR puts behind it.
func parsePlural(category Plural, text string) (pluralRule, error) {
	r := pluralRule{category: category}
	text, _, _ = strings.Cut(text, "@")
	for _, part := range strings.Split(text, " or ") {
		var all []relation
		for _, one := range strings.Split(part, " and ") {
			rel, err := parseRelation(strings.Fields(one))
			if err != nil {
				return r, err
			}
			all = append(all, rel)
		}
		r.any = append(r.any, all)
	}
	return r, nil
}

// parseRelation reads such as: i % 100 = 2..4,7
func parseRelation(words []string) (relation, error) {
	var r relation
	const like = "a condition is written like i % 10 = 2..4"
	if len(words) < 3 {
		return r, fmt.Errorf("%q is no condition; %s", strings.Join(words, " "), like)
	}
	if len(words[0]) != 1 || !strings.Contains("nivwftec", words[0]) {
		return r, fmt.Errorf("%q is no operand; there is n, i, v, w, f, t and e", shorten(words[0]))
	}
	r.operand = words[0][0]
	words = words[1:]
	if words[0] == "%" && len(words) > 3 {
		mod, err := strconv.ParseUint(words[1], 10, 63)
		if err != nil || mod == 0 {
			return r, fmt.Errorf("%q is nothing to divide by", shorten(words[1]))
		}
		r.mod = mod
		words = words[2:]
	}
	if len(words) < 2 || words[0] != "=" && words[0] != "!=" {
		return r, fmt.Errorf("%q is no comparison; %s", shorten(strings.Join(words, " ")), like)
	}
	r.not = words[0] == "!="
	var err error
	r.ranges, err = parseRanges(strings.Join(words[1:], ""))
	return r, err
}

func parseRanges(text string) ([][2]uint64, error) {
	var ranges [][2]uint64
	for _, part := range strings.Split(text, ",") {
		low, high, span := strings.Cut(part, "..")
		if !span {
			high = low
		}
		a, err1 := strconv.ParseUint(low, 10, 63)
		b, err2 := strconv.ParseUint(high, 10, 63)
		if err1 != nil || err2 != nil || a > b {
			return nil, fmt.Errorf("%q is neither a number nor a range such as 2..4", shorten(part))
		}
		ranges = append(ranges, [2]uint64{a, b})
	}
	return ranges, nil
}

func pluralHint(word string) string {
	if hint := spell.Hint(word, pluralNames); hint != "" {
		return hint
	}
	return "there is " + strings.Join(pluralNames, ", ")
}
