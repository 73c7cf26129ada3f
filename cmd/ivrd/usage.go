package main

import (
	"errors"
	"fmt"

	"github.com/ivrd/ivrd/internal/spell"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// noSuchCommand takes the words that no command has taken.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	near := spell.Suffix(args[0], names)
	if near == "" {
		near = fmt.Sprintf("; %s --help lists them", cmd.CommandPath())
	}
	return usageError{fmt.Errorf("there is no command %s%s", args[0], near)}
}

// badFlag says what was probably meant.
func badFlag(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	if !errors.As(err, &missing) || missing.GetSpecifiedShortnames() != "" {
		return usageError{fmt.Errorf("%w; %s --help lists the flags", err, cmd.CommandPath())}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	flag := "--" + missing.GetSpecifiedName()
	near := spell.Suffix(flag, names)
	if near == "" {
		near = fmt.Sprintf("; %s --help lists them", cmd.CommandPath())
	}
	return usageError{fmt.Errorf("there is no flag %s%s", flag, near)}
}

// arguments bounds how many arguments a command takes; below 0 means no bound.
func arguments(low, high int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < low:
			return usageError{fmt.Errorf("an argument is missing; usage: %s", cmd.UseLine())}
		case high >= 0 && len(args) > high:
			return usageError{fmt.Errorf("there is no use for %q; usage: %s", args[high], cmd.UseLine())}
		}
		return nil
	}
}
