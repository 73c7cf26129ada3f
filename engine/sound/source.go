package sound

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A source yields the samples of a recording, those of all channels by turns, from -1 to 1.
type source interface {
	// read fills buf as far as it can, with samples of all channels for each moment, and says how many there
	// are. It returns io.EOF once there are no more.
	read(buf []float64) (int, error)
}

// An opened is a recording of which the beginning has been read.
type opened struct {
	Info
	source
	plain  bool   // it is what Asterisk plays best
	before []byte // what has been read of a plain one
	rest   io.Reader
}

// open finds out what r holds.
func open(r io.Reader) (*opened, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := b.Peek(12)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	o, err := openAs(head, b)
	if err == nil {
		err = o.check()
	}
	return o, err
}

func openAs(head []byte, b *bufio.Reader) (*opened, error) {
	is := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case is("RIFF") && bytes.HasSuffix(head, []byte("WAVE")) && len(head) == 12:
		return openWAV(b)
	case is("fLaC"):
		return openFLAC(b)
	case is("OggS"):
		return openOgg(b)
	case is("ID3"):
		return openTagged(b)
	case len(head) > 1 && head[0] == 0xFF && head[1]&0xE0 == 0xE0:
		return openMP3(b)
	case len(head) == 0:
		return nil, fmt.Errorf("%w: the file is empty", ErrTruncated)
	}
	return nil, fmt.Errorf("%w: it is neither WAV, MP3, FLAC nor Ogg Opus%s", ErrFormat, looksLike(head))
}

// looksLike names what a file is that cannot be read.
func looksLike(head []byte) string {
	for _, known := range []struct {
		at          int
		magic, name string
	}{
		{0, "RIFX", "; it looks like a big-endian WAV"}, {0, "RF64", "; it looks like an RF64 WAV"},
		{0, "FORM", "; it looks like AIFF"}, {4, "ftyp", "; it looks like MP4 (M4A)"},
		{0, ".snd", "; it looks like an AU file"}, {0, "#!AMR", "; it looks like AMR"}, {0, "\x1a\x45\xdf\xa3", "; it looks like WebM"},
	} {
		if len(head) >= known.at && bytes.HasPrefix(head[known.at:], []byte(known.magic)) {
			return known.name
		}
	}
	return ""
}

// openTagged leaves out what music players want to know of a recording.
func openTagged(b *bufio.Reader) (*opened, error) {
	for {
		head, err := b.Peek(10)
		if err != nil {
			return nil, fmt.Errorf("%w: it ends within a tag", ErrTruncated)
		}
		if string(head[:3]) != "ID3" {
			break
		}
		size := 0
		for _, c := range head[6:] { // seven bits each
			size = size<<7 | int(c&0x7F)
		}
		if n, err := io.CopyN(io.Discard, b, int64(10+size)); err != nil {
			return nil, fmt.Errorf("%w: it ends within a tag, after %d bytes", ErrTruncated, n)
		}
	}
	if head, _ := b.Peek(4); string(head) == "fLaC" {
		return openFLAC(b)
	}
	return openMP3(b)
}
