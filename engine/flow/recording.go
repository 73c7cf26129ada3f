package flow

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine/sound"
)

// A recording is what became of a recording's file.
type recording struct {
	hash     string // of what Asterisk gets, which is what the spool has under that name
	duration time.Duration
	err      error // why it cannot be played
}

// passing reports whether it may be better when it is read again, since it was the disk that failed.
func (r recording) passing() bool { return r.err != nil && !ofRecording(r.err) }

var errChanged = errors.New("it changed while it was read")

// recordingName reports whether a file of that path is a recording of ours, and what its path is without the
// ending.
func recordingName(at string) (bare string, ok bool) {
	if !strings.HasPrefix(at, promptsPath) {
		return at, false
	}
	return sound.IsName(at)
}

// readRecording takes in a recording. Of a content that was read before it is known what becomes of it.
func (s *scanner) readRecording(f *file) {
	if size := f.info.Size(); size > sound.MaxBytes {
		f.hash = sha256.Sum256(fmt.Append(nil, size, f.info.ModTime()))
		f.sound.err = fmt.Errorf("%w: it has %d MB, and %d MB are the most", sound.ErrTooLong, size>>20, sound.MaxBytes>>20)
		return
	}
	if f.hash, f.err = s.hashOf(f.path); f.err != nil {
		return
	}
	if old := s.known(f.path); old != nil && old.err == nil && old.hash == f.hash && !old.sound.passing() {
		f.sound = old.sound
		return
	}
	f.sound = s.convert(f.hash, func() (io.ReadCloser, error) {
		h, err := s.fsys.Open(f.path)
		return &sameFile{File: h, sum: sha256.New(), want: f.hash}, err
	})
}

func (s *scanner) hashOf(at string) (hash, error) {
	h, err := s.fsys.Open(at)
	if err != nil {
		return hash{}, err
	}
	defer h.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, h)
	return hash(sum.Sum(nil)), err
}

// A sameFile is read to its end and then closed with an error if it had not the content with that hash.
type sameFile struct {
	fs.File
	sum interface {
		io.Writer
		Sum([]byte) []byte
	}
	want hash
}

func (f *sameFile) Read(b []byte) (int, error) {
	n, err := f.File.Read(b)
	f.sum.Write(b[:n])
	return n, err
}

func (f *sameFile) Close() error {
	if err := f.File.Close(); err != nil {
		return err
	}
	if hash(f.sum.Sum(nil)) != f.want {
		return errChanged
	}
	return nil
}

// convert makes of a recording what Asterisk plays best, and puts it into the spool.
func (s *scanner) convert(source hash, open func() (io.ReadCloser, error)) recording {
	if r, ok := s.keep(source, open); ok {
		return r
	}
	if s.o.Converted != nil {
		f, err := s.o.Converted.ConvertFile(source, open)
		if err == nil {
			return recording{hash: f.Hash, duration: f.Duration, err: s.spoolFile(f)}
		}
		if ofRecording(err) {
			return recording{err: err}
		}
	} // else, or if the disk is full, say, it is done anew each time
	content, r, err := sound.InMemory(open)
	if err != nil {
		return recording{err: err}
	}
	one := recording{hash: contentHash(content).String(), duration: r.Duration}
	one.err = s.spool(one.hash, func(w io.WriterAt) error {
		_, err := w.WriteAt(content, 0)
		return err
	})
	return one
}

func contentHash(content []byte) hash { return sha256.Sum256(content) }

// ofRecording reports whether an error says what is wrong with a recording, not with the disk.
func ofRecording(err error) bool {
	for _, one := range []error{sound.ErrFormat, sound.ErrTruncated, sound.ErrTooLong, errChanged} {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}

// keep takes a recording in as it is, if it is as Asterisk plays it best.
func (s *scanner) keep(source hash, open func() (io.ReadCloser, error)) (one recording, ok bool) {
	r, err := open()
	if err != nil {
		return recording{err: err}, true
	}
	ok = sound.IsPlain(r)
	if r.Close(); !ok { // an error says that it was not read to its end
		return recording{}, false
	}
	one.hash = source.String()
	one.err = s.spool(one.hash, func(w io.WriterAt) error {
		result, err := sound.Convert(open, w)
		if err == nil && !result.Kept {
			err = errChanged
		}
		one.duration = result.Duration
		return err
	})
	return one, true
}

// spoolFile puts a converted recording into the spool.
func (s *scanner) spoolFile(f sound.File) error {
	if s.o.Spool == "" {
		return nil
	}
	err := os.Link(f.Path, s.inSpool(f.Hash))
	if err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return s.spool(f.Hash, func(w io.WriterAt) error { // it is on another disk
		r, err := os.Open(f.Path)
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(io.NewOffsetWriter(w, 0), r)
		return err
	})
}

func (s *scanner) inSpool(name string) string { return filepath.Join(s.o.Spool, name+".wav") }

// spool has write write a file that is then in the spool under a name, whole or not at all. Without a spool it
// is written nowhere.
func (s *scanner) spool(name string, write func(w io.WriterAt) error) error {
	if s.o.Spool == "" {
		return write(nowhere{})
	}
	w, err := os.CreateTemp(s.o.Spool, ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(w.Name()) // nothing, once it has its name
	err = write(w)
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	return os.Rename(w.Name(), s.inSpool(name))
}

type nowhere struct{}

func (nowhere) WriteAt(b []byte, _ int64) (int, error) { return len(b), nil }
