package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func hoursCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hours",
		Short: "List opening hours; close, open or clear a schedule for the callers of now",
		Long: `Lists the schedules of hours.yaml, what each says now and until when. The commands below it say otherwise for a
while: whatever flows ask from then on, in calls in progress too, has it, whether ivrd runs or is started later.
The override of hours.yaml, holidays and days all come behind. Of two that are said, the later one decides while it
lasts.`,
		Example: `  ivrd hours
  ivrd hours close office --until 14:00 --name "fire drill"
  ivrd hours open office --for 2h
  ivrd hours close --all
  ivrd hours clear office`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return atDesk(cmd, func(d *desk) error { return d.list(d.Names()) })
		},
	}
	cmd.AddCommand(overrideCommand("close", false), overrideCommand("open", true), clearCommand())
	return cmd
}

func overrideCommand(verb string, open bool) *cobra.Command {
	o := overrideOptions{open: open}
	cmd := &cobra.Command{
		Use:   verb + " SCHEDULE...",
		Short: fmt.Sprintf("Have schedules say %s, whatever their hours", stateOf(open)),
		Long: fmt.Sprintf(`Has schedules of hours.yaml say %s to all callers from now on: for a time, until a moment, or until they are
cleared. --until takes 14:00 (today or else tomorrow), a date such as 2026-12-24, which ends it when that day begins,
and both, such as "2026-12-24 14:00", in the zone of the schedule; or a moment with its zone, 2026-12-24T14:00-03:00.`, stateOf(open)),
		Args: arguments(0, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd, args); err != nil {
				return err
			}
			return atDesk(cmd, func(d *desk) error { return d.override(cmd.Context(), args, o) })
		},
	}
	cmd.Flags().StringVar(&o.until, "until", "", "`when` it is over")
	cmd.Flags().Var(&o.length, "for", "after what `time` it is over, such as 30m, 2h or 3d")
	cmd.Flags().Lookup("for").DefValue = "" // without it there is no end
	cmd.Flags().StringVar(&o.name, "name", "", "`what` it is for; flows can tell callers")
	cmd.Flags().BoolVar(&o.all, "all", false, "all schedules")
	return cmd
}

func clearCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "clear SCHEDULE...",
		Short: "Have schedules say what their hours are",
		Long: `Takes back what was said of schedules with ivrd hours close and open, or by a flow. With --all it takes back what was
said of all together; what was said of one stays.`,
		Args: arguments(0, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOrAll(cmd, args, all); err != nil {
				return err
			}
			return atDesk(cmd, func(d *desk) error { return d.clear(cmd.Context(), args, all) })
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "what was said of all schedules together")
	return cmd
}

type overrideOptions struct {
	open, all   bool
	until, name string
	length      lifetime
}

func (o overrideOptions) check(cmd *cobra.Command, schedules []string) error {
	switch {
	case cmd.Flags().Changed("for") && cmd.Flags().Changed("until"):
		return usageError{errors.New("--for and --until both say when it is over; choose one")}
	case cmd.Flags().Changed("for") && o.length <= 0:
		return usageError{fmt.Errorf("--for %s is over already", o.length)}
	}
	return oneOrAll(cmd, schedules, o.all)
}

// oneOrAll wants schedules, each once, or --all.
func oneOrAll(cmd *cobra.Command, schedules []string, all bool) error {
	switch {
	case all && len(schedules) > 0:
		return usageError{fmt.Errorf("--all is every schedule; leave it out for %s alone", strings.Join(schedules, ", "))}
	case !all && len(schedules) == 0:
		return usageError{fmt.Errorf("which schedule? usage: %s, or --all", cmd.UseLine())}
	}
	for i, name := range schedules {
		if slices.Contains(schedules[:i], name) {
			return usageError{fmt.Errorf("%s is there twice", name)}
		}
	}
	return nil
}

func stateOf(open bool) string {
	if open {
		return "open"
	}
	return "closed"
}
