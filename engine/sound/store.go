package sound

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Version is that of the conversion. It is raised when the same recording becomes something else than before,
// so that a Store does not hand out what an older ivrd made.
const Version = "1"

// A Store keeps what was made of recordings and texts in a folder, by keys, for the next time it is needed.
// If there is more than Most, what was not used for the longest time goes. Processes may share a folder.
type Store struct {
	Dir  string // made when it is needed, for nobody else: what is spoken can be about one caller
	Most int64  // bytes; 0 means no limit

	made atomic.Int64
}

// A File is a sound in the form that Asterisk plays best.
type File struct {
	Path     string
	Key      string // under which the store has it
	Duration time.Duration
	Hash     string // of its content
}

// Find returns what is kept under a key.
func (s *Store) Find(key string) (File, bool) {
	at := s.Path(key)
	info, err := os.Stat(at)
	if err != nil {
		return File{}, false
	}
	f, err := inspect(at)
	if err != nil { // cut off by a full disk, say
		_ = os.Remove(at)
		return File{}, false
	}
	f.Key = key
	touch(at, info)
	return f, true
}

// Touch is Find for a key that was found before: it does not look into the file.
func (s *Store) Touch(key string) (path string, ok bool) {
	at := s.Path(key)
	info, err := os.Stat(at)
	if err != nil {
		return "", false
	}
	touch(at, info)
	return at, true
}

// touch tells whoever looks for what was not used that a file was.
func touch(at string, info fs.FileInfo) {
	if now := time.Now(); now.Sub(info.ModTime()) > time.Hour {
		_ = os.Chtimes(at, now, now)
	}
}

// Path is where a key is, or would be.
func (s *Store) Path(key string) string { return filepath.Join(s.Dir, key+".wav") }

// inspect reads a file that must be as Asterisk plays it best.
func inspect(at string) (File, error) {
	r, err := os.Open(at)
	if err != nil {
		return File{}, err
	}
	defer r.Close()
	h := sha256.New()
	o, err := open(io.TeeReader(r, h))
	switch {
	case err != nil:
		return File{}, err
	case !o.plain:
		return File{}, fmt.Errorf("%w: %s", ErrFormat, o.Info)
	}
	result, err := (&conversion{limits: usual, w: nowhere{}}).keep(o)
	return File{Path: at, Duration: result.Duration, Hash: hex.EncodeToString(h.Sum(nil)[:6])}, err
}

// Make keeps what write writes under a key, whole or not at all.
func (s *Store) Make(key string, write func(w io.WriterAt) (Result, error)) (File, Result, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return File{}, Result{}, fmt.Errorf("keep a sound: %w", err)
	}
	w, err := os.CreateTemp(s.Dir, unfinished)
	if err != nil {
		return File{}, Result{}, fmt.Errorf("keep a sound: %w", err)
	}
	defer os.Remove(w.Name()) // nothing, once it has its name
	r, err := write(w)
	if err = errors.Join(err, w.Close()); err != nil {
		return File{}, r, err
	}
	f, err := inspect(w.Name())
	if err != nil {
		return File{}, r, err
	}
	f.Path, f.Key = s.Path(key), key
	if err := os.Rename(w.Name(), f.Path); err != nil {
		return File{}, r, fmt.Errorf("keep a sound: %w", err)
	}
	const often = 64
	if s.made.Add(1)%often == 1 {
		s.trim()
	}
	return f, r, nil
}

// unfinished is how the names of files begin that are being written.
const unfinished = ".new-"

// trim removes what is too much, and what others left unfinished.
func (s *Store) trim() {
	var files []fs.FileInfo
	var size int64
	entries, _ := os.ReadDir(s.Dir)
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil || !info.Mode().IsRegular():
		case strings.HasPrefix(e.Name(), unfinished):
			if time.Since(info.ModTime()) > time.Hour {
				_ = os.Remove(filepath.Join(s.Dir, e.Name()))
			}
		case filepath.Ext(e.Name()) == ".wav":
			files = append(files, info)
			size += info.Size()
		}
	}
	if s.Most == 0 || size <= s.Most {
		return
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range files { // some more than necessary, so that it lasts a while
		if size <= s.Most/10*9 {
			break
		}
		_ = os.Remove(filepath.Join(s.Dir, f.Name()))
		size -= f.Size()
	}
}

// ConvertFile is Convert of a recording whose content is named by a hash, into the store or out of it.
func (s *Store) ConvertFile(source [sha256.Size]byte, open func() (io.ReadCloser, error)) (File, error) {
	key := fmt.Sprintf("%x-%s", source[:16], Version)
	if f, ok := s.Find(key); ok {
		return f, nil
	}
	f, _, err := s.Make(key, func(w io.WriterAt) (Result, error) { return Convert(open, w) })
	return f, err
}

// nowhere is where a recording goes of which only the hash is wanted.
type nowhere struct{}

func (nowhere) WriteAt(b []byte, _ int64) (int, error) { return len(b), nil }
