package say

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ivrd/ivrd/engine"
)

// A section is one key of a language file.
type section struct {
	key  string
	read func(r *reader, n at)
}

// sections are the keys in the order they are read: what a later one speaks of stands before it.
var sections = []section{
	{"parent", func(*reader, at) {}}, // read before all others
	{"name", func(r *reader, n at) { r.lang.name = r.text(n) }},
	{"forms", (*reader).forms},
	{"plurals", (*reader).plurals},
	{"rules", (*reader).rules},
	{"negative", func(r *reader, n at) { r.lang.negative = r.pattern(n, scope{lists: []string{"number"}}) }},
	{"decimal", (*reader).decimals},
	{"nouns", (*reader).nouns},
	{"count", (*reader).counts},
	{"percent", func(r *reader, n at) { r.lang.percent = r.pattern(n, scope{lists: []string{"number", "noun"}}) }},
	{"money", func(r *reader, n at) { r.lang.money = r.pattern(n, scope{lists: []string{"major", "minor"}}) }},
	{"currencies", (*reader).currencies},
	{"dates", (*reader).dates},
	{"days", (*reader).days},
	{"clock", (*reader).clock},
	{"times", (*reader).times},
	{"datetime", func(r *reader, n at) { r.lang.dateTime = r.pattern(n, scope{lists: []string{"day", "time"}}) }},
	{"duration", (*reader).duration},
	{"phone", (*reader).phone},
	{"characters", func(r *reader, n at) { r.runes(n, r.lang.characters) }},
	{"phonetic", func(r *reader, n at) { r.runes(n, r.lang.phonetic) }},
	{"words", (*reader).words},
}

// sections reads the whole file.
func (r *reader) sections(doc at) {
	found := map[string]at{}
	var known []string
	for _, s := range sections {
		known = append(known, s.key)
	}
	r.keyed(doc, known, func(key string, n at) { found[key] = n })
	for _, s := range sections {
		if n, ok := found[s.key]; ok {
			s.read(r, n)
		}
	}
	r.checkReferences()
	r.complete()
	r.rehearse(found)
}

// complete finds what a language cannot do without.
func (r *reader) complete() {
	missing := r.lang.missingTexts()
	for _, group := range []struct {
		key    string
		has    map[string]pattern
		needed []string
	}{
		{"dates", r.lang.dates, []string{"long", "short", "weekday"}},
		{"days", r.lang.days, []string{"today", "yesterday", "tomorrow", "other"}},
		{"times", r.lang.times, clockForms},
	} {
		for _, name := range group.needed {
			if group.has[name] == nil {
				missing = append(missing, group.key+"."+name)
			}
		}
	}
	for _, name := range []string{"day", "hour", "minute", "second", percentNoun} {
		if _, ok := r.lang.nouns[name]; !ok {
			missing = append(missing, "nouns."+name)
		}
	}
	if len(missing) > 0 {
		r.wrongAt(place{line: 1}, "", "languages/README.md tells what belongs there", "the file lacks %s", strings.Join(missing, ", "))
	}
}

// missingTexts is the keys without which nothing can be said.
func (l *Language) missingTexts() []string {
	var missing []string
	for _, text := range []struct {
		key   string
		there bool
	}{
		{"name", l.name != ""}, {"rules.cardinal", l.sets["cardinal"] != nil}, {"rules.ordinal", l.sets["ordinal"] != nil},
		{"negative", l.negative != nil}, {"decimal.other", l.decimals["other"] != nil}, {"count.other", l.counts[Other] != nil},
		{"money", l.money != nil}, {"datetime", l.dateTime != nil}, {"duration.join", l.join != nil},
	} {
		if !text.there {
			missing = append(missing, text.key)
		}
	}
	return missing
}

var formName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

func (r *reader) forms(n at) {
	r.lang.forms = nil
	for name := range strings.FieldsSeq(r.text(n)) {
		if !formName.MatchString(name) || isPlural(name) || name == restWord {
			r.wrong(n, "use small letters, and none of the plural categories", "%s cannot be the name of a form", name)
			continue
		}
		r.lang.forms = append(r.lang.forms, name)
	}
}

func (r *reader) plurals(n at) {
	r.lang.plurals = nil
	r.each(n, func(key string, sub at) {
		if !isPlural(key) || Plural(key) == Other {
			r.wrong(sub.byKey(), pluralHint(key), "%s is no plural category with a condition", key)
			return
		}
		rule, err := parsePlural(Plural(key), r.text(sub))
		if err != nil {
			r.wrong(sub, "", "%s", err)
			return
		}
		r.lang.plurals = append(r.lang.plurals, rule)
	})
}

func (r *reader) decimals(n at) {
	s := scope{numbers: []string{"whole", "fraction"}}
	r.oneOrMany(n, func(key string, sub at) {
		if key != "other" && (len(key) > 2 || !digits(key)) {
			r.wrong(sub.byKey(), "", "the key must be a count of digits, or other")
			return
		}
		r.lang.decimals[key] = r.pattern(sub, s)
	})
}

// oneOrMany reads a mapping, or one text that stands for other.
func (r *reader) oneOrMany(n at, do func(key string, n at)) {
	if len(n.Content) == 0 {
		do("other", n)
		return
	}
	r.each(n, do)
}

func (r *reader) counts(n at) {
	r.oneOrMany(n, func(key string, sub at) {
		if !r.plural(key, sub) {
			return
		}
		r.lang.counts[Plural(key)] = r.pattern(sub, scope{lists: []string{"number", "noun"}})
	})
}

