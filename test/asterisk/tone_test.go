package asterisk

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestEveryToneIsItself(t *testing.T) {
	var tones Tones
	for n := range MaxTones {
		name := fmt.Sprint("prompt-", n)
		pcm, err := ReadWAV(tones.Prompt(name, 200*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		heard := tones.Hear(muLaw(pcm))
		if len(heard) != 1 || heard[0].Name != name {
			t.Fatalf("%s: heard %s", name, describe(heard))
		}
		near(t, name+" starts", heard[0].Start, lead, 10*time.Millisecond)
		near(t, name+" lasts", heard[0].Duration, 200*time.Millisecond, 10*time.Millisecond)
	}
	if len(tones.names) != MaxTones {
		t.Errorf("%d different tones, want %d", len(tones.names), MaxTones)
	}
}

func TestHearsThroughNoise(t *testing.T) {
	var tones Tones
	var pcm []int16
	want := []string{"one", "two", "two", "three", "one"}
	for i, name := range want {
		p, _ := ReadWAV(tones.Prompt(name, time.Duration(100+50*i)*time.Millisecond))
		pcm = append(pcm, p...)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range pcm {
		pcm[i] += int16(rng.NormFloat64() * 50) // -56 dB of full scale
	}
	heard := tones.Hear(muLaw(pcm))
	if got := tonesOf(heard); !slices.Equal(got, want) {
		t.Fatalf("heard %s", describe(heard))
	}
	for i, s := range slices.DeleteFunc(heard, func(s Segment) bool { return s.Name == "?" }) {
		near(t, s.Name, s.Duration, time.Duration(100+50*i)*time.Millisecond, 20*time.Millisecond)
	}
}

func tonesOf(heard []Segment) []string {
	return slices.DeleteFunc(Names(heard), func(n string) bool { return n == "?" })
}

func TestOtherSoundsAreNoPrompts(t *testing.T) {
	var tones Tones
	tones.Tone("welcome")
	for _, freqs := range [][]float64{{1000}, {440, 480}, {770, 1336}, {2550}} {
		pcm := make([]int16, 4000)
		for i := range pcm {
			for _, f := range freqs {
				pcm[i] += int16(6000 * math.Sin(2*math.Pi*f*float64(i)/sampleRate))
			}
		}
		heard := tones.Hear(muLaw(pcm))
		if len(heard) != 1 || heard[0].Name != "?" {
			t.Errorf("%v: heard %s", freqs, describe(heard))
			continue
		}
		got := slices.Sorted(slices.Values(heard[0].Freqs))
		if !slices.EqualFunc(got, freqs, func(a, b float64) bool { return math.Abs(a-b) <= 10 }) {
			t.Errorf("frequencies %v, want %v", got, freqs)
		}
		near(t, fmt.Sprint(freqs), heard[0].Duration, 500*time.Millisecond, 40*time.Millisecond)
	}
}

func TestSilenceBetween(t *testing.T) {
	var tones Tones
	var e ear
	e.feed(8000, tones.Tone("a").Samples(200*time.Millisecond))
	e.feed(16000, tones.Tone("b").Samples(200*time.Millisecond))
	heard := e.segments(&tones)
	if !slices.Equal(Names(heard), []string{"a", "b"}) {
		t.Fatalf("heard %s", describe(heard))
	}
	near(t, "before a", heard[0].Before, time.Second, 10*time.Millisecond)
	near(t, "before b", heard[1].Before, 800*time.Millisecond, 20*time.Millisecond)
}

func TestMuLaw(t *testing.T) {
	for u := range 256 {
		if got := muEncode(muDecoded[u]); got != byte(u) && u != 0x7F { // 0x7F is minus zero
			t.Errorf("encode(decode(%#x)) = %#x", u, got)
		}
	}
	// From ITU-T G.711: 8031 of 8159 is the largest decoded value, in 14 bits.
	if got, want := muDecoded[0x80], int16(8031*4); got != want {
		t.Errorf("decode(0x80) = %d, want %d", got, want)
	}
}

func TestWAVRoundTrip(t *testing.T) {
	want := []int16{0, 1, -1, math.MaxInt16, math.MinInt16}
	got, err := ReadWAV(WAV(want))
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func muLaw(pcm []int16) []int16 {
	out := make([]int16, len(pcm))
	for i, s := range pcm {
		out[i] = muDecoded[muEncode(s)]
	}
	return out
}

func near(t *testing.T, what string, got, want, tolerance time.Duration) {
	t.Helper()
	if (got - want).Abs() > tolerance {
		t.Errorf("%s: %v, want %v within %v", what, got, want, tolerance)
	}
}

func TestHolesInTimeAreNoPartOfAPrompt(t *testing.T) {
	var tones Tones
	prompt, _ := ReadWAV(tones.Prompt("a", time.Second))
	pcm := slices.Concat(prompt, prompt)
	for _, hole := range []time.Duration{frame, 60 * time.Millisecond, 150 * time.Millisecond, 500 * time.Millisecond} {
		var e ear
		for n, pos := 0, 0; n < len(pcm); n += frameSize {
			if n%(5*frameSize) == 0 {
				pos += sampleCount(hole)
			}
			e.feed(pos, pcm[n:n+frameSize])
			pos += frameSize
		}
		heard := e.segments(&tones)
		if !slices.Equal(Names(heard), []string{"a", "a"}) {
			t.Errorf("with holes of %v: heard %s", hole, describe(heard))
			continue
		}
		near(t, fmt.Sprint("with holes of ", hole), heard[1].Duration, time.Second, 60*time.Millisecond+hole/10)
		near(t, fmt.Sprint("with holes of ", hole), heard[0].End()-heard[0].Start, time.Second+10*hole, 60*time.Millisecond+hole)
	}
}
