package say

import (
	"fmt"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

// A Noun is what can be counted.
type Noun struct {
	Gender Gender
	Forms  map[Plural]string // the sounds of each form, with blanks between; Other stands in for the rest
}

// form is the sounds of the form that goes with a plural category.
func (n Noun) form(p Plural) Sounds {
	names, ok := n.Forms[p]
	if !ok {
		names = n.Forms[Other]
	}
	return strings.Fields(names)
}

// Count says how many of something there are. noun is a name from the language's file.
func (l *Language) Count(n Decimal, noun string) (Sounds, error) {
	what, ok := l.nouns[noun]
	if !ok {
		return nil, fmt.Errorf("language %s has no noun %q; %s", l.code, shorten(noun), oneOf(noun, l.Nouns()))
	}
	if noun == percentNoun && l.percent != nil {
		return l.countBy(l.percent, n, what)
	}
	return l.count(n, what)
}

// CountNoun is Count for a noun of the caller's own.
func (l *Language) CountNoun(n Decimal, noun Noun) (Sounds, error) {
	if strings.TrimSpace(noun.Forms[Other]) == "" {
		return nil, fmt.Errorf("the noun lacks the form %s", Other)
	}
	if err := l.checkGender(noun.Gender); err != nil {
		return nil, err
	}
	for p, names := range noun.Forms {
		if !isPlural(string(p)) {
			return nil, fmt.Errorf("%q is no plural category; %s", shorten(string(p)), pluralHint(string(p)))
		}
		for name := range strings.FieldsSeq(names) {
			if _, err := engine.NewSound(name); err != nil {
				return nil, err
			}
		}
	}
	return l.count(n, noun)
}

func (l *Language) count(n Decimal, noun Noun) (Sounds, error) {
	p, ok := l.counts[l.Plural(n.abs())]
	if !ok {
		p = l.counts[Other]
	}
	return l.countBy(p, n, noun)
}

func (l *Language) countBy(p pattern, n Decimal, noun Noun) (Sounds, error) {
	number, err := l.Number(n, noun.Gender)
	if err != nil {
		return nil, err
	}
	return l.say(p, noun.Gender, field{name: "number", said: number}, field{name: "noun", said: noun.form(l.Plural(n.abs()))})
}

// percentNoun is the noun of which Percent counts.
const percentNoun = "percent"

// Percent says how many of a hundred: 12.5 is "twelve point five percent".
func (l *Language) Percent(n Decimal) (Sounds, error) { return l.Count(n, percentNoun) }
