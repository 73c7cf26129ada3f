package main

import (
	"fmt"
	"io"

	"github.com/ivrd/ivrd/engine/flow"
	"github.com/spf13/cobra"
)

func checkCommand() *cobra.Command {
	var sounds []string
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Find what is wrong in a flows folder",
		Long: `Compiles all flows and looks for what would go wrong in a call: undefined names, wrong options, flows and
routes that lead nowhere, missing prompts. Exits with 0 if there is nothing but warnings, with 1 otherwise.`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			c.Prompts.Sounds = append(c.Prompts.Sounds, sounds...)
			f := folderOf(c, args)
			set, problems, err := f.load(c)
			if err != nil {
				return err
			}
			f.noteBuiltIn(cmd)
			problems = append(problems, set.Lint(flow.LintOptions{Backends: c.lintBackends(), Names: c.names()})...)
			return report(cmd.OutOrStdout(), f, set, problems)
		},
	}
	soundFlag(cmd, &sounds)
	return cmd
}

// report prints problems and what they amount to.
func report(out io.Writer, f folder, set *flow.Set, problems []flow.Problem) error {
	faults := 0
	for _, p := range problems {
		if p.Warning {
			p.Text = "warning: " + p.Text
		} else {
			faults++
		}
		fmt.Fprintln(out, p.String())
	}
	fmt.Fprintf(out, "%s: %s, %s, %s\n", f, count(len(set.Names()), "flow"), count(faults, "problem"), count(len(problems)-faults, "warning"))
	if faults > 0 {
		return errProblems
	}
	return nil
}

// count is a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
