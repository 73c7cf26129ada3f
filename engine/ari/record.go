package ari

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// recordingVar is the channel variable that names a channel's last recording, so that an ivrd that was restarted
// can stop it.
const recordingVar = "IVRD_RECORDING"

// settleTime is how long Asterisk may take to close a recording's file.
const settleTime = 10 * time.Second

// Record records the caller into Asterisk's folder for recordings, over what has that name already. A kept digit
// in r.Stop ends it at once. After a hangup there is a recording as well as ErrHangup. Silence needs sound to be
// measured: where the caller's phone sends none at all, only r.Max ends the recording.
func (c *channel) Record(ctx context.Context, r engine.RecordRequest) (engine.Recording, error) {
	if err := c.begin(ctx); err != nil {
		return engine.Recording{Name: r.Name, Why: engine.RecordHangup}, c.news(err)
	}
	if err := engine.CheckRecordingName(r.Name); err != nil {
		return engine.Recording{}, err
	}
	if err := c.set(ctx, []engine.Variable{{Name: recordingVar, Value: r.Name}}); err != nil {
		return engine.Recording{Name: r.Name, Why: engine.RecordHangup}, c.news(err)
	}
	if d := c.takeKept(r.Stop); d != engine.NoDigit {
		return engine.Recording{Name: r.Name, Why: engine.RecordDigit, Digit: d}, nil
	}
	run := recording{channel: c, request: r}
	rec, err := run.run(ctx)
	return rec, c.news(err)
}

// A recording is one that Asterisk makes for us.
type recording struct {
	channel *channel
	request engine.RecordRequest
	began   time.Time
	info    *recordingInfo // once it is over
	failed  bool
	unsure  bool // its end was missed
}

func (r *recording) run(ctx context.Context) (engine.Recording, error) {
	c := r.channel
	rec := engine.Recording{Name: r.request.Name}
	if err := r.start(ctx, c.path("record")); err != nil {
		return engine.Recording{}, r.refused(err)
	}
	c.up = true // by recording
	if _, err := c.await(ctx, answerTime, "", r.started); err != nil {
		return r.end(ctx, rec, engine.NoDigit, err)
	}
	d, err := r.wait(ctx)
	return r.end(ctx, rec, d, err)
}

// start begins to record a channel or bridge. A recording of the same name that is just over may be in the way for
// an instant.
func (r *recording) start(ctx context.Context, path string) error {
	const pause, patience = 20 * time.Millisecond, time.Second
	for began := time.Now(); ; {
		err := r.ask(ctx, path)
		if !isStatus(err, 409) || time.Since(began) > patience {
			return err
		}
		if err := r.channel.finishes(ctx, pause, nil); err != errTime {
			return err
		}
	}
}

// ask has Asterisk record. If the connection breaks before the answer comes, nobody knows whether it does: that is
// asked first.
func (r *recording) ask(ctx context.Context, path string) error {
	c := r.channel
	for {
		_, err := c.do(ctx, &request{method: "POST", path: path, body: r.body(), once: true})
		if !errors.Is(err, errCut) {
			return err
		}
		live, err := c.server.recordingNow(ctx, c.dead, r.request.Name)
		if err != nil || strings.Contains(path, "/"+pathOf(targetID(live.Target))+"/") {
			return err
		}
	}
}

// recordingNow is a recording that runs; nothing if none of that name does.
func (s *Server) recordingNow(ctx context.Context, givenUp <-chan struct{}, name string) (recordingInfo, error) {
	var live recordingInfo
	q := get(pathOf("recordings", "live", name))
	r, err := s.do(ctx, q, givenUp)
	switch {
	case isStatus(err, 404):
		return live, nil
	case err != nil:
		return live, err
	}
	return live, r.decode(q, &live)
}

// body has Asterisk measure silence, and the longest time to within its seconds; the exact one and all digits
// are ours to watch.
func (r *recording) body() map[string]any {
	q := &r.request
	body := map[string]any{
		"name": q.Name, "format": cmp.Or(q.Format, "wav"), "ifExists": "overwrite", "terminateOn": "none", "beep": q.Beep,
	}
	if q.Max > 0 {
		body["maxDurationSeconds"] = seconds(q.Max) + 1
	}
	if q.Silence > 0 {
		body["maxSilenceSeconds"] = seconds(q.Silence)
	}
	return body
}

