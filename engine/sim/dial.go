package sim

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Dialer = (*Channel)(nil)

// PartyAnswers has somebody pick up after the time given, if the flow dials that party then: that of PJSIP/alice
// is alice. Parties do nothing by themselves.
func (p *Phone) PartyAnswers(name string, after time.Duration) {
	p.ch.happen(after, event{kind: answer, party: name})
}

// PartyRefuses has somebody turn the call down.
func (p *Phone) PartyRefuses(name string, after time.Duration, isBusy bool) {
	kind := refuse
	if isBusy {
		kind = busy
	}
	p.ch.happen(after, event{kind: kind, party: name})
}

// PartyHangsUp has somebody hang up.
func (p *Phone) PartyHangsUp(name string, after time.Duration) {
	p.ch.happen(after, event{kind: partyLeave, party: name})
}

// PartyPresses has somebody press digits, as Press does for the caller.
func (p *Phone) PartyPresses(name string, after time.Duration, digits string) time.Duration {
	for i := range len(digits) {
		p.ch.happen(after+KeyTime, event{kind: partyKey, party: name, digit: engine.Digit(digits[i])})
		after += KeyTime + KeyGap
	}
	return after
}

// partyOf is the name of the party that a dial string calls.
func partyOf(target string) string {
	_, name, ok := strings.Cut(target, "/")
	if !ok {
		name = target
	}
	name, _, _ = strings.Cut(name, "@")
	name, _, _ = strings.Cut(name, "/")
	return name
}

// A leg is a party being called.
type leg struct {
	target, name string
	state        legState
	until        time.Time // when what the state waits for is over
	asked        int       // how often it pressed a wrong key
}

type legState int

const (
	legRinging legState = iota
	legListening
	legConfirming
	legReady
	legGone
)

// A dialing is one Dial.
type dialing struct {
	ch      *Channel
	request engine.DialRequest
	legs    []*leg
	status  engine.DialStatus // of the party that came furthest
	end     keys              // what the caller pressed
}

// Dial calls parties and lets the time pass that they talk.
func (ch *Channel) Dial(ctx context.Context, r engine.DialRequest) (engine.Talk, error) {
	d := &dialing{ch: ch, request: r, status: engine.NoAnswer, end: keys{want: r.End}}
	for _, target := range r.Targets {
		d.legs = append(d.legs, &leg{target: target, name: partyOf(target), until: ch.Now().Add(r.Timeout)})
	}
	for {
		if l := d.ready(); l != nil {
			return d.talk(ctx, l)
		}
		end, waiting := d.earliest()
		if !waiting {
			return engine.Talk{Status: d.status}, nil
		}
		ev, err := ch.next(ctx, end)
		switch {
		case err != nil:
			return engine.Talk{}, err
		case ev.kind == nothing && ch.Now().Before(end): // a function of the flow's wanted it
			return engine.Talk{Status: engine.Cancelled}, nil
		case ev.kind == nothing:
			d.expire()
		case ev.kind == key && d.end.press(ev.digit):
			return engine.Talk{Status: engine.Cancelled}, nil
		default:
			d.happened(ev)
		}
	}
}

func (d *dialing) ready() *leg {
	for _, l := range d.legs {
		if l.state == legReady {
			return l
		}
	}
	return nil
}

// earliest is when the next leg stops waiting; false if none waits.
func (d *dialing) earliest() (time.Time, bool) {
	var first time.Time
	for _, l := range d.legs {
		if l.state != legGone && (first.IsZero() || l.until.Before(first)) {
			first = l.until
		}
	}
	return first, !first.IsZero()
}

// expire moves on every leg whose time is up.
func (d *dialing) expire() {
	now := d.ch.Now()
	for _, l := range d.legs {
		if l.until.After(now) {
			continue
		}
		switch l.state {
		case legRinging:
			l.state = legGone
		case legListening:
			d.listened(l)
		case legConfirming:
			d.leave(l, engine.Refused)
		}
	}
}

func (d *dialing) listened(l *leg) {
	l.state, l.until = legConfirming, d.ch.Now().Add(d.request.Wait)
	if d.request.Confirm == "" {
		l.state = legReady
	}
}

