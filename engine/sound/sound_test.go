package sound

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// wave writes WAV files for tests.
type wave struct {
	tag                  uint16
	rate, channels, bits int
	first                []byte // a chunk before all others
}

// file is a WAV with data as its sound.
func (w wave) file(data []byte) []byte {
	b := append([]byte("RIFF\x00\x00\x00\x00WAVE"), w.first...)
	frame := w.channels * w.bits / 8
	b = append(b, "fmt \x10\x00\x00\x00"...)
	b = binary.LittleEndian.AppendUint16(b, w.tag)
	b = binary.LittleEndian.AppendUint16(b, uint16(w.channels))
	b = binary.LittleEndian.AppendUint32(b, uint32(w.rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(w.rate*frame))
	b = binary.LittleEndian.AppendUint16(b, uint16(frame))
	b = binary.LittleEndian.AppendUint16(b, uint16(w.bits))
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), uint32(len(data)))
	b = append(b, data...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

// sample writes one as w has it.
func (w wave) sample(b []byte, s float64) []byte {
	switch {
	case w.tag == 3 && w.bits == 64:
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(s))
	case w.tag == 3:
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(s)))
	case w.tag == 6, w.tag == 7:
		return append(b, nearestG711(w.tag, s))
	case w.bits == 8:
		return append(b, byte(math.Round(s*127)+128))
	}
	v := uint64(int64(math.Round(s * float64(int64(1)<<(w.bits-1)-1))))
	for i := range w.bits / 8 {
		b = append(b, byte(v>>(8*i)))
	}
	return b
}

func nearestG711(tag uint16, s float64) byte {
	expand := map[uint16]func(byte) float64{6: aLaw, 7: muLaw}[tag]
	best := 0
	for c := range 256 {
		if math.Abs(expand(byte(c))-s) < math.Abs(expand(byte(best))-s) {
			best = c
		}
	}
	return byte(best)
}

// tone is a file with d of a sine in all channels.
func (w wave) tone(frequency, amplitude float64, d time.Duration) []byte {
	var data []byte
	for i := range int(d * time.Duration(w.rate) / time.Second) {
		s := amplitude * math.Sin(2*math.Pi*frequency*float64(i)/float64(w.rate))
		for range w.channels {
			data = w.sample(data, s)
		}
	}
	return w.file(data)
}

// samplesOf are those of a file that must be as Asterisk plays it best.
func samplesOf(t *testing.T, file []byte) []float64 {
	t.Helper()
	o, err := open(bytes.NewReader(file))
	if err != nil || !o.plain {
		t.Fatalf("the result is %+v, %v", o, err)
	}
	var all []float64
	buf := make([]float64, 4096)
	for {
		n, err := o.read(buf)
		all = append(all, buf[:n]...)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// level is how strong a frequency is in the middle of pcm, as an amplitude.
func level(pcm []float64, frequency float64) float64 {
	pcm = pcm[len(pcm)/5 : len(pcm)*4/5]
	var re, im, weights float64
	for i, s := range pcm {
		w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(pcm)))
		x := 2 * math.Pi * frequency * float64(i) / Rate
		re, im, weights = re+w*s*math.Cos(x), im+w*s*math.Sin(x), weights+w
	}
	return 2 * math.Hypot(re, im) / weights
}

func rms(pcm []float64) float64 {
	sum := 0.0
	for _, s := range pcm {
		sum += s * s
	}
	return math.Sqrt(sum / float64(len(pcm)))
}

func decibels(ratio float64) float64 { return 20 * math.Log10(max(ratio, 1e-9)) }

func TestEveryWAV(t *testing.T) {
	var all []wave
	for _, w := range []wave{{tag: 1, bits: 8}, {tag: 1, bits: 16}, {tag: 1, bits: 24}, {tag: 1, bits: 32}, {tag: 3, bits: 32}, {tag: 3, bits: 64},
		{tag: 6, bits: 8}, {tag: 7, bits: 8}} {
		for _, w.rate = range []int{8000, 16000} {
			w.channels = 1 + len(all)%2
			all = append(all, w)
		}
	}
	for _, rate := range []int{6000, 11025, 22050, 24000, 32000, 44100, 48000, 96000, 192000, 37123} {
		for _, channels := range []int{1, 2, 6} {
			all = append(all, wave{tag: 1, rate: rate, channels: channels, bits: 16})
		}
	}
	const d = 100 * time.Millisecond
	for _, w := range all {
		t.Run(fmt.Sprintf("tag %d %d bit %d Hz %d", w.tag, w.bits, w.rate, w.channels), func(t *testing.T) {
			out, r, err := InMemory(Of(w.tone(1000, 0.5, d)))
			if err != nil {
				t.Fatal(err)
			}
			pcm := samplesOf(t, out)
			if off := (r.Duration - d).Abs(); off > 2*time.Millisecond || length(int64(len(pcm))) != r.Duration {
				t.Errorf("%d samples, %s, want %s", len(pcm), r.Duration, d)
			}
			if got := decibels(level(pcm, 1000) / 0.5); math.Abs(got) > 0.2 {
				t.Errorf("the tone came out %.2f dB louder", got)
			}
		})
	}
}

