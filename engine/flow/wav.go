package flow

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// A WAV is what the header of a WAV file says.
type WAV struct {
	Encoding string // pcm, alaw or ulaw
	Rate     int    // samples per second
	Channels int
	Bits     int // per sample
	Duration time.Duration
}

var (
	errNotWAV    = errors.New("this is not a WAV file")
	errTruncated = errors.New("the recording is cut short")
)

// wavEncodings are the format tags that can be told the length of (RFC 2361).
var wavEncodings = map[uint16]string{1: "pcm", 6: "alaw", 7: "ulaw"}

// What a header can claim at most, so that garbage is not taken for sound.
const (
	wavMaxRate     = 192_000
	wavMaxChannels = 8
	wavMaxChunks   = 64 // before the sound begins
)

// ReadWAV reads the header of a WAV file of size bytes.
func ReadWAV(r io.ReaderAt, size int64) (WAV, error) {
	var riff [12]byte
	if _, err := r.ReadAt(riff[:], 0); err != nil || string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return WAV{}, fmt.Errorf("%w%s", errNotWAV, looksLike(riff[:]))
	}
	var w WAV
	var frame int64
	at := int64(len(riff))
	for range wavMaxChunks {
		var head [8]byte
		if _, err := r.ReadAt(head[:], at); err != nil {
			return WAV{}, fmt.Errorf("%w: it has no sound in it", errTruncated)
		}
		length := int64(binary.LittleEndian.Uint32(head[4:]))
		at += int64(len(head))
		switch string(head[:4]) {
		case "fmt ":
			var err error
			if w, frame, err = readFormat(r, at, length); err != nil {
				return WAV{}, err
			}
		case "data":
			return w.withData(frame, length, size-at)
		}
		at += length + length%2 // chunks are padded to an even length
	}
	return WAV{}, fmt.Errorf("%w: no sound within its first %d chunks", errNotWAV, wavMaxChunks)
}

// withData adds how long the sound is: frame bytes a sample, length bytes by the header, left in the file.
func (w WAV) withData(frame, length, left int64) (WAV, error) {
	if frame == 0 {
		return WAV{}, fmt.Errorf("%w: it does not say its format before the sound", errNotWAV)
	}
	const streamed = 0xFFFFFFFF // what encoders write that do not know the length yet; some write 0
	if length >= streamed-1 || length == 0 {
		length = left
	}
	if length > left {
		return WAV{}, fmt.Errorf("%w: %d of %d bytes are there; is it still being copied?", errTruncated, max(left, 0), length)
	}
	if length < frame {
		return WAV{}, fmt.Errorf("%w: it has no sound in it", errTruncated)
	}
	frames := length / frame
	w.Duration = time.Duration(frames) * time.Second / time.Duration(w.Rate)
	return w, nil
}

// readFormat reads the "fmt " chunk and returns how many bytes one sample of all channels takes.
func readFormat(r io.ReaderAt, at, length int64) (WAV, int64, error) {
	var buf [40]byte
	b := buf[:min(max(length, 16), int64(len(buf)))]
	if _, err := r.ReadAt(b, at); err != nil || length < 16 {
		return WAV{}, 0, fmt.Errorf("%w: its header ends early", errTruncated)
	}
	tag := binary.LittleEndian.Uint16(b)
	if tag == 0xFFFE && len(b) >= 26 { // extensible: the tag begins the sub-format
		tag = binary.LittleEndian.Uint16(b[24:])
	}
	w := WAV{
		Encoding: wavEncodings[tag],
		Channels: int(binary.LittleEndian.Uint16(b[2:])),
		Rate:     int(binary.LittleEndian.Uint32(b[4:])),
		Bits:     int(binary.LittleEndian.Uint16(b[14:])),
	}
	switch {
	case w.Encoding == "":
		return WAV{}, 0, fmt.Errorf("WAV encoding %d is none that can be played; use 16-bit PCM, 8000 Hz, mono", tag)
	case w.Rate < 1 || w.Rate > wavMaxRate, w.Channels < 1 || w.Channels > wavMaxChannels, w.Bits != 8 && w.Bits != 16 && w.Bits != 24 && w.Bits != 32:
		return WAV{}, 0, fmt.Errorf("%w: %d Hz, %d channels, %d bits cannot be right", errNotWAV, w.Rate, w.Channels, w.Bits)
	}
	return w, int64(w.Channels * w.Bits / 8), nil
}

// looksLike says what a file is that is no WAV, for those who only renamed it.
func looksLike(head []byte) string {
	switch {
	case string(head[:3]) == "ID3", head[0] == 0xFF && head[1]&0xE0 == 0xE0:
		return "; it looks like MP3"
	case string(head[:4]) == "OggS":
		return "; it looks like Ogg"
	case string(head[:4]) == "fLaC":
		return "; it looks like FLAC"
	case string(head[:4]) == "RIFX", string(head[:4]) == "FORM":
		return "; it is a big-endian relative of it"
	}
	return ""
}
