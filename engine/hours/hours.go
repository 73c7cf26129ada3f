// Package hours is when somebody is there: the hours of a week, holidays and days that are different, in any zone.
// A file has any number of schedules:
//
//	office:
//	  zone: America/Sao_Paulo
//	  mon-fri: 09:00-12:00, 13:00-18:00
//	  sat: 09:00-13:00
//	  holidays: [brazil.ics, { 06-24: São João, 2026-12-31: company party }]
//	  days:
//	    2026-12-24: 09:00-12:00
//	    2026-12-27: closed
//	  override: closed until 2026-11-28 18:00
package hours

import (
	"slices"
	"time"
)

// A Schedule is when somebody is there.
type Schedule struct {
	zone     *time.Location
	week     [7][]span       // by time.Weekday
	days     map[date][]span // that are different, holidays or not
	holidays []holiday
	events   []event // of calendars

	overrides []Override // those in front come before those behind
}

// An Override is what somebody says in place of all that a file says of hours, holidays and days.
type Override struct {
	Open  bool
	Until time.Time // zero means for ever
	Name  string    // what it is for
}

func (o Override) holds(t time.Time) bool { return o.Until.IsZero() || t.Before(o.Until) }

// A span of a day is in minutes since its midnight; to may be on the next day, and is not part of it.
type span struct{ from, to int }

const wholeDay = 24 * 60

// A date is one day of one year, or of each year if year is 0.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, m, d}
}

// start is the midnight at which a day begins, or the first instant after it where clocks skip it.
func (d date) start(zone *time.Location) time.Time { return d.at(0, zone) }

func (d date) at(minute int, zone *time.Location) time.Time {
	return time.Date(d.year, d.month, d.day, 0, minute, 0, 0, zone)
}

func (d date) next() date { return dateOf(time.Date(d.year, d.month, d.day+1, 12, 0, 0, 0, time.UTC)) }
func (d date) before() date {
	return dateOf(time.Date(d.year, d.month, d.day-1, 12, 0, 0, 0, time.UTC))
}

// A holiday is a day on which nobody is there.
type holiday struct {
	on   date
	name string
}

// A Status is what a schedule says of a moment.
type Status struct {
	Open    bool
	Why     string    // what decides: hours, holiday, day or override
	Name    string    // of the holiday or the override
	Changes time.Time // when Open will be different; zero if the hours of a year from then on do not tell
}

// At is what the schedule says of a moment. The first of the overrides that holds comes before all else, also before
// the file's own.
func (s *Schedule) At(t time.Time, overrides ...Override) Status {
	if len(overrides) > 0 {
		overridden := *s
		overridden.overrides = slices.Concat(overrides, s.overrides)
		s = &overridden
	}
	t = t.In(s.zone)
	open, why, name := s.at(t)
	return Status{open, why, name, s.changes(t, open)}
}

// Zone is the zone of the schedule.
func (s *Schedule) Zone() *time.Location { return s.zone }

func (s *Schedule) at(t time.Time) (open bool, why, name string) {
	if o, overridden := s.overridden(t); overridden {
		return o.Open, "override", o.Name
	}
	today := dateOf(t)
	for _, day := range []date{today.before(), today} {
		for _, one := range s.spans(day) {
			if !t.Before(one.from) && t.Before(one.to) {
				return s.unlessClosed(t, day, true)
			}
		}
	}
	return s.unlessClosed(t, today, false)
}

// overridden is the override that decides at a moment, if one does.
func (s *Schedule) overridden(t time.Time) (Override, bool) {
	i := slices.IndexFunc(s.overrides, func(o Override) bool { return o.holds(t) })
	if i < 0 {
		return Override{}, false
	}
	return s.overrides[i], true
}

// unlessClosed is what holidays make of the hours of a day. What is written for that very day comes before them.
func (s *Schedule) unlessClosed(t time.Time, day date, open bool) (bool, string, string) {
	if _, different := s.days[day]; different {
		return open, "day", ""
	}
	if name, closed := s.holiday(dateOf(t)); closed {
		return false, "holiday", name
	}
	for i := range s.events {
		if name, closed := s.events[i].covers(t); closed {
			return false, "holiday", name
		}
	}
	return open, "hours", ""
}

func (s *Schedule) holiday(day date) (string, bool) {
	i := slices.IndexFunc(s.holidays, func(h holiday) bool {
		return h.on == day || h.on == date{0, day.month, day.day}
	})
	if i < 0 {
		return "", false
	}
	return s.holidays[i].name, true
}

// changes is the first moment after t at which the schedule says otherwise. As long as an override holds it is not.
func (s *Schedule) changes(t time.Time, open bool) time.Time {
	for {
		o, overridden := s.overridden(t)
		switch {
		case !overridden:
			return s.turns(t, open)
		case o.Until.IsZero():
			return time.Time{}
		}
		t = o.Until.In(s.zone)
		if now, _, _ := s.at(t); now != open {
			return t
		}
	}
}

// turns is the first moment after t, when no override holds, at which the schedule says otherwise.
func (s *Schedule) turns(t time.Time, open bool) time.Time {
	const horizon = 366
	day := dateOf(t).before()
	for range horizon + 2 {
		for _, moment := range s.edges(day) {
			if !moment.After(t) {
				continue
			}
			if now, _, _ := s.at(moment); now != open {
				return moment
			}
		}
		day = day.next()
	}
	return time.Time{}
}

// edges are all moments of a day at which something may change, in order.
func (s *Schedule) edges(day date) []time.Time {
	all := []time.Time{day.start(s.zone)}
	for _, one := range s.spans(day) {
		all = append(all, one.from, one.to)
	}
	for i := range s.events {
		all = append(all, s.events[i].edges(day, s.zone)...)
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

// A stretch is a span of a certain day.
type stretch struct{ from, to time.Time }

// spans are when somebody is there on a day by its hours, holidays aside.
func (s *Schedule) spans(day date) (all []stretch) {
	list := s.week[day.start(time.UTC).Weekday()]
	if different, ok := s.days[day]; ok {
		list = different
	}
	for _, one := range list {
		all = append(all, stretch{day.at(one.from, s.zone), day.at(one.to, s.zone)})
	}
	return all
}
