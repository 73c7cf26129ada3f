package sim

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var (
	_ engine.Transferer     = (*Channel)(nil)
	_ engine.Bridger        = (*Channel)(nil)
	_ engine.Parker         = (*Channel)(nil)
	_ engine.Conferencer    = (*Channel)(nil)
	_ engine.Spier          = (*Channel)(nil)
	_ engine.Monitorer      = (*Channel)(nil)
	_ engine.Controller     = (*Channel)(nil)
	_ engine.Signaler       = (*Channel)(nil)
	_ engine.DigitSender    = (*Channel)(nil)
	_ engine.TextSender     = (*Channel)(nil)
	_ engine.Snapshotter    = (*Channel)(nil)
	_ engine.MediaConnector = (*Channel)(nil)
	_ engine.Emitter        = (*Channel)(nil)
	_ engine.Requester      = (*Channel)(nil)
)

// Abilities are those of all simulated calls.
func Abilities() engine.Abilities { return engine.AbilitiesOf((*Channel)(nil)) }

// Request has nobody to ask.
func (ch *Channel) Request(_ context.Context, method, path string, _ map[string]any) (int, string, error) {
	return 0, "", fmt.Errorf("%s %s: the simulator has no Asterisk; a transcript says what it answers, in a line such as: reply 200 {}", method, path)
}

// Transfer hands the caller on, who is gone then.
func (ch *Channel) Transfer(ctx context.Context, _ string) error {
	if err := ch.live(ctx); err != nil {
		return err
	}
	ch.Phone().HangUp(0)
	return nil
}

// Bridge connects the caller with nobody: the simulator has no other channels.
func (ch *Channel) Bridge(ctx context.Context, _ string) error { return ch.live(ctx) }

// Park has the caller wait; nobody comes.
func (ch *Channel) Park(ctx context.Context, r engine.ParkRequest) (engine.Talk, error) {
	_, err := ch.stay(ctx, r.Timeout, "")
	return engine.Talk{Status: engine.NoAnswer}, err
}

// Pickup finds that nobody waits.
func (ch *Channel) Pickup(ctx context.Context, _ string) (engine.Talk, error) {
	return engine.Talk{Status: engine.Unavailable}, ch.live(ctx)
}

// Conference is a room with nobody else in it.
func (ch *Channel) Conference(ctx context.Context, r engine.ConferenceRequest) (engine.Stay, error) {
	began := ch.Now()
	_, err := ch.stay(ctx, 0, r.Keys.Leave)
	return engine.Stay{Why: engine.StayKey, Lasted: ch.Now().Sub(began)}, err
}

// Spy finds that there is nobody to listen to.
func (ch *Channel) Spy(ctx context.Context, _ engine.SpyRequest) error { return ch.live(ctx) }

// ConnectMedia lets the time pass.
func (ch *Channel) ConnectMedia(ctx context.Context, r engine.MediaRequest) (engine.Digit, error) {
	if err := ch.live(ctx); err != nil {
		return engine.NoDigit, err
	}
	end := ch.Now().Add(patience)
	if r.Most > 0 {
		end = ch.Now().Add(r.Most)
	}
	d, err := ch.until(ctx, end, r.End)
	if d == engine.NoDigit && err == nil && r.Most <= 0 {
		ch.Phone().HangUp(0)
		err = ch.live(ctx)
	}
	return d, err
}

// stay lets time pass until the caller presses leave or hangs up, which happens at last. Other keys are for
// what the caller is in.
func (ch *Channel) stay(ctx context.Context, most time.Duration, leave string) (pressed bool, err error) {
	if err := ch.live(ctx); err != nil {
		return false, err
	}
	end := ch.Now().Add(patience)
	if most > 0 {
		end = ch.Now().Add(most)
	}
	for k := (keys{want: leave}); ; {
		ev, err := ch.next(ctx, end)
		switch {
		case err != nil:
			return false, err
		case ev.kind == key && k.press(ev.digit):
			return true, nil
		case ev.kind == nothing && most > 0:
			return false, nil
		case ev.kind == nothing:
			ch.Phone().HangUp(0)
		}
	}
}

// Monitor records nothing.
func (ch *Channel) Monitor(ctx context.Context, _ engine.MonitorRequest) error { return ch.live(ctx) }

// Signal tells nobody.
func (ch *Channel) Signal(ctx context.Context, _ engine.Signal) error { return ch.live(ctx) }

// SendText sends it to nobody.
func (ch *Channel) SendText(ctx context.Context, _ string) error { return ch.live(ctx) }

// Emit sends it to nobody. It works at all times.
func (ch *Channel) Emit(context.Context, string, map[string]string) error { return nil }

// SendDigits lets the time pass that it takes.
func (ch *Channel) SendDigits(ctx context.Context, digits string, length, gap time.Duration) error {
	const half = 500 * time.Millisecond
	var sum time.Duration
	for _, d := range digits {
		if d == 'w' {
			sum += half
		} else {
			sum += length + gap
		}
	}
	_, err := ch.Play(ctx, []engine.Prompt{engine.Silence(sum)}, "")
	return err
}

// Snapshot is what is known of the call.
func (ch *Channel) Snapshot(context.Context) (engine.Snapshot, error) {
	i := ch.call.Info
	return engine.Snapshot{
		Name: i.Channel, State: "up", Number: i.CallerID, CallerName: i.CallerName, Language: i.Language,
		Context: i.Context, Exten: i.Exten, Priority: strconv.Itoa(i.Priority),
	}, nil
}

// PlayControlled lets the caller steer what is played.
func (ch *Channel) PlayControlled(ctx context.Context, p engine.Prompt, keys engine.ControlKeys, stop engine.Digits) (engine.Digit, time.Duration, error) {
	if err := ch.live(ctx); err != nil {
		return engine.NoDigit, 0, err
	}
	if d := ch.take(stop); d != engine.NoDigit {
		return d, keys.From, nil
	}
	if language, _ := ch.variable("CHANNEL(language)"); ch.missing(p, language) {
		return engine.NoDigit, keys.From, &engine.PlayError{Prompt: p, Why: "no such sound"}
	}
	whole := ch.length(p)
	at, paused := keys.From, false
	for {
		from := ch.Now()
		end := from.Add(max(0, whole-at))
		if paused {
			end = from.Add(patience)
		}
		ev, err := ch.next(ctx, end)
		if !paused {
			at = min(whole, at+ch.Now().Sub(from))
		}
		switch {
		case err != nil, ev.kind == nothing:
			return engine.NoDigit, at, err
		case ev.kind != key:
		case stop.Has(ev.digit):
			return ev.digit, at, nil
		case ev.digit == keys.Forward:
			at = min(whole, at+keys.Skip)
		case ev.digit == keys.Rewind:
			at = max(0, at-keys.Skip)
		case ev.digit == keys.Restart:
			at = 0
		case ev.digit == keys.Pause:
			paused = !paused
		default:
			ch.keep(ev)
		}
	}
}
