package engine

import (
	"fmt"
	"slices"
	"strings"
)

// A Capability is something that not every channel can do, by the word of the step that does it. It is found by
// asking whether a channel has the interface of that step.
type capability struct {
	kind Kind
	has  func(ch any) bool
}

func is[I any](ch any) bool { _, ok := ch.(I); return ok }

// capabilities are all there are, in the order of the documentation.
var capabilities = []capability{
	{StepExec, is[Executor]},
	{StepAGI, is[Commander]},
	{StepDial, is[Dialer]},
	{StepTransfer, is[Transferer]},
	{StepBridge, is[Bridger]},
	{StepPark, is[Parker]},
	{StepPickup, is[Parker]},
	{StepConference, is[Conferencer]},
	{StepSpy, is[Spier]},
	{StepMonitor, is[Monitorer]},
	{StepRecordings, is[Librarian]},
	{StepControl, is[Controller]},
	{StepSignal, is[Signaler]},
	{StepSendDigits, is[DigitSender]},
	{StepSendText, is[TextSender]},
	{StepSnapshot, is[Snapshotter]},
	{StepMedia, is[MediaConnector]},
	{StepEmit, is[Emitter]},
	{StepOn, is[Notifier]},
	{StepARI, is[Requester]},
}

// Optional reports whether a kind of step is one that not every channel can do.
func Optional(k Kind) bool {
	for _, c := range capabilities {
		if c.kind == k {
			return true
		}
	}
	return false
}

// Abilities are what the channels of a backend can do beyond Channel's own.
type Abilities struct {
	Kinds []Kind            // of steps, in the order of the documentation
	Lacks map[Detail]string // what of these they cannot do, and why not
}

// AbilitiesOf finds out what ch can do. A nil pointer of a channel's type will do.
func AbilitiesOf(ch Channel) Abilities {
	var a Abilities
	for _, c := range capabilities {
		if c.has(ch) {
			a.Kinds = append(a.Kinds, c.kind)
		}
	}
	if l, ok := ch.(Lacker); ok {
		a.Lacks = l.Lacks()
	}
	return a
}

// Missing says why what a detail names is not possible; "" means that it is. A detail that is only the kind of a
// step is all of it.
func (a Abilities) Missing(detail Detail) string {
	kind, _, _ := strings.Cut(string(detail), " ")
	if !slices.Contains(a.Kinds, Kind(kind)) {
		return "it cannot " + kind
	}
	return a.Lacks[detail]
}

// A Lacker is a channel that can do some of its capabilities in part only.
type Lacker interface {
	// Lacks says of each detail that it cannot do why not.
	Lacks() map[Detail]string
}

// A Detail is a part of a capability: the kind of the step and an option, such as "monitor mute".
type Detail string

// channelCan is the channel's side of a step that not every channel can do.
func channelCan[I any](c *Call, kind Kind) (I, error) {
	x, ok := c.ch.(I)
	if !ok {
		return x, &CapabilityError{kind, c.info.Backend}
	}
	return x, nil
}

// lacks is the error of an option that the channel cannot do, or nil.
func (c *Call) lacks(detail Detail) error {
	l, ok := c.ch.(Lacker)
	if !ok {
		return nil
	}
	if why, lacks := l.Lacks()[detail]; lacks {
		return fmt.Errorf("%s is not possible on the %s backend: %s", detail, c.info.Backend, why)
	}
	return nil
}