func TestEveryFormat(t *testing.T) {
	for file, want := range map[string]struct {
		text string
		d    time.Duration
	}{
		"tone.mp3":        {"mp3, 44100 Hz, 2 channels", time.Second},
		"tone-24000.mp3":  {"mp3, 24000 Hz, 2 channels", time.Second},
		"tone.flac":       {"flac, 44100 Hz, 2 channels", time.Second},
		"tone-24bit.flac": {"flac, 48000 Hz, mono", 500 * time.Millisecond},
		"tone.opus":       {"opus, 48000 Hz, mono", time.Second},
		"speech.opus":     {"opus, 48000 Hz, mono", 854 * time.Millisecond},
	} {
		t.Run(file, func(t *testing.T) {
			recording, err := os.ReadFile(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			out, r, err := InMemory(Of(recording))
			if err != nil {
				t.Fatal(err)
			}
			if r.From.String() != want.text || r.Kept || r.Duration < want.d-2*time.Millisecond || r.Duration > want.d+110*time.Millisecond {
				t.Errorf("%s of %s, want %s of %s", r.Duration, r.From, want.d, want.text)
			}
			pcm := samplesOf(t, out)
			if strings.HasPrefix(file, "tone") {
				if got := decibels(level(pcm, 1000) / 0.5); math.Abs(got) > 0.5 {
					t.Errorf("the tone came out %.2f dB louder", got)
				}
			} else if rms(pcm) < 0.02 {
				t.Errorf("nothing is to be heard: %.4f", rms(pcm))
			}
		})
	}
}

// What is above half of the new rate does not come out as something else; what telephones carry stays.
func TestNoAlias(t *testing.T) {
	for _, rate := range []int{16000, 22050, 44100, 48000, 192000} {
		w := wave{tag: 3, rate: rate, channels: 1, bits: 32}
		for frequency := 100.0; frequency < float64(rate)/2 && frequency < 24000; frequency += 300 + float64(rate)/100 {
			out, _, err := InMemory(Of(w.tone(frequency, 0.7, 100*time.Millisecond)))
			if err != nil {
				t.Fatal(err)
			}
			pcm := samplesOf(t, out)
			pcm = pcm[len(pcm)/4 : len(pcm)*3/4] // where the tone neither begins nor ends
			switch got := decibels(rms(pcm) / (0.7 / math.Sqrt2)); {
			case frequency <= 3400 && math.Abs(got) > 0.1:
				t.Errorf("%d Hz: %.0f Hz came out at %.2f dB", rate, frequency, got)
			case frequency >= 4000 && got > -75:
				t.Errorf("%d Hz: %.0f Hz came out at %.1f dB", rate, frequency, got)
			}
		}
	}
	out, _, err := InMemory(Of(wave{tag: 1, rate: 44100, channels: 2, bits: 16}.tone(6000, 0.9, time.Second)))
	if err != nil {
		t.Fatal(err)
	}
	if got := decibels(level(samplesOf(t, out), 8000-6000)); got > -85 {
		t.Errorf("6 kHz came out as 2 kHz at %.1f dB of full scale", got)
	}
}

// What is as it should be stays as it is, and what only nearly is does not.
func TestKept(t *testing.T) {
	plain := wave{tag: 1, rate: 8000, channels: 1, bits: 16}
	good := plain.tone(400, 0.9, 100*time.Millisecond)
	listed := append(bytes.Clone(good), "LIST\x04\x00\x00\x00abcd"...)
	early := plain
	early.first = []byte("LIST\x03\x00\x00\x00abc\x00")
	unknown := bytes.Clone(good)
	copy(unknown[40:], "\xff\xff\xff\xff")
	placeholder := bytes.Clone(good)
	copy(placeholder[40:], "\x00\xf0\xff\x7f") // what espeak-ng and SoX write into a pipe
	for _, tt := range []struct {
		name string
		file []byte
		kept bool
	}{
		{"plain", good, true}, {"with a chunk behind", listed, true},
		{"with a chunk before the format, which Asterisk cannot read", early.tone(400, 0.9, 100*time.Millisecond), false},
		{"of unknown length", unknown, false}, {"of the length that pipes have", placeholder, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, r, err := InMemory(Of(tt.file))
			if err != nil || r.Kept != tt.kept || bytes.Equal(out, tt.file) != tt.kept || r.Duration != 100*time.Millisecond {
				t.Fatalf("got %+v, %v", r, err)
			}
			if !tt.kept && !bytes.Equal(out, good) {
				t.Error("not only the header is another one")
			}
		})
	}
}

