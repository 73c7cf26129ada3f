//go:build unix

package database

import (
	"os"
	"path/filepath"
	"syscall"
)

// makeForOwner makes a file that is missing belong to the owner of its folder, if root makes it: others could not
// write to it otherwise. What SQLite puts beside it belongs to the same.
func makeForOwner(file string) error {
	folder, err := os.Stat(filepath.Dir(file))
	if err != nil || os.Geteuid() != 0 {
		return nil // that it cannot be made, SQLite says
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil
	}
	defer f.Close()
	owner, ok := folder.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return f.Chown(int(owner.Uid), int(owner.Gid))
}
