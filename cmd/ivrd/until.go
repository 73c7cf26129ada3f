package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The ways to say until when.
var (
	untilMoments = []string{time.RFC3339, "2006-01-02T15:04Z07:00"} // in a zone of their own
	untilTimes   = []string{"2006-01-02 15:04", "2006-01-02T15:04"} // by the clocks of somebody's zone
)

// parseUntil is the moment that a text means to somebody in a zone: 14:00 (today or else tomorrow), a date, which
// is when that day begins, a date with a time of day, or a moment with a zone of its own. zone may
// be nil for the last.
func parseUntil(text string, now time.Time, zone *time.Location) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range untilMoments {
		if t, err := time.Parse(layout, text); err == nil {
			return future(t, now.In(t.Location()), text)
		}
	}
	if zone == nil {
		return time.Time{}, fmt.Errorf("%s: in which zone? schedules have no common one; write %s, or use --for", text, now.Add(time.Hour).Format(untilMoments[1]))
	}
	now = now.In(zone)
	for _, layout := range untilTimes {
		if wall, err := time.Parse(layout, text); err == nil {
			return onClocks(wall, now, zone, text)
		}
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		for len(shown(day, zone)) == 0 { // where its midnight is skipped
			day = day.Add(15 * time.Minute)
		}
		return onClocks(day, now, zone, text)
	}
	wall, err := time.Parse("15:04", text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time; write 14:00, %s or \"%[2]s 14:00\"", text, now.AddDate(0, 0, 1).Format(time.DateOnly))
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), wall.Hour(), wall.Minute(), 0, 0, time.UTC)
	_, offset := now.Zone()
	over := !today.After(now.Add(time.Duration(offset) * time.Second))
	if over && !slices.ContainsFunc(shown(today, zone), now.Before) {
		today = today.AddDate(0, 0, 1)
	}
	return onClocks(today, now, zone, text)
}

// onClocks is when the clocks of a zone show what wall says, written as if that were UTC: the next time that they do,
// if they show it twice.
func onClocks(wall, now time.Time, zone *time.Location, text string) (time.Time, error) {
	times := shown(wall, zone)
	if len(times) == 0 {
		return time.Time{}, fmt.Errorf("%s: there is no %s on %s in %s, where clocks are put forward then",
			text, wall.Format("15:04"), wall.Format(time.DateOnly), zone)
	}
	i := slices.IndexFunc(times, now.Before)
	if i < 0 {
		i = len(times) - 1
	}
	return future(times[i], now, text)
}

// shown are the moments at which the clocks of a zone show what wall says: one as a rule, two where they are put back,
// none where they are put forward.
func shown(wall time.Time, zone *time.Location) (all []time.Time) {
	day := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, zone)
	for _, near := range []time.Time{day.Add(-24 * time.Hour), day.Add(24 * time.Hour)} {
		_, offset := near.Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, is := t.Zone(); is == offset && !slices.ContainsFunc(all, t.Equal) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

func future(t, now time.Time, text string) (time.Time, error) {
	if !t.After(now) {
		return time.Time{}, fmt.Errorf("%s is over: it is %s", text, now.Format(momentFormat))
	}
	return t, nil
}

// momentFormat is how operators read moments.
const momentFormat = "2006-01-02 15:04 MST"
