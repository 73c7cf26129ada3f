package sound

import "math"

// The filter between two rates keeps what a telephone call carries and removes what would come out as other
// tones: 80 dB from half of the lower rate on. Its slope begins at 85 % of that, 3400 Hz for 8000.
const (
	stopBand  = 80.0 // dB
	slope     = 0.15 // of half the lower rate
	maxPhases = 640
)

// A resampler turns samples of one rate into those of another, by a windowed sinc in as many phases as there
// are places between two samples where a new one can come to lie. Of very odd rates only so many are told
// apart, which shifts a sample by a thousandth of the distance to the next.
type resampler struct {
	up, down int         // new samples for so many old ones
	phases   [][]float64 // weights of the old samples around a new one
	past     []float64   // the old samples that are still needed
	at       int         // in past, where the weights of the next new sample begin
	fraction int         // of up, how far the new sample is behind an old one
}

// newResampler prepares for rates. It yields a new sample for the moment of the first old one.
func newResampler(from, to int) *resampler {
	common := gcd(from, to)
	r := &resampler{up: to / common, down: from / common}
	half := reach(from, to)
	r.phases = phases(min(r.up, maxPhases), half, 0.5*(2-slope)/2*float64(min(from, to))/float64(from))
	r.past = make([]float64, half-1, 1<<12) // silence before the beginning
	return r
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// reach is how many old samples on either side have weight (Kaiser's estimate of the length of a filter).
func reach(from, to int) int {
	width := slope / 2 * float64(min(from, to)) / float64(from) // of the slope, in cycles per old sample
	return int(math.Ceil((stopBand - 8) / (2.285 * 2 * math.Pi * width) / 2))
}

// phases are the weights for n places between two samples; cutoff is in cycles per sample.
func phases(n, half int, cutoff float64) [][]float64 {
	beta := 0.1102 * (stopBand - 8.7) // Kaiser's too
	all := make([][]float64, n)
	for i := range all {
		w := make([]float64, 2*half)
		sum := 0.0
		for j := range w {
			x := float64(j-half+1) - float64(i)/float64(n) // of the old sample, seen from the new one
			t := x / float64(half)
			w[j] = 2 * cutoff * sinc(2*cutoff*x) * bessel(beta*math.Sqrt(max(0, 1-t*t)))
			sum += w[j]
		}
		for j := range w { // silence must be silent, and the last bits the same on every machine
			w[j] = math.Round(w[j]/sum*(1<<30)) / (1 << 30)
		}
		all[i] = w
	}
	return all
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// bessel is the modified Bessel function of the first kind and order 0.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-17; k++ {
		term *= x / 2 / k * (x / 2 / k)
		sum += term
	}
	return sum
}

// add takes old samples and appends the new ones that can be told from them.
func (r *resampler) add(out, in []float64) []float64 {
	r.past = append(r.past, in...)
	size := len(r.phases[0])
	for r.at+size <= len(r.past) {
		out = append(out, weigh(r.phases[r.fraction*len(r.phases)/r.up], r.past[r.at:r.at+size]))
		r.fraction += r.down
		r.at += r.fraction / r.up
		r.fraction %= r.up
	}
	if r.at > cap(r.past)/2 && r.at < len(r.past) {
		r.past = append(r.past[:0], r.past[r.at:]...)
		r.at = 0
	} else if r.at >= len(r.past) {
		r.at -= len(r.past)
		r.past = r.past[:0]
	}
	return out
}

// end appends the new samples whose place is before the end of the old ones.
func (r *resampler) end(out []float64) []float64 {
	return r.add(out, make([]float64, len(r.phases[0])/2))
}

// weigh is the sum of samples by their weights. The conversions keep processors from adding without rounding
// in between, which some can and others cannot.
func weigh(weights, samples []float64) float64 {
	var a, b, c, d float64
	samples = samples[:len(weights)]
	for i := 0; i+3 < len(weights); i += 4 {
		a += float64(weights[i] * samples[i])
		b += float64(weights[i+1] * samples[i+1])
		c += float64(weights[i+2] * samples[i+2])
		d += float64(weights[i+3] * samples[i+3])
	}
	for i := len(weights) &^ 3; i < len(weights); i++ {
		a += float64(weights[i] * samples[i])
	}
	return (a + b) + (c + d)
}
