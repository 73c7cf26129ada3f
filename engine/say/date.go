package say

import (
	"fmt"
	"time"
)

// Date says the day of t, in t's own zone. form is one of the language's forms of dates; every language
// has long ("Monday March fifth twenty twenty-five"), short ("March fifth") and weekday. "" is long.
func (l *Language) Date(t time.Time, form string) (Sounds, error) {
	if form == "" {
		form = "long"
	}
	p, ok := l.dates[form]
	if !ok {
		return nil, fmt.Errorf("language %s has no form %q of dates; %s", l.code, shorten(form), oneOf(form, l.Dates()))
	}
	return l.sayDate(p, t)
}

func (l *Language) sayDate(p pattern, t time.Time) (Sounds, error) {
	year, month, day := t.Date()
	if year < 0 {
		return nil, fmt.Errorf("the year %d cannot be said", year)
	}
	return l.say(p, "",
		field{name: "weekday", number: uint64(t.Weekday())}, field{name: "month", number: uint64(month - 1)},
		field{name: "day", number: uint64(day)}, field{name: "year", number: uint64(year)})
}

// Day says the day of t as seen from now: today, yesterday, tomorrow, or its date, with no more of it than
// is needed. The zone is t's.
func (l *Language) Day(t, now time.Time) (Sounds, error) {
	for _, form := range daysFrom(t, now.In(t.Location())) {
		if p, ok := l.days[form]; ok {
			return l.sayDate(p, t)
		}
	}
	return nil, fmt.Errorf("language %s has no way to say a day", l.code)
}

// daysFrom is what a day may be called, the best first.
func daysFrom(t, now time.Time) []string {
	switch days := dayNumber(t) - dayNumber(now); {
	case days == 0:
		return []string{"today"}
	case days == -1:
		return []string{"yesterday"}
	case days == 1:
		return []string{"tomorrow"}
	case -7 < days && days < 0:
		return []string{"past-week", "this-year", "other"}
	case t.Year() == now.Year():
		return []string{"this-year", "other"}
	}
	return []string{"other"}
}

// dayNumber counts civil days. In UTC they all have 24 hours.
func dayNumber(t time.Time) int64 {
	const seconds = 24 * 60 * 60
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / seconds
}

// DateTime says the day of t as seen from now, and the time: "yesterday at ten thirty".
func (l *Language) DateTime(t, now time.Time, c Clock) (Sounds, error) {
	day, err := l.Day(t, now)
	if err != nil {
		return nil, err
	}
	clock, err := l.sayTime("at-"+l.hours(c), t)
	if err != nil {
		return nil, err
	}
	return l.say(l.dateTime, "", field{name: "day", said: day}, field{name: "time", said: clock})
}
