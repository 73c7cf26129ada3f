package sound

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/pion/opus"
	"github.com/pion/opus/pkg/oggreader"
)

// Opus has this rate, whatever it was made of.
const opusRate = 48_000

// openOgg reads Ogg with Opus in it, the only kind for which there is a decoder.
func openOgg(b *bufio.Reader) (*opened, error) {
	if head, _ := b.Peek(64); bytes.Contains(head, []byte("vorbis")) {
		return nil, fmt.Errorf("%w: it is Ogg Vorbis; save it as WAV, MP3, FLAC or Ogg Opus", ErrFormat)
	}
	r, head, err := oggreader.NewWith(b)
	if err != nil {
		return nil, fmt.Errorf("%w: it looks like Ogg, and not like Ogg Opus: %w", ErrFormat, plainEOF(err))
	}
	if head.ChannelMap != 0 || head.Channels > 2 {
		return nil, fmt.Errorf("%w: Opus with %d channels; two are the most", ErrFormat, head.Channels)
	}
	d, err := opus.NewDecoderWithOutput(opusRate, 1)
	if err != nil {
		return nil, fmt.Errorf("open Opus decoder: %w", err)
	}
	s := &opusSource{ogg: r, decoder: d, skip: int(head.PreSkip), start: int64(head.PreSkip)}
	return &opened{Info: Info{Format: "opus", Rate: opusRate, Channels: 1}, source: s}, nil
}

type opusSource struct {
	ogg     *oggreader.OggReader
	decoder opus.Decoder
	skip    int   // samples at the beginning that are not to be heard
	start   int64 // the same, to begin with
	tagged  bool  // the packet of tags is read
	done    int64 // samples that were yielded
	buf     [opusRate * 120 / 1000]float32
	left    []float32 // of buf
}

func (s *opusSource) read(buf []float64) (int, error) {
	for len(s.left) == 0 {
		if err := s.next(); err != nil {
			return 0, err
		}
	}
	n := min(len(buf), len(s.left))
	for i, f := range s.left[:n] {
		buf[i] = number(float64(f))
	}
	s.left = s.left[n:]
	s.done += int64(n)
	return n, nil
}

// next decodes a packet.
func (s *opusSource) next() error {
	packet, page, err := s.ogg.ParseNextPacket()
	switch {
	case errors.Is(err, io.EOF) && !s.tagged:
		return fmt.Errorf("%w: it has no sound in it", ErrTruncated)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it ends within a page; is it still being copied?", ErrTruncated)
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("%w: Ogg that cannot be read: %w", ErrFormat, err)
	case err != nil:
		return err
	case !s.tagged:
		s.tagged = true
		return nil
	case len(packet) == 0:
		return nil
	}
	n, err := s.decoder.DecodeToFloat32(packet, s.buf[:])
	if err != nil {
		return fmt.Errorf("%w: Opus that cannot be decoded: %w", ErrFormat, err)
	}
	s.left = s.buf[:n]
	skipped := min(s.skip, n)
	s.left, s.skip = s.left[skipped:], s.skip-skipped
	// The last page says where the sound ends, within its last packet (RFC 7845, section 4.4).
	if end := int64(page.GranulePosition) - s.start; end >= 0 && s.done+int64(len(s.left)) > end {
		s.left = s.left[:max(0, end-s.done)]
	}
	return nil
}
