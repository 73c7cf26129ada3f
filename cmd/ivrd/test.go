package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/engine/transcript"
	"github.com/spf13/cobra"
)

func testCommand() *cobra.Command {
	var update, verbose bool
	cmd := &cobra.Command{
		Use:   "test [DIR | FILE.call...]",
		Short: "Run the transcripts of a flows folder",
		Long: `Runs every *.call file below the flows folder on the simulator, in virtual time, and shows where a call
went another way than it is written. With files, such as those of the journal, it runs these, with the flows of the
configuration. Exits with 0 if all went as written, with 1 otherwise.`,
		Args: arguments(0, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			f, only := folderOf(c, args), []string(nil)
			switch {
			case slices.ContainsFunc(args, isTranscript):
				f, only = c.folder(), args
			case len(args) > 1:
				return usageError{fmt.Errorf("there is no use for %q; usage: %s", args[1], cmd.UseLine())}
			}
			set, problems, err := f.load(c)
			if err != nil {
				return err
			}
			f.noteBuiltIn(cmd)
			for _, p := range problems {
				fmt.Fprintln(cmd.OutOrStdout(), p.String())
			}
			r, err := c.rehearsal()
			if err != nil {
				return err
			}
			t := tester{rehearsal: r, set: set, only: only, out: cmd.OutOrStdout(), verbose: verbose}
			if update {
				return t.update(cmd.Context(), f)
			}
			return t.run(cmd.Context(), f)
		},
	}
	cmd.Flags().BoolVarP(&update, "update", "u", false, "rewrite the transcripts as the calls went")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "name every call")
	return cmd
}

func isTranscript(path string) bool { return strings.HasSuffix(path, transcript.Extension) }

// A tester runs the transcripts of one folder.
type tester struct {
	rehearsal
	set     *flow.Set
	only    []string // the files that are run; nil is all below the folder
	out     io.Writer
	verbose bool

	passed, failed int
}

// stage is where its calls take place: the simulator, in virtual time.
func (t *tester) stage() *transcript.Stage {
	return &transcript.Stage{
		Engine: func() *engine.Engine { return t.engine(t.set) },
		Dial: func(c *transcript.Call) (engine.Channel, transcript.Phone) {
			ch := sim.New(sim.Call{Info: c.Info(), Vars: c.Vars(), Start: c.Clock})
			return ch, ch.Phone()
		},
	}
}

// run runs all transcripts and prints those that went another way.
func (t *tester) run(ctx context.Context, f folder) error {
	began := time.Now()
	files, err := t.transcripts(f)
	if err != nil {
		return err
	}
	for _, file := range files {
		for _, r := range t.stage().Run(ctx, file) {
			t.tell(file, r)
		}
	}
	fmt.Fprintf(t.out, "%d passed, %d failed (%s)\n", t.passed, t.failed, time.Since(began).Round(time.Millisecond))
	if t.failed > 0 {
		return errProblems
	}
	return nil
}

func (t *tester) tell(file *transcript.File, r transcript.Result) {
	word := "ok  "
	if r.Diff != nil {
		t.failed++
		word = "FAIL"
	} else {
		t.passed++
	}
	if t.verbose {
		fmt.Fprintf(t.out, "%s %s: %s (%s)\n", word, file.Name, cmp.Or(r.Call.Title, r.Call.Ring.String()), engine.Seconds(r.Took))
	}
	if r.Diff != nil {
		fmt.Fprintf(t.out, "%s\n", r.Diff)
	}
}

// update rewrites the transcripts that went another way.
func (t *tester) update(ctx context.Context, f folder) error {
	if f.builtIn {
		return usageError{errors.New("the built-in flows cannot be updated; ivrd init flows makes a folder of your own")}
	}
	files, err := t.transcripts(f)
	if err != nil {
		return err
	}
	for _, file := range files {
		after := t.stage().Update(ctx, file).String()
		if after == file.String() {
			continue
		}
		at := file.Name
		if t.only == nil {
			at = filepath.Join(f.dir, at)
		}
		if err := os.WriteFile(at, []byte(after), 0o644); err != nil {
			return fmt.Errorf("update: %w", err)
		}
		fmt.Fprintf(t.out, "rewritten: %s; read what changed\n", file.Name)
	}
	if t.failed > 0 {
		return errProblems
	}
	return nil
}

// transcripts reads those that are to run. Files that do not parse are counted as failed.
func (t *tester) transcripts(f folder) ([]*transcript.File, error) {
	var files []*transcript.File
	read := func(path string, text []byte, err error) error {
		if err != nil {
			return err
		}
		file, err := transcript.Parse(path, string(text))
		if err != nil {
			t.failed++
			fmt.Fprintln(t.out, err)
			return nil
		}
		files = append(files, file)
		return nil
	}
	if t.only != nil {
		for _, path := range t.only {
			text, err := os.ReadFile(path)
			if err := read(path, text, err); err != nil {
				return nil, usageError{fmt.Errorf("read transcripts: %w", err)}
			}
		}
		return files, nil
	}
	err := fs.WalkDir(f.fs(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !isTranscript(path) {
			return err
		}
		text, err := fs.ReadFile(f.fs(), path)
		return read(path, text, err)
	})
	if err != nil {
		return nil, fmt.Errorf("read transcripts: %w", err)
	}
	if len(files) == 0 && t.failed == 0 {
		return nil, fmt.Errorf("%s has no transcripts (*%s); ivrd call EXTEN --save FILE makes one", f, transcript.Extension)
	}
	return files, nil
}
