package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/spf13/cobra"
)

// A desk is where an operator sees and says what schedules say.
type desk struct {
	*flow.Timetable
	said []engine.Override // that hold, the latest first
	kv   engine.KV
	now  time.Time
	out  io.Writer
}

// operatorsPatience is for flows that write all the time, which an operator can wait for longer than a caller.
const operatorsPatience = 3 * time.Second

// atDesk has something done at it.
func atDesk(cmd *cobra.Command, do func(d *desk) error) (err error) {
	c, err := loadConfig(cmd)
	if err != nil {
		return err
	}
	f := c.folder()
	if f.builtIn {
		return usageError{fmt.Errorf("there is no %s, so there are no schedules; -c and --flows say where the flows are", usualFolder)}
	}
	t, err := flow.ReadTimetable(f.dir)
	if err != nil {
		return usageError{fmt.Errorf("flows folder: %w", err)}
	}
	for _, p := range t.Problems() {
		fmt.Fprintln(cmd.ErrOrStderr(), p.String())
	}
	if len(t.Names()) == 0 && len(t.Problems()) == 0 {
		return usageError{fmt.Errorf("there are no schedules; hours.yaml in %s is the place for them", f.dir)}
	}
	if err := c.complete("kv"); err != nil {
		return err
	}
	memory, err := c.openMemory(operatorsPatience)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, memory.Close()) }()
	d := &desk{Timetable: t, kv: memory, now: time.Now().Truncate(time.Second), out: cmd.OutOrStdout()}
	if err := d.read(cmd.Context()); err != nil {
		return err
	}
	return do(d)
}

// read reads what is said at the moment.
func (d *desk) read(ctx context.Context) error {
	all, err := engine.Overrides(ctx, d.kv)
	d.said = slices.DeleteFunc(all, func(o engine.Override) bool { return !o.Holds(d.now) })
	return err
}

// override says something of schedules, or of all.
func (d *desk) override(ctx context.Context, schedules []string, o overrideOptions) error {
	if o.all {
		schedules = []string{engine.AllSchedules}
	}
	var added []engine.Override
	for _, schedule := range schedules {
		until, err := d.until(schedule, o)
		if err != nil {
			return usageError{err}
		}
		one := engine.Override{Schedule: schedule, Open: o.open, Until: until, Name: o.name, Set: d.now, By: operator()}
		if err := one.Check(d.now); err != nil {
			return usageError{err}
		}
		added = append(added, one)
	}
	if err := engine.SetOverrides(ctx, d.kv, d.now, added...); err != nil {
		return fmt.Errorf("nothing is changed: %w", err)
	}
	return d.show(ctx, schedules)
}

// until is when an override of a schedule is over; zero is never.
func (d *desk) until(schedule string, o overrideOptions) (time.Time, error) {
	switch {
	case schedule != engine.AllSchedules && d.Zone(schedule) == nil:
		return time.Time{}, d.unknown(schedule)
	case o.length > 0:
		return d.now.Add(time.Duration(o.length)), nil
	case o.until == "":
		return time.Time{}, nil
	}
	t, err := parseUntil(o.until, d.now, d.zone(schedule))
	if err != nil {
		return t, fmt.Errorf("--until: %w", err)
	}
	return t, nil
}

// zone is that of a schedule, or of all; nil if they have none in common.
func (d *desk) zone(schedule string) *time.Location {
	if zone := d.Zone(schedule); zone != nil {
		return zone
	}
	var common *time.Location
	for _, name := range d.Names() {
		zone := d.Zone(name)
		if common != nil && common.String() != zone.String() {
			return nil
		}
		common = zone
	}
	return common
}

func (d *desk) unknown(schedule string) error {
	if len(d.Names()) == 0 {
		return errors.New("hours.yaml has to be put right first; --all works nevertheless")
	}
	_, err := d.Hours(schedule, d.now, nil)
	return err
}

// clear takes back what was said of schedules, or of all together.
func (d *desk) clear(ctx context.Context, schedules []string, all bool) error {
	if all {
		schedules = []string{engine.AllSchedules}
	}
	for _, schedule := range schedules {
		said := slices.ContainsFunc(d.said, func(o engine.Override) bool { return o.Schedule == schedule })
		if !all && !said && d.Zone(schedule) == nil {
			return usageError{d.unknown(schedule)}
		}
	}
	cleared, err := engine.ClearOverrides(ctx, d.kv, d.now, schedules...)
	if err != nil {
		return fmt.Errorf("nothing is changed: %w", err)
	}
	for _, o := range cleared {
		fmt.Fprintf(d.out, "no longer: %s\n", d.about(o))
	}
	if len(cleared) == 0 {
		fmt.Fprintln(d.out, "there was nothing to clear")
	}
	return d.show(ctx, schedules)
}

// show tells what schedules say after a change.
func (d *desk) show(ctx context.Context, schedules []string) error {
	if err := d.read(ctx); err != nil {
		return err
	}
	if slices.Contains(schedules, engine.AllSchedules) {
		schedules = d.Names()
	}
	for _, name := range schedules {
		if d.Zone(name) != nil {
			fmt.Fprintln(d.out, d.line(name))
		}
	}
	return nil
}

// list tells what schedules say, and all that was said of any.
func (d *desk) list(schedules []string) error {
	for _, name := range schedules {
		fmt.Fprintln(d.out, d.line(name))
	}
	if len(d.said) > 0 {
		fmt.Fprintln(d.out, "said at run time, the latest first:")
	}
	for _, o := range d.said {
		fmt.Fprintf(d.out, "  %s\n", d.about(o))
	}
	if len(schedules) == 0 {
		return errProblems
	}
	return nil
}

// line is what a schedule that is there says: "office: closed until 2026-11-28 14:00 -03 (override, fire drill)".
func (d *desk) line(schedule string) string {
	said := slices.DeleteFunc(slices.Clone(d.said), func(o engine.Override) bool { return !o.Concerns(schedule) })
	h, _ := d.Hours(schedule, d.now, said) // fails for no schedule that is there
	text := schedule + ": " + stateOf(h.Open)
	if !h.Changes.IsZero() {
		text += " until " + h.Changes.Format(momentFormat)
	}
	why := h.Why
	switch {
	case why != "override":
	case len(said) == 0:
		why = "override in hours.yaml"
	case said[0].Schedule == engine.AllSchedules:
		why = "override of all"
	}
	if h.Name != "" {
		why += ", " + h.Name
	}
	return text + " (" + why + ")"
}

// about is an override with who said it and when: "office: closed until cleared, fire drill (ana, 2026-11-28 13:00 -03)".
func (d *desk) about(o engine.Override) string {
	zone := d.zone(o.Schedule)
	if zone == nil {
		zone = time.Local
	}
	schedule := o.Schedule
	switch {
	case schedule == engine.AllSchedules:
		schedule = "all schedules"
	case d.Zone(schedule) == nil:
		schedule += ", which hours.yaml does not have"
	}
	until := "cleared"
	if !o.Until.IsZero() {
		until = o.Until.In(zone).Format(momentFormat)
	}
	text := fmt.Sprintf("%s: %s until %s", schedule, stateOf(o.Open), until)
	if o.Name != "" {
		text += ", " + o.Name
	}
	return fmt.Sprintf("%s (%s, %s)", text, o.By, o.Set.In(zone).Format(momentFormat))
}
