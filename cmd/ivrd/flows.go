package main

import (
	"fmt"
	"io/fs"
	"os"

	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/flows"
)

// folder is where flows come from: a folder on disk, or the one that ivrd carries with it.
type folder struct {
	dir     string // "" means the built-in flows
	builtIn bool
}

// folder is what the configuration says. Without a word of it, and without ./flows, it is the built-in one.
func (c *config) folder() folder {
	if c.Flows == defaults().Flows {
		if _, err := os.Stat(c.Flows); err != nil {
			return folder{builtIn: true}
		}
	}
	return folder{dir: c.Flows}
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
func (f folder) load(o flow.Options) (*flow.Set, []flow.Problem, error) {
	if f.builtIn {
		set, problems := flow.Load(flows.FS, o)
		return set, problems, nil
	}
	if _, err := os.Stat(f.dir); err != nil {
		return nil, nil, usageError{fmt.Errorf("flows folder: %w", err)}
	}
	set, problems := flow.LoadDir(f.dir, o)
	return set, problems, nil
}
