package flow

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/hours"
	"github.com/ivrd/ivrd/internal/spell"
)

// A Timetable is what hours.yaml says. It does not change.
type Timetable struct {
	whole     hash // of the file and the calendars
	schedules map[string]*hours.Schedule
	problems  []Problem
}

var (
	_ engine.Timetable = (*flow)(nil)
	_ engine.Timetable = (*Timetable)(nil)
)

// Hours is what a schedule says of a moment.
func (f *flow) Hours(schedule string, at time.Time, overrides []engine.Override) (engine.Hours, error) {
	return f.hours.Hours(schedule, at, overrides)
}

// Hours is what a schedule says of a moment. The overrides are those that concern it.
func (t *Timetable) Hours(schedule string, at time.Time, overrides []engine.Override) (engine.Hours, error) {
	if hint, ok := t.has(schedule); !ok {
		return engine.Hours{}, fmt.Errorf("there is no schedule %s; %s", schedule, hint)
	}
	var said []hours.Override
	for _, o := range overrides {
		said = append(said, hours.Override{Open: o.Open, Until: o.Until, Name: o.Name})
	}
	h := t.schedules[schedule].At(at, said...)
	return engine.Hours{Open: h.Open, Why: h.Why, Name: h.Name, Changes: h.Changes}, nil
}

// Names are those of all schedules, in order.
func (t *Timetable) Names() []string { return slices.Sorted(maps.Keys(t.schedules)) }

// Zone is that of a schedule; nil if there is no such schedule.
func (t *Timetable) Zone(schedule string) *time.Location {
	s := t.schedules[schedule]
	if s == nil {
		return nil
	}
	return s.Zone()
}

// Problems is what is wrong with the file.
func (t *Timetable) Problems() []Problem { return t.problems }

// ReadTimetable reads the schedules of a folder on disk, and nothing else of it.
func ReadTimetable(dir string) (*Timetable, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	s := newScanner(root.FS(), nil, &Options{})
	s.wants = func(at string) bool { return at == hoursFile || path.Ext(at) == calendarExt }
	b := &builder{prev: nothing(), found: s.scan(), set: &Set{}}
	b.readHours()
	return b.set.hours, b.found.err
}

// has reports whether there is a schedule of that name; if not, hint says what there is.
func (t *Timetable) has(schedule string) (hint string, ok bool) {
	if t.schedules[schedule] != nil {
		return "", true
	}
	names := t.Names()
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

func (b *builder) newTimetable(whole hash) *Timetable {
	t := &Timetable{whole: whole}
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
