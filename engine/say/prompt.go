package say

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// Prompts that a language turns into recordings when they are played. Their text is what journals and transcripts
// show, and is read back by Say: a value and, behind colons, how to say it.

// NumberPrompt is a number; g is its gender, "" the usual one.
func NumberPrompt(n Decimal, g Gender) engine.Prompt {
	return prompt(engine.NumberPrompt, n.String(), string(g))
}

// OrdinalPrompt is which in a row.
func OrdinalPrompt(n int64, g Gender) engine.Prompt {
	return prompt(engine.OrdinalPrompt, strconv.FormatInt(n, 10), string(g))
}

// MoneyPrompt is an amount in a currency of ISO 4217.
func MoneyPrompt(n Decimal, currency string) engine.Prompt {
	return prompt(engine.MoneyPrompt, n.String(), strings.ToUpper(currency))
}

// PercentPrompt is a share of a hundred.
func PercentPrompt(n Decimal) engine.Prompt { return prompt(engine.PercentPrompt, n.String()) }

// CountPrompt is so many of something, by a noun that the language knows.
func CountPrompt(n Decimal, noun string) engine.Prompt {
	return prompt(engine.CountPrompt, n.String(), noun)
}

// DatePrompt is the day of t in one of the language's forms; "" is long.
func DatePrompt(t time.Time, form string) engine.Prompt {
	return prompt(engine.DatePrompt, t.Format(time.DateOnly), form)
}

// TimePrompt is the time of day of t.
func TimePrompt(t time.Time, o TimeOptions) engine.Prompt {
	layout := "15:04"
	if o.Seconds {
		layout = time.TimeOnly
	}
	return prompt(engine.TimePrompt, t.Format(layout), o.Clock.String())
}

const dateTimeLayout = "2006-01-02T15:04"

// DateTimePrompt is the day and the time of t as seen from now.
func DateTimePrompt(t, now time.Time, c Clock) engine.Prompt {
	days := dayNumber(t) - dayNumber(now.In(t.Location()))
	return prompt(engine.DateTimePrompt, t.Format(dateTimeLayout), fmt.Sprintf("%+dd", days), c.String())
}

// DurationPrompt is how long; smallest is as Language.Duration has it.
func DurationPrompt(d, smallest time.Duration) engine.Prompt {
	for _, u := range units {
		if u.length == smallest && smallest != time.Second {
			return prompt(engine.DurationPrompt, d.String(), u.noun)
		}
	}
	return prompt(engine.DurationPrompt, d.String())
}

// PhonePrompt is a telephone number; region is where it belongs, such as BR, "" the language's own.
func PhonePrompt(number, region string) engine.Prompt {
	return prompt(engine.PhonePrompt, number, strings.ToUpper(region))
}

// String is the clock in a prompt's text; the usual one is "".
func (c Clock) String() string {
	if c == 0 {
		return ""
	}
	return strconv.Itoa(int(c)) + "h"
}

func prompt(kind engine.PromptKind, parts ...string) engine.Prompt {
	text := parts[0]
	for _, part := range parts[1:] {
		if part != "" {
			text += ":" + part
		}
	}
	return engine.Prompt{Kind: kind, Text: text}
}

// Say is an engine.Engine's Say: a prompt as recordings. Of a language that is not one of ls only what Asterisk
// cannot say itself is said, in English.
func (ls *Languages) Say(p engine.Prompt, code string) (engine.Prompts, error) {
	l, known := ls.Lookup(code)
	if !known && native(p.Kind) {
		return nil, engine.ErrUnspoken
	}
	said, err := l.prompt(p)
	if err != nil {
		if native(p.Kind) { // characters of other scripts, say
			return nil, engine.ErrUnspoken
		}
		return nil, fmt.Errorf("say %s in %s: %w", p, l.code, err)
	}
	return said.Prompts(), nil
}

// native reports whether Asterisk can say a kind of prompt by itself, in languages of its own.
func native(k engine.PromptKind) bool {
	return k == engine.DigitsPrompt || k == engine.NumberPrompt || k == engine.CharactersPrompt
}

