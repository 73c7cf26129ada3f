package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
)

// AllSchedules stands for every schedule there is.
const AllSchedules = "*"

// An Override is what an operator, or a flow, says of a schedule in place of hours.yaml.
type Override struct {
	Schedule string    `json:"schedule"` // or AllSchedules
	Open     bool      `json:"open"`
	Until    time.Time `json:"until,omitzero"` // zero is until it is cleared
	Name     string    `json:"name,omitempty"` // what it is for
	Set      time.Time `json:"set"`            // when …
	By       string    `json:"by"`             // … and by whom
}

// Holds reports whether it has not ended at a moment.
func (o Override) Holds(at time.Time) bool { return o.Until.IsZero() || at.Before(o.Until) }

// Concerns reports whether it says something of a schedule.
func (o Override) Concerns(schedule string) bool {
	return o.Schedule == schedule || o.Schedule == AllSchedules
}

// Check refuses what cannot be said at a moment.
func (o Override) Check(now time.Time) error {
	const longestName, lastYear = 200, 9999
	switch {
	case o.Until.Year() > lastYear:
		return fmt.Errorf("nothing ends in the year %d; are these milliseconds, not seconds?", o.Until.Year())
	case !o.Holds(now):
		return fmt.Errorf("%s is over already; it is %s", o.Until.Format(time.RFC3339), now.In(o.Until.Location()).Format(time.RFC3339))
	case len(o.Name) > longestName:
		return fmt.Errorf("its name has %d bytes at most, this one has %d", longestName, len(o.Name))
	case strings.ContainsFunc(o.Name, unicode.IsControl):
		return fmt.Errorf("its name must be on one line, and %q is not", o.Name)
	}
	return nil
}

// Where a KV has all overrides, as a list in JSON: what was said last comes first, and decides. No flow's name begins
// with a dot, so that none has this scope.
const (
	overridesScope = ".hours"
	overridesKey   = "overrides"
)

// Overrides are all that were said and not cleared, the latest first. Some may have ended.
func Overrides(ctx context.Context, kv KV) ([]Override, error) {
	text, _, err := kv.Read(ctx, overridesScope, overridesKey)
	if err != nil {
		return nil, err
	}
	return parseOverrides(text)
}

func parseOverrides(text string) (all []Override, err error) {
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("the overrides of schedules cannot be read: %w", err)
	}
	return all, nil
}

// SetOverrides adds overrides, each in place of the one that its schedule has.
func SetOverrides(ctx context.Context, kv KV, now time.Time, added ...Override) error {
	return changeOverrides(ctx, kv, now, func(all []Override) []Override {
		all = slices.DeleteFunc(all, func(o Override) bool {
			return slices.ContainsFunc(added, func(a Override) bool { return a.Schedule == o.Schedule })
		})
		return slices.Concat(added, all)
	})
}

// ClearOverrides takes back what was said of schedules and is not over, and returns it. What was said of AllSchedules is not taken
// back by the name of one, nor the other way round.
func ClearOverrides(ctx context.Context, kv KV, now time.Time, schedules ...string) (cleared []Override, err error) {
	err = changeOverrides(ctx, kv, now, func(all []Override) []Override {
		cleared = nil // it may be asked twice
		return slices.DeleteFunc(all, func(o Override) bool {
			named := slices.Contains(schedules, o.Schedule)
			if named {
				cleared = append(cleared, o)
			}
			return named
		})
	})
	return cleared, err
}

// changeOverrides replaces those that hold by what change makes of them.
func changeOverrides(ctx context.Context, kv KV, now time.Time, change func([]Override) []Override) error {
	return kv.Change(ctx, overridesScope, overridesKey, func(text string, _ time.Time) (string, time.Time, error) {
		all, err := parseOverrides(text)
		if err != nil {
			return "", time.Time{}, err
		}
		all = change(slices.DeleteFunc(all, func(o Override) bool { return !o.Holds(now) }))
		if len(all) == 0 {
			return "", time.Time{}, nil
		}
		encoded, err := json.Marshal(all)
		return string(encoded), time.Time{}, err
	})
}

// Override has a schedule, or AllSchedules, say something else from now on, to all calls: until o.Until or, if keep is
// not 0, for that time.
func (c *Call) Override(o Override, keep time.Duration) error {
	args, now := o.step(keep), c.Now()
	o.Set, o.By = now.Truncate(time.Second), c.author()
	if keep != 0 {
		o.Until = now.Add(keep)
	}
	memory := c.memory()
	_, err := c.tellHours(o.Schedule, args, func(ctx context.Context) (string, error) {
		if err := o.Check(o.Set); err != nil {
			return "", err
		}
		return "", SetOverrides(ctx, memory, o.Set, o)
	})
	return err
}

// step is the override as the journal has it: "override office closed for 3600 fire drill".
func (o Override) step(keep time.Duration) string {
	words := []string{"override", o.Schedule, "closed"}
	if o.Open {
		words[2] = "open"
	}
	switch {
	case keep != 0:
		words = append(words, forText(keep))
	case !o.Until.IsZero():
		words = append(words, "until", o.Until.UTC().Format(time.RFC3339))
	}
	if o.Name != "" {
		words = append(words, o.Name)
	}
	return strings.Join(words, " ")
}

// author is the call as an operator reads who it was.
func (c *Call) author() string {
	name := "flow"
	if c.flow != nil {
		name += " " + c.flow.Name()
	}
	if c.info.CallerID == "" {
		return name
	}
	return name + ", caller " + c.info.CallerID
}

// ClearOverride takes back what Override said of a schedule, or of AllSchedules, and says whether there was anything.
func (c *Call) ClearOverride(schedule string) (bool, error) {
	now, memory := c.Now(), c.memory()
	text, err := c.tellHours(schedule, "clear "+schedule, func(ctx context.Context) (string, error) {
		cleared, err := ClearOverrides(ctx, memory, now, schedule)
		return strconv.FormatBool(len(cleared) > 0), err
	})
	if err != nil {
		return false, err
	}
	return parseDid(text)
}

// tellHours is a step that changes what a schedule says. do must not touch the call.
func (c *Call) tellHours(schedule, args string, do func(ctx context.Context) (string, error)) (string, error) {
	if err := c.knows(schedule); err != nil {
		return "", err
	}
	text, err := c.remember(StepHours, args, do)
	return text, c.outside(StepHours, err)
}

// knows refuses a schedule that the flow's version has not. It is no step: that is known beforehand.
func (c *Call) knows(schedule string) error {
	t, ok := c.flow.(Timetable)
	if !ok {
		return errNoTimetable
	}
	if schedule == AllSchedules {
		return nil
	}
	_, err := t.Hours(schedule, c.began, nil)
	return err
}

// concerning are those of overrides that say something of a schedule.
func concerning(schedule string, all []Override) (said []Override) {
	for _, o := range all {
		if o.Concerns(schedule) {
			said = append(said, o)
		}
	}
	return said
}

// A lastOverrides is what Overrides gave the last time, so that what has not changed need not be decoded again.
type lastOverrides struct {
	atomic.Pointer[decodedOverrides]
}

type decodedOverrides struct {
	text string
	all  []Override
}

func (l *lastOverrides) read(ctx context.Context, kv KV) ([]Override, error) {
	text, _, err := kv.Read(ctx, overridesScope, overridesKey)
	if err != nil || text == "" {
		return nil, err
	}
	if last := l.Load(); last != nil && last.text == text {
		return last.all, nil
	}
	all, err := parseOverrides(text)
	if err == nil {
		l.Store(&decodedOverrides{text, all})
	}
	return all, err
}
