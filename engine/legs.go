package engine

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A Transferer hands the caller on with the means of the caller's own network (SIP REFER, or 302 before an
// answer). After that the call is another's.
type Transferer interface {
	Transfer(ctx context.Context, target string) error
}

// A Bridger connects the caller with another call that Asterisk has, which leaves whatever it is in.
type Bridger interface {
	// Bridge returns when the two are no longer connected. target is the other channel's name.
	Bridge(ctx context.Context, target string) error
}

// A Parker has the caller wait for another call to pick it up, and picks up such a call.
type Parker interface {
	// Park returns when the caller was picked up and the conversation is over (EndedCalled), or when nobody
	// came in time, which is a Talk that was not answered.
	Park(ctx context.Context, r ParkRequest) (Talk, error)
	// Pickup connects the caller with the one that waits longest at a slot. The Talk is Unavailable if none does.
	Pickup(ctx context.Context, slot string) (Talk, error)
}

// A ParkRequest says where the caller waits and for how long.
type ParkRequest struct {
	Slot    string        // whatever name both sides use, such as "701"; several calls may wait at one
	Music   string        // class of the music; "" is the default one
	Timeout time.Duration // 0 means no limit
}

// A Spier lets the caller listen to another call.
type Spier interface {
	// Spy returns when the other call is over or the caller pressed r.End. Other keys are lost. Of several channels
	// whose name begins as asked it is the oldest. That there is none is an error.
	Spy(ctx context.Context, r SpyRequest) error
}

// A SpyRequest says whom to listen to.
type SpyRequest struct {
	Channel string // the channel's name, or how it begins, such as "PJSIP/alice"
	Mode    SpyMode
	End     Digits // keys with which the caller stops listening; "" is none
}

// SpyMode says who hears the one who listens.
type SpyMode string

const (
	SpyListen  SpyMode = "listen"  // nobody
	SpyWhisper SpyMode = "whisper" // the channel that is listened to
	SpyBarge   SpyMode = "barge"   // it and who it talks to
)

// Transfer hands the caller on and ends the flow's part in the call, as soon as the caller's side agrees.
func (c *Call) Transfer(target string) error {
	_, err := c.channelStep(StepTransfer, target, func(ctx context.Context) (string, error) {
		x, err := channelCan[Transferer](c, StepTransfer)
		if err != nil {
			return "", err
		}
		return "", x.Transfer(ctx, target)
	})
	return err
}

// Bridge connects the caller with another channel of Asterisk.
func (c *Call) Bridge(target string) error {
	if target == "" || strings.ContainsAny(target, ", \t\r\n\"") {
		return fmt.Errorf("%q is not the name of a channel", target)
	}
	_, err := c.channelStep(StepBridge, target, func(ctx context.Context) (string, error) {
		x, err := channelCan[Bridger](c, StepBridge)
		if err != nil {
			return "", err
		}
		return "", x.Bridge(ctx, target)
	})
	return err
}

// Park has the caller wait to be picked up.
func (c *Call) Park(r ParkRequest) (Talk, error) {
	if err := checkSlot(r.Slot); err != nil {
		return Talk{}, err
	}
	text, err := c.channelStep(StepPark, r.Slot, func(ctx context.Context) (string, error) {
		x, err := channelCan[Parker](c, StepPark)
		if err != nil {
			return "", err
		}
		talk, err := x.Park(ctx, r)
		return talk.String(), err
	})
	return parseTalk(text), err
}

// Pickup connects the caller with one who waits.
func (c *Call) Pickup(slot string) (Talk, error) {
	if err := checkSlot(slot); err != nil {
		return Talk{}, err
	}
	text, err := c.channelStep(StepPickup, slot, func(ctx context.Context) (string, error) {
		x, err := channelCan[Parker](c, StepPickup)
		if err != nil {
			return "", err
		}
		talk, err := x.Pickup(ctx, slot)
		return talk.String(), err
	})
	return parseTalk(text), err
}

func checkSlot(slot string) error {
	if slot == "" || strings.ContainsAny(slot, ",() \t\r\n\"'\\${}[]") {
		return fmt.Errorf("%q cannot be a parking slot; use digits or letters", slot)
	}
	return nil
}

// Spy lets the caller listen to another call.
func (c *Call) Spy(r SpyRequest) error {
	if r.Channel == "" || strings.ContainsAny(r.Channel, ",() \t\r\n\"") {
		return fmt.Errorf("%q is not the name of a channel", r.Channel)
	}
	_, err := c.channelStep(StepSpy, r.Channel+" "+string(r.Mode), func(ctx context.Context) (string, error) {
		x, err := channelCan[Spier](c, StepSpy)
		if err != nil {
			return "", err
		}
		return "", x.Spy(ctx, r)
	})
	return err
}
