package sound

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// wavEncodings are the format tags of what can be read (RFC 2361).
var wavEncodings = map[uint16]string{1: "pcm", 3: "float", 6: "alaw", 7: "ulaw"}

const (
	maxChunks = 64      // before the sound begins
	maxHeader = 1 << 16 // bytes before the sound, for a file to be passed on as it is

	// streamed and what is above it is written by encoders that do not know the length yet, as is 0.
	streamed = 0x7FFF_F000
)

// A wavReader reads the chunks before the sound.
type wavReader struct {
	r     io.Reader
	info  Info
	plain bool         // the header is one that Asterisk understands
	frame int          // bytes of one sample of all channels
	read  bytes.Buffer // what has been read
	all   bool         // read is all of it
}

// openWAV reads up to the sound.
func openWAV(r io.Reader) (*opened, error) {
	w := &wavReader{r: r, all: true}
	if _, err := w.take(12); err != nil {
		return nil, err
	}
	for n := range maxChunks {
		head, err := w.take(8)
		if err != nil {
			return nil, fmt.Errorf("%w: it has no sound in it", ErrTruncated)
		}
		length := int64(binary.LittleEndian.Uint32(head[4:]))
		switch string(head[:4]) {
		case "fmt ":
			if err := w.format(length); err != nil {
				return nil, err
			}
			w.plain = w.plain && n == 0
		case "data":
			return w.data(length)
		default:
			if err := w.skip(length); err != nil {
				return nil, err
			}
		}
	}
	return nil, fmt.Errorf("%w: no sound within the first %d chunks of a WAV", ErrFormat, maxChunks)
}

// take reads n bytes and keeps them, unless there are too many already.
func (w *wavReader) take(n int) ([]byte, error) {
	b := make([]byte, n)
	_, err := io.ReadFull(w.r, b)
	if w.read.Len()+n > maxHeader {
		w.all = false
	} else if w.all {
		w.read.Write(b)
	}
	return b, err
}

// skip goes over a chunk. They are padded to an even length.
func (w *wavReader) skip(length int64) error {
	length += length % 2
	if length <= maxHeader {
		_, err := w.take(int(length))
		return cutShort(err)
	}
	w.all = false
	_, err := io.CopyN(io.Discard, w.r, length)
	return cutShort(err)
}

// cutShort is what the end of the file means within a header.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: its header ends early", ErrTruncated)
	}
	return err
}

// format reads the "fmt " chunk.
func (w *wavReader) format(length int64) error {
	if length < 16 || length > 1024 {
		return fmt.Errorf("%w: its header ends early", ErrTruncated)
	}
	b, err := w.take(int(length + length%2))
	if err != nil {
		return cutShort(err)
	}
	tag := binary.LittleEndian.Uint16(b)
	plain := tag == 1 && length <= 18
	if tag == 0xFFFE && len(b) >= 26 { // extensible: the tag begins the sub-format
		tag = binary.LittleEndian.Uint16(b[24:])
	}
	w.info = Info{
		Format: "wav", Encoding: wavEncodings[tag],
		Channels: int(binary.LittleEndian.Uint16(b[2:])),
		Rate:     int(binary.LittleEndian.Uint32(b[4:])),
		Bits:     int(binary.LittleEndian.Uint16(b[14:])),
	}
	if w.info.Encoding == "" {
		return fmt.Errorf("%w: WAV with encoding %d; save it as PCM", ErrFormat, tag)
	}
	if decoders[w.kind()] == nil {
		return fmt.Errorf("%w: WAV with %d bits of %s per sample", ErrFormat, w.info.Bits, w.info.Encoding)
	}
	w.frame = w.info.Channels * w.info.Bits / 8
	w.plain = plain && w.info == Info{Format: "wav", Encoding: "pcm", Channels: channels, Rate: Rate, Bits: bits}
	return w.info.check()
}

