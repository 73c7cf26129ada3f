package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sound"
	"github.com/ivrd/ivrd/engine/tts"
	"github.com/spf13/cobra"
)

func promptsCommand() *cobra.Command {
	var o promptsOptions
	cmd := &cobra.Command{
		Use:   "prompts [DIR]",
		Short: "List which prompts are missing, and what nobody plays",
		Long: `Lists for each language which prompts of the flows nobody recorded, and at the end the recordings and texts
that no flow names. With --script it prints what there is to record, name and words, for the voice; with
--synthesize it has that spoken by the text-to-speech engine of ivrd.yaml, into WAV files beside the flows.
Exits with 0 if nothing is missing, with 1 otherwise.`,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			c.Prompts.Sounds = append(c.Prompts.Sounds, o.sounds...)
			f := folderOf(c, args)
			if err := o.check(c, f); err != nil {
				return err
			}
			set, problems, err := f.load(c)
			if err != nil {
				return err
			}
			f.noteBuiltIn(cmd)
			for _, p := range problems {
				fmt.Fprintln(cmd.ErrOrStderr(), p.String())
			}
			return o.run(cmd.Context(), c, f, set, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringSliceVar(&o.languages, "language", nil, "only `code`, such as pt_BR")
	cmd.Flags().BoolVar(&o.script, "script", false, "print what there is to record")
	cmd.Flags().BoolVar(&o.all, "all", false, "with --script, also what is recorded already")
	cmd.Flags().BoolVar(&o.synthesize, "synthesize", false, "have the texts spoken that have no recording")
	soundFlag(cmd, &o.sounds)
	return cmd
}

// soundFlag is how a command is told of sounds that only Asterisk knows.
func soundFlag(cmd *cobra.Command, sounds *[]string) {
	cmd.Flags().StringSliceVar(sounds, "sound", nil, "`name` of a sound that Asterisk has and ivrd cannot know of, such as acme/*")
}

type promptsOptions struct {
	languages, sounds       []string
	script, all, synthesize bool
}

func (o promptsOptions) check(c config, f folder) error {
	switch {
	case o.script && o.synthesize:
		return usageError{errors.New("--script and --synthesize are two ways to go on; choose one")}
	case o.all && !o.script:
		return usageError{errors.New("--all is for --script")}
	case o.synthesize && f.builtIn:
		return usageError{errors.New("the built-in flows take no recordings; ivrd init flows makes a folder of your own")}
	case o.synthesize && !c.TTS.on():
		return usageError{errors.New("--synthesize needs a text-to-speech engine; a section tts in ivrd.yaml names one")}
	}
	for _, l := range o.languages {
		if !isLanguage(l) {
			return usageError{fmt.Errorf("--language %s is no language; write it like pt_BR", l)}
		}
	}
	if o.synthesize {
		return c.complete("tts")
	}
	return nil
}

func (o promptsOptions) run(ctx context.Context, c config, f folder, set *flow.Set, out io.Writer) error {
	inv := set.Inventory(o.languages...)
	switch {
	case o.script:
		return o.writeScript(inv, out)
	case o.synthesize:
		s := &synthesis{Speaker: c.TTS.speaker(), dir: f.dir, out: out}
		defer s.Close()
		return s.run(ctx, inv)
	}
	return tellInventory(inv, f, out)
}

// tellInventory lists what is missing and what is too much.
func tellInventory(inv flow.Inventory, f folder, out io.Writer) error {
	missing := 0
	for _, language := range inv.Languages {
		all := inv.In(language)
		counted := map[flow.State]int{}
		for _, i := range all {
			counted[i.State]++
		}
		fmt.Fprintf(out, "%s: %s\n", language, states(counted, len(all)))
		for _, i := range all {
			if i.Lacks() {
				missing++
				fmt.Fprintf(out, "  %s\n", lack(i))
			}
		}
	}
	if len(inv.Unused) > 0 {
		fmt.Fprintln(out, "no flow names:")
		for _, name := range inv.Unused {
			fmt.Fprintf(out, "  %s\n", name)
		}
	}
	fmt.Fprintf(out, "%s: %d missing, %d unused\n", f, missing, len(inv.Unused))
	if missing > 0 {
		return errProblems
	}
	return nil
}

// states says where so many prompts come from.
func states(counted map[flow.State]int, all int) string {
	text := count(all, "prompt")
	for _, s := range []struct {
		flow.State
		words string
	}{
		{flow.Recorded, "recorded"}, {flow.Spoken, "spoken by text-to-speech"}, {flow.Asterisks, "of Asterisk's own"},
		{flow.Worded, "with nothing but a text"}, {flow.Missing, "missing"},
	} {
		if n := counted[s.State]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, s.words)
		}
	}
	return text
}

// lack is one line about a prompt that is missing.
func lack(i flow.Listed) string {
	text := i.Name
	if i.Where != "" {
		text += " (" + i.Where + ")"
	}
	switch {
	case i.State == flow.Worded:
		text += ": a text and no recording"
	default:
		text += ": missing"
	}
	if i.Instead != "" {
		text += "; callers hear it in " + i.Instead
	}
	return text
}

// writeScript prints what the voice has to say.
func (o promptsOptions) writeScript(inv flow.Inventory, out io.Writer) error {
	for n, language := range inv.Languages {
		if n > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "# %s\n", language)
		for _, i := range inv.In(language) {
			if i.Lacks() || i.State == flow.Spoken || o.all && i.State == flow.Recorded {
				fmt.Fprintf(out, "%s\t%s\n", i.File, cmp.Or(i.Words, "?"))
			}
		}
	}
	return nil
}

// A synthesis has spoken what nobody recorded.
type synthesis struct {
	*tts.Speaker
	dir                    string
	out                    io.Writer
	wordless, made, failed int
}

// run writes a file for every text that has no recording. Nothing that is there is written over.
func (s *synthesis) run(ctx context.Context, inv flow.Inventory) error {
	temp, err := os.MkdirTemp("", "ivrd-speech-")
	if err != nil {
		return fmt.Errorf("folder for texts: %w", err)
	}
	defer os.RemoveAll(temp)
	s.Store = &sound.Store{Dir: temp}
	for _, language := range inv.Languages {
		for _, i := range inv.In(language) {
			if !i.Lacks() && i.State != flow.Spoken {
				continue
			}
			if err := s.one(ctx, i, language); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(s.out, "%d written, %d failed, %d without words\n", s.made, s.failed, s.wordless)
	if s.failed+s.wordless > 0 {
		return errProblems
	}
	return nil
}

// one writes the file of one text; the error is that of the disk.
func (s *synthesis) one(ctx context.Context, i flow.Listed, language string) error {
	if i.Words == "" {
		s.wordless++
		fmt.Fprintf(s.out, "%s: there are no words; prompts.yaml is the place for them\n", i.File)
		return nil
	}
	f, err := s.Speak(ctx, tts.Text{Language: language, Words: i.Words})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		s.failed++
		fmt.Fprintf(s.out, "%s: %v\n", i.File, err)
		return nil
	}
	recording, err := os.ReadFile(f.Path)
	if err != nil {
		return fmt.Errorf("write %s: %w", i.File, err)
	}
	if err := writeNew(filepath.Join(s.dir, filepath.FromSlash(i.File)), recording); err != nil {
		return fmt.Errorf("write %s: %w", i.File, err)
	}
	s.made++
	fmt.Fprintln(s.out, i.File)
	return nil
}
