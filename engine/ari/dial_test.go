package ari

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

var dialTests = []labTest{
	{"two talk, and the flow goes on", dialTalk},
	{"the first of several who answers has the call", dialSeveral},
	{"what the caller hears meanwhile", dialWaiting},
	{"who calls", dialWho},
	{"an announcement is for one", dialAnnounce},
	{"who is asked competes with those who ring", dialCompete},
	{"the caller ends it", dialKeys},
	{"a limit, with warnings", dialLimit},
	{"handed on blindly", dialBlind},
	{"handed on after a word", dialAttended},
	{"the caller hangs up", dialHangUp},
}

// dials is a call that dials and then plays a sound.
func (st *station) dials(t *testing.T, r engine.DialRequest, want engine.Talk) *visit {
	if r.Timeout == 0 {
		r.Timeout = answerTime
	}
	if r.Wait == 0 {
		r.Wait = answerTime
	}
	return st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		talk, err := c.Dial(ctx, r)
		wantTalk(t, "dial", talk, err, want)
		_, err = c.Play(ctx, []engine.Prompt{{Text: "leave"}}, "")
		noErr(t, "play", err)
	})
}

// targets are phones to call: their names and dial strings.
func (st *station) targets(t *testing.T, n int) (names, targets []string) {
	for range n {
		name := st.phone(t)
		names, targets = append(names, name), append(targets, "PJSIP/"+name)
	}
	return names, targets
}