// A recording above full scale becomes quieter as a whole.
func TestLoud(t *testing.T) {
	for _, w := range []wave{{tag: 3, rate: 8000, channels: 1, bits: 32}, {tag: 3, rate: 48000, channels: 2, bits: 32}} {
		out, _, err := InMemory(Of(w.tone(500, 3, time.Second)))
		if err != nil {
			t.Fatal(err)
		}
		pcm := samplesOf(t, out)
		if got := level(pcm, 500); got < 0.98 || got > 1.001 {
			t.Errorf("%d Hz: the tone has a level of %.3f, want 1", w.rate, got)
		}
		for _, harmonic := range []float64{1000, 1500, 2500} { // which clipping would make
			if got := decibels(level(pcm, harmonic)); got > -70 {
				t.Errorf("%d Hz: %.0f Hz has %.1f dB", w.rate, harmonic, got)
			}
		}
	}
}

func TestBroken(t *testing.T) {
	good := wave{tag: 1, rate: 16000, channels: 1, bits: 16}.tone(400, 0.9, time.Second)
	file := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, tt := range []struct {
		name string
		file []byte
		want error
		text string
	}{
		{"empty", nil, ErrTruncated, "the file is empty"},
		{"text", []byte("Welcome to our company, this is no sound"), ErrFormat, "neither WAV, MP3, FLAC nor Ogg Opus"},
		{"AIFF", []byte("FORM\x00\x00\x00\x00AIFF"), ErrFormat, "looks like AIFF"},
		{"M4A", []byte("\x00\x00\x00\x20ftypM4A "), ErrFormat, "looks like MP4"},
		{"Vorbis", file("vorbis.ogg"), ErrFormat, "it is Ogg Vorbis; save it as"},
		{"header only", good[:30], ErrTruncated, "header ends early"},
		{"no data", good[:36], ErrTruncated, "no sound in it"},
		{"half", good[:9000], ErrTruncated, "8956 of 32000 bytes are there; is it still being copied?"},
		{"half of what would be kept", wave{tag: 1, rate: 8000, channels: 1, bits: 16}.tone(400, 0.9, time.Second)[:9000], ErrTruncated, "8956 of 16000 bytes"},
		{"no sound", wave{tag: 1, rate: 8000, channels: 2, bits: 16}.file([]byte{1}), ErrTruncated, "no sound"},
		{"no samples", good[:44], ErrTruncated, "0 of 32000 bytes"},
		{"GSM", wave{tag: 49, rate: 8000, channels: 1, bits: 16}.file(make([]byte, 65)), ErrFormat, "encoding 49; save it as PCM"},
		{"12 bits", wave{tag: 1, rate: 8000, channels: 1, bits: 12}.file(make([]byte, 64)), ErrFormat, "12 bits of pcm"},
		{"0 Hz", wave{tag: 1, rate: 0, channels: 1, bits: 16}.file(make([]byte, 64)), ErrFormat, "0 Hz"},
		{"half an MP3", file("tone.mp3")[:140], ErrFormat, "looks like MP3"},
		{"an MP3 that go-mp3 gets wrong", file("tone-22050.mp3"), ErrFormat, "22050 Hz and this bit rate is decoded wrongly; save it"},
		{"half a FLAC", file("tone.flac")[:5000], ErrTruncated, "still being copied?"},
		{"half an Opus", file("tone.opus")[:3000], ErrTruncated, "still being copied?"},
		{"a damaged FLAC", damaged(file("tone.flac")), ErrFormat, "cannot be decoded"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := InMemory(Of(tt.file))
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v, want %v with %q", err, tt.want, tt.text)
			}
		})
	}
}

func damaged(b []byte) []byte {
	b[len(b)/2] ^= 0x55
	return b
}

// zeros is a recording as long as wanted, of silence.
type zeros struct{ left int64 }

func (z *zeros) Read(b []byte) (int, error) {
	n := min(int64(len(b)), z.left)
	if n == 0 {
		return 0, io.EOF
	}
	clear(b[:n])
	z.left -= n
	return int(n), nil
}

// A long recording takes no more memory than a short one, and one beyond all measure is refused in time.
func TestLongRecordings(t *testing.T) {
	l := limits{16 << 20, time.Minute}
	convert := func(w wave, bytes int64) error {
		head := w.file(nil)
		binary.LittleEndian.PutUint32(head[40:], uint32(bytes))
		_, err := l.convert(func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(string(head)), &zeros{bytes})), nil
		}, nowhere{})
		return err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := convert(wave{tag: 1, rate: 48000, channels: 2, bits: 32}, 12<<20)
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; err != nil || got > 2<<20 {
		t.Errorf("12 MB took %d KB of memory, %v", got>>10, err)
	}
	for _, w := range []wave{
		{tag: 1, rate: 192000, channels: 2, bits: 32}, {tag: 7, rate: 8000, channels: 1, bits: 8}, {tag: 1, rate: 8000, channels: 1, bits: 16},
	} {
		if err := convert(w, 20<<20); !errors.Is(err, ErrTooLong) {
			t.Errorf("20 MB of %+v: %v", w, err)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"a/b.wav": "a/b", "x.MP3": "x", "x.Flac": "x", "x.opus": "x", "x.ogg": "x", "x.txt": "", "wav": "", "x.wav.bak": "",
	} {
		bare, ok := IsName(name)
		if ok != (want != "") || ok && bare != want {
			t.Errorf("%s: %q %v", name, bare, ok)
		}
	}
}
