package say

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ivrd/ivrd/internal/spell"
)

//go:embed data/currencies.txt
var currencyFile string

// currencyDigits is how many digits the minor unit of each currency has (ISO 4217).
var currencyDigits = sync.OnceValue(func() map[string]int {
	all := map[string]int{}
	for line := range strings.Lines(currencyFile) {
		count, codes, ok := strings.Cut(line, ":")
		n, err := strconv.Atoi(count)
		if !ok || err != nil {
			continue // a comment
		}
		for code := range strings.FieldsSeq(codes) {
			all[code] = n
		}
	}
	return all
})

// currencyOf is how many digits a currency has behind the point.
func currencyOf(code string) (places int, err error) {
	all := currencyDigits()
	places, ok := all[code]
	if !ok {
		return 0, fmt.Errorf("%q is no currency of ISO 4217%s", shorten(code), spell.Suffix(code, slices.Sorted(maps.Keys(all))))
	}
	return places, nil
}

// Money says an amount in a currency of ISO 4217, rounded to what the currency can be paid in: "twelve
// dollars and fifty cents". A currency that the language file does not name is said by the sound
// money/CODE, in small letters.
func (l *Language) Money(amount Decimal, currency string) (Sounds, error) {
	places, err := currencyOf(currency)
	if err != nil {
		return nil, err
	}
	amount = amount.Round(places)
	if amount.negative {
		said, err := l.Money(amount.abs(), currency)
		return l.minus(said, err)
	}
	names := l.currencies[currency]
	if names.minor != "" {
		return l.units(amount, names)
	}
	major, ok := l.nouns[names.major]
	if !ok {
		major = Noun{Forms: map[Plural]string{Other: "money/" + strings.ToLower(currency)}}
	}
	return l.count(amount.trim(), major)
}

// units says major and minor units, or the one that is there.
func (l *Language) units(amount Decimal, names currencyNouns) (Sounds, error) {
	minor := Decimal{whole: amount.behind()}
	major := Decimal{whole: amount.whole}
	switch {
	case minor.whole == 0:
		return l.Count(major, names.major)
	case major.whole == 0:
		return l.Count(minor, names.minor)
	}
	first, err := l.Count(major, names.major)
	if err != nil {
		return nil, err
	}
	second, err := l.Count(minor, names.minor)
	if err != nil {
		return nil, err
	}
	return l.say(l.money, "", field{name: "major", said: first}, field{name: "minor", said: second})
}
