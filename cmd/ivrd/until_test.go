package main

import (
	"strings"
	"testing"
	"time"
)

func TestParseUntil(t *testing.T) {
	for _, test := range []struct{ zone, now, text, want string }{
		{"America/Sao_Paulo", "2026-11-28T13:00:00Z", "14:00", "2026-11-28T14:00:00-03:00"},
		{"America/Sao_Paulo", "2026-11-28T13:00:00Z", " 9:30 ", "2026-11-29T09:30:00-03:00"},
		{"America/Sao_Paulo", "2026-11-28T17:00:00Z", "14:00", "2026-11-29T14:00:00-03:00"}, // it is 14:00
		{"America/Sao_Paulo", "2026-11-29T01:00:00Z", "23:00", "2026-11-28T23:00:00-03:00"}, // UTC is on another day
		{"Asia/Tokyo", "2026-11-28T20:00:00Z", "06:00", "2026-11-29T06:00:00+09:00"},
		{"America/Sao_Paulo", "2026-11-28T13:00:00Z", "2026-12-01", "2026-12-01T00:00:00-03:00"},
		{"America/Sao_Paulo", "2026-11-28T13:00:00Z", "2026-12-01 09:00", "2026-12-01T09:00:00-03:00"},
		{"America/Sao_Paulo", "2026-11-28T13:00:00Z", "2026-12-01T09:00", "2026-12-01T09:00:00-03:00"},
		{"America/Sao_Paulo", "2026-11-28T13:00:00Z", "2026-12-01T09:00Z", "2026-12-01T09:00:00Z"},
		{"America/Sao_Paulo", "2026-11-28T13:00:00Z", "2026-12-01T09:00:00+01:00", "2026-12-01T09:00:00+01:00"},
		{"America/Sao_Paulo", "2026-11-28T13:00:00Z", "2026-11-28 09:00", "2026-11-28 09:00 is over: it is 2026-11-28 10:00 -03"},
		{"America/Sao_Paulo", "2026-11-28T13:00:00Z", "2026-11-28", "2026-11-28 is over: it is 2026-11-28 10:00 -03"},
		{"UTC", "2026-11-28T13:00:00Z", "2026-11-28T10:00:00-03:00", "2026-11-28T10:00:00-03:00 is over: it is 2026-11-28 10:00 -0300"},
		{"UTC", "2026-11-28T13:00:00Z", "2pm", `"2pm" is no time; write 14:00, 2026-11-29 or "2026-11-29 14:00"`},
		{"UTC", "2026-11-28T13:00:00Z", "25:00", `"25:00" is no time; `},
		{"UTC", "2026-11-28T13:00:00Z", "2026-02-30", `"2026-02-30" is no time; `},
		{"UTC", "2026-11-28T13:00:00Z", "", `"" is no time; `},

		// Clocks are put forward at 02:00 on 29 March, to 03:00.
		{"Europe/Berlin", "2026-03-28T20:00:00Z", "09:00", "2026-03-29T09:00:00+02:00"},
		{"Europe/Berlin", "2026-03-28T20:00:00Z", "01:59", "2026-03-29T01:59:00+01:00"},
		{"Europe/Berlin", "2026-03-28T20:00:00Z", "03:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-03-28T20:00:00Z", "02:30", "02:30: there is no 02:30 on 2026-03-29 in Europe/Berlin, where clocks are put forward then"},
		{"Europe/Berlin", "2026-03-29T00:10:00Z", "02:30", "02:30: there is no 02:30 on 2026-03-29 in Europe/Berlin, "},
		{"Europe/Berlin", "2026-03-29T01:10:00Z", "02:30", "2026-03-30T02:30:00+02:00"},
		{"Europe/Berlin", "2026-03-28T20:00:00Z", "2026-03-29 02:30", "2026-03-29 02:30: there is no 02:30 on 2026-03-29"},
		// They are put back at 03:00 on 25 October, to 02:00: it is 02:30 twice.
		{"Europe/Berlin", "2026-10-24T20:00:00Z", "02:30", "2026-10-25T02:30:00+02:00"},
		{"Europe/Berlin", "2026-10-25T00:40:00Z", "02:30", "2026-10-25T02:30:00+01:00"}, // 02:40 for the first time
		{"Europe/Berlin", "2026-10-25T01:40:00Z", "02:30", "2026-10-26T02:30:00+01:00"}, // for the second
		{"Europe/Berlin", "2026-10-25T01:10:00Z", "02:30", "2026-10-25T02:30:00+01:00"},
		{"Europe/Berlin", "2026-10-25T00:40:00Z", "2026-10-25 02:30", "2026-10-25T02:30:00+01:00"},
		{"Europe/Berlin", "2026-10-24T20:00:00Z", "2026-10-25", "2026-10-25T00:00:00+02:00"},
		// A midnight that clocks skip.
		{"America/Santiago", "2026-09-05T12:00:00Z", "2026-09-06", "2026-09-06T01:00:00-03:00"},
		{"Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-24 01:00", "2026-04-24T01:00:00+03:00"},
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, test.now)
		if err != nil {
			t.Fatal(err)
		}
		at, err := parseUntil(test.text, now, zone)
		got := at.Format(time.RFC3339)
		if err != nil {
			got = err.Error()
		}
		if got != test.want && (err == nil || !strings.HasPrefix(got, test.want)) {
			t.Errorf("%q in %s at %s:\n got %s\nwant %s", test.text, test.zone, test.now, got, test.want)
		}
	}
}

// What can be read is to come, and is what the clocks of the zone show then.
func FuzzParseUntil(f *testing.F) {
	zones := []string{"UTC", "America/Sao_Paulo", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"}
	f.Add("02:30", int64(1774742400), uint8(2))
	f.Add("2026-10-25 02:30", int64(1792800000), uint8(2))
	f.Add("2011-12-30", int64(1325000000), uint8(4))
	f.Fuzz(func(t *testing.T, text string, now int64, zone uint8) {
		l, err := time.LoadLocation(zones[int(zone)%len(zones)])
		if err != nil {
			t.Fatal(err)
		}
		at, err := parseUntil(text, time.Unix(now%(1<<36), 0), l)
		if err != nil {
			return
		}
		if !at.After(time.Unix(now%(1<<36), 0)) {
			t.Errorf("%q in %s at %d: %s", text, l, now, at)
		}
		if wall := strings.TrimSpace(text); len(wall) == len("02:30") && at.In(l).Format("15:04") != wall {
			t.Errorf("%q in %s at %d: %s", text, l, now, at)
		}
	})
}
