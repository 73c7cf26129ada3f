package ari

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Monitorer = (*channel)(nil)

// A monitor is a recording of the whole call: a channel that listens to the caller's is recorded, so that all else
// goes on.
type monitor struct {
	snoop *party
	name  string
}

// hear takes note of what an event says about the recording.
func (m *monitor) hear(e *event) {
	if m != nil {
		m.snoop.hear(e)
	}
}

// Monitor starts a recording in Asterisk's folder for recordings, over what has that name already, or changes the
// one there is.
func (c *channel) Monitor(ctx context.Context, r engine.MonitorRequest) error {
	if err := c.begin(ctx); err != nil {
		return c.news(err)
	}
	if m := c.monitor; m != nil && (m.snoop.left || m.snoop.gone) {
		c.endMonitor(ctx)
	}
	switch {
	case r.Do == engine.MonitorStart && c.monitor != nil:
		return errors.New("monitor start: the call is recorded already; stop that first")
	case r.Do == engine.MonitorStart:
		return c.news(c.startMonitor(ctx, r))
	case c.monitor == nil:
		return fmt.Errorf("monitor %s: the call is not recorded", r.Do)
	case r.Do == engine.MonitorStop:
		return c.news(c.stopMonitor(ctx))
	}
	return c.news(c.changeMonitor(ctx, r.Do))
}

func (c *channel) startMonitor(ctx context.Context, r engine.MonitorRequest) error {
	if err := engine.CheckRecordingName(r.Name); err != nil {
		return err
	}
	direction := cmp.Or(r.Direction, "both")
	if direction != "both" && direction != "in" && direction != "out" {
		return fmt.Errorf("monitor start: %q is no direction; it is both, in or out", direction)
	}
	snoop, err := c.snoop(ctx, c.now(), direction, "none")
	if err != nil {
		return err
	}
	run := recording{channel: c, request: engine.RecordRequest{Name: r.Name, Format: r.Format}}
	if err = run.start(ctx, snoop.path("record")); err == nil {
		err = c.finishes(ctx, answerTime, run.started)
	}
	if err == nil && run.failed {
		err = fmt.Errorf("monitor %s: Asterisk could not: %s", r.Name, cmp.Or(run.info.Cause, "no reason given"))
	}
	if err != nil {
		snoop.hangUp(ctx, "")
		return run.refused(err)
	}
	c.monitor = &monitor{snoop: snoop, name: r.Name}
	return nil
}

// changeMonitor pauses a recording, has it hear silence, or ends that.
func (c *channel) changeMonitor(ctx context.Context, do engine.MonitorAction) error {
	part := map[engine.MonitorAction]string{
		engine.MonitorPause: "pause", engine.MonitorResume: "pause", engine.MonitorMute: "mute", engine.MonitorUnmute: "mute",
	}[do]
	if part == "" {
		return fmt.Errorf("monitor: there is no %s", do)
	}
	q := post(pathOf("recordings", "live", c.monitor.name, part), nil)
	if do == engine.MonitorResume || do == engine.MonitorUnmute {
		q.method = "DELETE"
	}
	_, err := c.do(ctx, q)
	if isStatus(err, 404) {
		return fmt.Errorf("monitor %s: Asterisk has ended the recording", do)
	}
	return err
}

// stopMonitor ends the recording and waits until its file is whole.
func (c *channel) stopMonitor(ctx context.Context) error {
	run := recording{channel: c, request: engine.RecordRequest{Name: c.monitor.name}}
	c.clear(ctx, post(pathOf("recordings", "live", c.monitor.name, "stop"), nil))
	err := c.finishes(ctx, settleTime, func(e *event) bool { return run.over(e) || e.Type == eventRegained })
	c.endMonitor(ctx)
	if err == errTime {
		return fmt.Errorf("monitor stop: Asterisk does not close the recording %s", run.request.Name)
	}
	return err
}

// endMonitor takes the channel that listens away, with which the recording ends.
func (c *channel) endMonitor(ctx context.Context) {
	if c.monitor != nil {
		c.monitor.snoop.hangUp(ctx, "")
		c.monitor = nil
	}
}
