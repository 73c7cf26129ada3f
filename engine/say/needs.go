package say

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// AllForms asks SoundsOf for numbers in all forms, not only in the one that nothing is counted in.
const AllForms = "*"

// SoundsOf is the sounds that prompts of a kind consist of: for values of every day, numbers below a thousand
// millions, whose sounds all others but the largest are made of too. of is what the prompts are about: the
// currency, the noun, or the form of dates; "" is any of them.
func (l *Language) SoundsOf(kind engine.PromptKind, of string) []string {
	c := &collector{lang: l, names: map[string]bool{}}
	switch kind {
	case engine.DigitsPrompt:
		c.add(l.Digits("0123456789*#"))
	case engine.CharactersPrompt, engine.SpellPrompt:
		c.characters(kind)
	case engine.NumberPrompt, engine.OrdinalPrompt:
		c.numbers(kind, of)
	case engine.PercentPrompt:
		c.counts([]string{"percent"})
	case engine.CountPrompt:
		c.counts(orAll(of, l.Nouns()))
	case engine.MoneyPrompt:
		c.money(orAll(of, slices.Sorted(maps.Keys(l.currencies))))
	case engine.PhonePrompt:
		c.phone(of)
	case engine.DatePrompt, engine.TimePrompt, engine.DateTimePrompt, engine.DurationPrompt:
		c.times(kind, of)
	}
	delete(c.names, Pause)
	return slices.Sorted(maps.Keys(c.names))
}

func orAll(one string, all []string) []string {
	if one == "" {
		return all
	}
	return []string{one}
}

// A collector notes what a language says.
type collector struct {
	lang  *Language
	names map[string]bool
}

// add notes the sounds of a value. What cannot be said has none.
func (c *collector) add(said Sounds, err error) {
	if err != nil {
		return
	}
	for _, name := range said {
		c.names[name] = true
	}
}

// usual are numbers in which every part of all below a thousand millions is.
func usual(yield func(uint64) bool) {
	for _, unit := range []uint64{1, 1_000, 1_000_000} {
		for n := range uint64(1000) {
			if n > 200 && n%100 > 1 {
				continue
			}
			if !yield(n*unit) || n > 0 && unit > 1 && !yield(n*unit+1) {
				return
			}
		}
	}
}

func (c *collector) characters(kind engine.PromptKind) {
	for r := range c.lang.spoken() {
		if kind == engine.SpellPrompt {
			c.add(c.lang.Spell(string(r)))
		} else {
			c.add(c.lang.Characters(string(r)))
		}
	}
}

func (c *collector) numbers(kind engine.PromptKind, of string) {
	forms := []Gender{""}
	if of == AllForms {
		for _, f := range c.lang.forms {
			forms = append(forms, Gender(f))
		}
	}
	for _, form := range forms {
		for n := range usual {
			if kind == engine.NumberPrompt {
				c.add(c.lang.Number(Int(int64(n)), form))
			} else if n > 0 {
				c.add(c.lang.Ordinal(int64(n), form))
			}
		}
	}
	if kind == engine.NumberPrompt {
		c.fractions(func(n Decimal) (Sounds, error) { return c.lang.Number(n, "") })
	}
}

// fractions says what is not whole, and what is below zero.
func (c *collector) fractions(say func(n Decimal) (Sounds, error)) {
	for _, text := range []string{"-1", "0.5", "1.25", "2.125", "3.1415"} {
		if n, err := ParseDecimal(text); err == nil {
			c.add(say(n))
		}
	}
}

func (c *collector) counts(nouns []string) {
	for _, noun := range nouns {
		for n := range usual {
			c.add(c.lang.Count(Int(int64(n)), noun))
		}
		c.fractions(func(n Decimal) (Sounds, error) { return c.lang.Count(n, noun) })
	}
}

func (c *collector) money(currencies []string) {
	for _, currency := range currencies {
		for n := range usual {
			amount := Int(int64(n))
			c.add(c.lang.Money(amount, currency))
			if cents, err := ParseDecimal(fmt.Sprintf("%d.%02d", n, n%100)); err == nil {
				c.add(c.lang.Money(cents, currency))
			}
		}
		c.fractions(func(n Decimal) (Sounds, error) { return c.lang.Money(n, currency) })
	}
}

func (c *collector) phone(region string) {
	if strings.ContainsAny(region, " *") || len(region) != 2 {
		region = ""
	}
	for n := range 100 {
		two := fmt.Sprintf("%02d", n)
		for length := 2; length <= 6; length++ {
			c.add(c.lang.Phone(strings.Repeat(two, length), region))
		}
		c.add(c.lang.Phone("+"+strings.Repeat(two, 6), region))
	}
}

func (c *collector) times(kind engine.PromptKind, form string) {
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 366 {
		t := now.AddDate(i%200-120, 0, i).Add(time.Duration(i*61) * time.Second)
		switch kind {
		case engine.DatePrompt:
			for _, f := range orAll(strings.Trim(form, AllForms), c.lang.Dates()) {
				c.add(c.lang.Date(t, f))
			}
		case engine.DateTimePrompt:
			c.add(c.lang.DateTime(t, t.AddDate(0, 0, 3-i%7), 0))
		case engine.DurationPrompt:
			c.add(c.lang.Duration(time.Duration(i*i*i)*time.Second, 0))
		}
	}
	if kind == engine.TimePrompt || kind == engine.DateTimePrompt {
		for minute := range 24 * 60 {
			t := now.Add(time.Duration(minute) * time.Minute)
			for _, clock := range []Clock{0, Clock12, Clock24} {
				c.add(c.lang.Time(t, TimeOptions{Clock: clock}))
			}
		}
	}
}

// Word is the words of one sound, "" if the language has none for it.
func (l *Language) Word(name string) string {
	if word := l.Text(Sounds{name}); !strings.HasPrefix(word, "[") {
		return word
	}
	return ""
}
