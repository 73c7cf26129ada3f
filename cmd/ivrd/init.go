package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ivrd/ivrd/flows"
	"github.com/ivrd/ivrd/luaapi"
	"github.com/spf13/cobra"
)

func initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init DIR",
		Short: "Make a new flows folder, set up for an editor",
		Long: `Makes a folder with a flow to begin with, its transcripts, and what editors with the Lua language server
need to complete and check names. It overwrites nothing. After an update of ivrd, the editor learns what is
new from: ivrd api --stubs > DIR/.ivrd/ivrd.d.lua`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := filepath.Clean(args[0])
			files, err := newFolder()
			if err != nil {
				return err
			}
			if err := writeFolder(dir, files); err != nil {
				return err
			}
			return nextSteps(cmd.OutOrStdout(), dir)
		},
	}
}

// nextSteps says how to go on, in three lines.
func nextSteps(out io.Writer, dir string) error {
	flag, arg := "", "" // what the commands need to be told
	if dir != filepath.Clean(usualFolder) {
		flag, arg = " --flows "+dir, " "+dir
	}
	for _, step := range [][2]string{
		{"hear " + filepath.Join(dir, "100.lua"), "ivrd call 100" + flag},
		{"run its transcripts", "ivrd test" + arg + " && ivrd check" + arg},
		{"answer Asterisk's calls", "ivrd serve" + flag},
	} {
		if _, err := fmt.Fprintf(out, "%-*s  %s\n", len(dir)+len("answer Asterisk's calls"), step[0]+":", step[1]); err != nil {
			return err
		}
	}
	return nil
}

// A newFile is one to be written, by its path below the new folder.
type newFile struct {
	path string
	text []byte
}

// The stubs stand where flows are not looked for: they are Lua, and no flow.
const (
	stubsPath = ".ivrd/ivrd.d.lua"
	luarc     = `{
  "runtime.version": "Lua 5.1",
  "workspace.library": [".ivrd"],
  "workspace.checkThirdParty": false
}
`
)

// newFolder is the built-in flows with the files for the editor.
func newFolder() ([]newFile, error) {
	var stubs bytes.Buffer
	if err := luaapi.API().Stubs(&stubs); err != nil {
		return nil, fmt.Errorf("write stubs: %w", err)
	}
	files := []newFile{{stubsPath, stubs.Bytes()}, {".luarc.json", []byte(luarc)}}
	err := fs.WalkDir(flows.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(flows.FS, path)
		files = append(files, newFile{path, text})
		return err
	})
	return files, err
}

// writeFolder writes all files or, if one is there already, none.
func writeFolder(dir string, files []newFile) error {
	for _, f := range files {
		at := filepath.Join(dir, filepath.FromSlash(f.path))
		if _, err := os.Lstat(at); err == nil {
			return fmt.Errorf("%s is there already, and ivrd init overwrites nothing; choose another folder", at)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("make a flows folder: %w", err)
		}
	}
	for _, f := range files {
		if err := writeNew(filepath.Join(dir, filepath.FromSlash(f.path)), f.text); err != nil {
			return fmt.Errorf("make a flows folder: %w", err)
		}
	}
	return nil
}

// writeNew writes a file that is not there yet.
func writeNew(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