func (st *station) rings(t *testing.T, name string) *asterisk.Phone {
	t.Helper()
	p, err := st.WaitRing(within(t), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func (st *station) answers(t *testing.T, name string) *asterisk.Phone {
	t.Helper()
	p := st.rings(t, name)
	noErr(t, "answer", p.Answer())
	return p
}

// talk has two phones hear each other.
func (st *station) talk(t *testing.T, a, b phone) {
	t.Helper()
	st.says(t, a, "hello", b)
	st.says(t, b, "hello", a)
}

type phone interface {
	speaker
	listener
}

func wantEnded(t *testing.T, phones ...*asterisk.Phone) {
	t.Helper()
	for _, p := range phones {
		_, err := p.WaitEnded(within(t))
		noErr(t, "a phone's call ends", err)
	}
}

func presses(t *testing.T, p *asterisk.Phone, keys string) {
	t.Helper()
	ctx := within(t)
	noErr(t, "media", p.WaitMedia(ctx))
	noErr(t, "press", p.Press(ctx, keys))
}

// ended is what comes of a conversation with a target.
func ended(target string, how engine.TalkEnd) engine.Talk {
	return engine.Talk{Status: engine.Answered, Target: target, Ended: how}
}

func dialTalk(t *testing.T, st *station) {
	names, targets := st.targets(t, 1)
	v := st.dials(t, engine.DialRequest{Targets: targets}, ended(targets[0], engine.EndedCalled))
	p := st.answers(t, names[0])
	st.talk(t, v, p)
	noErr(t, "hang up", p.HangUp())
	v.ends("leave")
}

func dialSeveral(t *testing.T, st *station) {
	names, targets := st.targets(t, 3)
	v := st.dials(t, engine.DialRequest{Targets: targets}, ended(targets[1], engine.EndedCalled))
	noErr(t, "refuse", st.rings(t, names[0]).Refuse(486))
	third := st.rings(t, names[2])
	p := st.answers(t, names[1])
	wantEnded(t, third)
	st.talk(t, v, p)
	noErr(t, "hang up", p.HangUp())
	v.ends("leave")

	// An extension that is busy plays a tone for ten seconds.
	v = st.dials(t, engine.DialRequest{Targets: []string{"Local/8" + names[0][1:] + "@others/n"}}, engine.Talk{Status: engine.Busy, Cause: 17})
	noErr(t, "refuse", st.rings(t, names[0]).Refuse(486))
	refused := time.Now()
	v.ends("leave")
	if d := time.Since(refused); d > 8*time.Second {
		t.Errorf("that an extension is busy took %v", d)
	}
}

func dialWaiting(t *testing.T, st *station) {
	names, targets := st.targets(t, 1)
	v := st.dials(t, engine.DialRequest{Targets: targets, Music: "other"}, ended(targets[0], engine.EndedCalled))
	p := st.rings(t, names[0])
	v.hears(otherMusic)
	noErr(t, "answer", p.Answer())
	st.talk(t, v, p)
	wantHeard(t, v.Phone, "hello", "!"+otherMusic)
	noErr(t, "hang up", p.HangUp())
	v.ends("leave")

	early := "Local/early@others/n"
	v = st.dials(t, engine.DialRequest{Targets: []string{early}, Early: true}, ended(early, engine.EndedCalled))
	v.hears("came")
	v.hears("went")
	v.ends("leave")
}

func dialWho(t *testing.T, st *station) {
	for _, test := range []struct{ number, name string }{{"4711", "Ada"}, {"4712", "Bob & Co, Ltd."}} {
		r := engine.DialRequest{Targets: []string{"Local/who@others/n"}, Number: test.number, Name: test.name}
		st.dials(t, r, engine.Talk{Status: engine.Busy, Cause: 17}).ends("leave")
		if name, err := st.WaitGlobal(within(t), "WHO_"+test.number); name != test.name || err != nil {
			t.Errorf("the target saw %q, %v; want %q", name, err, test.name)
		}
	}
	names, targets := st.targets(t, 1)
	v := st.dials(t, engine.DialRequest{Targets: targets}, ended(targets[0], engine.EndedCalled))
	p := st.answers(t, names[0])
	if p.From() != v.id {
		t.Errorf("the target saw %q; want %q", p.From(), v.id)
	}
	st.says(t, p, "hello", v)
	noErr(t, "hang up", p.HangUp())
	v.ends("leave")
}

func dialAnnounce(t *testing.T, st *station) {
	names, targets := st.targets(t, 2)
	say := engine.Prompts{{Text: "red"}, engine.Silence(300 * time.Millisecond), {Text: "green"}}
	v := st.dials(t, engine.DialRequest{Targets: targets, Announce: say, Confirm: "1*", Music: "default"}, ended(targets[0], engine.EndedCalled))
	other := st.rings(t, names[1])
	p := st.answers(t, names[0])
	for _, name := range []string{"red", "green"} {
		_, err := p.WaitHeard(within(t), name)
		noErr(t, "announcement", err)
	}
	presses(t, p, "5")
	_, err := p.WaitHeard(within(t), "red")
	noErr(t, "announcement after a wrong key", err)
	presses(t, p, "*")
	st.talk(t, v, p)
	wantEnded(t, other)
	wantHeard(t, v.Phone, "", music, "!red", "!green")
	noErr(t, "hang up", p.HangUp())
	v.ends("leave")
}

func dialCompete(t *testing.T, st *station) {
	names, targets := st.targets(t, 3)
	r := engine.DialRequest{Targets: targets, Announce: engine.Prompts{{Text: "long"}}, Confirm: "1"}
	v := st.dials(t, r, ended(targets[1], engine.EndedCalled))
	third := st.rings(t, names[2])
	first := st.answers(t, names[0])
	_, err := first.WaitHeard(within(t), "long")
	noErr(t, "announcement", err)
	second := st.answers(t, names[1])
	presses(t, second, "1")
	wantEnded(t, first, third)
	st.talk(t, v, second)
	noErr(t, "hang up", second.HangUp())
	v.ends("leave")

	names, targets = st.targets(t, 2)
	r = engine.DialRequest{Targets: targets, Confirm: "1", Wait: 300 * time.Millisecond}
	v = st.dials(t, r, engine.Talk{Status: engine.Refused})
	first = st.answers(t, names[0])
	wantEnded(t, first)
	noErr(t, "refuse", st.rings(t, names[1]).Refuse(486))
	v.ends("leave")
}

func dialKeys(t *testing.T, st *station) {
	names, targets := st.targets(t, 1)
	v := st.dials(t, engine.DialRequest{Targets: targets, End: "*"}, engine.Talk{Status: engine.Cancelled})
	p := st.rings(t, names[0])
	v.press("5*")
	wantEnded(t, p)
	v.ends("leave")

	v = st.dials(t, engine.DialRequest{Targets: targets, End: "*9"}, ended(targets[0], engine.EndedKey))
	p = st.answers(t, names[0])
	st.talk(t, v, p)
	presses(t, p, "*9") // which is the caller's
	st.talk(t, v, p)
	v.press("*9")
	wantEnded(t, p)
	v.ends("leave")
}

func dialLimit(t *testing.T, st *station) {
	names, targets := st.targets(t, 1)
	r := engine.DialRequest{
		Targets: targets, Most: 3 * time.Second, Warn: 1200 * time.Millisecond, Repeat: 600 * time.Millisecond,
		Warning: engine.Prompts{{Text: "hurry"}},
	}
	v := st.dials(t, r, ended(targets[0], engine.EndedLimit))
	p := st.answers(t, names[0])
	st.talk(t, v, p)
	v.hears("hurry")
	v.hears("hurry")
	wantEnded(t, p)
	wantHeard(t, p, "", "!hurry")
	v.ends("leave")
}

func dialBlind(t *testing.T, st *station) {
	keys := engine.TransferKeys{Blind: "##", Context: "others", Caller: true, Called: true}
	names, targets := st.targets(t, 2)
	// Who was called hands the caller on, who leaves the flow.
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		talk, err := c.Dial(ctx, engine.DialRequest{Targets: targets[:1], Timeout: answerTime, Transfer: keys})
		want := ended(targets[0], engine.EndedTransfer)
		want.To = engine.Location{Context: "others", Exten: "71", Priority: "1"}
		wantTalk(t, "dial", talk, err, want)
		noErr(t, "continue", c.Continue(ctx, talk.To))
	})
	p := st.answers(t, names[0])
	st.talk(t, v, p)
	presses(t, p, "##")
	presses(t, p, "71")
	v.hears("came")
	wantEnded(t, p)
	v.hangUp()

	// The caller hands on who was called, and the flow goes on.
	v = st.dials(t, engine.DialRequest{Targets: targets[1:], Transfer: keys}, ended(targets[1], engine.EndedTransfer))
	p = st.answers(t, names[1])
	st.talk(t, v, p)
	v.press("##")
	v.press("72")
	v.ends("leave")
	_, err := p.WaitHeard(within(t), "came")
	noErr(t, "handed on", err)
	noErr(t, "hang up", p.HangUp())
}

