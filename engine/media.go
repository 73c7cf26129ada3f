package engine

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A Monitorer records a call while it goes on with other things.
type Monitorer interface {
	Monitor(ctx context.Context, r MonitorRequest) error
}

// A MonitorRequest starts such a recording or changes the one there is. A call has one at most.
type MonitorRequest struct {
	Do        MonitorAction
	Name      string // to start: see CheckRecordingName
	Format    string // to start: Asterisk's name of the format; "" is wav
	Direction string // to start: both (or ""), in (the caller's voice), out (what the caller hears)
	Keep      bool   // to start: it does not expire
}

// MonitorAction is what to do with a recording.
type MonitorAction string

const (
	MonitorStart  MonitorAction = "start"
	MonitorStop   MonitorAction = "stop"
	MonitorPause  MonitorAction = "pause"  // what is said is left out
	MonitorResume MonitorAction = "resume" // after a pause
	MonitorMute   MonitorAction = "mute"   // what is said is replaced by silence
	MonitorUnmute MonitorAction = "unmute"
)

// A Controller plays a recording that the caller can steer.
type Controller interface {
	// PlayControlled plays p until its end or a digit in stop. at is where in the recording it stopped.
	PlayControlled(ctx context.Context, p Prompt, keys ControlKeys, stop Digits) (d Digit, at time.Duration, err error)
}

// ControlKeys are the keys that steer a recording; NoDigit is none.
type ControlKeys struct {
	Forward, Rewind, Pause, Restart Digit
	Skip                            time.Duration // how far forward and rewind go; 0 means 3 seconds
	From                            time.Duration // where to begin
}

// A Signaler tells the caller's phone, or its network, something that is no audio.
type Signaler interface {
	Signal(ctx context.Context, s Signal) error
}

// A Signal is such a thing.
type Signal struct {
	Kind  SignalKind
	Class string // of music
}

// SignalKind names a signal.
type SignalKind string

const (
	SignalRinging  SignalKind = "ringing"   // before an answer: the caller hears ringing
	SignalProgress SignalKind = "progress"  // before an answer: audio follows
	SignalHold     SignalKind = "hold"      // the caller's phone is told that it is on hold
	SignalUnhold   SignalKind = "unhold"    // … and not any more
	SignalMusic    SignalKind = "music"     // music plays while the flow does other things, until the next prompt or music off
	SignalNoMusic  SignalKind = "music off" // … and not any more
)

// String is s as a transcript writes it.
func (s Signal) String() string { return strings.TrimSpace(string(s.Kind) + " " + s.Class) }

// A DigitSender presses keys towards the caller, for a machine that listens there.
type DigitSender interface {
	// SendDigits sends each key for length with gap between; a w among the digits waits half a second.
	SendDigits(ctx context.Context, digits string, length, gap time.Duration) error
}

// A TextSender sends text within the call (SIP MESSAGE), if the caller's phone shows such.
type TextSender interface {
	SendText(ctx context.Context, text string) error
}

// A MediaConnector connects the caller's audio with an address.
type MediaConnector interface {
	// ConnectMedia returns when the other side closes, the time is up, or the caller pressed a digit in
	// r.End, which it returns.
	ConnectMedia(ctx context.Context, r MediaRequest) (Digit, error)
}

// A MediaRequest says where the audio goes.
type MediaRequest struct {
	Address string        // host:port
	Kind    MediaKind     // how; "" is audiosocket
	Format  string        // Asterisk's name of the codec, for rtp; "" is slin, or ulaw for rtp
	ID      string        // a UUID that tells the other side which call it is, for audiosocket; "" is a random one
	Most    time.Duration // 0 means no limit
	End     Digits        // keys that end it
}

// MediaKind is a way to carry audio.
type MediaKind string

const (
	MediaAudioSocket MediaKind = "audiosocket"
	MediaRTP         MediaKind = "rtp"
)

