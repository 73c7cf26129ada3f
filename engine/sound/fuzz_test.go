package sound

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// FuzzSound: whatever a file holds, it becomes what Asterisk plays best or an error, without a panic and in
// memory that has a bound.
func FuzzSound(f *testing.F) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		recording, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(recording)
		f.Add(recording[:len(recording)/2])
	}
	for _, w := range []wave{
		{tag: 1, rate: 8000, channels: 1, bits: 16}, {tag: 3, rate: 44100, channels: 2, bits: 32}, {tag: 6, rate: 8000, channels: 1, bits: 8},
		{tag: 1, rate: 37123, channels: 3, bits: 24}, {tag: 1, rate: 192000, channels: 8, bits: 8},
	} {
		f.Add(w.tone(400, 2, 20*time.Millisecond))
	}
	f.Add([]byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7f\xff\xfb\x90\x00"))
	l := limits{1 << 20, 10 * time.Second}
	f.Fuzz(func(t *testing.T, recording []byte) {
		var before, after runtime.MemStats
		var out memory
		runtime.ReadMemStats(&before)
		r, err := l.convert(Of(recording), &out)
		runtime.ReadMemStats(&after)
		const most = 64 << 20 // all that was ever asked for, twice over if it was loud
		if got := after.TotalAlloc - before.TotalAlloc; got > most {
			t.Errorf("%d bytes took %d MB", len(recording), got>>20)
		}
		if err != nil {
			return
		}
		if r.Duration <= 0 || r.Duration > l.most {
			t.Errorf("it lasts %s", r.Duration)
		}
		samplesOf(t, out.b)
	})
}
