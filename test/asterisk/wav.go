package asterisk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// sampleRate is the rate of everything here, in samples a second.
const sampleRate = 8000

// WAV writes samples as a WAV file of 8 kHz, 16 bits, one channel: what Asterisk's format_wav reads.
func WAV(pcm []int16) []byte {
	size := uint32(2 * len(pcm))
	b := make([]byte, 0, 44+size)
	b = append(b, "RIFF"...)
	b = binary.LittleEndian.AppendUint32(b, 36+size)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // PCM
	b = binary.LittleEndian.AppendUint16(b, 1) // channels
	b = binary.LittleEndian.AppendUint32(b, sampleRate)
	b = binary.LittleEndian.AppendUint32(b, 2*sampleRate)
	b = binary.LittleEndian.AppendUint16(b, 2)
	b = binary.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, size)
	for _, s := range pcm {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	return b
}

// ReadWAV reads a WAV file of 8 kHz, 16 bits, one channel, such as Asterisk records.
func ReadWAV(b []byte) ([]int16, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return nil, errors.New("not a WAV file")
	}
	for b = b[12:]; len(b) >= 8; {
		id, size := string(b[:4]), int(binary.LittleEndian.Uint32(b[4:]))
		body := b[8:]
		size = min(size, len(body)) // Asterisk writes the size only when it closes the file
		switch id {
		case "fmt ":
			if want := WAV(nil)[20:36]; size < 16 || !bytes.Equal(body[:16], want) {
				return nil, fmt.Errorf("WAV file is not 8 kHz, 16 bits, one channel: % x", body[:size])
			}
		case "data":
			return samples(body[:size]), nil
		}
		b = body[min(size+size%2, len(body)):]
	}
	return nil, errors.New("WAV file without data")
}

func samples(b []byte) []int16 {
	pcm := make([]int16, len(b)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return pcm
}
