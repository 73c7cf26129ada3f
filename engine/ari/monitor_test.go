package ari

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

var monitorTests = []labTest{
	{"a recording of prompts and conversations, with parts left out", monitorWhole},
	{"a recording of one side", monitorSides},
	{"a recording ends with the call", monitorEnds},
	{"recordings that cannot be", monitorErrors},
}

func monitorWhole(t *testing.T, st *station) {
	name := st.phone(t)
	v := st.call(t, func(ctx context.Context, c *channel) {
		do := func(action engine.MonitorAction) {
			noErr(t, string(action), c.Monitor(ctx, engine.MonitorRequest{Do: action, Name: "calls/whole"}))
		}
		play := func(sound string) {
			_, err := c.Play(ctx, []engine.Prompt{{Text: sound}}, "")
			noErr(t, "play", err)
		}
		noErr(t, "answer", c.Answer(ctx))
		do(engine.MonitorStart)
		play("red")
		do(engine.MonitorPause)
		play("green")
		do(engine.MonitorResume)
		do(engine.MonitorMute)
		play("blue")
		do(engine.MonitorUnmute)
		_, err := c.Dial(ctx, engine.DialRequest{Targets: []string{"PJSIP/" + name}, Timeout: answerTime})
		noErr(t, "dial", err)
		play("white")
		_, err = c.Play(ctx, []engine.Prompt{engine.Silence(300 * time.Millisecond)}, "")
		noErr(t, "silence", err)
		do(engine.MonitorStop)
		play("short")
	})
	called, err := st.WaitRing(within(t), name)
	if err != nil {
		t.Fatal(err)
	}
	noErr(t, "answer", called.Answer())
	st.says(t, called, "hello", v)
	for range 2 {
		st.speaks(t, called, "called")
	}
	for range 3 {
		st.speaks(t, v, "caller")
	}
	noErr(t, "hang up", called.HangUp())
	v.over()
	heard := st.recorded(t, "calls/whole.wav")
	if got, want := asterisk.Names(audible(heard)), []string{"red", "called", "caller", "white"}; !slices.Equal(got, want) {
		t.Errorf("the recording has %v, want %v", heard, want)
	}
}

// audible is sounds without those that are none of ours, such as ringing, and without scraps: what a channel hears
// that listens to another one is 20 to 200 ms old, on a busy machine.
func audible(heard []asterisk.Segment) []asterisk.Segment {
	return slices.DeleteFunc(slices.Clone(heard), func(s asterisk.Segment) bool {
		return s.Name == "?" || s.Name == "hello" || s.Duration < 300*time.Millisecond
	})
}

// recorded is what is in a file that Asterisk has recorded, once that is complete.
func (st *station) recorded(t *testing.T, name string) []asterisk.Segment {
	t.Helper()
	for ctx := within(t); ; {
		pcm, err := st.readRecording(name)
		if err == nil {
			return st.Tones.Hear(pcm)
		}
		select {
		case <-ctx.Done():
			t.Fatalf("recording %s: %v", name, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (st *station) readRecording(name string) ([]int16, error) {
	path, err := st.Recording(name)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) < 44 || int(binary.LittleEndian.Uint32(b[4:])) != len(b)-8 {
		return nil, fmt.Errorf("%s is not complete", path)
	}
	return asterisk.ReadWAV(b)
}

func monitorSides(t *testing.T, st *station) {
	for _, direction := range []string{"in", "out"} {
		start := make(chan struct{})
		v := st.call(t, func(ctx context.Context, c *channel) {
			noErr(t, "answer", c.Answer(ctx))
			noErr(t, "start", c.Monitor(ctx, engine.MonitorRequest{Do: engine.MonitorStart, Name: "side-" + direction, Direction: direction}))
			close(start)
			_, err := c.Play(ctx, []engine.Prompt{{Text: "short"}}, "")
			noErr(t, "play", err)
			_, err = c.ReadDigit(ctx, 10*time.Second)
			noErr(t, "wait", err)
			noErr(t, "stop", c.Monitor(ctx, engine.MonitorRequest{Do: engine.MonitorStop}))
		})
		<-start
		v.hears("short")
		st.speaks(t, v, "side")
		v.press("1")
		v.over()
		heard := asterisk.Names(st.recorded(t, "side-"+direction+".wav"))
		want := map[string]string{"in": "side", "out": "short"}[direction]
		if !slices.Equal(heard, []string{want}) {
			t.Errorf("%s has %v, want %s", direction, heard, want)
		}
	}
}

func monitorEnds(t *testing.T, st *station) {
	for _, hangsUp := range []bool{true, false} {
		name := fmt.Sprint("ends-", hangsUp)
		v := st.call(t, func(ctx context.Context, c *channel) {
			noErr(t, "answer", c.Answer(ctx))
			noErr(t, "start", c.Monitor(ctx, engine.MonitorRequest{Do: engine.MonitorStart, Name: name, Format: "wav"}))
			if _, err := c.Play(ctx, []engine.Prompt{{Text: "red"}}, ""); err == nil && hangsUp {
				_, err = c.ReadDigit(ctx, 10*time.Second)
				if !errors.Is(err, engine.ErrHangup) {
					t.Errorf("the wait ended with %v", err)
				}
			}
		})
		v.hears("red")
		if hangsUp {
			noErr(t, "silence", v.WaitSilence(within(t), 100*time.Millisecond))
			noErr(t, "hang up", v.HangUp())
		}
		v.over()
		if heard := asterisk.Names(st.recorded(t, name+".wav")); !slices.Equal(heard, []string{"red"}) {
			t.Errorf("%s has %v", name, heard)
		}
	}
}

func monitorErrors(t *testing.T, st *station) {
	st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		wants := func(r engine.MonitorRequest, want string) {
			t.Helper()
			if err := c.Monitor(ctx, r); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: %v, want %q", r, err, want)
			}
		}
		wants(engine.MonitorRequest{Do: engine.MonitorPause}, "is not recorded")
		wants(engine.MonitorRequest{Do: engine.MonitorStop}, "is not recorded")
		wants(engine.MonitorRequest{Do: engine.MonitorStart, Name: "/etc/x"}, "below Asterisk's folder")
		wants(engine.MonitorRequest{Do: engine.MonitorStart, Name: "x", Format: "nonsense"}, "knows no format nonsense")
		wants(engine.MonitorRequest{Do: engine.MonitorStart, Name: "x", Direction: "up"}, "no direction")
		noErr(t, "start", c.Monitor(ctx, engine.MonitorRequest{Do: engine.MonitorStart, Name: "errors"}))
		wants(engine.MonitorRequest{Do: engine.MonitorStart, Name: "errors"}, "recorded already")
		wants(engine.MonitorRequest{Do: "dance"}, "no dance")
		noErr(t, "stop", c.Monitor(ctx, engine.MonitorRequest{Do: engine.MonitorStop}))
		wants(engine.MonitorRequest{Do: engine.MonitorResume}, "is not recorded")
		noErr(t, "start again", c.Monitor(ctx, engine.MonitorRequest{Do: engine.MonitorStart, Name: "errors"}))
	}).over()
}
