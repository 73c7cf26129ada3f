package flow

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

const (
	maxSource  = 256 << 10 // bytes of a Lua or YAML file; longer ones can take minutes to compile
	maxEntries = 100_000   // files and folders in all
	maxDepth   = 32        // folders in folders

	// racy is how old a change must be before time and size alone tell that there was no other since:
	// file systems keep times as coarse as two seconds.
	racy = 2500 * time.Millisecond
)

const (
	routesFile  = "routes.yaml"
	textsFile   = "prompts.yaml"
	hoursFile   = "hours.yaml"
	configFile  = "config.yaml"
	calendarExt = ".ics" // of calendars that it names
	promptsPath = "prompts/"
)

// A hash is that of a file's content.
type hash [sha256.Size]byte

// String is as much of it as people compare.
func (h hash) String() string { return hex.EncodeToString(h[:6]) }

// A snapshot is what the folder holds at one moment.
type snapshot struct {
	files    map[string]*file
	dirs     map[string]fs.FileInfo // all folders that were read, by path
	err      error                  // why the folder cannot be read at all
	problems []Problem
}

// A file is one file of a snapshot. It does not change.
type file struct {
	path    string
	info    fs.FileInfo
	read    time.Time // when reading it began
	hash    hash
	content []byte // of Lua and YAML files, and of those the gate reads
	sound   recording
	err     error // why it cannot be read
}

// scan reads what is in fsys. Files that look untouched since before are taken from there; before may
// be nil.
func scan(fsys fs.FS, before *snapshot, o Options) *snapshot {
	s := newScanner(fsys, before, &o)
	s.wants = func(at string) bool { return reads(at, o.Gate.Reads) }
	return s.scan()
}

func newScanner(fsys fs.FS, before *snapshot, o *Options) *scanner {
	return &scanner{fsys: fsys, before: before, o: o, now: &snapshot{files: map[string]*file{}, dirs: map[string]fs.FileInfo{}}}
}

func (s *scanner) scan() *snapshot {
	info, err := fs.Stat(s.fsys, ".")
	if err == nil {
		err = s.dir(".", info, nil)
	}
	if err != nil {
		s.now.err = err
		return s.now
	}
	inParallel(len(s.unread), func(i int) { s.read(s.unread[i]) })
	for _, f := range s.unread {
		if !errors.Is(f.err, fs.ErrNotExist) { // gone since we saw it
			s.now.files[f.path] = f
		}
	}
	return s.now
}

// scanDir is scan of a folder on disk, out of which no link leads.
func scanDir(dir string, before *snapshot, o Options) *snapshot {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return &snapshot{err: err}
	}
	defer root.Close()
	return scan(root.FS(), before, o)
}

type scanner struct {
	fsys    fs.FS
	before  *snapshot
	o       *Options
	wants   func(at string) bool // whether the file of that path is read
	now     *snapshot
	unread  []*file
	entries int
}

