package hours

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/ivrd/ivrd/internal/spell"
	"github.com/ivrd/ivrd/internal/yamldoc"
	"gopkg.in/yaml.v3"
)

// A Problem is something that is wrong in a file. Line and Column count from 1; 0 is unknown.
type Problem struct {
	Line, Column int
	Text, Hint   string
}

// A parser reads one file of schedules.
type parser struct {
	read     func(name string) ([]byte, error)
	problems []Problem
}

// Parse reads a file of schedules. read gets the calendars it names. What is wrong is told of each place.
func Parse(source []byte, read func(name string) ([]byte, error)) (map[string]*Schedule, []Problem) {
	p := &parser{read: read}
	all := map[string]*Schedule{}
	doc, err := yamldoc.Decode(source)
	switch {
	case errors.Is(err, io.EOF), err == nil && (len(doc.Content) == 0 || yamldoc.IsNull(doc.Content[0])):
		return all, nil
	case err != nil:
		line, text := yamldoc.Syntax(err)
		return nil, []Problem{{Line: line, Text: text}}
	}
	p.each(doc.Content[0], "the file", func(key, value *yaml.Node) {
		if !strings.ContainsFunc(key.Value, unicode.IsLetter) {
			p.wrong(key, "such as office", "%q cannot be the name of a schedule", key.Value)
			return
		}
		all[key.Value] = p.schedule(key, value)
	})
	return all, p.problems
}

func (p *parser) wrong(n *yaml.Node, hint, format string, args ...any) {
	p.problems = append(p.problems, Problem{n.Line, n.Column, fmt.Sprintf(format, args...), hint})
}

// each goes through a mapping; what says what it is.
func (p *parser) each(n *yaml.Node, what string, do func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		p.wrong(n, "", "%s must be written as key: value, not as %s", what, yamldoc.Kind(n))
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch first, twice := lines[key.Value]; {
		case key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge":
			p.wrong(key, "", "a key must be plain text, not %s", yamldoc.Kind(key))
		case twice:
			p.wrong(key, fmt.Sprintf("line %d has it already", first), "%s is there twice", key.Value)
		default:
			lines[key.Value] = key.Line
			do(key, value)
		}
	}
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (p *parser) schedule(name, n *yaml.Node) *Schedule {
	s := &Schedule{zone: time.UTC, days: map[date][]span{}}
	said := map[time.Weekday]int{}
	zoned := false
	var calendars []*yaml.Node
	var overriding *yaml.Node
	p.each(n, name.Value, func(key, value *yaml.Node) {
		switch key.Value {
		case "zone":
			s.zone, zoned = p.zone(value), true
		case "holidays":
			calendars = p.holidays(s, value)
		case "days":
			p.days(s, value)
		case "override":
			overriding = value
		default:
			p.weekdays(s, key, value, said)
		}
	})
	if !zoned && n.Kind == yaml.MappingNode {
		p.wrong(name, `write one, such as zone: America/Sao_Paulo`, "%s has no zone", name.Value)
	}
	for _, calendar := range calendars {
		p.calendar(s, calendar)
	}
	if overriding != nil {
		s.overrides = []Override{p.override(overriding, s.zone)}
	}
	return s
}

func (p *parser) zone(n *yaml.Node) *time.Location {
	zone, err := time.LoadLocation(n.Value)
	if err != nil || n.Value == "" || n.Value == "Local" {
		p.wrong(n, "use a name such as America/Sao_Paulo or UTC", "there is no zone %s", yamldoc.Kind(n))
		return time.UTC
	}
	return zone
}

// weekdays reads the hours of weekdays: mon, mon-fri, "sat, sun".
func (p *parser) weekdays(s *Schedule, key, value *yaml.Node, said map[time.Weekday]int) {
	days, unknown := weekdaysOf(key.Value)
	if unknown != "" {
		known := append([]string{"zone", "holidays", "days", "override"}, weekdays...)
		hint := spell.Hint(unknown, known)
		if hint == "" {
			hint = "there is zone, holidays, days, override, and weekdays such as mon, sat-sun"
		}
		p.wrong(key, hint, "there is no key %s", key.Value)
		return
	}
	spans := p.spans(value)
	for _, day := range days {
		if line, twice := said[day]; twice {
			p.wrong(key, fmt.Sprintf("line %d has them", line), "the hours of %s are there twice", weekdays[day])
			return
		}
		said[day] = key.Line
		s.week[day] = spans
	}
}