// pressed lets a leg confirm that it takes the call. On another key it hears the announcement again.
func (d *dialing) pressed(l *leg, key engine.Digit) {
	switch {
	case d.request.Confirm == "" || l.state != legListening && l.state != legConfirming:
	case d.request.Confirm.Has(key):
		l.state = legReady
	default:
		if l.asked++; l.asked == engine.MostAsked {
			d.leave(l, engine.Refused)
			return
		}
		d.listen(l)
	}
}

func (d *dialing) listen(l *leg) {
	l.state, l.until = legListening, d.ch.Now().Add(length(d.request.Announce))
}

// leave takes a leg out. What came of it counts if no other came further.
func (d *dialing) leave(l *leg, status engine.DialStatus) {
	l.state = legGone
	if d.status != engine.Refused {
		d.status = status
	}
}

// happened lets a party do something.
func (d *dialing) happened(ev event) {
	for _, l := range d.legs {
		if l.name != ev.party || l.state == legGone {
			continue
		}
		switch {
		case ev.kind == answer && l.state == legRinging:
			d.listen(l)
		case ev.kind == busy && l.state == legRinging:
			d.leave(l, engine.Busy)
		case ev.kind == refuse, ev.kind == partyLeave:
			d.leave(l, engine.Refused)
		case ev.kind == partyKey:
			d.pressed(l, ev.digit)
		}
		return
	}
}

func length(prompts engine.Prompts) (sum time.Duration) {
	for _, p := range prompts {
		sum += Duration(p)
	}
	return sum
}

// keys finds a sequence among what is pressed.
type keys struct{ want, pressed string }

// press reports whether the sequence is complete.
func (k *keys) press(d engine.Digit) bool {
	if k.want == "" {
		return false
	}
	k.pressed += d.String()
	return strings.HasSuffix(k.pressed, k.want)
}

// talk lets a conversation pass.
func (d *dialing) talk(ctx context.Context, l *leg) (engine.Talk, error) {
	t := engine.Talk{Status: engine.Answered, Target: l.target}
	began := d.ch.Now()
	most := d.request.Most
	if most <= 0 {
		most = patience
	}
	d.end.pressed = ""
	transfer := d.request.Transfer
	caller, called := keys{want: transfer.Blind}, keys{want: transfer.Blind}
	for {
		ev, err := d.ch.next(ctx, began.Add(most))
		t.Lasted = d.ch.Now().Sub(began)
		switch {
		case err != nil:
			return engine.Talk{}, err
		case ev.kind == nothing && t.Lasted < most:
			t.Ended = engine.EndedKey
			return t, nil
		case ev.kind == nothing && d.request.Most <= 0:
			d.ch.Phone().HangUp(0)
		case ev.kind == nothing:
			t.Ended = engine.EndedLimit
			return t, nil
		case ev.kind == key && d.end.press(ev.digit):
			t.Ended = engine.EndedKey
			return t, nil
		case ev.kind == key && transfer.Caller && caller.press(ev.digit):
			t.Ended = engine.EndedTransfer
			_, err := d.extension(ctx, "")
			return t, err
		case ev.party == l.name && ev.kind == partyLeave:
			t.Ended = engine.EndedCalled
			return t, nil
		case ev.party == l.name && ev.kind == partyKey && transfer.Called && called.press(ev.digit):
			exten, err := d.extension(ctx, l.name)
			t.Ended = engine.EndedTransfer
			t.To = engine.Location{Context: cmp.Or(transfer.Context, d.ch.call.Info.Context), Exten: exten, Priority: "1"}
			return t, err
		}
	}
}

// extension is what a party, or the caller, dials to hand the other one on.
func (d *dialing) extension(ctx context.Context, party string) (string, error) {
	const between = 3 * time.Second
	var exten string
	for {
		ev, err := d.ch.next(ctx, d.ch.Now().Add(between))
		if err != nil || ev.kind == nothing {
			return exten, err
		}
		if ev.party == party && (ev.kind == key || ev.kind == partyKey) {
			exten += ev.digit.String()
		}
	}
}
