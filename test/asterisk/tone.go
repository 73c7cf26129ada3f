package asterisk

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// lead is the silence at the start of each prompt. It tells two prompts in a row apart, also when they are the same.
const lead = 100 * time.Millisecond

// The tones lie on a grid above the DTMF frequencies (697 to 1633 Hz) and below the 3400 Hz where telephone
// audio ends, far enough apart for a 40 ms window to tell them.
const (
	gridSize  = 16
	gridFirst = 1750.0
	gridStep  = 100.0
	amplitude = 7000 // of each of the two; their sum stays below half of full scale
)

// MaxTones is how many names a codebook has tones for.
const MaxTones = gridSize * (gridSize - 1) / 2

// A Tone is two frequencies sounding together, in Hz.
type Tone struct{ Low, High float64 }

func gridTone(i, j int) Tone {
	return Tone{gridFirst + gridStep*float64(i), gridFirst + gridStep*float64(j)}
}

// Samples are d of the tone.
func (t Tone) Samples(d time.Duration) []int16 {
	pcm := make([]int16, sampleCount(d))
	for i := range pcm {
		x := 2 * math.Pi * float64(i) / sampleRate
		pcm[i] = int16(amplitude * (math.Sin(t.Low*x) + math.Sin(t.High*x)))
	}
	return pcm
}

func sampleCount(d time.Duration) int { return int(d * sampleRate / time.Second) }

func sampleTime(n int) time.Duration { return time.Duration(n) * time.Second / sampleRate }

// Tones gives each prompt a tone of its own, so that who hears the tone knows the prompt. The first name asked
// for gets the first tone and so on: the same names in the same order get the same tones. The zero value is
// ready, and may be used by many goroutines.
type Tones struct {
	mu    sync.Mutex
	tones map[string]Tone
	names map[Tone]string
}

// Tone is the tone of that prompt. It panics when there are more than MaxTones names.
func (c *Tones) Tone(prompt string) Tone {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t, ok := c.tones[prompt]; ok {
		return t
	}
	if c.tones == nil {
		c.tones, c.names = map[string]Tone{}, map[Tone]string{}
	}
	t, ok := nthTone(len(c.tones))
	if !ok {
		panic(fmt.Sprintf("no tone left for %q: %d prompts have one already", prompt, MaxTones))
	}
	c.tones[prompt], c.names[t] = t, prompt
	return t
}

// nthTone takes distant pairs first: neighbours on the grid are the hardest to tell.
func nthTone(n int) (Tone, bool) {
	for distance := gridSize / 2; distance < gridSize; distance++ {
		if count := gridSize - distance; n >= count {
			n -= count
			continue
		}
		return gridTone(n, n+distance), true
	}
	for distance := gridSize/2 - 1; distance > 0; distance-- {
		if count := gridSize - distance; n >= count {
			n -= count
			continue
		}
		return gridTone(n, n+distance), true
	}
	return Tone{}, false
}

// name is the prompt of that tone, or "".
func (c *Tones) name(t Tone) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.names[t]
}

// Prompt is a WAV file with the prompt's tone for d, after 100 ms of silence.
func (c *Tones) Prompt(name string, d time.Duration) []byte {
	return WAV(slices.Concat(make([]int16, sampleCount(lead)), c.Tone(name).Samples(d)))
}

// Hear tells what is in a recording, such as MixMonitor or Record made. Start counts from the first sample.
func (c *Tones) Hear(pcm []int16) []Segment {
	var e ear
	e.feed(0, pcm)
	return e.segments(c)
}