// weekdaysOf reads names of weekdays. What is none is returned.
func weekdaysOf(text string) (days []time.Weekday, unknown string) {
	for part := range strings.SplitSeq(text, ",") {
		from, to, ranges := strings.Cut(strings.TrimSpace(part), "-")
		first, last := slices.Index(weekdays, from), slices.Index(weekdays, to)
		if !ranges {
			last = first
		}
		if first < 0 || last < 0 {
			return nil, strings.TrimSpace(part)
		}
		for day := first; ; day = (day + 1) % 7 {
			days = append(days, time.Weekday(day))
			if day == last {
				break
			}
		}
	}
	return days, ""
}

var hourSpan = regexp.MustCompile(`^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$`)

// spans reads hours: closed, open, or "09:00-12:00, 13:00-18:00".
func (p *parser) spans(n *yaml.Node) []span {
	const example = `such as "09:00-12:00, 13:00-18:00", open or closed`
	if n.Kind != yaml.ScalarNode || yamldoc.IsNull(n) {
		p.wrong(n, example, "want hours, got %s", yamldoc.Kind(n))
		return nil
	}
	switch n.Value {
	case "closed":
		return nil
	case "open":
		return []span{{0, wholeDay}}
	}
	var all []span
	for part := range strings.SplitSeq(n.Value, ",") {
		m := hourSpan.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			p.wrong(n, example, "%q are no hours", strings.TrimSpace(part))
			return nil
		}
		one := span{minuteOf(m[1], m[2]), minuteOf(m[3], m[4])}
		if one.from >= wholeDay || one.to > wholeDay || one.from < 0 || one.to < 0 {
			p.wrong(n, "a day goes from 00:00 to 24:00", "%q is no time of day", strings.TrimSpace(part))
			return nil
		}
		if one.to <= one.from { // it ends on the next day
			one.to += wholeDay
		}
		if len(all) > 0 && one.from < all[len(all)-1].to {
			p.wrong(n, "", "%q begins before the hours in front of it end", strings.TrimSpace(part))
			return nil
		}
		all = append(all, one)
	}
	return all
}

// minuteOf is a time of day in minutes, -1 if there is none.
func minuteOf(hour, minute string) int {
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	if m > 59 {
		return -1
	}
	return h*60 + m
}

// override reads open or closed, with or without an end: closed until 2026-11-28 18:00.
func (p *parser) override(n *yaml.Node, zone *time.Location) (o Override) {
	state, until, ends := strings.Cut(n.Value, " until ")
	o.Open = state == "open"
	var err error
	if ends {
		o.Until, err = time.ParseInLocation("2006-01-02 15:04", until, zone)
	}
	if err != nil || state != "open" && state != "closed" {
		p.wrong(n, "such as closed, or open until 2026-11-28 18:00", "override cannot be %s", yamldoc.Kind(n))
	}
	return o
}

func (p *parser) days(s *Schedule, n *yaml.Node) {
	p.each(n, "days", func(key, value *yaml.Node) {
		d, ok := dateFrom(key.Value)
		if !ok || d.year == 0 {
			p.wrong(key, "such as 2026-12-24", "%q is no date", key.Value)
			return
		}
		s.days[d] = p.spans(value)
	})
}

// holidays reads a list, or one, of calendars and of days with names. It returns the calendars.
func (p *parser) holidays(s *Schedule, n *yaml.Node) (calendars []*yaml.Node) {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	for _, one := range list {
		if one.Kind == yaml.ScalarNode && !yamldoc.IsNull(one) {
			calendars = append(calendars, one)
			continue
		}
		p.each(one, "holidays", func(key, value *yaml.Node) {
			d, ok := dateFrom(key.Value)
			if !ok || value.Kind != yaml.ScalarNode {
				p.wrong(key, "such as 2026-12-25: Christmas, or 12-25: Christmas for each year", "%q is no date with a name", key.Value)
				return
			}
			s.holidays = append(s.holidays, holiday{d, value.Value})
		})
	}
	return calendars
}

func (p *parser) calendar(s *Schedule, n *yaml.Node) {
	source, err := p.read(n.Value)
	if err != nil {
		p.wrong(n, "", "%s cannot be read: %v", n.Value, err)
		return
	}
	events, err := parseCalendar(source, s.zone)
	if err != nil {
		p.wrong(n, "", "%s: %v", n.Value, err)
		return
	}
	s.events = append(s.events, events...)
}

// dateFrom reads 2026-12-24, or 12-24 as a day of each year.
func dateFrom(text string) (date, bool) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return dateOf(t), true
	}
	const leap = "2024-"
	if t, err := time.Parse(time.DateOnly, leap+text); err == nil {
		return date{0, t.Month(), t.Day()}, true
	}
	return date{}, false
}
