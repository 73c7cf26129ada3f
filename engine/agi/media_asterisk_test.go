package agi

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

// monitorTalk: a recording has both voices, one of them, and not what is said in a pause.
func monitorTalk(t *testing.T, x *exchange) {
	for _, direction := range []string{"both", "in", "out"} {
		names, targets := x.phones(t, 1)
		name := "monitor-" + direction
		v := x.visit(t, func(ctx context.Context, c *channel) {
			noErr(t, "answer", c.Answer(ctx))
			do := func(r engine.MonitorRequest) { noErr(t, string(r.Do), c.Monitor(ctx, r)) }
			do(engine.MonitorRequest{Do: engine.MonitorStart, Name: name, Direction: direction})
			talk, err := c.Dial(ctx, engine.DialRequest{Targets: targets, Timeout: 10 * time.Second})
			wantTalk(targets[0], engine.EndedCalled, aWord)(t, talk, err)
			do(engine.MonitorRequest{Do: engine.MonitorPause})
			do(engine.MonitorRequest{Do: engine.MonitorPause})
			_, err = c.Play(ctx, sound("custom/who-calls"), "")
			noErr(t, "play", err)
			do(engine.MonitorRequest{Do: engine.MonitorResume})
			do(engine.MonitorRequest{Do: engine.MonitorResume})
			_, err = c.Play(ctx, sound("custom/went"), "")
			noErr(t, "play", err)
			d, err := c.ReadDigit(ctx, 10*time.Second)
			if d != '1' || err != nil {
				t.Errorf("digit %v, %v", d, err)
			}
			do(engine.MonitorRequest{Do: engine.MonitorStop})
			if err := c.Monitor(ctx, engine.MonitorRequest{Do: engine.MonitorStop}); err == nil {
				t.Error("stopped twice")
			}
		})
		p := v.answers(names[0])
		v.talk(v.Phone, p)
		v.hangsUp(p)
		v.hears(v.Phone, "went")
		v.must("silence", v.WaitSilence(v.ctx, 100*time.Millisecond))
		v.speak(v.Phone, "hurry")
		v.press(v.Phone, "1")
		v.over()
		words := strings.Join(slices.Compact(slices.DeleteFunc(x.words(name+".wav"), func(w string) bool { return w == "?" })), " ")
		want := map[string]string{"both": "ping pong went hurry", "in": "ping hurry", "out": "pong went"}[direction]
		if words != want {
			t.Errorf("%s: recorded %s, want %s", direction, words, want)
		}
	}
}

func signals(t *testing.T, x *exchange) {
	const text = "a,b \"c\" \\n ${EXTEN}\nd"
	music := make(chan bool) // the flow goes on
	v := x.visit(t, func(ctx context.Context, c *channel) {
		noErr(t, "ringing", c.Signal(ctx, engine.Signal{Kind: engine.SignalRinging}))
		noErr(t, "progress", c.Signal(ctx, engine.Signal{Kind: engine.SignalProgress}))
		_, err := c.Play(ctx, sound("custom/came"), "")
		noErr(t, "play", err)
		noErr(t, "music", c.Signal(ctx, engine.Signal{Kind: engine.SignalMusic, Class: "blues"}))
		<-music
		noErr(t, "no music", c.Signal(ctx, engine.Signal{Kind: engine.SignalNoMusic}))
		noErr(t, "answer", c.Answer(ctx))
		noErr(t, "music", c.Signal(ctx, engine.Signal{Kind: engine.SignalMusic}))
		<-music
		_, err = c.Play(ctx, sound("custom/went"), "")
		noErr(t, "play", err)
		for _, s := range []engine.Signal{{Kind: engine.SignalHold}, {Kind: engine.SignalMusic, Class: "a,b"}} {
			if c.Signal(ctx, s) == nil {
				t.Errorf("%v worked", s)
			}
		}
		noErr(t, "digits", c.SendDigits(ctx, "12w*D", 100*time.Millisecond, 50*time.Millisecond))
		noErr(t, "set", c.SetVar(ctx, "AGIEXECFULL", "yes"))
		noErr(t, "text", c.SendText(ctx, text))
		<-music
	})
	v.must("ringing", v.WaitStatus(v.ctx, 180))
	v.must("progress", v.WaitStatus(v.ctx, 183))
	v.hears(v.Phone, "came")
	select {
	case <-v.Answered():
		t.Error("answered")
	default:
	}
	v.hears(v.Phone, "music")
	music <- true
	v.hears(v.Phone, "music")
	music <- true
	v.hears(v.Phone, "went")
	v.must("text", v.WaitText(v.ctx, text))
	music <- true
	v.over()
	if got := v.Digits(); got != "12*D" {
		t.Errorf("digits %q", got)
	}
}

