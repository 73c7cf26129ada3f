package sound

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/hajimehoshi/go-mp3"
)

// openMP3 reads MPEG audio, layer 3. Whatever it was, the decoder makes it stereo of 16 bits.
func openMP3(b *bufio.Reader) (*opened, error) {
	frames := &mp3Frames{r: b}
	d, err := mp3.NewDecoder(frames)
	if err != nil {
		return nil, fmt.Errorf("%w: it looks like MP3, and cannot be read as such: %w", ErrFormat, plainEOF(err))
	}
	return &opened{Info: Info{Format: "mp3", Rate: d.SampleRate(), Channels: 2}, source: &mp3Source{d: d, frames: frames}}, nil
}

// plainEOF is err without the io.EOF that readers of files go by.
func plainEOF(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends early")
	}
	return err
}

type mp3Source struct {
	d      *mp3.Decoder
	frames *mp3Frames
	buf    [1 << 13]byte
}

func (s *mp3Source) read(buf []float64) (int, error) {
	const frame = 4
	most := min(len(s.buf), 2*len(buf)) / frame * frame
	n, err := io.ReadFull(s.d, s.buf[:most])
	switch {
	case s.frames.misread:
		return 0, fmt.Errorf("%w: MP3 with %d Hz and this bit rate is decoded wrongly; save it with 44100 Hz, or as WAV", ErrFormat, s.d.SampleRate())
	case errors.Is(err, io.EOF):
		return 0, err
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return 0, fmt.Errorf("%w: MP3 that cannot be decoded: %w", ErrFormat, err)
	}
	n -= n % frame
	for i := 0; i < n; i += 2 {
		buf[i/2] = float64(int16(binary.LittleEndian.Uint16(s.buf[i:]))) / (1 << 15)
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n / 2, nil
}

// mp3Frames looks at the frames that a decoder reads. go-mp3 0.3.4 gets the length of those wrong that are
// padded, have less than half of the usual rate and an even length before the padding is counted: it forgets
// the padding, and what follows is noise.
type mp3Frames struct {
	r       io.Reader
	head    uint32 // the last four bytes
	left    int    // bytes up to the next frame
	misread bool
}

func (f *mp3Frames) Read(b []byte) (int, error) {
	n, err := f.r.Read(b)
	for _, c := range b[:n] {
		f.head = f.head<<8 | uint32(c)
		if f.left--; f.left <= 0 {
			f.frame()
		}
	}
	return n, err
}

// mp3BitRates are those of MPEG-2 and MPEG-1, layer 3, in kbit/s.
var mp3BitRates = [2][16]int{
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
}

// frame reads the header that may have ended with the last byte (ISO 11172-3, 2.4.1.3; 13818-3, 2.4.2.3).
func (f *mp3Frames) frame() {
	const sync, mpeg, layer3 = 0xFFE0_0000, 0x0010_0000, 0x0002_0000
	version := int(f.head >> 19 & 1)
	rate := []int{44100, 48000, 32000, 0}[f.head>>10&3] >> (1 - version)
	bitRate := mp3BitRates[version][f.head>>12&15] * 1000
	if f.head&sync != sync || f.head&mpeg == 0 || f.head&0x0006_0000 != layer3 || rate == 0 || bitRate == 0 {
		f.left = 0 // go on byte by byte
		return
	}
	padding := int(f.head >> 9 & 1)
	size := (72<<version)*bitRate/rate + padding
	asRead := (144*bitRate/rate + padding) >> (1 - version)
	f.misread = f.misread || size != asRead
	f.left = size // to the last byte of the next header
}