func (l *Language) prompt(p engine.Prompt) (Sounds, error) {
	switch p.Kind {
	case engine.DigitsPrompt:
		return l.Digits(p.Text)
	case engine.CharactersPrompt:
		return l.Characters(p.Text)
	case engine.SpellPrompt:
		return l.Spell(p.Text)
	case engine.DatePrompt, engine.TimePrompt, engine.DateTimePrompt, engine.DurationPrompt:
		return l.timePrompt(p)
	case engine.PhonePrompt:
		number, region, _ := strings.Cut(p.Text, ":")
		return l.Phone(number, region)
	}
	return l.numberPrompt(p)
}

// numberPrompt says what begins with a number.
func (l *Language) numberPrompt(p engine.Prompt) (Sounds, error) {
	value, rest, _ := strings.Cut(p.Text, ":")
	n, err := ParseDecimal(value)
	if err != nil {
		return nil, err
	}
	switch p.Kind {
	case engine.NumberPrompt:
		return l.Number(n, Gender(rest))
	case engine.MoneyPrompt:
		return l.Money(n, rest)
	case engine.PercentPrompt:
		return l.Percent(n)
	case engine.CountPrompt:
		return l.Count(n, rest)
	case engine.OrdinalPrompt:
		whole, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no whole number", shorten(value))
		}
		return l.Ordinal(whole, Gender(rest))
	}
	return nil, fmt.Errorf("there is no kind of prompt %q", p.Kind)
}

// timePrompt says what is a time.
func (l *Language) timePrompt(p engine.Prompt) (Sounds, error) {
	switch p.Kind {
	case engine.DatePrompt:
		day, form, _ := strings.Cut(p.Text, ":")
		t, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return nil, fmt.Errorf("%q is no day such as 2026-11-28", shorten(day))
		}
		return l.Date(t, form)
	case engine.DurationPrompt:
		return l.durationPrompt(p.Text)
	case engine.DateTimePrompt:
		return l.dateTimePrompt(p.Text)
	}
	text, clock := cutClock(p.Text)
	t, err := time.Parse("15:04", text)
	o := TimeOptions{Clock: clock}
	if err != nil {
		o.Seconds = true
		if t, err = time.Parse(time.TimeOnly, text); err != nil {
			return nil, fmt.Errorf("%q is no time such as 14:05", shorten(text))
		}
	}
	return l.Time(t, o)
}

// cutClock takes a clock off the end of a text.
func cutClock(text string) (string, Clock) {
	for _, c := range []Clock{Clock12, Clock24} {
		if rest, ok := strings.CutSuffix(text, ":"+c.String()); ok {
			return rest, c
		}
	}
	return text, 0
}

func (l *Language) durationPrompt(text string) (Sounds, error) {
	long, noun, _ := strings.Cut(text, ":")
	d, err := time.ParseDuration(long)
	if err != nil {
		return nil, fmt.Errorf("%q is no duration such as 2h5m", shorten(long))
	}
	var smallest time.Duration
	for _, u := range units {
		if u.noun == noun {
			smallest = u.length
		}
	}
	if noun != "" && smallest == 0 {
		return nil, fmt.Errorf("%q is no unit of durations; there is second, minute, hour and day", shorten(noun))
	}
	return l.Duration(d, smallest)
}

func (l *Language) dateTimePrompt(text string) (Sounds, error) {
	text, clock := cutClock(text)
	if len(text) < len(dateTimeLayout) {
		return nil, fmt.Errorf("%q is no moment such as 2026-11-28T14:05:+0d", shorten(text))
	}
	t, err := time.Parse(dateTimeLayout, text[:len(dateTimeLayout)])
	if err != nil {
		return nil, fmt.Errorf("%q is no moment such as 2026-11-28T14:05:+0d", shorten(text))
	}
	days := 0
	if rest := text[len(dateTimeLayout):]; rest != "" {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(rest, ":"), "d"))
		if err != nil || n < -1e6 || n > 1e6 {
			return nil, fmt.Errorf("%q does not say how many days it is from now", shorten(text))
		}
		days = n
	}
	return l.DateTime(t, t.AddDate(0, 0, -days), clock)
}
