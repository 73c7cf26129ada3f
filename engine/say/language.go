package say

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// A Gender is the form a number takes, so that it agrees with what is counted. Languages that do not know
// a gender say what they always say. A file can declare more forms, such as a case; ask for them by name.
type Gender string

// The genders. The zero value is what a number is called when nothing is counted: "uno", "eins".
const (
	Masculine Gender = "m"
	Feminine  Gender = "f"
	Neuter    Gender = "n"
)

// A Language says values in one language. It does not change and can be used from many goroutines.
type Language struct {
	code  string
	name  string
	forms []string

	plurals []pluralRule
	sets    map[string]*ruleSet

	negative pattern
	decimals map[string]pattern // by the count of digits behind the point, or other

	nouns      map[string]Noun
	counts     map[Plural]pattern
	percent    pattern // in place of counts for the noun percent; nil if it is counted like any other
	money      pattern // major and minor units together
	currencies map[string]currencyNouns

	dates    map[string]pattern
	days     map[string]pattern
	times    map[string]pattern
	dateTime pattern
	clock    Clock
	join     pattern // two parts of a duration
	last     pattern // the last two

	region string // whose phone numbers are meant when nothing is said
	read   readBy

	characters map[rune]string
	phonetic   map[rune]string
	words      map[string]string
}

// currencyNouns name a currency's two units; minor is "" if it has none that is spoken of.
type currencyNouns struct{ major, minor string }

// Code is the language in Asterisk's way of writing: en, pt_BR.
func (l *Language) Code() string { return l.code }

// Name is what the language is called.
func (l *Language) Name() string { return l.name }

// clone is what a file with this language for its parent starts from.
func (l *Language) clone() *Language {
	c := *l
	c.forms = slices.Clone(l.forms)
	c.sets = maps.Clone(l.sets)
	c.decimals = maps.Clone(l.decimals)
	c.nouns = maps.Clone(l.nouns)
	c.counts = maps.Clone(l.counts)
	c.currencies = maps.Clone(l.currencies)
	c.dates = maps.Clone(l.dates)
	c.days = maps.Clone(l.days)
	c.times = maps.Clone(l.times)
	c.characters = maps.Clone(l.characters)
	c.phonetic = maps.Clone(l.phonetic)
	c.words = maps.Clone(l.words)
	return &c
}

// newLanguage is a language that says nothing yet.
func newLanguage() *Language {
	return &Language{
		sets: map[string]*ruleSet{}, decimals: map[string]pattern{}, nouns: map[string]Noun{},
		counts: map[Plural]pattern{}, currencies: map[string]currencyNouns{}, dates: map[string]pattern{},
		days: map[string]pattern{}, times: map[string]pattern{}, characters: map[rune]string{},
		phonetic: map[rune]string{}, words: map[string]string{},
	}
}

// Nouns is the names that Count knows, sorted.
func (l *Language) Nouns() []string { return slices.Sorted(maps.Keys(l.nouns)) }

// Dates is the forms that Date knows, sorted.
func (l *Language) Dates() []string { return slices.Sorted(maps.Keys(l.dates)) }

func (l *Language) setNames() []string { return slices.Sorted(maps.Keys(l.sets)) }

// Sounds is every sound the language can ask for: what a speaker has to record. The digits, letters and
// signs that all languages share are among them; currencies the file does not name are not.
func (l *Language) Sounds() []string {
	names := map[string]bool{l.digit('*'): true, l.digit('#'): true}
	for p := range l.patterns() {
		p.each(func(it item) {
			if it.sound != "" && it.sound != Pause {
				names[it.sound] = true
			}
		})
	}
	for _, n := range l.nouns {
		for _, form := range n.Forms {
			for name := range strings.FieldsSeq(form) {
				names[name] = true
			}
		}
	}
	for c := range l.spoken() {
		names[l.character(c)], names[l.letter(c)] = true, true
	}
	return slices.Sorted(maps.Keys(names))
}

// patterns is every pattern of the language, in no order.
func (l *Language) patterns() iter.Seq[pattern] {
	all := []pattern{l.negative, l.percent, l.money, l.dateTime, l.join, l.last}
	for _, s := range l.sets {
		for _, r := range s.rules {
			all = append(all, r.says)
		}
	}
	for _, group := range []map[string]pattern{l.decimals, l.dates, l.days, l.times} {
		all = slices.AppendSeq(all, maps.Values(group))
	}
	return slices.Values(slices.AppendSeq(all, maps.Values(l.counts)))
}
