package sound

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// convert puts a recording into a store, or takes it from there, and says whether it was read for that.
func (s *Store) convert(t *testing.T, recording []byte) (f File, read bool) {
	t.Helper()
	f, err := s.ConvertFile(sha256.Sum256(recording), func() (io.ReadCloser, error) {
		read = true
		return io.NopCloser(bytes.NewReader(recording)), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, read
}

func TestStore(t *testing.T) {
	s := &Store{Dir: filepath.Join(t.TempDir(), "not", "yet")}
	recording := wave{tag: 1, rate: 16000, channels: 1, bits: 16}.tone(400, 0.5, 500*time.Millisecond)
	first, read := s.convert(t, recording)
	content, err := os.ReadFile(first.Path)
	sum := sha256.Sum256(content)
	if err != nil || !read || first.Duration != 500*time.Millisecond || first.Hash != hex.EncodeToString(sum[:6]) {
		t.Errorf("got %+v, read %v, %v", first, read, err)
	}
	if again, read := (&Store{Dir: s.Dir}).convert(t, recording); again != first || read {
		t.Errorf("the second time got %+v, read %v", again, read)
	}
	if err := os.Truncate(first.Path, 1000); err != nil {
		t.Fatal(err)
	}
	if again, read := s.convert(t, recording); again != first || !read {
		t.Errorf("in place of half a file got %+v, read %v", again, read)
	}
	other, _ := s.convert(t, wave{tag: 1, rate: 16000, channels: 1, bits: 16}.tone(401, 0.5, 500*time.Millisecond))
	if other.Hash == first.Hash || other.Path == first.Path {
		t.Errorf("another recording is %+v", other)
	}
}

func TestStoreKeepsNothingBroken(t *testing.T) {
	s := &Store{Dir: t.TempDir()}
	_, _, err := s.Make("x", func(w io.WriterAt) (Result, error) {
		_, err := w.WriteAt([]byte("half"), 0)
		return Result{}, errors.Join(err, errors.New("power cut"))
	})
	if entries, dirErr := os.ReadDir(s.Dir); err == nil || dirErr != nil || len(entries) > 0 {
		t.Errorf("%v left %v, %v", err, entries, dirErr)
	}
	if _, ok := s.Find("x"); ok {
		t.Error("it is there")
	}
}

// What was not used for the longest time goes first.
func TestStoreTrims(t *testing.T) {
	w := wave{tag: 1, rate: 8000, channels: 2, bits: 16}
	s := &Store{Dir: t.TempDir(), Most: 10 * 16044}
	var files []File
	for i := range 12 {
		f, _ := s.convert(t, w.tone(float64(300+i), 0.5, time.Second))
		old := time.Now().Add(time.Duration(i-20) * time.Hour)
		if err := os.Chtimes(f.Path, old, old); err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	s.convert(t, w.tone(300, 0.5, time.Second)) // used again
	left := filepath.Join(s.Dir, unfinished+"of-a-crash")
	if err := os.WriteFile(left, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(left, old, old); err != nil {
		t.Fatal(err)
	}
	s.trim()
	var gone []int
	for i, f := range files {
		if _, err := os.Stat(f.Path); err != nil {
			gone = append(gone, i)
		}
	}
	if _, err := os.Stat(left); err == nil || len(gone) != 3 || gone[0] != 1 || gone[2] != 3 {
		t.Errorf("gone are %v, and the rest of a crash: %v", gone, err)
	}
}

// The same recording becomes the same everywhere. If this fails because the conversion was changed, or a
// decoder, raise Version: what is kept under the old one is not what is made now.
func TestSameEverywhere(t *testing.T) {
	s := &Store{Dir: t.TempDir()}
	for name, want := range map[string]string{
		"tone.mp3": "c2dd8ecf7bf1", "tone.flac": "090059c83092", "tone.opus": "3f20d4d081ac", "speech.opus": "08a59256373d",
	} {
		if runtime.GOARCH != "amd64" && !strings.HasSuffix(name, ".flac") {
			continue // their decoders add without rounding in between where the processor can
		}
		recording, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if f, _ := s.convert(t, recording); f.Hash != want {
			t.Errorf("%s becomes %s, was %s with version %s", name, f.Hash, want, Version)
		}
	}
}
