package asterisk

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A Segment is one sound that arrived, from its start to the silence or other sound after it.
type Segment struct {
	Name     string        // the prompt, or "?" for a sound that is no prompt's tone
	Freqs    []float64     // the loudest frequencies, in Hz: two for a prompt
	Start    time.Duration // since the call was dialed
	Duration time.Duration // how much of it was played, without the silence a prompt starts with
	Before   time.Duration // silence between the sound before (or the dialing) and this one
	end      time.Duration
}

// End is when the sound stopped, or how far it has come. On a starving machine it takes longer than Duration.
func (s Segment) End() time.Duration { return s.end }

// String is the segment in one short line.
func (s Segment) String() string {
	line := fmt.Sprintf("%s %.2fs+%.2fs", s.Name, s.Start.Seconds(), s.Duration.Seconds())
	if s.Name == "?" {
		line += fmt.Sprintf(" %.0f Hz", s.Freqs)
	}
	return line
}

// Names are the names of the segments, in order.
func Names(heard []Segment) []string {
	names := make([]string, len(heard))
	for i, s := range heard {
		names[i] = s.Name
	}
	return names
}

const (
	hop          = sampleRate / 100    // a decision each 10 ms
	window       = sampleRate / 25     // over 40 ms
	quiet        = 60.0                // a window with less than this (RMS) is silence
	purity       = 0.8                 // the share of a window's power that its two tones must have
	shortest     = 30 * hop / 10       // a tone shorter than 30 ms is a click
	shortOther   = 100 * hop / 10      // so is another sound shorter than 100 ms: the edge of a tone, or a hole in it, looks like one
	mendTone     = 80 * hop / 10       // a hole shorter than 80 ms in a tone is a busy machine: prompts start with 100 ms of silence
	longestPause = 2 * sampleRate      // within a prompt
	mendOther    = 200 * hop / 10      // speech has holes
	sampleKept   = sampleRate * 2 / 10 // of another sound, to find its frequencies
	noTone       = -1                  // kind of a run that is no pair of grid frequencies
)

// hann is the window's weights. Half a window under it weighs half, so that half of a tone's level marks its edge.
var hann = func() (w [window]float64) {
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/window)
	}
	return w
}()

// gridCoeff are the Goertzel coefficients of the grid frequencies.
var gridCoeff = func() (c [gridSize]float64) {
	for i := range c {
		c[i] = 2 * math.Cos(2*math.Pi*(gridFirst+gridStep*float64(i))/sampleRate)
	}
	return c
}()

// A run is a stretch of like windows.
type run struct {
	kind   int       // i*gridSize+j of the two grid frequencies, or noTone
	start  int       // sample where it starts
	levels []float64 // of each hop
	sample []int16   // of another sound, its beginning
	paused int       // samples of it that were never sent
}

func (r run) end() int { return r.start + hop*len(r.levels) }

// An ear finds runs in samples as they arrive. Its zero value is ready.
//
// It hears content, not the clock: an Asterisk that starves for CPU sends a prompt with holes in time, but the
// prompt's samples are all there. So short gaps are closed up, and kept to tell the time of what follows.
type ear struct {
	end    int       // in time, of all samples fed
	pos    int       // in content, where pend starts
	pend   []int16   // samples not decided yet, with the overlap that windows need
	runs   []run     // in content
	gaps   []stretch // closed up, in order
	pauses []stretch // gaps too long for that: silence, but none that was sent
}

// A stretch is time that passed at a point of the content.
type stretch struct{ at, n int }

// feed hears samples at a position in time; what lies between them and the last ones was not sent.
func (e *ear) feed(pos int, pcm []int16) {
	now := stretch{e.pos + len(e.pend), pos - e.end}
	switch {
	case now.n >= mendOther:
		e.pauses = append(e.pauses, now)
		e.skip(now.n)
	case now.n > 0:
		e.gaps = append(e.gaps, now)
	}
	e.end = pos + len(pcm)
	e.pend = append(e.pend, pcm...)
	e.decide()
}

