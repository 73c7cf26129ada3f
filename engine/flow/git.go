package flow

import (
	"os"
	"path/filepath"
	"strings"
)

// gitBusy reports whether git is writing the files of the working tree dir is in. It holds index.lock
// from before the first file until after the last one (git, read-cache: lock_file), so a checkout goes
// live as a whole however long it takes.
func gitBusy(dir string) bool {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	for {
		git := filepath.Join(dir, ".git")
		if info, err := os.Stat(git); err == nil {
			if !info.IsDir() {
				git = gitFolder(dir, git)
			}
			_, err := os.Lstat(filepath.Join(git, "index.lock"))
			return err == nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return false
		}
		dir = above
	}
}

// gitFolder reads where the folder of a linked working tree is.
func gitFolder(dir, file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	at := strings.TrimSpace(strings.TrimPrefix(string(content), "gitdir:"))
	if !filepath.IsAbs(at) {
		at = filepath.Join(dir, at)
	}
	return at
}
