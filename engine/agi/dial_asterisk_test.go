package agi

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

// dial has a call, answered or not, dial others.
func (x *exchange) dial(t *testing.T, answered bool, r engine.DialRequest, want func(t *testing.T, talk engine.Talk, err error)) *visit {
	t.Helper()
	if r.Timeout == 0 {
		r.Timeout = 10 * time.Second
	}
	if r.Wait == 0 {
		r.Wait = 5 * time.Second
	}
	return x.visit(t, func(ctx context.Context, c *channel) {
		if answered {
			noErr(t, "answer", c.Answer(ctx))
		}
		talk, err := c.Dial(ctx, r)
		want(t, talk, err)
	})
}

// aWord is how long a conversation is in which something was said.
const aWord = 100 * time.Millisecond

// wantTalk wants a conversation of a certain end and, as far as a busy machine lets one tell, length.
func wantTalk(target string, ended engine.TalkEnd, least time.Duration) func(*testing.T, engine.Talk, error) {
	return func(t *testing.T, talk engine.Talk, err error) {
		t.Helper()
		lasted := talk.Lasted
		talk.Lasted = 0
		if want := (engine.Talk{Status: engine.Answered, Target: target, Ended: ended}); talk != want || err != nil {
			t.Errorf("talk %+v, %v, want %+v", talk, err, want)
		}
		if lasted < least || lasted > least+10*time.Second {
			t.Errorf("the talk lasted %v, want %v", lasted, least)
		}
	}
}

func wantStatus(want engine.Talk) func(*testing.T, engine.Talk, error) {
	return func(t *testing.T, talk engine.Talk, err error) {
		t.Helper()
		if talk != want || err != nil {
			t.Errorf("talk %+v, %v, want %+v", talk, err, want)
		}
	}
}

func wantHangup(t *testing.T, talk engine.Talk, err error) {
	t.Helper()
	if talk != (engine.Talk{}) || !errors.Is(err, engine.ErrHangup) {
		t.Errorf("talk %+v, %v, want a hangup", talk, err)
	}
}

func dialTalk(t *testing.T, x *exchange) {
	for _, answered := range []bool{false, true} {
		names, targets := x.phones(t, 1)
		v := x.dial(t, answered, engine.DialRequest{Targets: targets}, wantTalk(targets[0], engine.EndedCalled, aWord))
		p := v.answers(names[0])
		v.talk(v.Phone, p)
		v.hangsUp(p)
		v.over()
	}
}

func dialNobody(t *testing.T, x *exchange) {
	for _, test := range []struct {
		status int
		want   engine.Talk
	}{
		{486, engine.Talk{Status: engine.Busy, Cause: 17}},
		{603, engine.Talk{Status: engine.Refused, Cause: 21}},
		{404, engine.Talk{Status: engine.Unavailable, Cause: 1}},
		{480, engine.Talk{Status: engine.NoAnswer, Cause: 19}},
		{503, engine.Talk{Status: engine.Congestion, Cause: 34}},
		{500, engine.Talk{Status: engine.Congestion, Cause: 38}},
	} {
		names, targets := x.phones(t, 1)
		v := x.dial(t, true, engine.DialRequest{Targets: targets}, wantStatus(test.want))
		noErr(t, "refuse", v.rings(names[0]).Refuse(test.status))
		v.over()
	}
	_, targets := x.phones(t, 1)
	x.dial(t, true, engine.DialRequest{Targets: targets, Timeout: 300 * time.Millisecond}, wantStatus(engine.Talk{Status: engine.NoAnswer})).over()
	x.dial(t, true, engine.DialRequest{Targets: []string{"PJSIP/nobody"}}, wantStatus(engine.Talk{Status: engine.Unavailable, Cause: 3})).over()
	x.dial(t, true, engine.DialRequest{Targets: []string{"NOTECH/x"}}, wantStatus(engine.Talk{Status: engine.Unavailable, Cause: 66})).over()
}