// skip hears silence, at no cost beyond the window that still sees sound.
func (e *ear) skip(n int) {
	pad := min(n, window)
	e.pend = append(e.pend, make([]int16, pad)...)
	e.decide()
	e.pos += n - pad // all of pend is silent now
}

// time is when that point of the content was heard.
func (e *ear) time(content int) int {
	t := content
	for _, g := range e.gaps {
		if g.at > content {
			break
		}
		t += g.n
	}
	return t
}

// paused is how much of a piece of the content was never sent.
func (e *ear) paused(from, to int) (n int) {
	for _, p := range e.pauses {
		n += max(0, min(to, p.at+p.n)-max(from, p.at))
	}
	return n
}

func (e *ear) decide() {
	for len(e.pend) >= window {
		e.hear(e.pend[:window])
		e.pend = e.pend[hop:]
		e.pos += hop
	}
}

// hear decides about one window. It speaks for the hop around the window's middle.
func (e *ear) hear(pcm []int16) {
	var w [window]float64
	power := 0.0
	for i, s := range pcm {
		w[i] = float64(s) * hann[i]
		power += w[i] * w[i]
	}
	level := math.Sqrt(power / window)
	if level < quiet {
		return
	}
	kind := pair(&w, power)
	start := e.pos + (window-hop)/2
	if n := len(e.runs); n == 0 || e.runs[n-1].kind != kind || e.runs[n-1].end() != start {
		e.runs = append(e.runs, run{kind: kind, start: start})
	}
	r := &e.runs[len(e.runs)-1]
	r.levels = append(r.levels, level)
	if kind == noTone && len(r.sample) < sampleKept {
		at := (window - hop) / 2
		r.sample = append(r.sample, pcm[at:at+hop]...)
	}
}

// pair finds the two grid frequencies that make up the window, if they do.
func pair(w *[window]float64, power float64) int {
	var p [gridSize]float64
	first, second := 0, -1
	for i, c := range gridCoeff {
		p[i] = goertzel(w[:], c)
		switch {
		case i == 0:
		case p[i] > p[first]:
			first, second = i, first
		case second < 0 || p[i] > p[second]:
			second = i
		}
	}
	// A sine's Goertzel power under the window is its energy times the window's (sum²/sum of squares)/2 = window/3.
	if p[first]+p[second] < purity*power*window/3 || p[second] < p[first]/8 {
		return noTone
	}
	return min(first, second)*gridSize + max(first, second)
}

func goertzel(w []float64, coeff float64) float64 {
	var s1, s2 float64
	for _, x := range w {
		s1, s2 = x+coeff*s1-s2, s1
	}
	return s1*s1 + s2*s2 - coeff*s1*s2
}

// segments makes of the runs so far what a person would say they heard.
func (e *ear) segments(names *Tones) []Segment {
	tail := *e // decide also about the last samples, as if silence came next
	tail.pend, tail.runs = slices.Clone(e.pend), slices.Clone(e.runs)
	if n := len(tail.runs); n > 0 {
		tail.runs[n-1].levels = slices.Clone(tail.runs[n-1].levels)
		tail.runs[n-1].sample = slices.Clone(tail.runs[n-1].sample)
	}
	tail.skip(window)
	var heard []Segment
	end := 0
	for _, r := range tail.merge() {
		s := r.segment(names)
		start := tail.time(r.start)
		s.Start, s.Before = sampleTime(start), sampleTime(start-end)
		end = tail.time(r.end() - 1)
		s.end = sampleTime(end)
		heard = append(heard, s)
	}
	return heard
}

