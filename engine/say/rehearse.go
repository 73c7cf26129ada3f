package say

import "time"

// A scene is something every language is asked sooner or later, with the key it depends on most.
type scene struct {
	key string
	say func(l *Language) error
}

// rehearse says what callers will hear, so that a rule that is missing is found when the file is read and
// not in a call.
func (r *reader) rehearse(found map[string]at) {
	if len(r.problems) > 0 {
		return
	}
	for _, s := range scenes {
		if err := s.say(r.lang); err != nil {
			at := place{line: 1}
			if n, ok := found[s.key]; ok {
				at = r.place(n.byKey())
			}
			r.wrongAt(at, s.key, "", "%s", err)
		}
	}
}

var scenes = []scene{
	{"rules", (*Language).rehearseNumbers},
	{"count", (*Language).rehearseCounts},
	{"dates", (*Language).rehearseDates},
	{"days", (*Language).rehearseDays},
	{"times", (*Language).rehearseTimes},
}

// numbers has every case a language is likely to tell from others.
func numbers(yield func(uint64) bool) {
	for n := range uint64(131) {
		if !yield(n) {
			return
		}
	}
	for unit := uint64(100); unit <= 1e17; unit *= 10 {
		for _, n := range []uint64{unit, unit + 1, 2 * unit, 2*unit + unit/10, 5 * unit, 9*unit + 9} {
			if !yield(n) {
				return
			}
		}
	}
}

func (l *Language) rehearseNumbers() error {
	for n := range numbers {
		for _, form := range append([]string{""}, l.forms...) {
			if _, err := l.sayBy("cardinal", Gender(form), n); err != nil {
				return err
			}
			if _, err := l.sayBy("ordinal", Gender(form), n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Language) rehearseCounts() error {
	for _, amount := range []string{"-1", "0.5", "1.25", "2.125", "1000000"} {
		n, err := ParseDecimal(amount)
		if err != nil {
			return err
		}
		for _, noun := range l.Nouns() {
			if _, err := l.Count(n, noun); err != nil {
				return err
			}
		}
		if _, err := l.Money(n, "EUR"); err != nil {
			return err
		}
	}
	return nil
}

func (l *Language) rehearseDates() error {
	for name := range l.dates {
		for month := range 36 { // all days of a month, all months, and years that are said in several ways
			day := time.Date(1790+month*7, time.Month(1+month), 1+month%31, 0, 0, 0, 0, time.UTC)
			if _, err := l.Date(day, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Language) rehearseDays() error {
	now := time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, day := range []int{2, 1, 0, -1, -2, -30, -400} {
		if _, err := l.DateTime(now.AddDate(0, 0, day), now, 0); err != nil {
			return err
		}
	}
	return nil
}

func (l *Language) rehearseTimes() error {
	for hour := range 24 {
		for _, minute := range []int{0, 1, 10, 59} {
			at := time.Date(2024, 7, 1, hour, minute, minute, 0, time.UTC)
			for _, form := range clockForms {
				if _, err := l.sayTime(form, at); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
