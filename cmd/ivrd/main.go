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
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
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
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errProblems) {
		return exitProblems
	}
	fmt.Fprintln(errOut, "ivrd:", err)
	if usage := (usageError{}); errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:               "ivrd",
		Short:             "Lua call flows for Asterisk",
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		Args:              noSuchCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringP("config", "c", "", "configuration `file` (default ./ivrd.yaml if it is there)")
	root.PersistentFlags().String("flows", "", "flows `folder`, in place of the configuration's")
	root.SetFlagErrorFunc(badFlag)
	root.AddCommand(serveCommand(), callCommand(), testCommand(), checkCommand(), promptsCommand(), hoursCommand(), initCommand(), apiCommand(),
		agiCommand(), dialplanCommand(), versionCommand())
	return root
}