func dialAttended(t *testing.T, st *station) {
	keys := engine.TransferKeys{Attended: "*2", Context: "others", Caller: true, Called: true}
	names, targets := st.targets(t, 2)
	third := "8" + names[1][1:] // an extension that calls the second phone
	// Who was called lets the caller talk to a third party, by hanging up or by the keys.
	for _, complete := range []func(p *asterisk.Phone){
		func(p *asterisk.Phone) { noErr(t, "hang up", p.HangUp()) },
		func(p *asterisk.Phone) { presses(t, p, "*2") },
	} {
		v := st.dials(t, engine.DialRequest{Targets: targets[:1], Transfer: keys}, ended(targets[0], engine.EndedTransfer))
		p := st.answers(t, names[0])
		st.talk(t, v, p)
		presses(t, p, "*2")
		presses(t, p, third+"#")
		v.hears(music)
		other := st.answers(t, names[1])
		st.talk(t, p, other)
		complete(p)
		wantEnded(t, p)
		st.talk(t, v, other)
		noErr(t, "hang up", other.HangUp())
		v.ends("leave")
	}

	// The caller has who was called talk to a third party, and the flow goes on.
	v := st.dials(t, engine.DialRequest{Targets: targets[:1], Transfer: keys}, ended(targets[0], engine.EndedTransfer))
	p := st.answers(t, names[0])
	st.talk(t, v, p)
	v.press("*2")
	v.press(third + "#")
	other := st.answers(t, names[1])
	st.talk(t, v, other)
	v.press("*2")
	v.ends("leave")
	st.talk(t, p, other)
	noErr(t, "hang up", other.HangUp())
	wantEnded(t, p)

	// The third party does not want to, and all is as before.
	v = st.dials(t, engine.DialRequest{Targets: targets[:1], Transfer: keys}, ended(targets[0], engine.EndedCalled))
	p = st.answers(t, names[0])
	st.talk(t, v, p)
	v.press("*2")
	v.press(third + "#")
	noErr(t, "refuse", st.rings(t, names[1]).Refuse(486))
	st.talk(t, v, p)
	noErr(t, "hang up", p.HangUp())
	v.ends("leave")
}

func dialHangUp(t *testing.T, st *station) {
	for _, say := range []engine.Prompts{nil, {{Text: "long"}}} {
		names, targets := st.targets(t, 2)
		v := st.call(t, func(ctx context.Context, c *channel) {
			if _, err := c.Dial(ctx, engine.DialRequest{Targets: targets, Timeout: answerTime, Announce: say}); !errors.Is(err, engine.ErrHangup) {
				t.Errorf("dial: %v", err)
			}
		})
		first, second := st.rings(t, names[0]), st.rings(t, names[1])
		if say != nil {
			noErr(t, "answer", second.Answer())
			_, err := second.WaitHeard(within(t), "long")
			noErr(t, "announcement", err)
		}
		v.hangUp()
		wantEnded(t, first, second)
	}
	names, targets := st.targets(t, 1)
	v := st.call(t, func(ctx context.Context, c *channel) {
		if _, err := c.Dial(ctx, engine.DialRequest{Targets: targets, Timeout: answerTime}); !errors.Is(err, engine.ErrHangup) {
			t.Errorf("dial: %v", err)
		}
	})
	p := st.answers(t, names[0])
	st.talk(t, v, p)
	v.hangUp()
	wantEnded(t, p)
}
