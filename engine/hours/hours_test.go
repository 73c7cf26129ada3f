package hours

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

const file = `
office:
  zone: America/Sao_Paulo
  mon-fri: 09:00-12:00, 13:00-18:00
  sat: 09:00-13:00
  holidays: [brazil.ics, { 06-24: São João, 2026-12-31: company party }]
  days:
    2026-12-24: 09:00-12:00
    2026-12-25: closed
    2026-09-07: 10:00-11:00
night:
  zone: Europe/Berlin
  mon, wed-thu: 22:00-06:00
  sat-sun: open
always: { zone: UTC, mon-sun: open }
alarm: { zone: UTC, mon-sun: open, override: closed until 2026-11-28 18:30 }
party: { zone: UTC, override: open }
never: { zone: UTC }
`

const calendar = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20200907
RRULE:FREQ=YEARLY
SUMMARY:Independência
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20260216
DTEND;VALUE=DATE:20260218
SUMMARY:Carnaval
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;TZID=America/Sao_Paulo:20260310T150000
DTEND;TZID=America/Sao_Paulo:20260310T160000
RRULE:FREQ=WEEKLY;COUNT=2
EXDATE;TZID=America/Sao_Paulo:20260317T150000
RDATE;TZID=America/Sao_Paulo:20260320T150000
SUMMARY:Meeting
END:VEVENT
END:VCALENDAR
`

func read(name string) ([]byte, error) {
	if name != "brazil.ics" {
		return nil, errors.New("there is no such file")
	}
	return []byte(strings.ReplaceAll(calendar, "\n", "\r\n")), nil
}

func TestAt(t *testing.T) {
	all, problems := Parse([]byte(file), read)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, test := range []struct{ schedule, at, want string }{
		{"office", "2026-11-30 08:59", "closed hours until 2026-11-30 09:00"},
		{"office", "2026-11-30 09:00", "open hours until 2026-11-30 12:00"},
		{"office", "2026-11-30 12:00", "closed hours until 2026-11-30 13:00"},
		{"office", "2026-11-28 12:59", "open hours until 2026-11-28 13:00"}, // a Saturday
		{"office", "2026-11-28 13:00", "closed hours until 2026-11-30 09:00"},
		{"office", "2026-06-24 10:00", "closed holiday São João until 2026-06-25 09:00"},
		{"office", "2031-06-24 10:00", "closed holiday São João until 2031-06-25 09:00"},
		{"office", "2026-12-31 10:00", "closed holiday company party until 2027-01-01 09:00"},
		{"office", "2027-12-31 10:00", "open hours until 2027-12-31 12:00"},
		{"office", "2026-12-24 11:00", "open day until 2026-12-24 12:00"},
		{"office", "2026-12-24 12:00", "closed day until 2026-12-26 09:00"},
		{"office", "2026-09-07 10:30", "open day until 2026-09-07 11:00"}, // though it is a holiday
		{"office", "2027-09-07 10:30", "closed holiday Independência until 2027-09-08 09:00"},
		{"office", "2026-02-17 10:00", "closed holiday Carnaval until 2026-02-18 09:00"},
		{"office", "2026-03-10 14:00", "open hours until 2026-03-10 15:00"},
		{"office", "2026-03-10 15:30", "closed holiday Meeting until 2026-03-10 16:00"},
		{"office", "2026-03-17 15:30", "open hours until 2026-03-17 18:00"},
		{"office", "2026-03-20 15:30", "closed holiday Meeting until 2026-03-20 16:00"},
		{"office", "2026-03-24 15:30", "open hours until 2026-03-24 18:00"},
		{"night", "2026-11-30 23:00", "open hours until 2026-12-01 06:00"},
		{"night", "2026-12-01 05:59", "open hours until 2026-12-01 06:00"},
		{"night", "2026-12-01 23:00", "closed hours until 2026-12-02 22:00"},
		{"night", "2026-03-28 10:00", "open hours until 2026-03-30 00:00"}, // clocks are put forward
		{"night", "2026-10-25 02:30", "open hours until 2026-10-26 00:00"},
		{"alarm", "2026-11-28 18:29", "closed override until 2026-11-28 18:30"},
		{"alarm", "2026-11-28 18:30", "open hours"},
		{"party", "2026-11-28 18:30", "open override"},
		{"always", "2026-11-30 08:59", "open hours"},
		{"never", "2026-11-30 08:59", "closed hours"},
	} {
		s := all[test.schedule]
		at, err := time.ParseInLocation("2006-01-02 15:04", test.at, s.Zone())
		if err != nil {
			t.Fatal(err)
		}
		if got := show(s.At(at.UTC())); got != test.want {
			t.Errorf("%s at %s: %s, want %s", test.schedule, test.at, got, test.want)
		}
	}
}

// What is said at run time comes before the file, the first of it before what is behind; what comes next is worked out
// from where the last of it ends.
func TestOverrides(t *testing.T) {
	all, problems := Parse([]byte(file), read)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	until := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		at, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	closed := func(end, name string) Override { return Override{Until: until(end), Name: name} }
	open := func(end string) Override { return Override{Open: true, Until: until(end)} }
	for _, test := range []struct {
		schedule, at, want string
		overrides          []Override
	}{
		// An office in UTC-3, on a Friday: times of overrides are in UTC.
		{"office", "2026-11-27 10:00", "closed override fire drill until 2026-11-27 11:00", []Override{closed("2026-11-27 14:00", "fire drill")}},
		{"office", "2026-11-27 11:00", "open hours until 2026-11-27 12:00", []Override{closed("2026-11-27 14:00", "fire drill")}},
		{"office", "2026-11-27 10:00", "closed override until 2026-11-27 13:00", []Override{closed("2026-11-27 15:30", "")}}, // it is noon when it ends
		{"office", "2026-11-27 10:00", "closed override until 2026-11-30 09:00", []Override{closed("2026-11-29 03:00", "")}},
		{"office", "2026-11-27 10:00", "open override until 2026-11-27 12:00", []Override{open("2026-11-27 14:00")}},
		{"office", "2026-11-27 20:00", "open override until 2026-11-27 22:00", []Override{open("2026-11-28 01:00")}},
		{"office", "2026-12-25 10:00", "open override until 2026-12-25 11:00", []Override{open("2026-12-25 14:00")}}, // a day of its own
		{"office", "2026-11-27 10:00", "closed override", []Override{closed("", "")}},
		{"office", "2026-11-27 10:00", "closed override until 2029-01-01 10:00", []Override{closed("2029-01-01 13:00", "")}},
		// The first that holds decides, and the next one takes over.
		{"office", "2026-11-27 10:00", "closed override until 2026-11-27 11:00", []Override{closed("2026-11-27 14:00", ""), open("")}},
		{"office", "2026-11-27 12:00", "open override", []Override{closed("2026-11-27 14:00", ""), open("")}},
		{"office", "2026-11-27 10:00", "closed override a until 2026-11-28 09:00", []Override{closed("2026-11-27 14:00", "a"), closed("2026-11-28 01:00", "b")}},
		{"office", "2026-11-27 11:00", "closed override b until 2026-11-28 09:00", []Override{closed("2026-11-27 14:00", "a"), closed("2026-11-28 01:00", "b")}},
		// The file's own override is behind them all.
		{"alarm", "2026-11-28 12:00", "open override until 2026-11-28 13:00", []Override{open("2026-11-28 13:00")}},
		{"alarm", "2026-11-28 13:00", "closed override until 2026-11-28 18:30", []Override{open("2026-11-28 13:00")}},
		{"party", "2026-11-28 12:00", "closed override until 2026-11-28 13:00", []Override{closed("2026-11-28 13:00", "")}},
		// One that ends while clocks are put forward, and back.
		{"night", "2026-03-27 10:00", "closed override until 2026-03-29 03:00", []Override{closed("2026-03-29 01:00", "")}},
		{"night", "2026-10-24 10:00", "closed override until 2026-10-25 02:30", []Override{closed("2026-10-25 01:30", "")}},
	} {
		s := all[test.schedule]
		at, err := time.ParseInLocation("2006-01-02 15:04", test.at, s.Zone())
		if err != nil {
			t.Fatal(err)
		}
		if got := show(s.At(at.UTC(), test.overrides...)); got != test.want {
			t.Errorf("%s at %s: %s, want %s", test.schedule, test.at, got, test.want)
		}
	}
	if got := show(all["office"].At(until("2026-11-27 13:00"))); got != "open hours until 2026-11-27 12:00" {
		t.Errorf("the schedule itself is overridden: %s", got)
	}
}

func show(s Status) string {
	words := []string{"closed", s.Why}
	if s.Open {
		words[0] = "open"
	}
	if s.Name != "" {
		words = append(words, s.Name)
	}
	if !s.Changes.IsZero() {
		words = append(words, "until", s.Changes.Format("2006-01-02 15:04"))
	}
	return strings.Join(words, " ")
}

func TestParseProblems(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"- office\n", `1:1 the file must be written as key: value, not as a list`},
		{"office:\n  mon: open\n", `1:1 office has no zone (write one, such as zone: America/Sao_Paulo)`},
		{"office: {zone: Mars/Dome}\n", `1:16 there is no zone "Mars/Dome" (use a name such as America/Sao_Paulo or UTC)`},
		{"office:\n  zone: UTC\n  mno: open\n", `3:3 there is no key mno (did you mean mon?)`},
		{"office:\n  zone: UTC\n  mon-xyz: open\n", `3:3 there is no key mon-xyz (there is zone, holidays, days, override, and weekdays such as mon, sat-sun)`},
		{"office:\n  zone: UTC\n  mon-wed: open\n  tue: closed\n", `4:3 the hours of tue are there twice (line 3 has them)`},
		{"office:\n  zone: UTC\n  mon: 9-18\n", `3:8 "9-18" are no hours (such as "09:00-12:00, 13:00-18:00", open or closed)`},
		{"office:\n  zone: UTC\n  mon: 09:00-25:00\n", `3:8 "09:00-25:00" is no time of day (a day goes from 00:00 to 24:00)`},
		{"office:\n  zone: UTC\n  mon: 09:00-12:00, 11:00-13:00\n", `3:8 "11:00-13:00" begins before the hours in front of it end`},
		{"office:\n  zone: UTC\n  days: {12-24: closed}\n", `3:10 "12-24" is no date (such as 2026-12-24)`},
		{"office:\n  zone: UTC\n  holidays: {2026-02-30: never}\n", `3:14 "2026-02-30" is no date with a name (such as 2026-12-25: Christmas, or 12-25: Christmas for each year)`},
		{"office:\n  zone: UTC\n  holidays: other.ics\n", `3:13 other.ics cannot be read: there is no such file`},
		{"\"*\": {zone: UTC}\n", `1:1 "*" cannot be the name of a schedule (such as office)`},
		{"office: {zone: UTC, override: shut}\n", `1:31 override cannot be "shut" (such as closed, or open until 2026-11-28 18:00)`},
		{"office: [\n", `1:0 did not find expected node content`},
	} {
		_, problems := Parse([]byte(test.source), read)
		var got []string
		for _, p := range problems {
			text := fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Text)
			if p.Hint != "" {
				text += " (" + p.Hint + ")"
			}
			got = append(got, text)
		}
		if strings.Join(got, "\n") != test.want {
			t.Errorf("%s got %s\nwant %s", test.source, strings.Join(got, "\n"), test.want)
		}
	}
}

func TestBrokenCalendar(t *testing.T) {
	for _, test := range []struct{ source, want string }{
		{"", "there is no event in it"},
		{"hello", "no iCalendar file"},
		{"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "there is no event in it"},
		{strings.ReplaceAll(calendar, "FREQ=WEEKLY", "FREQ=SECONDLY"), `event "Meeting" recurs more often than daily`},
		{strings.ReplaceAll(calendar, "20260216", "2026-02-16"), `event "Carnaval": its start`},
	} {
		if _, err := parseCalendar([]byte(test.source), time.UTC); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.20q: %v, want %s", test.source, err, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(file), []byte(calendar), int64(1795847319))
	f.Fuzz(func(t *testing.T, source, calendar []byte, at int64) {
		all, problems := Parse(source, func(string) ([]byte, error) { return calendar, nil })
		if len(problems) > 0 {
			return
		}
		when := time.Unix(at%(1<<33), 0)
		for name, s := range all {
			until := when.Add(time.Duration(at%(1<<50)).Abs() + time.Second)
			for _, overrides := range [][]Override{nil, {{Open: at%2 == 0, Until: until}}} {
				now := s.At(when, overrides...)
				if now.Changes.IsZero() {
					continue
				}
				then := s.At(now.Changes, overrides...)
				if then.Open == now.Open || !now.Changes.After(when) {
					t.Errorf("%s: %+v at %v, and then %+v", name, now, when, then)
				}
			}
		}
	})
}

func BenchmarkAt(b *testing.B) {
	all, _ := Parse([]byte(file), read)
	at := time.Date(2026, 11, 28, 13, 0, 0, 0, time.UTC)
	for b.Loop() {
		all["office"].At(at)
	}
}
