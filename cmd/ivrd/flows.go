package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"

	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/flows"
	"github.com/spf13/cobra"
)

// A folder is where flows come from: a folder on disk, or the one that ivrd carries with it.
type folder struct {
	dir     string
	builtIn bool
}

const usualFolder = "./flows"

// folder is what the configuration says. Without a word of it, and without ./flows, it is the built-in one.
func (c *config) folder() folder {
	if c.Flows == "" {
		if _, err := os.Stat(usualFolder); err != nil {
			return folder{builtIn: true}
		}
	}
	return folder{dir: cmp.Or(c.Flows, usualFolder)}
}

// folderOf is the folder given as argument, else the configuration's.
func folderOf(c config, args []string) folder {
	if len(args) > 0 {
		return folder{dir: args[0]}
	}
	return c.folder()
}

// fs is the folder as a file system, for reading transcripts and listing.
func (f folder) fs() fs.FS {
	if f.builtIn {
		return flows.FS
	}
	return os.DirFS(f.dir)
}

func (f folder) String() string {
	if f.builtIn {
		return "the built-in flows"
	}
	return f.dir
}

// load reads the folder once.
func (f folder) load(c config) (*flow.Set, []flow.Problem, error) {
	if f.builtIn {
		set, problems := flow.Load(flows.FS, c.flowOptions())
		return set, problems, nil
	}
	info, err := os.Stat(f.dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", f.dir)
	}
	if err != nil {
		return nil, nil, usageError{fmt.Errorf("flows folder: %w; ivrd init %s makes one", err, f.dir)}
	}
	set, problems := flow.LoadDir(f.dir, c.flowOptions())
	return set, problems, nil
}

// flowOptions say how a folder is read, the same for all commands. What is converted is kept if there is a place
// for it.
func (c config) flowOptions() flow.Options {
	o := flow.Options{Language: c.Prompts.Language, Sounds: c.Prompts.Sounds, Values: c.languages(), Speech: c.voices()}
	if dir, err := c.Prompts.cacheFolder(); err == nil {
		o.Converted = keep(dir, "recordings")
	}
	return o
}

// noteBuiltIn tells on standard error that the flows are not the caller's own, who may have expected that.
func (f folder) noteBuiltIn(cmd *cobra.Command) {
	if f.builtIn {
		fmt.Fprintf(cmd.ErrOrStderr(), "there is no %s: these are the built-in flows; ivrd init flows makes a folder of your own\n", usualFolder)
	}
}
