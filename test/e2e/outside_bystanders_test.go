package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// Bystanders have nothing to do with what is broken. They measure how long answers take: those of ivrd, and those of
// Asterisk itself, with which they are compared.
type bystanders struct {
	stop  chan struct{}
	calls sync.WaitGroup

	mu   sync.Mutex
	now  string                                // what is going on
	took map[string]map[string][]time.Duration // by that, and by extension
}

const (
	ofIvrd     = "600"
	ofAsterisk = "800"
)

func (o *outside) watch(t *testing.T) *bystanders {
	t.Helper()
	b := &bystanders{stop: make(chan struct{}), took: map[string]map[string][]time.Duration{}}
	for i, exten := range []string{ofIvrd, ofAsterisk, ofIvrd, ofIvrd, ofAsterisk, ofIvrd, ofIvrd, ofAsterisk, ofIvrd} {
		p, err := o.lab.Dial(t.Context(), exten, asterisk.Call{From: strconv.Itoa(i + 1), Tone: 120 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		b.calls.Go(func() { b.ask(t, p, exten) })
	}
	return b
}

// during says what is going on from now on.
func (b *bystanders) during(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = what
	if b.took[what] == nil {
		b.took[what] = map[string][]time.Duration{}
	}
}

func (b *bystanders) ask(t *testing.T, p *asterisk.Phone, exten string) {
	answers := []string{"plain", "row", "page"}
	for i := 0; hears(t, p, "next"); i++ {
		select {
		case <-b.stop:
			p.HangUp()
			return
		default:
		}
		want := answers[0]
		if exten == ofIvrd {
			want = answers[i%3]
		}
		b.mu.Lock()
		now := b.now
		b.mu.Unlock()
		if !presses(t, p, strconv.Itoa(i%3+1)) {
			return
		}
		pressed := time.Now()
		if !hears(t, p, want) {
			return
		}
		took := time.Since(pressed)
		b.mu.Lock()
		if now != "" {
			b.took[now][exten] = append(b.took[now][exten], took)
		}
		b.mu.Unlock()
	}
}

// leave has them hang up.
func (b *bystanders) leave() {
	close(b.stop)
	b.calls.Wait()
}

// A pace is how long answers took: half of them so long at most, and nine in ten.
type pace struct{ half, most time.Duration }

func (p pace) String() string { return fmt.Sprintf("%.0f and %.0f ms", ms(p.half), ms(p.most)) }

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

func paceOf(took []time.Duration) pace {
	if len(took) == 0 {
		return pace{}
	}
	slices.Sort(took)
	return pace{took[len(took)/2], took[len(took)*9/10]}
}

// slower is how many times as long as Asterisk's own answers ivrd's took: half of them, and nine in ten.
func (b *bystanders) slower(t *testing.T, what string) [2]float64 {
	t.Helper()
	ours, its := paceOf(b.took[what][ofIvrd]), paceOf(b.took[what][ofAsterisk])
	t.Logf("%s: %d answers of ivrd within %v, %d of Asterisk within %v", what, len(b.took[what][ofIvrd]), ours, len(b.took[what][ofAsterisk]), its)
	if its.half <= 0 || ours.half <= 0 {
		t.Fatalf("%s: nobody measured", what)
	}
	return [2]float64{ours.half.Seconds() / its.half.Seconds(), ours.most.Seconds() / its.most.Seconds()}
}

// wantAsQuick wants answers to have taken no longer than usual, compared with Asterisk's own.
func (b *bystanders) wantAsQuick(t *testing.T, what string, usual [2]float64) {
	t.Helper()
	if now := b.slower(t, what); now[0] > 2*usual[0] || now[1] > 4*usual[1] {
		t.Errorf("%s: half of ivrd's answers took %.1f times as long as Asterisk's, nine in ten %.1f times; usual is %.1f", what, now[0], now[1], usual)
	}
}
