package sound

import (
	"os"
	"testing"
	"time"
)

// How many seconds of a recording are converted in one second.
func BenchmarkConvert(b *testing.B) {
	const d = 5 * time.Second
	speech := func(w wave) []byte { return w.tone(700, 0.5, d) }
	for _, bench := range []struct {
		name string
		file []byte
	}{
		{"wav-8000-kept", speech(wave{tag: 1, rate: 8000, channels: 1, bits: 16})},
		{"wav-8000-alaw", speech(wave{tag: 6, rate: 8000, channels: 1, bits: 8})},
		{"wav-16000", speech(wave{tag: 1, rate: 16000, channels: 1, bits: 16})},
		{"wav-44100-stereo", speech(wave{tag: 1, rate: 44100, channels: 2, bits: 16})},
		{"wav-48000-24bit", speech(wave{tag: 1, rate: 48000, channels: 1, bits: 24})},
		{"wav-192000-stereo", speech(wave{tag: 3, rate: 192000, channels: 2, bits: 32})},
		{"mp3-44100-stereo", read(b, "testdata/tone.mp3")},
		{"flac-44100-stereo", read(b, "testdata/tone.flac")},
		{"opus", read(b, "testdata/tone.opus")},
	} {
		b.Run(bench.name, func(b *testing.B) {
			var total time.Duration
			for b.Loop() {
				r, err := Convert(Of(bench.file), nowhere{})
				if err != nil {
					b.Fatal(err)
				}
				total += r.Duration
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "prompts/s")
			b.ReportMetric(total.Seconds()/b.Elapsed().Seconds(), "times-as-fast")
		})
	}
}

func read(b *testing.B, file string) []byte {
	b.Helper()
	recording, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	return recording
}
