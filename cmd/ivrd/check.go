package main

import (
	"fmt"

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
			f, err := folderOf(cmd, args)
			if err != nil {
				return err
			}
			set, problems, err := f.load(flow.Options{})
			if err != nil {
				return err
			}
//LINT 			problems = append(problems, set.Lint(flow.LintOptions{Sounds: sounds})...)
			return report(cmd, f, set, problems)
		},
	}
	cmd.Flags().StringSliceVar(&sounds, "sound", nil, "`name` of a sound that Asterisk has and ivrd cannot know of")
	return cmd
}

// folderOf is the folder given as argument, else the configuration's.
func folderOf(cmd *cobra.Command, args []string) (folder, error) {
	if len(args) > 0 {
		return folder{dir: args[0]}, nil
	}
	c, err := loadConfig(cmd)
	return c.folder(), err
}

// report prints problems and what they amount to.
func report(cmd *cobra.Command, f folder, set *flow.Set, problems []flow.Problem) error {
	out, faults := cmd.OutOrStdout(), 0
	for _, p := range problems {
		fmt.Fprintln(out, p)
		if !p.Warning {
			faults++
		}
	}
	fmt.Fprintf(out, "%s: %d flows, %d problems, %d warnings\n", f, len(set.Names()), faults, len(problems)-faults)
	if faults > 0 {
		return errProblems
	}
	return nil
}
