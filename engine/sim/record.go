package sim

import (
	"context"
	"time"

	"github.com/ivrd/ivrd/engine"
)

const (
	beep = 250 * time.Millisecond
	// Asterisk cuts the stop key off a recording, and of the silence that ended one it leaves a second
	// (res_agi.c, handle_recordfile).
	keyCut      = 200 * time.Millisecond
	silenceLeft = time.Second
)

// Record records until r says to stop.
func (ch *Channel) Record(ctx context.Context, r engine.RecordRequest) (engine.Recording, error) {
	if err := ch.live(ctx); err != nil {
		return engine.Recording{Name: r.Name, Why: engine.RecordHangup}, err
	}
	if d := ch.take(r.Stop); d != engine.NoDigit {
		return engine.Recording{Name: r.Name, Why: engine.RecordDigit, Digit: d}, nil
	}
	began := ch.Now()
	if r.Beep {
		began = began.Add(beep)
	}
	rec := engine.Recording{Name: r.Name, Why: engine.RecordTimeout}
	var cut time.Duration
	for {
		end, silent := ch.recordUntil(began, r)
		ev, err := ch.next(ctx, end)
		switch {
		case err != nil:
			rec.Why = engine.RecordHangup
		case ev.kind == key && r.Stop.Has(ev.digit):
			rec.Why, rec.Digit, cut = engine.RecordDigit, ev.digit, keyCut
		case ev.kind == nothing && silent:
			cut = max(0, r.Silence-silenceLeft)
		case ev.kind == nothing && r.Max <= 0:
			ch.Phone().HangUp(0)
			continue
		case ev.kind == nothing:
		default:
			ch.keep(ev)
			continue
		}
		rec.Duration = max(0, ch.Now().Sub(began)-cut)
		ch.keepRecording(r, rec.Duration)
		return rec, err
	}
}

// recordUntil is when a recording ends by itself, and whether by silence.
func (ch *Channel) recordUntil(began time.Time, r engine.RecordRequest) (end time.Time, silent bool) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	end = began.Add(r.Max)
	if r.Max <= 0 {
		end = began.Add(patience)
	}
	if r.Silence <= 0 {
		return end, false
	}
	quiet := maxTime(began, ch.speaking).Add(r.Silence)
	if quiet.Before(end) {
		return quiet, true
	}
	return end, false
}
