package hours

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-ical"
	"github.com/teambition/rrule-go"
)

// An event of a calendar is a time when nobody is there. It may recur.
type event struct {
	name   string
	start  time.Time
	length time.Duration
	days   int        // of one that has no time of day, in place of length
	recurs *rrule.Set // nil if it does not

	mu    *sync.Mutex
	known map[int][]stretch // those that begin in a year
}

// parseCalendar reads the events of an iCalendar file (RFC 5545). Times without a zone are those of zone.
func parseCalendar(source []byte, zone *time.Location) (events []event, err error) {
	defer func() {
		if p := recover(); p != nil { // of a library that takes all kinds of files
			err = fmt.Errorf("it cannot be read: %v", p)
		}
	}()
	d := ical.NewDecoder(bytes.NewReader(source))
	for {
		calendar, err := d.Decode()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("no iCalendar file: %w", err)
		}
		for _, one := range calendar.Events() {
			e, err := newEvent(one, zone)
			if err != nil {
				return nil, err
			}
			events = append(events, e)
		}
	}
	if len(events) == 0 {
		return nil, errors.New("there is no event in it")
	}
	return events, nil
}

func newEvent(one ical.Event, zone *time.Location) (event, error) {
	name, _ := one.Props.Text(ical.PropSummary) // one without a name has none
	e := event{name: strings.TrimSpace(name), mu: new(sync.Mutex), known: map[int][]stretch{}}
	start, err := one.DateTimeStart(zone)
	if err != nil {
		return e, fmt.Errorf("event %q: its start: %w", e.name, err)
	}
	end, err := one.DateTimeEnd(zone)
	if err != nil {
		return e, fmt.Errorf("event %q: its end: %w", e.name, err)
	}
	e.start, e.length = start.In(zone), end.Sub(start)
	if prop := one.Props.Get(ical.PropDateTimeStart); prop != nil && prop.ValueType() == ical.ValueDate {
		e.days = max(int((e.length+12*time.Hour)/(24*time.Hour)), 1)
	}
	if e.recurs, err = one.RecurrenceSet(zone); err != nil {
		return e, fmt.Errorf("event %q: %w", e.name, err)
	}
	if e.recurs != nil && e.recurs.GetRRule() != nil && e.recurs.GetRRule().OrigOptions.Freq > rrule.DAILY {
		return e, fmt.Errorf("event %q recurs more often than daily", e.name)
	}
	for _, prop := range one.Props.Values(ical.PropRecurrenceDates) {
		also, err := prop.DateTime(zone)
		if err != nil {
			return e, fmt.Errorf("event %q: when it recurs: %w", e.name, err)
		}
		if e.recurs == nil {
			e.recurs = new(rrule.Set)
			e.recurs.RDate(e.start)
		}
		e.recurs.RDate(also)
	}
	return e, nil
}

// in is when the event takes place, as far as that begins in a year.
func (e *event) in(year int, zone *time.Location) []stretch {
	e.mu.Lock()
	defer e.mu.Unlock()
	if all, ok := e.known[year]; ok {
		return all
	}
	starts := []time.Time{e.start}
	if e.recurs != nil {
		begin := time.Date(year, 1, 1, 0, 0, 0, 0, zone)
		starts = e.recurs.Between(begin, begin.AddDate(1, 0, 0).Add(-time.Nanosecond), true)
	}
	all := []stretch{}
	for _, start := range starts {
		start = start.In(zone)
		if start.Year() != year {
			continue
		}
		end := start.Add(e.length)
		if e.days > 0 {
			end = start.AddDate(0, 0, e.days) // a day may have 23 hours
		}
		all = append(all, stretch{start, end})
	}
	const mostKept = 20 // years
	if len(e.known) >= mostKept {
		clear(e.known)
	}
	e.known[year] = all
	return all
}

// near are those that can matter at a day.
func (e *event) near(day date, zone *time.Location) []stretch {
	return append(e.in(day.year-1, zone), e.in(day.year, zone)...)
}

// covers reports whether the event takes place at t, in whose zone all is meant.
func (e *event) covers(t time.Time) (name string, yes bool) {
	for _, one := range e.near(dateOf(t), t.Location()) {
		if !t.Before(one.from) && t.Before(one.to) {
			return e.name, true
		}
	}
	return "", false
}

// edges are when the event begins and ends at a day.
func (e *event) edges(day date, zone *time.Location) (all []time.Time) {
	from, to := day.start(zone), day.next().start(zone)
	for _, one := range e.near(day, zone) {
		for _, moment := range []time.Time{one.from, one.to} {
			if !moment.Before(from) && moment.Before(to) {
				all = append(all, moment)
			}
		}
	}
	return all
}
