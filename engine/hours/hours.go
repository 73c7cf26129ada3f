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
	override override
}

// An override comes before all else.
type override struct {
	given, open bool
	until       time.Time // zero means for ever
}

func (o override) holds(t time.Time) bool { return o.given && (o.until.IsZero() || t.Before(o.until)) }

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
	Name    string    // of the holiday
	Changes time.Time // when Open will be different; zero if that is more than a year away
}

// At is what the schedule says of a moment.
func (s *Schedule) At(t time.Time) Status {
	t = t.In(s.zone)
	open, why, name := s.at(t)
	return Status{open, why, name, s.changes(t, open)}
}

// Zone is the zone of the schedule.
func (s *Schedule) Zone() *time.Location { return s.zone }

func (s *Schedule) at(t time.Time) (open bool, why, name string) {
	if s.override.holds(t) {
		return s.override.open, "override", ""
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

// changes is the first moment after t at which the schedule says otherwise.
func (s *Schedule) changes(t time.Time, open bool) time.Time {
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
	if dateOf(s.override.until) == day {
		all = append(all, s.override.until)
	}
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
