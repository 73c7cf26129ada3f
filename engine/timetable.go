package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Timetable knows when somebody is there. A Flow can be one, in its version.
type Timetable interface {
	// Hours is what a schedule says of a moment, with what was said of it in place of its file: the first that holds
	// decides. That there is no such schedule is an error which names those there are.
	Hours(schedule string, at time.Time, overrides []Override) (Hours, error)
}

// Hours is what a schedule says of a moment.
type Hours struct {
	Open    bool
	Why     string    // what decides: hours, holiday, day or override
	Changes time.Time // when Open will be different; zero if that is not known
	Name    string    // of the holiday or the override
}

// String is h as the journal has it, and a transcript: "closed holiday until 2026-12-26T09:00:00-03:00 Natal".
func (h Hours) String() string {
	words := []string{"closed"}
	if h.Open {
		words[0] = "open"
	}
	if h.Why != "" {
		words = append(words, h.Why)
	}
	if !h.Changes.IsZero() {
		words = append(words, "until", h.Changes.Format(time.RFC3339))
	}
	if h.Name != "" {
		words = append(words, h.Name)
	}
	return strings.Join(words, " ")
}

// parseHours reads what String wrote. All behind the first word may be missing.
func parseHours(text string) (h Hours, err error) {
	state, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	if state != "open" && state != "closed" {
		return h, fmt.Errorf("%q says neither open nor closed", text)
	}
	h.Open = state == "open"
	h.Why, rest, _ = strings.Cut(rest, " ")
	if until, ok := strings.CutPrefix(rest, "until "); ok {
		var moment string
		moment, rest, _ = strings.Cut(until, " ")
		if h.Changes, err = time.Parse(time.RFC3339, moment); err != nil {
			return h, fmt.Errorf("%q is no time such as 2026-11-22T10:00:00Z", moment)
		}
	}
	h.Name = rest
	return h, nil
}

var errNoTimetable = errors.New("there are no schedules; hours.yaml beside the flows is the place for them")

// Hours asks a schedule about a moment; zero is now. If nobody knows what was said of it, callers are better off with the
// hours of the file.
func (c *Call) Hours(schedule string, at time.Time) (Hours, error) {
	args := schedule
	if at.IsZero() {
		at = c.Now()
	} else {
		args += " at " + at.UTC().Format(time.RFC3339)
	}
	flow, memory, overrides := c.flow, c.memory(), c.overrides
	var unknown error
	text, err := c.remember(StepHours, args, func(ctx context.Context) (string, error) {
		t, ok := flow.(Timetable)
		if !ok {
			return "", errNoTimetable
		}
		var all []Override
		all, unknown = overrides.read(ctx, memory)
		h, err := t.Hours(schedule, at, concerning(schedule, all))
		return h.String(), err
	})
	if unknown != nil && c.ctx.Err() == nil {
		c.complain("hours: whether " + schedule + " is overridden is not known, so its hours hold: " + unknown.Error())
	}
	if err != nil {
		return Hours{}, err
	}
	return parseHours(text)
}