// dialWaiting: ringing, music, or what a target plays before it answers.
func dialWaiting(t *testing.T, x *exchange) {
	names, targets := x.phones(t, 1)
	v := x.dial(t, true, engine.DialRequest{Targets: targets}, wantTalk(targets[0], engine.EndedCalled, 0))
	p := v.rings(names[0])
	if s := v.hears(v.Phone, "?"); len(s.Freqs) < 2 || (s.Freqs[0]-460)*(s.Freqs[1]-460) > 0 || math.Abs(s.Freqs[0]-460) > 30 || math.Abs(s.Freqs[1]-460) > 30 {
		t.Errorf("heard %v, want ringing", s)
	}
	noErr(t, "answer", p.Answer())
	v.talk(v.Phone, p)
	v.hangsUp(p)
	v.over()
	for _, answered := range []bool{false, true} {
		names, targets := x.phones(t, 1)
		v := x.dial(t, answered, engine.DialRequest{Targets: targets, Music: "blues"}, wantTalk(targets[0], engine.EndedCalled, 0))
		p := v.rings(names[0])
		v.hears(v.Phone, "music")
		noErr(t, "answer", p.Answer())
		v.talk(v.Phone, p)
		v.hangsUp(p)
		v.over()

		early := "Local/early@others/n"
		for _, say := range []engine.Prompts{nil, {{Text: "short"}}} {
			v = x.dial(t, answered, engine.DialRequest{Targets: []string{early}, Early: true, Music: "blues", Announce: say}, wantTalk(early, engine.EndedCalled, aWord))
			v.hears(v.Phone, "came")
			v.hears(v.Phone, "went")
			v.over()
		}
	}
}

func dialWho(t *testing.T, x *exchange) {
	for _, test := range []struct {
		number, name, want string
		confirm            engine.Digits
	}{
		{"", "", `"Ada" <555%> allowed_not_screened`, ""},
		{"4711", "", `"Ada" <4711> allowed_passed_screen`, ""},
		{"4712", "Bob & Co, Ltd.", `"Bob & Co, Ltd." <4712> allowed_passed_screen`, ""},
		{"", "Carol", `"Carol" <555%> allowed_not_screened`, ""},
		{"4713", "Dan", `"Dan" <4713> allowed_passed_screen`, "1"},
	} {
		v := x.visit(t, func(ctx context.Context, c *channel) {
			before := c.info.CallerID
			talk, err := c.Dial(ctx, engine.DialRequest{Targets: []string{"Local/who@others/n"}, Timeout: time.Second, Number: test.number, Name: test.name, Confirm: test.confirm})
			wantStatus(engine.Talk{Status: engine.Busy, Cause: 17})(t, talk, err)
			if now, err := c.Var(ctx, "CALLERID(all)"); now != `"Ada" <`+before+`>` || err != nil {
				t.Errorf("the caller is %s now, %v", now, err)
			}
		})
		v.over()
		if got, _ := x.Global("who_" + orText(test.number, "555"+v.exten)); got != strings.Replace(test.want, "%", v.exten, 1) {
			t.Errorf("the target saw %s, want %s", got, test.want)
		}
	}
}

func dialAnnounce(t *testing.T, x *exchange) {
	say := engine.Prompts{{Text: "who-calls"}, engine.Silence(time.Second), x.served(t, "press-one")}
	names, targets := x.phones(t, 2)
	v := x.dial(t, true, engine.DialRequest{Targets: targets, Announce: say}, wantTalk(targets[0], engine.EndedCalled, aWord))
	other := v.rings(names[1])
	p := v.answers(names[0])
	v.hears(p, "who-calls")
	v.hears(p, "press-one")
	v.talk(v.Phone, p)
	v.hangsUp(p)
	v.over()
	v.ended(other)
	if n := count(v.Phone, "who-calls"); n != 0 {
		t.Errorf("the caller heard the announcement")
	}

	// Who hangs up meanwhile does not have the call answered.
	names, targets = x.phones(t, 1)
	say = engine.Prompts{{Text: "long"}}
	v = x.dial(t, false, engine.DialRequest{Targets: targets, Announce: say, Music: "blues"}, wantStatus(engine.Talk{Status: engine.Refused}))
	p = v.answers(names[0])
	v.hears(p, "long")
	v.hears(v.Phone, "music")
	v.goesOn("music", 200*time.Millisecond)
	v.hangsUp(p)
	v.over()
	select {
	case <-v.Answered():
		t.Error("the caller was answered")
	default:
	}
}

