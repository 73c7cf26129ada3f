package sound

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"
)

// What Asterisk plays without a conversion of its own: its format wav.
const (
	Rate     = 8000
	bits     = 16
	channels = 1
)

// Limits of what is taken for a prompt.
const (
	MaxBytes    = 256 << 20
	MaxDuration = 2 * time.Hour
)

// Sentinels of what is wrong with a recording, each wrapped with the particulars.
var (
	ErrFormat    = errors.New("this is no recording that can be played")
	ErrTruncated = errors.New("the recording is cut short")
	ErrTooLong   = errors.New("this is too long for a prompt")
)

// An Info is what a recording says of itself.
type Info struct {
	Format   string // wav, mp3, flac or opus
	Encoding string // of a WAV: pcm, float, alaw or ulaw
	Rate     int    // samples per second
	Channels int
	Bits     int // per sample; 0 where that means nothing
}

// String is the info in a few words: "mp3, 44100 Hz, 2 channels".
func (i Info) String() string {
	s := i.Format
	switch {
	case i.Encoding == "pcm", i.Encoding == "float":
		s += fmt.Sprintf(", %d-bit %s", i.Bits, i.Encoding)
	case i.Encoding != "":
		s += ", " + i.Encoding
	}
	s += fmt.Sprintf(", %d Hz", i.Rate)
	if i.Channels == 1 {
		return s + ", mono"
	}
	return s + fmt.Sprintf(", %d channels", i.Channels)
}

// check refuses what no recording can be.
func (i Info) check() error {
	const maxRate, maxChannels = 192_000, 8
	if i.Rate < 1000 || i.Rate > maxRate || i.Channels < 1 || i.Channels > maxChannels {
		return fmt.Errorf("%w: %d Hz and %d channels cannot be right", ErrFormat, i.Rate, i.Channels)
	}
	return nil
}

// Extensions are how names of recordings end, the kinds that are as recorded before those that lost something.
var extensions = []string{".wav", ".flac", ".mp3", ".opus", ".ogg"}

// Extensions are how the names of recordings end. Of two recordings that differ in nothing but that, the one
// whose ending comes first is the better.
func Extensions() []string { return append([]string(nil), extensions...) }

// IsName reports whether a file of that name is a recording, and what its name is without the ending.
func IsName(name string) (bare string, ok bool) {
	ext := path.Ext(name)
	for _, e := range extensions {
		if strings.EqualFold(ext, e) {
			return strings.TrimSuffix(name, ext), true
		}
	}
	return name, false
}