// plural checks a key that is a plural category.
func (r *reader) plural(key string, n at) bool {
	switch {
	case !isPlural(key):
		r.wrong(n.byKey(), pluralHint(key), "%s is no plural category", key)
		return false
	case !r.lang.hasPlural(Plural(key)):
		r.wrong(n.byKey(), "it stands under plurals, with its condition", "the language has no plural category %s", key)
		return false
	}
	return true
}

func (r *reader) nouns(n at) {
	r.each(n, func(key string, sub at) {
		noun := Noun{Forms: map[Plural]string{}}
		if len(sub.Content) == 0 {
			noun.Forms[Other] = r.sounds(sub)
		} else {
			r.each(sub, func(word string, form at) { r.nounForm(&noun, word, form) })
		}
		if _, ok := noun.Forms[Other]; !ok {
			r.wrong(sub, "other is what is said when no other form fits", "the noun lacks other")
		}
		r.lang.nouns[key] = noun
	})
}

func (r *reader) nounForm(noun *Noun, word string, n at) {
	if word != "gender" {
		if r.plural(word, n) {
			noun.Forms[Plural(word)] = r.sounds(n)
		}
		return
	}
	gender := r.text(n)
	if !slices.Contains(r.lang.forms, gender) {
		r.wrong(n, oneOf(gender, r.lang.forms), "the language has no form %s", gender)
	}
	noun.Gender = Gender(gender)
}

// sounds reads names of sounds with blanks between.
func (r *reader) sounds(n at) string {
	names := strings.Fields(r.text(n))
	for _, name := range names {
		if _, err := engine.NewSound(name); err != nil {
			r.wrong(n, "", "%s", err)
		}
	}
	return strings.Join(names, " ")
}

func (r *reader) currencies(n at) {
	r.each(n, func(key string, sub at) {
		names := strings.Fields(r.text(sub))
		if len(names) > 2 {
			r.wrong(sub, "", "write one noun, or two: of the unit and of its part")
			return
		}
		for _, name := range names {
			if _, ok := r.lang.nouns[name]; !ok {
				r.wrong(sub, oneOf(name, r.lang.Nouns()), "there is no noun %s", name)
			}
		}
		names = append(names, "", "")
		for code := range strings.FieldsSeq(key) {
			if _, err := currencyOf(code); err != nil {
				r.wrong(sub.byKey(), "", "%s", err)
			}
			r.lang.currencies[code] = currencyNouns{names[0], names[1]}
		}
	})
}

var dateNumbers = []string{"weekday", "month", "day", "year"}

func (r *reader) dates(n at) {
	r.each(n, func(key string, sub at) {
		if !setName.MatchString(key) {
			r.wrong(sub.byKey(), "use small letters, digits and -", "%s cannot be the name of a form of dates", key)
			return
		}
		r.lang.dates[key] = r.pattern(sub, scope{numbers: dateNumbers})
	})
}

func (r *reader) days(n at) {
	r.keyed(n, []string{"today", "yesterday", "tomorrow", "past-week", "this-year", "other"}, func(key string, sub at) {
		r.lang.days[key] = r.pattern(sub, scope{numbers: dateNumbers})
	})
}

func (r *reader) clock(n at) {
	switch hours := r.text(n); hours {
	case "12":
		r.lang.clock = Clock12
	case "24":
		r.lang.clock = Clock24
	default:
		r.wrong(n, "", "a clock has 12 or 24 hours, not %q", shorten(hours))
	}
}

func (r *reader) times(n at) {
	r.keyed(n, clockForms, func(key string, sub at) {
		r.lang.times[key] = r.pattern(sub, scope{numbers: []string{"hour", "minute", "second"}})
	})
}

func (r *reader) duration(n at) {
	r.keyed(n, []string{"join", "last"}, func(key string, sub at) {
		p := r.pattern(sub, scope{lists: []string{"first", "next"}})
		if key == "join" {
			r.lang.join = p
		}
		if key == "last" || r.lang.last == nil {
			r.lang.last = p
		}
	})
}

func (r *reader) phone(n at) {
	r.keyed(n, []string{"region", "read"}, func(key string, sub at) {
		word := r.text(sub)
		if key == "region" {
			if _, err := regionOf(word); err != nil {
				r.wrong(sub, "", "%s", err)
			}
			r.lang.region = word
			return
		}
		ways := map[string]readBy{"digits": readDigits, "numbers": readNumbers}
		way, ok := ways[word]
		if !ok {
			r.wrong(sub, "there is digits, numbers", "%s is no way to read", cmp.Or(word, `""`))
		}
		r.lang.read = way
	})
}

// runes reads characters with the sounds that say them.
func (r *reader) runes(n at, into map[rune]string) {
	r.each(n, func(key string, sub at) {
		c, size := utf8.DecodeRuneInString(key)
		if size != len(key) || size == 0 || c == utf8.RuneError {
			r.wrong(sub.byKey(), "", "the key must be one character, not %q", shorten(key))
			return
		}
		into[c] = r.sounds(sub)
	})
}

func (r *reader) words(n at) {
	r.each(n, func(key string, sub at) {
		if _, err := engine.NewSound(key); err != nil {
			r.wrong(sub.byKey(), "", "%s", err)
			return
		}
		r.lang.words[key] = r.text(sub)
	})
}