func dialConfirm(t *testing.T, x *exchange) {
	say := engine.Prompts{{Text: "press-one"}}
	for _, keys := range []string{"1", "9*", "#"} {
		names, targets := x.phones(t, 1)
		v := x.dial(t, false, engine.DialRequest{Targets: targets, Announce: say, Confirm: "1*#"}, wantTalk(targets[0], engine.EndedCalled, aWord))
		p := v.answers(names[0])
		v.hears(p, "press-one")
		for _, key := range keys {
			if key == '*' {
				v.hears(p, "press-one")
			}
			v.press(p, string(key))
		}
		v.talk(v.Phone, p)
		v.hangsUp(p)
		v.over()
	}
	names, targets := x.phones(t, 1)
	v := x.dial(t, false, engine.DialRequest{Targets: targets, Confirm: "1", Wait: 500 * time.Millisecond}, wantStatus(engine.Talk{Status: engine.Refused}))
	p := v.answers(names[0])
	v.ended(p)
	v.over()
	names, targets = x.phones(t, 1)
	v = x.dial(t, false, engine.DialRequest{Targets: targets, Announce: say, Confirm: "1"}, wantStatus(engine.Talk{Status: engine.Refused}))
	p = v.answers(names[0])
	v.hears(p, "press-one")
	v.hangsUp(p)
	v.over()
	select {
	case <-v.Answered():
		t.Error("the caller was answered")
	default:
	}
}

func dialSeveral(t *testing.T, x *exchange) {
	names, targets := x.phones(t, 3)
	v := x.dial(t, true, engine.DialRequest{Targets: targets}, wantTalk(targets[1], engine.EndedCalled, aWord))
	noErr(t, "refuse", v.rings(names[0]).Refuse(486))
	third := v.rings(names[2])
	p := v.answers(names[1])
	v.ended(third)
	v.talk(v.Phone, p)
	v.hangsUp(p)
	v.over()

	names, targets = x.phones(t, 2)
	v = x.dial(t, true, engine.DialRequest{Targets: targets}, func(t *testing.T, talk engine.Talk, err error) {
		if talk.Status != engine.Busy || err != nil {
			t.Errorf("talk %+v, %v", talk, err)
		}
	})
	noErr(t, "refuse", v.rings(names[0]).Refuse(486))
	noErr(t, "refuse", v.rings(names[1]).Refuse(404))
	v.over()
}

// dialCompete: while one is asked the others ring on.
func dialCompete(t *testing.T, x *exchange) {
	say := engine.Prompts{{Text: "press-one"}}
	names, targets := x.phones(t, 3)
	v := x.dial(t, true, engine.DialRequest{Targets: targets, Announce: engine.Prompts{{Text: "long"}}, Confirm: "1", Wait: time.Second}, wantTalk(targets[1], engine.EndedCalled, aWord))
	third := v.rings(names[2])
	first := v.answers(names[0])
	v.hears(first, "long")
	second := v.answers(names[1])
	v.hears(second, "long")
	v.press(second, "1")
	v.talk(v.Phone, second)
	v.cutShort(first)
	v.ended(third)
	v.hangsUp(second)
	v.over()

	names, targets = x.phones(t, 2)
	v = x.dial(t, false, engine.DialRequest{Targets: targets, Announce: say, Confirm: "1", Wait: 300 * time.Millisecond}, wantStatus(engine.Talk{Status: engine.Refused}))
	first = v.answers(names[0])
	v.ended(first)
	noErr(t, "refuse", v.rings(names[1]).Refuse(486))
	v.over()
	select {
	case <-v.Answered():
		t.Error("the caller was answered")
	default:
	}

	names, targets = x.phones(t, 2)
	v = x.dial(t, false, engine.DialRequest{Targets: targets, Confirm: "1"}, wantStatus(engine.Talk{Status: engine.Busy, Cause: 17}))
	noErr(t, "refuse", v.rings(names[0]).Refuse(486))
	noErr(t, "refuse", v.rings(names[1]).Refuse(486))
	v.over()
}

