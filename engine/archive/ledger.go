package archive

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// A recording is one that is to expire.
type recording struct {
	place, name, format string
	made                time.Time
}

// key is what makes two recordings the same file.
func (r recording) key() string { return r.place + "\t" + r.name + "\t" + r.format }

// A ledger is a file with a line for each recording: when it was made, or kept, then the place, name and format. The
// last line about a recording counts. While one ivrd takes over from another both write to it, so nothing of it is
// remembered.
type ledger struct{ path string }

const (
	title = "# What calls have recorded and ivrd is to delete."
	kept  = "kept"
)

// openLedger makes a ledger, or shortens the one there is.
func openLedger(path string) (ledger, error) {
	l := ledger{path}
	known, _, err := l.read()
	if err == nil {
		err = l.rewrite(known)
	}
	return l, err
}

// read returns all that are to expire, by key, and how many lines that took. A line that cannot be read, since ivrd
// was killed while it wrote, counts for nothing.
func (l ledger) read() (known map[string]recording, lines int, err error) {
	known = map[string]recording{}
	f, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return known, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	all := bufio.NewScanner(f)
	if all.Scan() && all.Text() != title {
		return nil, 0, fmt.Errorf("%s is another file: its first line is not %q", l.path, title)
	}
	for ; all.Scan(); lines++ {
		when, key, _ := strings.Cut(all.Text(), "\t")
		made, err := time.Parse(time.RFC3339, when)
		parts := strings.Split(key, "\t")
		switch {
		case when == kept:
			delete(known, key)
		case err == nil && len(parts) == 3:
			known[key] = recording{parts[0], parts[1], parts[2], made}
		}
	}
	return known, lines, all.Err()
}

// write adds a line, whole or not at all.
func (l ledger) write(n note) error {
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		if _, err = f.WriteString(line(n)); err != nil {
			err = errors.Join(err, f.Truncate(end))
		}
	}
	return errors.Join(err, f.Close())
}

func line(n note) string {
	when := kept
	if !n.keep {
		when = n.made.UTC().Format(time.RFC3339)
	}
	return when + "\t" + n.key() + "\n"
}

// shorten leaves out what does not count, if that is most.
func (l ledger) shorten() error {
	const slack = 1000 // lines
	known, lines, err := l.read()
	if err != nil || lines < 2*len(known)+slack {
		return err
	}
	return l.rewrite(known)
}

// rewrite replaces the file.
func (l ledger) rewrite(known map[string]recording) error {
	next := l.path + ".new"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	w.WriteString(title + "\n")
	for _, r := range before(known, time.Time{}) {
		w.WriteString(line(note{r, false}))
	}
	if err := errors.Join(w.Flush(), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return os.Rename(next, l.path)
}

// before are those that were made before a time, oldest first; the zero time is any.
func before(known map[string]recording, t time.Time) []recording {
	var all []recording
	for _, r := range known {
		if t.IsZero() || r.made.Before(t) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b recording) int { return cmp.Or(a.made.Compare(b.made), cmp.Compare(a.key(), b.key())) })
	return all
}