// Monitor starts a recording of the whole call, or changes it.
func (c *Call) Monitor(r MonitorRequest) error {
	args := string(r.Do)
	if r.Do == MonitorStart {
		if err := CheckRecordingName(r.Name); err != nil {
			return err
		}
		args += " " + r.Name
	}
	if err := c.lacks(Detail("monitor " + string(r.Do))); err != nil {
		return err
	}
	_, err := c.channelStep(StepMonitor, args, func(ctx context.Context) (string, error) {
		x, err := channelCan[Monitorer](c, StepMonitor)
		if err != nil {
			return "", err
		}
		if r.Do == MonitorStart {
			c.expires(r.Name, r.Format, r.Keep)
		}
		return "", x.Monitor(ctx, r)
	})
	return err
}

// PlayControlled plays one recording that the caller can steer, and says where it stopped. The digit that stopped
// it is part of the step's result.
func (c *Call) PlayControlled(p Prompt, keys ControlKeys, stop Digits) (Digit, time.Duration, error) {
	text, err := c.channelStep(StepControl, p.String(), func(ctx context.Context) (string, error) {
		x, err := channelCan[Controller](c, StepControl)
		if err != nil {
			return "", err
		}
		fill(&keys.Skip, 3*time.Second)
		list, err := c.render(ctx, Prompts{p})
		if err != nil {
			return "", err
		}
		d, at, err := x.PlayControlled(ctx, list[0], keys, stop)
		return strings.TrimSpace(Seconds(at.Round(10*time.Millisecond)) + " " + d.String()), err
	})
	where, key, _ := strings.Cut(text, " ")
	at, _ := time.ParseDuration(where)
	if key == "" {
		return NoDigit, at, err
	}
	return Digit(key[0]), at, err
}

// Signal tells the caller's side something that is no audio.
func (c *Call) Signal(s Signal) error {
	if err := c.lacks(Detail("signal " + string(s.Kind))); err != nil {
		return err
	}
	_, err := c.channelStep(StepSignal, s.String(), func(ctx context.Context) (string, error) {
		x, err := channelCan[Signaler](c, StepSignal)
		if err != nil {
			return "", err
		}
		return "", x.Signal(ctx, s)
	})
	return err
}

// SendDigits presses keys towards the caller. Lengths of 0 are 100 ms.
func (c *Call) SendDigits(digits string, length, gap time.Duration) error {
	if strings.Trim(digits, string(AnyDigit)+"w") != "" || digits == "" {
		return fmt.Errorf("%q cannot be sent; keys are 0-9, *, #, A-D, and w for half a second", digits)
	}
	fill(&length, 100*time.Millisecond)
	fill(&gap, 100*time.Millisecond)
	_, err := c.channelStep(StepSendDigits, digits, func(ctx context.Context) (string, error) {
		x, err := channelCan[DigitSender](c, StepSendDigits)
		if err != nil {
			return "", err
		}
		return "", x.SendDigits(ctx, digits, length, gap)
	})
	return err
}

// SendText sends text to the caller's phone.
func (c *Call) SendText(text string) error {
	_, err := c.channelStep(StepSendText, text, func(ctx context.Context) (string, error) {
		x, err := channelCan[TextSender](c, StepSendText)
		if err != nil {
			return "", err
		}
		return "", x.SendText(ctx, text)
	})
	return err
}

// ConnectMedia connects the caller's audio with an address and comes back when that is over.
func (c *Call) ConnectMedia(r MediaRequest) (Digit, error) {
	var d Digit
	_, err := c.channelStep(StepMedia, r.Address, func(ctx context.Context) (string, error) {
		x, err := channelCan[MediaConnector](c, StepMedia)
		if err != nil {
			return "", err
		}
		d, err = x.ConnectMedia(ctx, r)
		return "", err
	})
	if d != NoDigit {
		c.note(StepPress, d.String())
	}
	return d, err
}
