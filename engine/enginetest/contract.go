package enginetest

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/transcript"
)

//go:embed contract
var contract embed.FS

// Contract is the folder of flows and transcripts.
func Contract() fs.FS {
	sub, err := fs.Sub(contract, "contract")
	if err != nil {
		panic(err) // the name is right here
	}
	return sub
}

// Missing is the name of a prompt that no backend may have.
const Missing = "no-such-prompt"

// Limits are those of contract calls: small, so that flows that use them up do so at once.
var Limits = engine.Limits{Instructions: 200_000, Steps: 100}

// Files are the transcripts of a folder. Each of their calls comes from a number of its own.
func Files(fsys fs.FS) ([]*transcript.File, error) {
	names, err := fs.Glob(fsys, "*"+transcript.Extension)
	if err != nil {
		return nil, err
	}
	var files []*transcript.File
	var errs []error
	seen := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		f, err := transcript.Parse(name, string(text))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		files = append(files, f)
		for _, c := range f.Calls {
			if other, ok := seen[c.Ring.From]; ok {
				errs = append(errs, fmt.Errorf("%s: a call from %q is in %s already", name, c.Ring.From, other))
			}
			seen[c.Ring.From] = name
		}
	}
	return files, errors.Join(errs...)
}

// Sounds are the names of all prompts that are played in transcripts and exist.
func Sounds(files []*transcript.File) []string {
	var names []string
	seen := map[string]bool{Missing: true}
	for _, f := range files {
		for _, c := range f.Calls {
			for _, l := range c.Lines {
				list, ok := strings.CutPrefix(l.Text, "play ")
				if !ok {
					list, ok = strings.CutPrefix(l.Text, "control ")
				}
				if !ok {
					_, list, ok = strings.Cut(strings.TrimPrefix(l.Text, "dial"), " announce ")
					list, _, _ = strings.Cut(list, " confirm ")
				}
				if l.Word != transcript.Step || !ok {
					continue
				}
				for list = strings.TrimSpace(list); list != ""; {
					name := engine.FirstPrompt(list)
					list = strings.TrimLeft(list[len(name):], " ")
					if !strings.Contains(name, ":") && !seen[name] {
						seen[name] = true
						names = append(names, name)
					}
				}
			}
		}
	}
	return names
}
