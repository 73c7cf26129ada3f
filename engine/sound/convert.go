package sound

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// A Result is what came of a conversion.
type Result struct {
	From     Info
	Kept     bool // the recording was as it should be, and went through byte by byte
	Duration time.Duration
}

// errLoud ends a conversion whose result would be cut off at full scale.
var errLoud = errors.New("too loud")

// Convert writes the recording that open opens to w, as Asterisk plays it best. If nothing has to be changed,
// it goes through as it is. open is called once more for a recording that would be cut off at full scale, so
// that it becomes quieter as a whole; every reader is read to its end and closed.
func Convert(open func() (io.ReadCloser, error), w io.WriterAt) (Result, error) {
	return usual.convert(open, w)
}

// limits are of what is converted.
type limits struct {
	bytes int64
	most  time.Duration
}

var usual = limits{MaxBytes, MaxDuration}

func (l limits) convert(open func() (io.ReadCloser, error), w io.WriterAt) (Result, error) {
	c := &conversion{limits: l, w: w, gain: 1}
	result, err := c.run(open)
	if errors.Is(err, errLoud) {
		c.gain = 1 / c.peak
		result, err = c.run(open)
	}
	return result, err
}

// InMemory is Convert into memory.
func InMemory(open func() (io.ReadCloser, error)) ([]byte, Result, error) {
	var out memory
	r, err := Convert(open, &out)
	return out.b, r, err
}

// Of opens a recording that is in memory.
func Of(recording []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(recording)), nil }
}

// IsPlain reports whether a recording is as Asterisk plays it best, by its beginning.
func IsPlain(r io.Reader) bool {
	o, err := open(r)
	return err == nil && o.plain
}

// A conversion writes one recording.
type conversion struct {
	limits
	w    io.WriterAt
	gain float64
	peak float64 // of the result before the gain

	samples int64 // written
	buf     []byte
}

// run converts what open opens.
func (c *conversion) run(open func() (io.ReadCloser, error)) (result Result, err error) {
	r, err := open()
	if err != nil {
		return Result{}, err
	}
	defer func() {
		_, restErr := io.Copy(io.Discard, r) // whoever opened it may want to see all of it
		err = errors.Join(err, restErr, r.Close())
	}()
	return c.guarded(r)
}

// guarded keeps a fault of a decoder to the file that brought it about.
func (c *conversion) guarded(r io.Reader) (result Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: its decoder failed: %v", ErrFormat, p)
		}
	}()
	o, err := open(&limitedReader{r: r, most: c.bytes, left: c.bytes})
	if err != nil {
		return Result{}, err
	}
	if o.plain {
		return c.keep(o)
	}
	if err := c.convert(o); err != nil {
		return Result{}, err
	}
	return Result{From: o.Info, Duration: length(c.samples)}, nil
}

// length is how long so many samples last.
func length(samples int64) time.Duration { return time.Duration(samples) * time.Second / Rate }

// keep writes a recording as it is.
func (c *conversion) keep(o *opened) (Result, error) {
	s := o.source.(*wavSource)
	to := io.NewOffsetWriter(c.w, 0)
	if _, err := to.Write(o.before); err != nil {
		return Result{}, err
	}
	if d := length(s.length / 2); d > c.most {
		return Result{}, c.tooLong()
	}
	if n, err := io.CopyN(to, o.rest, s.length); err != nil {
		s.left -= n
		return Result{}, s.truncated()
	}
	_, err := io.Copy(to, o.rest) // what stands behind the sound
	return Result{From: o.Info, Kept: true, Duration: length(s.length / 2)}, err
}

func (c *conversion) tooLong() error {
	return fmt.Errorf("%w: more than %s", ErrTooLong, c.most)
}

const headerSize = 44

