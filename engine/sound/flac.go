package sound

import (
	"errors"
	"fmt"
	"io"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
)

func openFLAC(r io.Reader) (*opened, error) {
	s, err := flac.New(r)
	if err != nil {
		return nil, fmt.Errorf("%w: it looks like FLAC, and cannot be read as such: %w", ErrFormat, plainEOF(err))
	}
	i := Info{Format: "flac", Rate: int(s.Info.SampleRate), Channels: int(s.Info.NChannels), Bits: int(s.Info.BitsPerSample)}
	if i.Bits < 4 || i.Bits > 32 {
		return nil, fmt.Errorf("%w: FLAC with %d bits per sample", ErrFormat, i.Bits)
	}
	return &opened{Info: i, source: &flacSource{stream: s, info: i, length: s.Info.NSamples}}, nil
}

type flacSource struct {
	stream *flac.Stream
	info   Info
	frame  *frame.Frame
	at     int    // in frame
	done   uint64 // samples of each channel so far
	length uint64 // how many there are; 0 is unknown
}

func (s *flacSource) read(buf []float64) (int, error) {
	if s.frame == nil || s.at == s.samples() {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	scale := 1 / float64(int64(1)<<(s.info.Bits-1))
	n := 0
	for ; s.at < s.samples() && n+s.info.Channels <= len(buf); s.at++ {
		for _, channel := range s.frame.Subframes {
			buf[n] = float64(channel.Samples[s.at]) * scale
			n++
		}
	}
	return n, nil
}

func (s *flacSource) samples() int { return len(s.frame.Subframes[0].Samples) }

// next reads a frame.
func (s *flacSource) next() error {
	f, err := s.stream.ParseNext()
	switch {
	case errors.Is(err, io.EOF) && s.done < s.length:
		return fmt.Errorf("%w: %d of %d samples are there; is it still being copied?", ErrTruncated, s.done, s.length)
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ends within a frame; is it still being copied?", ErrTruncated)
	case err != nil:
		return fmt.Errorf("%w: FLAC that cannot be decoded: %w", ErrFormat, err)
	}
	if len(f.Subframes) != s.info.Channels {
		return fmt.Errorf("%w: FLAC whose channels change", ErrFormat)
	}
	for _, channel := range f.Subframes {
		if len(channel.Samples) != len(f.Subframes[0].Samples) {
			return fmt.Errorf("%w: FLAC whose channels differ in length", ErrFormat)
		}
	}
	s.frame, s.at = f, 0
	s.done += uint64(s.samples())
	if s.samples() == 0 {
		return fmt.Errorf("%w: FLAC with an empty frame", ErrFormat)
	}
	return nil
}
