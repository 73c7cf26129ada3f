package flow

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/hours"
	"github.com/ivrd/ivrd/internal/spell"
)

// A timetable is what hours.yaml says. It does not change.
type timetable struct {
	whole     hash // of the file and the calendars
	schedules map[string]*hours.Schedule
	problems  []Problem
}

var _ engine.Timetable = (*flow)(nil)

// Hours is what a schedule says of a moment.
func (f *flow) Hours(schedule string, at time.Time) (engine.Hours, error) {
	if hint, ok := f.hours.has(schedule); !ok {
		return engine.Hours{}, fmt.Errorf("there is no schedule %s; %s", schedule, hint)
	}
	h := f.hours.schedules[schedule].At(at)
	return engine.Hours{Open: h.Open, Why: h.Why, Name: h.Name, Changes: h.Changes}, nil
}

// has reports whether there is a schedule of that name; if not, hint says what there is.
func (t *timetable) has(schedule string) (hint string, ok bool) {
	if t.schedules[schedule] != nil {
		return "", true
	}
	names := slices.Sorted(maps.Keys(t.schedules))
	if len(names) == 0 {
		return hoursFile + " beside the flows is the place for it", false
	}
	if near := spell.Hint(schedule, names); near != "" {
		return near, false
	}
	return hoursFile + " has " + strings.Join(names, ", "), false
}

// readHours makes the set's timetable, unless it is the same as before. If a file is broken, all stays as it was.
func (b *builder) readHours() {
	whole := b.hoursHash()
	b.set.hours = b.prev.hours
	if b.prev.hours.whole != whole {
		b.set.hours = b.newTimetable(whole)
	}
	b.set.problems = append(b.set.problems, b.set.hours.problems...)
}

func (b *builder) hoursHash() hash {
	sum := sha256.New()
	for _, at := range slices.Sorted(maps.Keys(b.found.files)) {
		if at == hoursFile || path.Ext(at) == calendarExt {
			f := b.found.files[at]
			fmt.Fprintf(sum, "%s\x00%x\x00%s\n", at, f.hash, reason(f.err))
		}
	}
	return hash(sum.Sum(nil))
}

func (b *builder) newTimetable(whole hash) *timetable {
	t := &timetable{whole: whole}
	f := b.found.files[hoursFile]
	if f == nil {
		return t
	}
	if p := f.fault(); p != nil {
		t.problems = []Problem{*p}
	} else {
		var found []hours.Problem
		t.schedules, found = hours.Parse(f.content, b.calendar)
		for _, p := range found {
			t.problems = append(t.problems, Problem{File: hoursFile, Line: p.Line, Column: p.Column, Text: p.Text, Hint: p.Hint,
				Source: sourceLine(f.content, p.Line)})
		}
	}
	if len(t.problems) > 0 {
		t.schedules = b.prev.hours.schedules
	}
	return t
}

// calendar is the content of a calendar below the flows folder.
func (b *builder) calendar(name string) ([]byte, error) {
	f := b.found.files[path.Clean(name)]
	switch {
	case path.Ext(name) != calendarExt:
		return nil, fmt.Errorf("calendars end in %s", calendarExt)
	case f == nil:
		return nil, errors.New("there is no such file below the flows folder")
	case f.err != nil:
		return nil, &fs.PathError{Op: "read", Path: name, Err: f.err}
	case len(f.content) > maxSource:
		return nil, fmt.Errorf("it is longer than %d KB, the most there is", maxSource>>10)
	}
	return f.content, nil
}