// dir reads one folder; above are those it is in, links resolved.
func (s *scanner) dir(at string, info fs.FileInfo, above []fs.FileInfo) error {
	for _, a := range above {
		if os.SameFile(a, info) {
			return nil // a link to a folder it is in
		}
	}
	if len(above) == maxDepth {
		s.warn(at, fmt.Sprintf("folders are nested more than %d deep; what is below is not read", maxDepth))
		return nil
	}
	list, err := fs.ReadDir(s.fsys, at)
	switch {
	case err != nil && at == ".":
		return err
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		s.unreadable(at, err)
		return nil
	}
	s.now.dirs[at] = info
	above = append(above[:len(above):len(above)], info)
	for _, e := range list {
		if err := s.entry(path.Join(at, e.Name()), e, above); err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) entry(at string, e fs.DirEntry, above []fs.FileInfo) error {
	if s.entries++; s.entries > maxEntries {
		return fmt.Errorf("there are more than %d files in it; is it the right folder?", maxEntries)
	}
	link := e.Type()&fs.ModeSymlink != 0
	if skipped(e.Name()) || !link && !e.IsDir() && !s.wants(at) {
		return nil
	}
	info, err := e.Info()
	if err == nil && link {
		if info, err = fs.Stat(s.fsys, at); err != nil {
			s.badLink(at, err)
			return nil
		}
	}
	switch {
	case err != nil: // gone again
		return nil
	case info.IsDir():
		return s.dir(at, info, above)
	case info.Mode().IsRegular() && s.wants(at):
		s.file(at, info)
	}
	return nil
}

func (s *scanner) badLink(at string, err error) {
	switch {
	case !errors.Is(err, fs.ErrNotExist):
		s.warn(at, "the link cannot be followed: links must be relative and stay in the flows folder")
	case s.wants(at): // of others, who knows what they were meant to be
		s.warn(at, "the link leads to nothing")
	}
}

func (s *scanner) file(at string, info fs.FileInfo) {
	if f := s.known(at); f != nil && f.untouched(info) {
		s.now.files[at] = f
		return
	}
	s.unread = append(s.unread, &file{path: at})
}

func (s *scanner) known(at string) *file {
	if s.before == nil {
		return nil
	}
	return s.before.files[at]
}

// untouched reports whether the file on disk, now described by info, must still be f.
func (f *file) untouched(info fs.FileInfo) bool {
	return f.err == nil && !f.sound.passing() && f.info.Size() == info.Size() && f.info.ModTime().Equal(info.ModTime()) &&
		os.SameFile(f.info, info) && f.read.Sub(info.ModTime()) > racy
}

// read reads f.
func (s *scanner) read(f *file) {
	f.read = time.Now()
	h, err := s.fsys.Open(f.path)
	if err != nil {
		f.err = err
		return
	}
	defer h.Close()
	if f.info, f.err = h.Stat(); f.err != nil {
		return
	}
	if _, ok := recordingName(f.path); ok {
		s.readRecording(f)
		return
	}
	f.content, f.err = io.ReadAll(io.LimitReader(h, maxSource+1))
	f.hash = sha256.Sum256(f.content)
	if old := s.known(f.path); old != nil && old.hash == f.hash {
		f.content = old.content // one copy is enough
	}
}

// unreadable keeps what was in a folder that cannot be read any more.
func (s *scanner) unreadable(at string, err error) {
	s.now.problems = append(s.now.problems, Problem{File: at, Text: "this folder cannot be read: " + reason(err),
		Hint: "what was read from it before stays in force"})
	if s.before == nil {
		return
	}
	for name, f := range s.before.files {
		if strings.HasPrefix(name, at+"/") {
			s.now.files[name] = f
		}
	}
}

func (s *scanner) warn(at, text string) {
	s.now.problems = append(s.now.problems, Problem{File: at, Text: text, Warning: true})
}

// skipped reports whether name is not for us: hidden files, which include what editors and Kubernetes
// keep beside the real ones, and what editors and linters leave behind for a moment.
func skipped(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasPrefix(name, "~") ||
		strings.HasSuffix(name, "~") || strings.HasPrefix(name, "flycheck_") || name == "4913" // vim tries whether it can write
}

// ours reports whether a file of that path means something to us.
func ours(at string) bool {
	switch path.Ext(at) {
	case ".lua", calendarExt:
		return true
	case ".yaml":
		return at == routesFile || at == textsFile || at == hoursFile || at == configFile
	case ".yml":
		return at == "routes.yml" || at == "prompts.yml" || at == "hours.yml" || at == "config.yml"
	}
	_, ok := recordingName(at)
	return ok
}

// reads reports whether the file of that path is read; also are the endings of further files that are.
func reads(at string, also []string) bool {
	return ours(at) || slices.Contains(also, path.Ext(at))
}

// doubted is s as a scan has it that trusts neither times nor sizes.
func (s *snapshot) doubted() *snapshot {
	d := *s
	d.files = make(map[string]*file, len(s.files))
	for at, f := range s.files {
		one := *f
		one.read = time.Time{}
		d.files[at] = &one
	}
	return &d
}

// sameAs reports whether both hold the same content.
func (s *snapshot) sameAs(t *snapshot) bool {
	if t == nil || reason(s.err) != reason(t.err) || len(s.files) != len(t.files) || !equalProblems(s.problems, t.problems) {
		return false
	}
	for at, f := range s.files {
		g := t.files[at]
		if g == nil || f.hash != g.hash || reason(f.err) != reason(g.err) || reason(f.sound.err) != reason(g.sound.err) {
			return false
		}
	}
	return true
}

// fault is why f cannot be used, whatever is in it; nil means that it can.
func (f *file) fault() *Problem {
	switch {
	case f.err != nil:
		return &Problem{File: f.path, Text: "this file cannot be read: " + reason(f.err)}
	case len(f.content) > maxSource:
		return &Problem{File: f.path, Text: fmt.Sprintf("this file is longer than %d KB, the most there is", maxSource>>10),
			Hint: "spread it over modules; data belongs in a database"}
	case len(bytes.TrimSpace(f.content)) == 0:
		return &Problem{File: f.path, Text: "this file is empty", Hint: "if that is meant, put a comment into it"}
	}
	return nil
}

// reason is err without the path, which the message names already.
func reason(err error) string {
	if err == nil {
		return ""
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return err.Error()
}