// seconds is d in whole seconds, never less than it.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

func (r *recording) refused(err error) error {
	if isStatus(err, 409) {
		return fmt.Errorf("record %s: another recording of that name is being made", r.request.Name)
	}
	if isStatus(err, 422) {
		return fmt.Errorf("record %s: Asterisk knows no format %s", r.request.Name, cmp.Or(r.request.Format, "wav"))
	}
	return err
}

// started reports whether an event says that the recording runs, or is over.
func (r *recording) started(e *event) bool {
	if e.Type == "RecordingStarted" && r.is(e) || e.Type == eventRegained {
		r.began = time.Now()
		return true
	}
	return r.over(e)
}

func (r *recording) is(e *event) bool {
	return e.Recording != nil && e.Recording.Name == r.request.Name
}

// over reports whether an event says that the recording is over.
func (r *recording) over(e *event) bool {
	if !r.is(e) || e.Type != "RecordingFinished" && e.Type != "RecordingFailed" {
		return false
	}
	r.info, r.failed = e.Recording, e.Type == "RecordingFailed"
	return true
}

// wait waits for a stop digit, the longest time, or the end that Asterisk finds.
func (r *recording) wait(ctx context.Context) (engine.Digit, error) {
	c := r.channel
	for r.info == nil && !r.unsure {
		left := time.Duration(-1)
		if r.request.Max > 0 {
			left = max(0, r.request.Max-time.Since(r.began))
		}
		again := false
		d, err := c.await(ctx, left, r.request.Stop, func(e *event) bool {
			again = e.Type == eventRegained
			return r.over(e) || again
		})
		if d != engine.NoDigit || err != nil {
			return d, err
		}
		if again {
			if err := r.look(ctx); err != nil {
				return engine.NoDigit, err
			}
		}
	}
	return engine.NoDigit, nil
}

// look asks for the recording: its end may have been missed.
func (r *recording) look(ctx context.Context) error {
	_, err := r.channel.do(ctx, get(pathOf("recordings", "live", r.request.Name)))
	if isStatus(err, 404) {
		r.unsure = true
		return nil
	}
	return err
}

// end stops the recording if it still runs, waits until its file is whole, and says what it is.
func (r *recording) end(ctx context.Context, rec engine.Recording, d engine.Digit, err error) (engine.Recording, error) {
	c := r.channel
	lasted := time.Since(r.began)
	if r.info == nil && !r.unsure && c.state() == nil {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
		defer cancel()
		_, _ = c.server.do(bounded, post(pathOf("recordings", "live", r.request.Name, "stop"), nil), c.dead)
		_, _ = c.await(bounded, settleTime, "", r.over)
	}
	switch {
	case r.failed:
		return engine.Recording{}, fmt.Errorf("record %s: Asterisk could not: %s", r.request.Name, cmp.Or(r.info.Cause, "no reason given"))
	case errors.Is(err, engine.ErrHangup):
		rec.Why = engine.RecordHangup
	case err != nil && err != errTime && err != errStop:
		return engine.Recording{}, err
	case d != engine.NoDigit:
		rec.Why, rec.Digit, err = engine.RecordDigit, d, nil
	default:
		rec.Why, err = engine.RecordTimeout, nil
	}
	rec.Duration = r.length(lasted)
	if c.recorded == nil {
		c.recorded = map[string]bool{}
	}
	c.recorded[rec.Name] = true
	return rec, err
}

// length is how long the recording is. Asterisk tells it in whole seconds; what we measured is within the time
// that a request takes.
func (r *recording) length(lasted time.Duration) time.Duration {
	if r.request.Silence > 0 && r.info != nil && r.info.Duration > 0 {
		return min(lasted, time.Duration(r.info.Duration)*time.Second)
	}
	return max(0, lasted.Truncate(20*time.Millisecond))
}
