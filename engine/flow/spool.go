package flow

import (
	"io"
	"os"
	"path/filepath"
)

// copyTo reads r to its end. If there is a spool, its content is then in there under the name that name
// gives, whole or not at all.
func copyTo(spool string, r io.Reader, name func() string) (int64, error) {
	if spool == "" {
		n, err := io.Copy(io.Discard, r)
		if err == nil {
			name()
		}
		return n, err
	}
	w, err := os.CreateTemp(spool, ".new-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(w.Name()) // nothing, once it has its name
	n, err := io.Copy(w, r)
	if closing := w.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return n, err
	}
	return n, os.Rename(w.Name(), filepath.Join(spool, name()))
}
