package archive

import (
	"bufio"
	"errors"
	"fmt"
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
// last line about a recording counts.
type ledger struct {
	path  string
	file  *os.File
	known map[string]recording // to expire, by key
	lines int                  // in the file
}

const kept = "kept"

// openLedger reads a ledger and leaves out of the file what does not count any more.
func openLedger(path string) (*ledger, error) {
	l := &ledger{path: path, known: map[string]recording{}}
	if err := l.read(); err != nil {
		return nil, err
	}
	return l, l.rewrite()
}

func (l *ledger) read() error {
	f, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for number := 1; lines.Scan(); number++ {
		when, key, _ := strings.Cut(lines.Text(), "\t")
		parts := strings.Split(key, "\t")
		made, err := time.Parse(time.RFC3339, when)
		if len(parts) != 3 || err != nil && when != kept {
			if l.torn(lines) { // ivrd was killed while it wrote
				return nil
			}
			return fmt.Errorf("%s:%d: this is no line of a ledger; correct it, or delete the file to keep the recordings that it lists", l.path, number)
		}
		l.take(note{recording{parts[0], parts[1], parts[2], made}, when == kept})
	}
	return lines.Err()
}

// torn reports whether the line before was the last.
func (l *ledger) torn(lines *bufio.Scanner) bool { return !lines.Scan() && lines.Err() == nil }

func (l *ledger) take(n note) {
	if n.keep {
		delete(l.known, n.key())
	} else {
		l.known[n.key()] = n.recording
	}
}

// rewrite replaces the file by one without what does not count.
func (l *ledger) rewrite() error {
	next := l.path + ".new"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for _, r := range l.before(time.Time{}) {
		w.WriteString(line(note{r, false}))
	}
	if err = errors.Join(w.Flush(), f.Sync()); err == nil {
		err = os.Rename(next, l.path)
	}
	if err != nil {
		f.Close()
		return err
	}
	if l.file != nil {
		l.file.Close()
	}
	l.file, l.lines = f, len(l.known)
	return nil
}

func line(n note) string {
	when := kept
	if !n.keep {
		when = n.made.UTC().Format(time.RFC3339)
	}
	return when + "\t" + n.key() + "\n"
}

// write notes something.
func (l *ledger) write(n note) error {
	if _, known := l.known[n.key()]; n.keep && !known {
		return nil
	}
	l.take(n)
	if _, err := l.file.WriteString(line(n)); err != nil {
		return err
	}
	l.lines++
	const slack = 1000 // lines that do not count
	if l.lines > 2*len(l.known)+slack {
		return l.rewrite()
	}
	return nil
}

// before are those that were made before a time, oldest first; the zero time is any.
func (l *ledger) before(t time.Time) []recording {
	var all []recording
	for _, r := range l.known {
		if t.IsZero() || r.made.Before(t) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b recording) int { return a.made.Compare(b.made) })
	return all
}

// Close closes the file.
func (l *ledger) Close() error { return l.file.Close() }
