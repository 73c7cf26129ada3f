package agi

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// sampleRate is what Asterisk counts recordings in, whatever their format.
const sampleRate = 8000

// Record records the caller. Digits that are not in r.Stop are part of the recording and are not kept.
// The file lies where ARI has recordings. After a hangup there is a recording as well as ErrHangup. Silence needs sound to be measured: where the
// caller's phone sends none at all, only r.Max ends the recording.
func (c *channel) Record(ctx context.Context, r engine.RecordRequest) (engine.Recording, error) {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return engine.Recording{}, c.news(err)
	}
	file, err := c.recordingFile(ctx, r.Name)
	if err == nil {
		err = c.makeFolder(ctx, file)
	}
	if err != nil {
		return engine.Recording{}, c.news(err)
	}
	limit, patience := "-1", time.Duration(0)
	if r.Max > 0 {
		limit, patience = milliseconds(r.Max), r.Max+sayTime+c.patient
	}
	args := []string{file, orText(r.Format, "wav"), string(r.Stop), limit, "0"}
	if r.Beep {
		args = append(args, "BEEP")
	}
	if r.Silence > 0 {
		args = append(args, "s="+strconv.Itoa(int((r.Silence+time.Second-1)/time.Second)))
	}
	answer, err := c.do(ctx, patience, "RECORD FILE", args...)
	if err != nil {
		return engine.Recording{}, c.news(err)
	}
	c.noteRecording(r.Name)
	rec, err := c.recording(ctx, r, answer.copied())
	return rec, c.news(err)
}

// recording reads the reply. The number before (timeout) is a left-over, not a digit.
func (c *channel) recording(ctx context.Context, r engine.RecordRequest, answer reply) (engine.Recording, error) {
	rec := engine.Recording{Name: r.Name}
	if samples, ok := answer.endpos(); ok && samples > 0 {
		rec.Duration = time.Duration(samples) * time.Second / sampleRate
	}
	why := string(answer.word())
	key := answer.digit()
	switch {
	case why == "dtmf", why == "randomerror" && r.Stop.Has(key): // the latter is a key pressed into the beep
		rec.Digit, rec.Why = key, engine.RecordDigit
		return rec, nil
	case why == "timeout":
		rec.Why = engine.RecordTimeout
		return rec, nil
	case why == "writefile":
		return engine.Recording{}, fmt.Errorf("record %s: Asterisk cannot write the file, or knows no such format", r.Name)
	case why == "hangup":
		c.hungUp = true
	}
	if err := c.alive(ctx); err != nil {
		rec.Why = engine.RecordHangup
		return rec, err
	}
	return engine.Recording{}, fmt.Errorf("record %s: Asterisk answered %s %s", r.Name, answer.result, answer.tail)
}