// merge trims runs to their true edges, drops clicks and mends holes.
func (e *ear) merge() []run {
	var out []run
	for _, r := range absorb(e.runs) {
		r = r.trim()
		if len(r.levels)*hop < r.shortest() {
			continue
		}
		if n := len(out); n > 0 && out[n-1].kind == r.kind && e.mends(out[n-1], r) {
			last := &out[n-1]
			last.paused += e.paused(last.end(), r.start)
			last.levels = slices.Concat(last.levels, make([]float64, (r.start-last.end())/hop), r.levels)
			continue
		}
		out = append(out, r)
	}
	return out
}

// absorb gives the edges of a tone back to it: the windows there are no pure tone, and make short runs of their own.
func absorb(runs []run) []run {
	var out []run
	for i, r := range runs {
		if n := len(out); r.isEdge() && n > 0 && out[n-1].kind != noTone && out[n-1].end() == r.start {
			out[n-1].levels = slices.Concat(out[n-1].levels, r.levels)
			continue
		}
		if i > 0 && r.kind != noTone && runs[i-1].isEdge() && runs[i-1].end() == r.start && len(out) > 0 && out[len(out)-1].start == runs[i-1].start {
			r.start, r.levels = runs[i-1].start, slices.Concat(runs[i-1].levels, r.levels)
			out = out[:len(out)-1]
		}
		out = append(out, r)
	}
	return out
}

func (r run) isEdge() bool { return r.kind == noTone && len(r.levels)*hop < shortOther }

func (r run) shortest() int {
	if r.kind == noTone {
		return shortOther
	}
	return shortest
}

// mends tells whether the hole between two runs of a kind is none that was played.
func (e *ear) mends(a, b run) bool {
	hole := b.start - a.end()
	if a.kind == noTone {
		return hole < mendOther
	}
	return hole < longestPause && hole-e.paused(a.end(), b.start) < mendTone
}

// trim cuts a tone's ends where its level is less than half: there the window is only partly on the tone.
func (r run) trim() run {
	if r.kind == noTone {
		return r
	}
	half := slices.Max(r.levels) / 2
	for len(r.levels) > 0 && r.levels[0] < half {
		r.start, r.levels = r.start+hop, r.levels[1:]
	}
	for n := len(r.levels); n > 0 && r.levels[n-1] < half; n-- {
		r.levels = r.levels[:n-1]
	}
	return r
}

func (r run) segment(names *Tones) Segment {
	s := Segment{Name: "?", Duration: sampleTime(len(r.levels)*hop - r.paused)}
	if r.kind == noTone {
		s.Freqs = loudest(r.sample)
		return s
	}
	t := gridTone(r.kind/gridSize, r.kind%gridSize)
	s.Freqs = []float64{t.Low, t.High}
	if name := names.name(t); name != "" {
		s.Name = name
	}
	return s
}

// loudest finds up to three peaks of a sound's spectrum, to 10 Hz, the loudest first.
func loudest(pcm []int16) []float64 {
	const first, step, count = 200, 10, 360
	w := make([]float64, len(pcm))
	for i, s := range pcm {
		w[i] = float64(s) * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(pcm))))
	}
	var p [count]float64
	for i := range p {
		p[i] = goertzel(w, 2*math.Cos(2*math.Pi*float64(first+step*i)/sampleRate))
	}
	var peaks []int
	for i := 1; i < count-1; i++ {
		if p[i] > p[i-1] && p[i] >= p[i+1] {
			peaks = append(peaks, i)
		}
	}
	slices.SortFunc(peaks, func(a, b int) int { return int(math.Copysign(1, p[b]-p[a])) })
	var freqs []float64
	for _, i := range peaks[:min(3, len(peaks))] {
		if p[i] >= p[peaks[0]]/20 {
			freqs = append(freqs, float64(first+step*i))
		}
	}
	return freqs
}

func describe(heard []Segment) string {
	if len(heard) == 0 {
		return "nothing"
	}
	lines := make([]string, len(heard))
	for i, s := range heard {
		lines[i] = s.String()
	}
	return strings.Join(lines, ", ")
}