func dialEnd(t *testing.T, x *exchange) {
	names, targets := x.phones(t, 1)
	v := x.dial(t, true, engine.DialRequest{Targets: targets, End: "*"}, wantStatus(engine.Talk{Status: engine.Cancelled}))
	p := v.rings(names[0])
	v.press(v.Phone, "5*")
	v.ended(p)
	v.over()
	names, targets = x.phones(t, 1)
	v = x.dial(t, true, engine.DialRequest{Targets: targets, End: "*", Announce: engine.Prompts{{Text: "long"}}}, wantStatus(engine.Talk{Status: engine.Cancelled}))
	p = v.answers(names[0])
	v.hears(p, "long")
	v.press(v.Phone, "*")
	v.cutShort(p)
	v.over()
	for range 2 { // the called party's end must not be taken for the key's
		names, targets := x.phones(t, 1)
		v := x.dial(t, true, engine.DialRequest{Targets: targets, End: "*9"}, wantTalk(targets[0], engine.EndedKey, aWord))
		p := v.answers(names[0])
		v.talk(v.Phone, p)
		v.press(v.Phone, "*9")
		v.ended(p)
		v.over()
		v = x.dial(t, true, engine.DialRequest{Targets: targets, End: "*"}, wantTalk(targets[0], engine.EndedCalled, aWord))
		p = v.answers(names[0])
		v.talk(v.Phone, p)
		v.press(p, "*")
		v.talk(v.Phone, p)
		v.hangsUp(p)
		v.over()
	}
	say := engine.Prompts{{Text: "press-one"}}
	names, targets = x.phones(t, 2)
	v = x.dial(t, true, engine.DialRequest{Targets: targets, Announce: say, Confirm: "1", End: "#"}, wantTalk(targets[1], engine.EndedKey, aWord))
	p = v.answers(names[1])
	v.hears(p, "press-one")
	v.press(p, "1")
	v.talk(v.Phone, p)
	v.press(v.Phone, "#")
	v.ended(p)
	v.over()
}

func dialLimit(t *testing.T, x *exchange) {
	for _, warn := range []time.Duration{0, 900 * time.Millisecond} {
		names, targets := x.phones(t, 1)
		r := engine.DialRequest{Targets: targets, Most: 2500 * time.Millisecond, End: "*", Warn: warn, Repeat: 400 * time.Millisecond, Warning: engine.Prompts{x.served(t, "hurry")}}
		v := x.dial(t, true, r, wantTalk(targets[0], engine.EndedLimit, r.Most))
		p := v.answers(names[0])
		v.talk(v.Phone, p)
		if warn > 0 {
			v.hears(v.Phone, "hurry")
			v.hears(v.Phone, "hurry")
		}
		v.ended(p)
		v.over()
		if n := count(p, "hurry"); n != 0 {
			t.Errorf("who was called heard the warning")
		}
	}
	names, targets := x.phones(t, 1)
	v := x.dial(t, true, engine.DialRequest{Targets: targets, Most: 10 * time.Second}, wantTalk(targets[0], engine.EndedCalled, aWord))
	p := v.answers(names[0])
	v.talk(v.Phone, p)
	v.hangsUp(p)
	v.over()
}

func dialBlind(t *testing.T, x *exchange) {
	keys := engine.TransferKeys{Blind: "##", Context: "others", Caller: true, Called: true}
	// Who was called hands the caller on, who leaves the flow.
	names, targets := x.phones(t, 1)
	v := x.visit(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		talk, err := c.Dial(ctx, engine.DialRequest{Targets: targets, Timeout: 10 * time.Second, Transfer: keys})
		if to := (engine.Location{Context: "others", Exten: "71", Priority: "1"}); talk.Ended != engine.EndedTransfer || talk.To != to || err != nil {
			t.Errorf("talk %+v, %v", talk, err)
		}
		noErr(t, "set", c.SetVar(ctx, "IVRD_TEST", "-marked"))
		noErr(t, "continue", c.Continue(ctx, talk.To))
	})
	p := v.answers(names[0])
	v.talk(v.Phone, p)
	v.press(p, "##")
	v.press(p, "71")
	v.hears(v.Phone, "came")
	v.ended(p)
	if got, _ := x.Global("handed_555" + v.exten); got != "71-marked" {
		t.Errorf("handed on: %q", got)
	}
	v.hangsUp(v.Phone)
	v.over()

	// The caller hands on who was called, and the flow goes on.
	for _, end := range []string{"", "*"} {
		names, targets = x.phones(t, 1)
		v = x.dial(t, true, engine.DialRequest{Targets: targets, Transfer: keys, End: end}, wantTalk(targets[0], engine.EndedTransfer, aWord))
		p = v.answers(names[0])
		v.talk(v.Phone, p)
		v.press(v.Phone, "##")
		v.press(v.Phone, "72")
		v.over()
		v.hears(p, "came")
		v.hangsUp(p)
	}
}

