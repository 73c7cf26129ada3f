package flow

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"
)

// pcm is a WAV file of 16-bit PCM that is silent for so many samples.
func pcm(rate, samples int) []byte { return wavFile(1, rate, 1, 16, make([]byte, 2*samples)) }

func wavFile(tag, rate, channels, bits int, data []byte) []byte {
	var b bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			if s, ok := v.(string); ok {
				b.WriteString(s)
			} else {
				_ = binary.Write(&b, binary.LittleEndian, v)
			}
		}
	}
	frame := channels * bits / 8
	put("RIFF", uint32(36+len(data)), "WAVE")
	put("fmt ", uint32(16), uint16(tag), uint16(channels), uint32(rate), uint32(rate*frame), uint16(frame), uint16(bits))
	put("data", uint32(len(data)))
	b.Write(data)
	return b.Bytes()
}

func TestReadWAV(t *testing.T) {
	list := append([]byte("LIST\x03\x00\x00\x00abc\x00"), pcm(8000, 8000)[12:]...)
	streamed := pcm(8000, 8000)
	copy(streamed[40:], "\xff\xff\xff\xff")
	tests := []struct {
		name string
		file []byte
		want WAV
	}{
		{"pcm", pcm(8000, 12000), WAV{"pcm", 8000, 1, 16, 1500 * time.Millisecond}},
		{"stereo 16 kHz", wavFile(1, 16000, 2, 16, make([]byte, 64000)), WAV{"pcm", 16000, 2, 16, time.Second}},
		{"alaw", wavFile(6, 8000, 1, 8, make([]byte, 4000)), WAV{"alaw", 8000, 1, 8, 500 * time.Millisecond}},
		{"ulaw", wavFile(7, 8000, 1, 8, make([]byte, 8000)), WAV{"ulaw", 8000, 1, 8, time.Second}},
		{"another chunk first, odd", append(pcm(8000, 0)[:12:12], list...), WAV{"pcm", 8000, 1, 16, time.Second}},
		{"length unknown", streamed, WAV{"pcm", 8000, 1, 16, time.Second}},
		{"more behind the sound", append(pcm(8000, 8000), "LIST\x00\x00\x00\x00"...), WAV{"pcm", 8000, 1, 16, time.Second}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ReadWAV(bytes.NewReader(test.file), int64(len(test.file)))
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestReadBadWAV(t *testing.T) {
	good := pcm(8000, 8000)
	tests := []struct {
		name string
		file []byte
		want error
		text string
	}{
		{"empty", nil, errNotWAV, ""},
		{"MP3", []byte("ID3\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00"), errNotWAV, "looks like MP3"},
		{"header only", good[:20], errTruncated, ""},
		{"half", good[:9000], errTruncated, "still being copied"},
		{"no sound", good[:44], errTruncated, ""},
		{"GSM", wavFile(49, 8000, 1, 16, make([]byte, 65)), nil, "encoding 49"},
		{"0 Hz", wavFile(1, 0, 1, 16, make([]byte, 64)), errNotWAV, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadWAV(bytes.NewReader(test.file), int64(len(test.file)))
			if err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want %v with %q", err, test.want, test.text)
			}
		})
	}
}

func FuzzWAVHeader(f *testing.F) {
	f.Add(pcm(8000, 10))
	f.Add(wavFile(6, 8000, 2, 8, make([]byte, 10)))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		w, err := ReadWAV(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		if w.Rate <= 0 || w.Channels <= 0 || w.Duration < 0 || w.Duration > time.Duration(len(file))*time.Second {
			t.Errorf("%d bytes make %+v", len(file), w)
		}
	})
}