func snapshots(t *testing.T, x *exchange) {
	x.visit(t, func(ctx context.Context, c *channel) {
		s, err := c.Snapshot(ctx)
		want := engine.Snapshot{
			Name: c.info.Channel, State: "ring", Number: c.info.CallerID, CallerName: "Ada", Language: "en", Context: "callers", Exten: c.info.Exten, Priority: "1",
		}
		if s != want || err != nil {
			t.Errorf("snapshot %+v, %v, want %+v", s, err, want)
		}
		noErr(t, "set", c.SetVar(ctx, "CHANNEL(accountcode)", "a,b"))
		noErr(t, "set", c.SetVar(ctx, "CONNECTEDLINE(num,i)", "4711"))
		noErr(t, "answer", c.Answer(ctx))
		s, err = c.Snapshot(ctx)
		if s.State != "up" || s.Account != "a,b" || s.Connected != "4711" || err != nil {
			t.Errorf("snapshot %+v, %v", s, err)
		}
	}).over()
}

// controlled: forward, back, pause, restart; other keys are kept.
func controlled(t *testing.T, x *exchange) {
	keys := engine.ControlKeys{Forward: '6', Rewind: '4', Pause: '5', Restart: '0', Skip: time.Second}
	long := engine.Prompt{Text: "custom/long"}
	v := x.visit(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		d, at, err := c.PlayControlled(ctx, long, keys, "#")
		if d != '#' || at < 100*time.Millisecond || at > 3*time.Second || err != nil {
			t.Errorf("stopped by %v at %v, %v", d, at, err)
		}
		if kept := keptDigits(t, c); kept != "19" {
			t.Errorf("kept %q", kept)
		}
		keys.From = 2600 * time.Millisecond
		d, at, err = c.PlayControlled(ctx, long, keys, "#")
		if d != engine.NoDigit || (at-3100*time.Millisecond).Abs() > 50*time.Millisecond || err != nil {
			t.Errorf("played to the end: %v at %v, %v", d, at, err)
		}
		keys.From = time.Hour
		d, at, err = c.PlayControlled(ctx, long, keys, "#")
		if d != engine.NoDigit || (at-3100*time.Millisecond).Abs() > 50*time.Millisecond || err != nil {
			t.Errorf("from behind the end: %v at %v, %v", d, at, err)
		}
		var failed *engine.PlayError
		if _, _, err := c.PlayControlled(ctx, engine.Prompt{Text: "no-such"}, keys, "#"); !errors.As(err, &failed) {
			t.Errorf("no such sound: %v", err)
		}
		_, at, err = c.PlayControlled(ctx, engine.Silence(100*time.Millisecond), keys, "#")
		if at < 100*time.Millisecond || at > time.Second || err != nil {
			t.Errorf("silence: %v, %v", at, err)
		}
	})
	v.hears(v.Phone, "long")
	v.press(v.Phone, "15")
	v.must("silence", v.WaitSilence(v.ctx, 400*time.Millisecond))
	v.press(v.Phone, "9")
	v.must("silence", v.WaitSilence(v.ctx, 800*time.Millisecond))
	v.press(v.Phone, "5")
	v.goesOn("long", 200*time.Millisecond)
	v.press(v.Phone, "0") // from the beginning, which is silent
	v.hears(v.Phone, "long")
	v.press(v.Phone, "664#")
	v.over()
}