// data is the sound itself, of length bytes by the header.
func (w *wavReader) data(length int64) (*opened, error) {
	switch {
	case w.frame == 0:
		return nil, fmt.Errorf("%w: it does not say its format before the sound", ErrFormat)
	case length == 0 || length >= streamed:
		length = -1
	case length < int64(w.frame):
		return nil, fmt.Errorf("%w: it has no sound in it", ErrTruncated)
	}
	s := &wavSource{r: w.r, frame: w.frame, size: w.info.Bits / 8, decode: decoders[w.kind()], length: length, left: length}
	return &opened{
		Info: w.info, source: s, plain: w.plain && w.all && length > 0 && length%2 == 0, before: w.read.Bytes(), rest: w.r,
	}, nil
}

// A wavKind is how one sample is written.
type wavKind struct {
	encoding string
	bits     int
}

func (w *wavReader) kind() wavKind { return wavKind{w.info.Encoding, w.info.Bits} }

// decoders read one sample.
var decoders = map[wavKind]func(b []byte) float64{
	{"pcm", 8}:  func(b []byte) float64 { return (float64(b[0]) - 128) / (1 << 7) },
	{"pcm", 16}: func(b []byte) float64 { return float64(int16(binary.LittleEndian.Uint16(b))) / (1 << 15) },
	{"pcm", 24}: func(b []byte) float64 {
		return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	},
	{"pcm", 32}:   func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) / (1 << 31) },
	{"float", 32}: func(b []byte) float64 { return number(float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))) },
	{"float", 64}: func(b []byte) float64 { return number(math.Float64frombits(binary.LittleEndian.Uint64(b))) },
	{"alaw", 8}:   func(b []byte) float64 { return aLaw(b[0]) },
	{"ulaw", 8}:   func(b []byte) float64 { return muLaw(b[0]) },
}

// number is f, or silence if f is none or beyond anything that was ever recorded.
func number(f float64) float64 {
	const loudest = 1000
	if math.IsNaN(f) || math.Abs(f) > loudest {
		return 0
	}
	return f
}

// muLaw expands a sample of G.711 µ-law.
func muLaw(u byte) float64 {
	u = ^u
	magnitude := (int(u&0x0F)<<3 + 132) << (u >> 4 & 7)
	return signed(magnitude-132, u&0x80 != 0)
}

// aLaw expands a sample of G.711 A-law.
func aLaw(a byte) float64 {
	a ^= 0x55
	magnitude := int(a&0x0F)<<4 + 8
	if segment := a >> 4 & 7; segment > 0 {
		magnitude = (magnitude + 256) << (segment - 1)
	}
	return signed(magnitude, a&0x80 == 0)
}

func signed(magnitude int, negative bool) float64 {
	if negative {
		magnitude = -magnitude
	}
	return float64(magnitude) / (1 << 15)
}

// A wavSource reads the samples of a WAV.
type wavSource struct {
	r           io.Reader
	frame, size int
	decode      func(b []byte) float64
	length      int64 // bytes of sound, -1 if unknown
	left        int64
	buf         [1 << 15]byte
}

func (s *wavSource) read(buf []float64) (int, error) {
	most := int64(min(len(s.buf), len(buf)*s.size) / s.frame * s.frame)
	if s.length >= 0 {
		most = min(most, s.left/int64(s.frame)*int64(s.frame))
	}
	if most == 0 {
		return 0, io.EOF
	}
	n, err := io.ReadFull(s.r, s.buf[:most])
	s.left -= int64(n)
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	switch {
	case ended && s.length >= 0:
		return 0, s.truncated()
	case err != nil && !ended:
		return 0, err
	}
	n -= n % s.frame
	for i := 0; i < n; i += s.size {
		buf[i/s.size] = s.decode(s.buf[i : i+s.size])
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n / s.size, nil
}

func (s *wavSource) truncated() error {
	return fmt.Errorf("%w: %d of %d bytes are there; is it still being copied?", ErrTruncated, s.length-s.left, s.length)
}