func dialAttended(t *testing.T, x *exchange) {
	keys := engine.TransferKeys{Attended: "*2", Context: "others", Caller: true, Called: true}
	// Who was called has the caller talk to a third party.
	names, targets := x.phones(t, 2)
	v := x.dial(t, true, engine.DialRequest{Targets: targets[:1], Transfer: keys, End: "#"}, wantTalk(targets[0], engine.EndedTransfer, aWord))
	p := v.answers(names[0])
	v.talk(v.Phone, p)
	v.press(p, "*2")
	v.press(p, fmt.Sprintf("8%02s", names[1][1:]))
	third := v.answers(names[1])
	v.talk(p, third)
	v.hangsUp(p)
	v.talk(v.Phone, third)
	v.hangsUp(third)
	v.over()

	// The same of one who had to confirm.
	names, targets = x.phones(t, 3)
	v = x.dial(t, true, engine.DialRequest{Targets: targets[:2], Transfer: keys, Confirm: "1"}, wantTalk(targets[0], engine.EndedTransfer, aWord))
	p = v.answers(names[0])
	v.press(p, "1")
	v.talk(v.Phone, p)
	v.press(p, "*2")
	v.press(p, fmt.Sprintf("8%02s", names[2][1:]))
	third = v.answers(names[2])
	v.talk(p, third)
	v.hangsUp(p)
	v.talk(v.Phone, third)
	v.hangsUp(third)
	v.over()

	// The caller has who was called talk to a third party, and the flow goes on.
	names, targets = x.phones(t, 2)
	v = x.dial(t, true, engine.DialRequest{Targets: targets[:1], Transfer: keys, End: "#"}, wantTalk(targets[0], engine.EndedTransfer, aWord))
	p = v.answers(names[0])
	v.talk(v.Phone, p)
	v.press(v.Phone, "*2")
	v.press(v.Phone, fmt.Sprintf("8%02s", names[1][1:]))
	third = v.answers(names[1])
	v.talk(v.Phone, third)
	v.press(v.Phone, "*2") // features.conf, atxfercomplete
	v.talk(p, third)
	v.over()
	v.hangsUp(third)
	v.ended(p)
}

// cutShort wants a party that hears a long announcement to be hung up on at once.
func (v *visit) cutShort(p *asterisk.Phone) {
	v.t.Helper()
	v.ended(p)
	if d := heardFor(p, "long"); d > 2*time.Second {
		v.t.Errorf("an announcement that was for nothing went on for %v", d)
	}
}

func dialHangup(t *testing.T, x *exchange) {
	for _, answered := range []bool{false, true} {
		names, targets := x.phones(t, 2)
		v := x.dial(t, answered, engine.DialRequest{Targets: targets}, wantHangup)
		first, second := v.rings(names[0]), v.rings(names[1])
		v.hangsUp(v.Phone)
		v.ended(first)
		v.ended(second)
		v.over()
	}
	for _, confirm := range []engine.Digits{"", "1"} { // during the announcement
		names, targets := x.phones(t, 2)
		v := x.dial(t, false, engine.DialRequest{Targets: targets, Announce: engine.Prompts{{Text: "long"}}, Confirm: confirm}, wantHangup)
		other := v.rings(names[0])
		p := v.answers(names[1])
		v.hears(p, "long")
		v.hangsUp(v.Phone)
		v.cutShort(p)
		v.ended(other)
		v.over()
	}
	for _, confirm := range []engine.Digits{"", "1"} {
		names, targets := x.phones(t, 2)
		v := x.dial(t, true, engine.DialRequest{Targets: targets, End: "*", Confirm: confirm}, wantHangup)
		p := v.answers(names[0])
		if confirm != "" {
			v.rings(names[1])
			v.press(p, "1")
		}
		v.talk(v.Phone, p)
		v.hangsUp(v.Phone)
		v.ended(p)
		v.over()
	}
}
