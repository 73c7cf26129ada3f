package ari

import (
	"context"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

var spyTests = []labTest{
	{"a supervisor listens, whispers and barges in", spyModes},
	{"the one listened to hangs up", spyTargetHangsUp},
	{"a supervisor hangs up, or there is nobody", spyHangsUp},
}

// A conversation is a call that has dialed a phone.
type conversation struct {
	caller *visit
	called *asterisk.Phone
	name   string // of the phone
	id     string // of the caller's channel
	goesOn chan struct{}
}

// converse begins one. When the called phone has hung up the flow waits for goesOn.
func (st *station) converse(t *testing.T, r engine.DialRequest) *conversation {
	t.Helper()
	one := &conversation{name: st.phone(t), goesOn: make(chan struct{}, 1)}
	id := make(chan string, 1)
	r.Targets = []string{"PJSIP/" + one.name}
	r.Timeout = answerTime
	one.caller = st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		id <- c.now()
		if _, err := c.Dial(ctx, r); err == nil {
			<-one.goesOn
		}
	})
	var err error
	if one.called, err = st.WaitRing(within(t), one.name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		one.called.Close()
		one.goesOn <- struct{}{}
	})
	noErr(t, "answer", one.called.Answer())
	one.id = <-id
	st.says(t, one.called, "hello", one.caller)
	st.says(t, one.caller, "hello", one.called)
	return one
}

// spies is a call that listens and, when that is over, plays a sound.
func (st *station) spies(t *testing.T, r engine.SpyRequest) *visit {
	return st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "spy", c.Spy(ctx, r))
		_, err := c.Play(ctx, []engine.Prompt{{Text: "leave"}}, "")
		noErr(t, "play", err)
	})
}

func spyModes(t *testing.T, st *station) {
	talk := st.converse(t, engine.DialRequest{})
	for _, mode := range []engine.SpyMode{engine.SpyListen, engine.SpyWhisper, engine.SpyBarge} {
		boss := st.spies(t, engine.SpyRequest{Channel: talk.id, Mode: mode, End: "*"})
		st.says(t, talk.called, "called", boss)
		st.says(t, talk.caller, "caller", boss)
		voice := string(mode)
		st.speaks(t, boss, voice)
		st.says(t, talk.called, "called", talk.caller) // after what the boss said
		st.says(t, talk.caller, "caller", talk.called)
		want := map[engine.SpyMode][2]string{
			engine.SpyListen: {"!listen", "!listen"}, engine.SpyWhisper: {"whisper", "!whisper"}, engine.SpyBarge: {"barge", "barge"},
		}[mode]
		wantHeard(t, talk.caller.Phone, "", want[0])
		wantHeard(t, talk.called, "", want[1])
		boss.press("1*")
		boss.ends("leave")
	}
}

func spyTargetHangsUp(t *testing.T, st *station) {
	talk := st.converse(t, engine.DialRequest{})
	boss := st.spies(t, engine.SpyRequest{Channel: "PJSIP/" + talk.name + "-", Mode: engine.SpyListen})
	st.says(t, talk.caller, "caller", boss)
	noErr(t, "hang up", talk.called.HangUp())
	boss.ends("leave")
}

func spyHangsUp(t *testing.T, st *station) {
	talk := st.converse(t, engine.DialRequest{})
	boss := st.spiesUntilHangup(t, talk)
	st.says(t, talk.caller, "caller", boss)
	boss.hangUp()
	st.says(t, talk.caller, "still", talk.called)
	st.call(t, func(ctx context.Context, c *channel) {
		for _, name := range []string{"PJSIP/nobody", c.info.Channel} {
			err := c.Spy(ctx, engine.SpyRequest{Channel: name})
			if err == nil || !strings.Contains(err.Error(), "no channel "+name) {
				t.Errorf("spy on %s: %v", name, err)
			}
		}
	}).over()
}

func (st *station) spiesUntilHangup(t *testing.T, talk *conversation) *visit {
	return st.call(t, func(ctx context.Context, c *channel) {
		if err := c.Spy(ctx, engine.SpyRequest{Channel: talk.id, Mode: engine.SpyBarge}); err != engine.ErrHangup {
			t.Errorf("spy: %v", err)
		}
	})
}
