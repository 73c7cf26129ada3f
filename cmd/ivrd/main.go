// Command ivrd answers calls for Asterisk and lets Lua files decide what the caller hears.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Exit codes that a script can rely on.
const (
	exitOK       = 0
	exitProblems = 1 // the command worked and found problems: failed transcripts, faults in flows
	exitUsage    = 2 // the command line or the configuration is wrong
	exitFailed   = 3 // the command could not do its work
)

// errProblems ends a command that has already said what it found.
var errProblems = errors.New("problems found")

// A usageError is a command line or a configuration that is wrong.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// run is the program without the process around it.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errProblems):
		return exitProblems
	case errors.As(err, &usage):
		fmt.Fprintln(errOut, "ivrd:", err)
		return exitUsage
	}
	fmt.Fprintln(errOut, "ivrd:", err)
	return exitFailed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "ivrd",
		Short:         "Lua call flows for Asterisk",
		SilenceErrors: true,
		SilenceUsage:  true,
		// Every command names itself, so an unknown word is a usage error with cobra's suggestion.
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("there is no command %q; ivrd --help lists them", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringP("config", "c", "", "configuration `file` (default ./ivrd.yaml if it is there)")
	root.PersistentFlags().String("flows", "", "flows `folder`, in place of the configuration's")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(serveCommand(), callCommand(), testCommand(), checkCommand(), apiCommand(), agiCommand(), versionCommand())
	return root
}

// arguments bounds how many arguments a command takes.
func arguments(low, high int) cobra.PositionalArgs {
	check := cobra.RangeArgs(low, high)
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{fmt.Errorf("%w; usage: %s", err, cmd.UseLine())}
		}
		return nil
	}
}
