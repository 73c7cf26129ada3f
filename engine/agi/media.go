package agi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var (
	_ engine.Monitorer   = (*channel)(nil)
	_ engine.Signaler    = (*channel)(nil)
	_ engine.DigitSender = (*channel)(nil)
	_ engine.TextSender  = (*channel)(nil)
)

// A monitor is the recording of the whole call.
type monitor struct {
	file      string // "" if there is none
	direction string
	paused    bool
}

// Monitor runs MixMonitor and StopMixMonitor. A pause stops the recording, which later goes on at the file's end.
func (c *channel) Monitor(ctx context.Context, r engine.MonitorRequest) error {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return c.news(err)
	}
	m := c.monitor
	switch {
	case r.Do == engine.MonitorStart && m.file != "":
		return errors.New("monitor start: the call is recorded already; stop that first")
	case r.Do == engine.MonitorStart:
		return c.news(c.startMonitor(ctx, r))
	case m.file == "":
		return fmt.Errorf("monitor %s: the call is not recorded", r.Do)
	case r.Do == engine.MonitorStop:
		c.monitor = monitor{}
		return c.news(c.stopMonitor(ctx, m))
	case r.Do == engine.MonitorPause:
		c.monitor.paused = true
		return c.news(c.stopMonitor(ctx, m))
	case r.Do == engine.MonitorResume && !m.paused:
		return nil
	case r.Do == engine.MonitorResume:
		c.monitor.paused = false
		return c.news(c.mixMonitor(ctx, m, "a"))
	}
	return fmt.Errorf("monitor %s: %s", r.Do, lacks["monitor mute"])
}

func (c *channel) startMonitor(ctx context.Context, r engine.MonitorRequest) error {
	if err := checkPlain("format", r.Format); err != nil {
		return fmt.Errorf("monitor start: %w", err)
	}
	file, err := c.recordingFile(ctx, r.Name)
	if err != nil {
		return err
	}
	m := monitor{file: recordFile(file, r.Format), direction: r.Direction}
	if err = c.mixMonitor(ctx, m, ""); err == nil {
		c.monitor = m
	}
	return err
}

// recordFile is a recording's file with its extension.
func recordFile(file, format string) string { return file + "." + orText(format, "wav") }

// monitorID is the variable that holds the recording's id.
const monitorID = "IVRD_MONITOR"

// mixMonitor records. What MixMonitor receives (r) is the caller's voice, what it transmits (t) what the caller
// hears; option a goes on at the file's end.
func (c *channel) mixMonitor(ctx context.Context, m monitor, option string) error {
	args := m.file + ",i(" + monitorID + ")" + option
	switch m.direction {
	case "", "both":
	case "in":
		args = ",i(" + monitorID + ")" + option + "r(" + m.file + ")"
	case "out":
		args = ",i(" + monitorID + ")" + option + "t(" + m.file + ")"
	default:
		return fmt.Errorf("monitor start: %q is no direction; it is both, in or out", m.direction)
	}
	_, err := c.exec(ctx, "MixMonitor", args)
	return err
}

func (c *channel) stopMonitor(ctx context.Context, m monitor) error {
	if m.paused {
		return nil
	}
	id, err := c.expand(ctx, "${"+monitorID+"}")
	if err == nil {
		_, err = c.exec(ctx, "StopMixMonitor", id)
	}
	return err
}

// Signal runs the application for it. Music goes on until a prompt or a tone.
func (c *channel) Signal(ctx context.Context, s engine.Signal) error {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return c.news(err)
	}
	if err := checkPlain("class of music", s.Class); err != nil {
		return err
	}
	var app string
	switch s.Kind {
	case engine.SignalRinging:
		app = "Ringing"
	case engine.SignalProgress:
		app = "Progress"
	case engine.SignalMusic:
		app = "StartMusicOnHold"
	case engine.SignalNoMusic:
		app = "StopMusicOnHold"
	default:
		return fmt.Errorf("signal %s: %s", s.Kind, lacks["signal hold"])
	}
	_, err := c.exec(ctx, app, s.Class)
	return c.news(err)
}

// SendDigits runs the application SendDTMF.
func (c *channel) SendDigits(ctx context.Context, digits string, length, gap time.Duration) error {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return c.news(err)
	}
	if err := checkPlain("digits", digits); err != nil {
		return err
	}
	_, err := c.exec(ctx, "SendDTMF", digits+","+milliseconds(gap)+","+milliseconds(length))
	return c.news(err)
}

// SendText runs the application SendText, which takes backslashes as C does. Behind one, no { begins a variable.
func (c *channel) SendText(ctx context.Context, text string) error {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return c.news(err)
	}
	escaped := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "{", `\{`, "[", `\[`).Replace(text)
	if err := c.application(ctx, "SendText", escaped); err != nil {
		return c.news(err)
	}
	status, err := c.expand(ctx, "${SENDTEXTSTATUS}")
	if err == nil && status != "SUCCESS" {
		if err = c.alive(ctx); err == nil {
			err = fmt.Errorf("send text: the caller's phone does not take text (%s)", strings.ToLower(status))
		}
	}
	return c.news(err)
}