// goesOn waits until the caller has heard that much more of a word.
func (v *visit) goesOn(word string, more time.Duration) {
	v.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for before := heardFor(v.Phone, word); heardFor(v.Phone, word) < before+more; {
		select {
		case <-v.ctx.Done():
			v.t.Fatalf("%s does not go on: %v", word, v.Heard())
		case <-tick.C:
		}
	}
}

// audioSocket is what a program at the other end of an AudioSocket does: it says what it hears to be its word,
// and notes what it was told.
type audioSocket struct {
	id    string
	keys  string
	heard []int16
}

// serve takes one connection, speaks, and closes it when a certain key is pressed.
func (a *audioSocket) serve(l net.Listener, speech []int16, closes string) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	ended := make(chan struct{})
	defer close(ended)
	go speak(conn, speech, ended)
	r := bufio.NewReader(conn)
	for {
		var header [3]byte
		if _, err := io.ReadFull(r, header[:]); err != nil {
			return nil // the end of the call
		}
		payload := make([]byte, binary.BigEndian.Uint16(header[1:]))
		if _, err := io.ReadFull(r, payload); err != nil {
			return nil
		}
		switch header[0] {
		case 0x00:
			return nil
		case 0x01:
			a.id = fmt.Sprintf("%x-%x-%x-%x-%x", payload[:4], payload[4:6], payload[6:8], payload[8:10], payload[10:])
		case 0x03:
			if a.keys += string(payload); a.keys == closes {
				return nil
			}
		case 0x10:
			for i := 0; i+1 < len(payload); i += 2 {
				a.heard = append(a.heard, int16(binary.LittleEndian.Uint16(payload[i:])))
			}
		}
	}
}

// speak sends audio in the pace it is heard in.
func speak(conn net.Conn, speech []int16, ended <-chan struct{}) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for at := 0; ; at += 160 {
		frame := []byte{0x10, 1, 64}
		for i := range 160 {
			frame = binary.LittleEndian.AppendUint16(frame, uint16(speech[(at+i)%len(speech)]))
		}
		if _, err := conn.Write(frame); err != nil {
			return
		}
		select {
		case <-ended:
			return
		case <-tick.C:
		}
	}
}

func connectsMedia(t *testing.T, x *exchange) {
	const id = "40325ec2-5efd-4bd3-805f-53576e581d13"
	for _, test := range []struct {
		name    string
		request engine.MediaRequest
		closes  string // keys at which the program closes
		press   string
		want    engine.Digit
	}{
		{"it closes", engine.MediaRequest{ID: id}, "7", "7", engine.NoDigit},
		{"a key", engine.MediaRequest{End: "*", Most: 20 * time.Second}, "", "7*", '*'},
		{"the time is up", engine.MediaRequest{Most: time.Second}, "", "", engine.NoDigit},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		a, done := new(audioSocket), make(chan error, 1)
		go func() { done <- a.serve(l, x.Tones.Tone("pong").Samples(5*time.Second), test.closes) }()
		v := x.visit(t, func(ctx context.Context, c *channel) {
			noErr(t, "answer", c.Answer(ctx))
			test.request.Address = l.Addr().String()
			d, err := c.ConnectMedia(ctx, test.request)
			if d != test.want || err != nil {
				t.Errorf("%s: digit %v, %v", test.name, d, err)
			}
			_, err = c.Play(ctx, sound("custom/went"), "")
			noErr(t, "play", err)
		})
		v.hears(v.Phone, "pong")
		v.speak(v.Phone, "ping")
		if test.press != "" {
			v.press(v.Phone, test.press)
		}
		v.hears(v.Phone, "went")
		v.over()
		noErr(t, "serve", <-done)
		l.Close()
		if !slices.Contains(asterisk.Names(x.Tones.Hear(a.heard)), "ping") {
			t.Errorf("%s: the program heard %v", test.name, x.Tones.Hear(a.heard))
		}
		if test.request.ID != "" && a.id != id || len(a.id) != len(id) {
			t.Errorf("%s: id %s", test.name, a.id)
		}
		if want := strings.Trim(test.press, "*"); a.keys != want {
			t.Errorf("%s: the program saw %q, want %q", test.name, a.keys, want)
		}
	}
	x.visit(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		for _, r := range []engine.MediaRequest{
			{Address: "127.0.0.1:1"}, {Address: "127.0.0.1"}, {Address: "a,b:1"}, {Address: "127.0.0.1:1", Kind: engine.MediaRTP},
			{Address: "127.0.0.1:1", End: "12"}, {Address: "127.0.0.1:1", ID: "x"},
		} {
			if _, err := c.ConnectMedia(ctx, r); err == nil || errors.Is(err, engine.ErrHangup) {
				t.Errorf("%+v: %v", r, err)
			}
		}
	}).over()
}

