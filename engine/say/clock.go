package say

import (
	"fmt"
	"time"
)

// A Clock is how many hours a day is said to have. The zero value is what is usual in the language.
type Clock int

// The clocks.
const (
	Clock12 Clock = 12
	Clock24 Clock = 24
)

// TimeOptions is how a time is said.
type TimeOptions struct {
	Clock   Clock
	Seconds bool
}

// clockForms are the patterns a language has for times. Those with at are said behind a day, because many
// languages do not only put a word before them.
var clockForms = []string{"12h", "24h", "12h-seconds", "24h-seconds", "at-12h", "at-24h"}

// Time says the time of day of t, in t's own zone.
func (l *Language) Time(t time.Time, o TimeOptions) (Sounds, error) {
	form := l.hours(o.Clock)
	if o.Seconds {
		form += "-seconds"
	}
	return l.sayTime(form, t)
}

// hours is the clock's part in the name of a pattern.
func (l *Language) hours(c Clock) string {
	if c == 0 {
		c = l.clock
	}
	if c == Clock12 {
		return "12h"
	}
	return "24h"
}

func (l *Language) sayTime(form string, t time.Time) (Sounds, error) {
	p, ok := l.times[form]
	if !ok {
		return nil, fmt.Errorf("language %s cannot say times as %s", l.code, form)
	}
	return l.say(p, "", field{name: "hour", number: uint64(t.Hour())},
		field{name: "minute", number: uint64(t.Minute())}, field{name: "second", number: uint64(t.Second())})
}

// units are the parts of a duration, the largest first; their names are those of nouns.
var units = []struct {
	noun   string
	length time.Duration
}{
	{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second},
}

// Duration says how long: "two hours and five minutes". What is shorter than smallest is rounded to it;
// smallest is a second (the zero value), a minute, an hour or a day.
func (l *Language) Duration(d, smallest time.Duration) (Sounds, error) {
	if smallest == 0 {
		smallest = time.Second
	}
	rounded := d.Round(smallest)
	if rounded < 0 && rounded != -rounded { // the shortest of all durations has no positive
		return l.minus(l.duration(-rounded, smallest))
	}
	return l.duration(rounded, smallest)
}

func (l *Language) duration(d, smallest time.Duration) (Sounds, error) {
	var parts []Sounds
	known := false
	for _, u := range units {
		n := d / u.length
		d -= n * u.length
		last := u.length == smallest
		known = known || last
		if n > 0 || last && len(parts) == 0 {
			part, err := l.Count(Int(int64(n)), u.noun)
			if err != nil {
				return nil, err
			}
			parts = append(parts, part)
		}
		if last {
			break
		}
	}
	if !known {
		return nil, fmt.Errorf("%v is no unit of durations; there is a second, a minute, an hour and a day", smallest)
	}
	return l.joined(parts)
}

// joined is a list of parts as the language connects them.
func (l *Language) joined(parts []Sounds) (Sounds, error) {
	said := parts[0]
	for i, next := range parts[1:] {
		p := l.join
		if i == len(parts)-2 {
			p = l.last
		}
		var err error
		if said, err = l.say(p, "", field{name: "first", said: said}, field{name: "next", said: next}); err != nil {
			return nil, err
		}
	}
	return said, nil
}
