package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestMain makes the real program callable as ivrd.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "ivrd" {
		main()
		return
	}
	os.Exit(withProgram(m.Run))
}

// withProgram puts a folder first in PATH in which ivrd is this very program.
func withProgram(do func() int) int {
	dir, err := os.MkdirTemp("", "ivrd")
	if err == nil {
		defer os.RemoveAll(dir)
		err = link(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "prepare the program:", err)
		return 1
	}
	return do()
}

func link(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.Symlink(self, filepath.Join(dir, "ivrd")); err != nil {
		return err
	}
	return os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}