// emits: what is sent arrives over AMI.
func emits(t *testing.T, x *exchange) {
	conn, err := net.Dial("tcp", x.AMIAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "Action: Login\r\nUsername: %s\r\nSecret: %s\r\nEvents: user\r\n\r\n", asterisk.User, asterisk.Secret)
	r := bufio.NewReader(conn)
	next := func() (packet map[string]string) {
		packet = map[string]string{}
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": ")
			if !ok && len(packet) > 0 {
				return packet
			}
			packet[name] = value
		}
	}
	for next()["Response"] != "Success" {
	}
	tricky := `a,b "c" (d) \e ${EXTEN} = ünï; [f`
	x.visit(t, func(ctx context.Context, c *channel) {
		for range 2 {
			noErr(t, "emit", c.Emit(ctx, "Order-Placed", map[string]string{"order": "4711", "text": tricky, "lines": "one\r\ntwo\nthree", "empty": ""}))
			noErr(t, "set", c.SetVar(ctx, "AGIEXECFULL", "yes")) // EXEC expands ${} then
		}
		for name, data := range map[string]map[string]string{"a,b": nil, "": nil, "a": {"b:c": "d"}} {
			if c.Emit(ctx, name, data) == nil {
				t.Errorf("emit %q %q worked", name, data)
			}
		}
	}).over()
	for seen := 0; seen < 2; seen++ {
		p := next()
		for p["UserEvent"] == "" {
			p = next()
		}
		if p["UserEvent"] != "Order-Placed" || p["order"] != "4711" || p["text"] != tricky || p["lines"] != `one\ntwo\nthree` || p["empty"] != "" {
			t.Errorf("event %q", p)
		}
	}
}

// notices: the flow hears of keys while it plays, waits and thinks; it may end the step.
func notices(t *testing.T, x *exchange) {
	var told string
	thinks, pressed := make(chan bool), make(chan bool)
	v := x.visit(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		noErr(t, "notify", c.Notify(ctx, []engine.EventKind{engine.EventDigit}, func(e engine.Event) bool {
			told += e.Text
			return e.Text == "*"
		}))
		d, err := c.Play(ctx, sound("custom/long"), "#")
		if d != engine.NoDigit || err != nil || told != "12*" {
			t.Errorf("play: %v, %v, told of %q", d, err, told)
		}
		if kept := keptDigits(t, c); kept != "12*" || told != "12*" {
			t.Errorf("kept %q, told of %q", kept, told)
		}
		close(thinks)
		<-pressed
		if told != "12*" {
			t.Errorf("told of %q while nothing waited", told)
		}
		d, err = c.ReadDigit(ctx, 5*time.Second)
		if d != '3' || err != nil || told != "12*3" {
			t.Errorf("read: %v, %v, told of %q", d, err, told)
		}
		noErr(t, "notify", c.Notify(ctx, nil, nil))
	})
	v.hears(v.Phone, "long")
	v.press(v.Phone, "12*")
	<-thinks
	v.speak(v.Phone, "ping")
	v.press(v.Phone, "3")
	v.speak(v.Phone, "ping")
	close(pressed)
	v.over()
	if n := heardFor(v.Phone, "long"); n > 2*time.Second {
		t.Errorf("heard %v of what was to end", n)
	}
}