// convert reads to the end and writes one sample after the other.
func (c *conversion) convert(o *opened) error {
	c.samples, c.peak = 0, 0
	in := make([]float64, 1<<13/o.Channels*o.Channels)
	mono := make([]float64, 0, len(in))
	var out []float64
	var r rater = sameRate{}
	if o.Rate != Rate {
		r = newResampler(o.Rate, Rate)
	}
	for {
		n, err := o.read(in)
		mono = mix(mono[:0], in[:n], o.Channels)
		out = r.add(out[:0], mono)
		if errors.Is(err, io.EOF) {
			out = r.end(out)
		} else if err != nil {
			return err
		}
		if writeErr := c.write(out); writeErr != nil {
			return writeErr
		}
		if errors.Is(err, io.EOF) {
			return c.finish()
		}
	}
}

// A rater makes samples of one rate into those of another.
type rater interface {
	add(out, in []float64) []float64 // appends to out what is sure after in
	end(out []float64) []float64     // appends what is left
}

type sameRate struct{}

func (sameRate) add(out, in []float64) []float64 { return append(out, in...) }
func (sameRate) end(out []float64) []float64     { return out }

// mix appends what all channels have in common.
func mix(out, in []float64, channels int) []float64 {
	if channels == 1 {
		return append(out, in...)
	}
	for ; len(in) >= channels; in = in[channels:] {
		sum := 0.0
		for _, s := range in[:channels] {
			sum += s
		}
		out = append(out, sum/float64(channels))
	}
	return out
}

// write appends samples behind the header.
func (c *conversion) write(samples []float64) error {
	c.buf = c.buf[:0]
	for _, s := range samples {
		c.peak = max(c.peak, math.Abs(s))
		c.buf = binary.LittleEndian.AppendUint16(c.buf, uint16(int16(c.scaled(s))))
	}
	_, err := c.w.WriteAt(c.buf, headerSize+2*c.samples)
	c.samples += int64(len(samples))
	if err == nil && length(c.samples) > c.most {
		return c.tooLong()
	}
	return err
}

func (c *conversion) scaled(s float64) float64 {
	const fullScale = 1 << 15
	return math.Round(min(max(s*c.gain*fullScale, -fullScale), fullScale-1))
}

// finish writes the header.
func (c *conversion) finish() error {
	switch {
	case c.samples == 0:
		return fmt.Errorf("%w: it has no sound in it", ErrTruncated)
	case c.peak*c.gain > 1+1e-9:
		return errLoud
	}
	_, err := c.w.WriteAt(header(c.samples), 0)
	return err
}

// header is that of a WAV with so many samples.
func header(samples int64) []byte {
	size := uint32(bits / 8 * channels * samples)
	b := make([]byte, 0, headerSize)
	b = binary.LittleEndian.AppendUint32(append(b, "RIFF"...), headerSize-8+size)
	b = binary.LittleEndian.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = binary.LittleEndian.AppendUint16(b, 1)
	b = binary.LittleEndian.AppendUint16(b, channels)
	b = binary.LittleEndian.AppendUint32(b, Rate)
	b = binary.LittleEndian.AppendUint32(b, Rate*channels*bits/8)
	b = binary.LittleEndian.AppendUint16(b, channels*bits/8)
	b = binary.LittleEndian.AppendUint16(b, bits)
	return binary.LittleEndian.AppendUint32(append(b, "data"...), size)
}

// A limitedReader says so when a recording is larger than any should be.
type limitedReader struct {
	r          io.Reader
	most, left int64
}

func (l *limitedReader) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("%w: more than %d MB", ErrTooLong, l.most>>20)
	}
	n, err := l.r.Read(b[:min(int64(len(b)), l.left)])
	l.left -= int64(n)
	return n, err
}

// memory is a file that is none.
type memory struct{ b []byte }

func (m *memory) WriteAt(b []byte, at int64) (int, error) {
	if need := int(at) + len(b); need > len(m.b) {
		m.b = append(m.b, make([]byte, need-len(m.b))...)
	}
	return copy(m.b[at:], b), nil
}
