package asterisk_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const plan = `
exten => 100,1,Answer()
 same => n,Playback(welcome)
 same => n,Playback(welcome&goodbye)
 same => n,Hangup()

exten => 200,1,Answer()
 same => n,Read(PIN,enter-pin,4,,1,5)
 same => n,Set(GLOBAL(PIN_${CALLERID(num)})=${PIN})
 same => n,Set(GLOBAL(NAME_${CALLERID(num)})=${CALLERID(name)})
 same => n,Playback(goodbye)
 same => n,Hangup()

exten => 300,1,Answer()
 same => n,Playback(welcome)
 same => n,Wait(30)
exten => 400,1,Ringing()
 same => n,Wait(30)
exten => 410,1,Progress()
 same => n,Playback(welcome,noanswer)
 same => n,Hangup(17)
exten => 420,1,Answer()
 same => n,Hangup(17)
exten => 500,1,Answer()
 same => n,Record(said.wav,2,8)
 same => n,Set(GLOBAL(RECORDED)=${RECORD_STATUS})
exten => 510,1,Answer()
 same => n,MixMonitor(both.wav)
 same => n,Playback(welcome)
 same => n,StopMixMonitor()
 same => n,Set(GLOBAL(MIXED)=1)
exten => 520,1,Answer()
 same => n,SendDTMF(42#)
 same => n,Playback(beep)
exten => 530,1,Answer()
 same => n,Playback(digits/1)
 same => n,Playback(digits/2)
 same => n,Playback(sub/deep)
exten => 540,1,Answer()
 same => n,Set(PJSIP_SEND_SESSION_REFRESH()=invite)
 same => n,Playback(welcome)
 same => n,Hangup()
exten => 550,1,Answer()
 same => n,SendText(Hello, Ada)
 same => n,Wait(10)
exten => 560,1,Answer()
 same => n,Transfer(PJSIP/sip:bob@127.0.0.1)
 same => n,Wait(10)
exten => #1*,1,Answer()
 same => n,Playback(goodbye)
`

func start(t *testing.T) *asterisk.Lab {
	t.Helper()
	return asterisk.Start(t, asterisk.Options{
		Dialplan: plan,
		Prompts: map[string]time.Duration{
			"welcome": time.Second, "goodbye": 500 * time.Millisecond, "enter-pin": 2 * time.Second,
			"digits/1": 300 * time.Millisecond, "sub/deep": 300 * time.Millisecond,
		},
	})
}

func timeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func dial(t *testing.T, lab *asterisk.Lab, exten string, c asterisk.Call) *asterisk.Phone {
	t.Helper()
	phone, err := lab.Dial(timeout(t), exten, c)
	if err != nil {
		t.Fatal(err)
	}
	return phone
}

func TestPhone(t *testing.T) {
	lab := start(t)
	t.Run("it", func(t *testing.T) { // returns when its parallel tests are done
		for _, test := range []struct {
			name string
			run  func(*testing.T, *asterisk.Lab)
		}{
			{"hears prompts in order, each with its length", hearsPrompts},
			{"presses digits into a prompt", pressesDigits},
			{"hangs up", hangsUp},
			{"cancels", cancels},
			{"cancels when its context ends", cancelsWithContext},
			{"hears early media, then is refused", hearsEarlyMedia},
			{"is hung up on, with a cause", isHungUpOn},
			{"speaks into a recording", speaks},
			{"is heard by MixMonitor", isRecorded},
			{"receives digits, and a beep is no prompt", receivesDigits},
			{"hears the package's sounds where the test has none", hearsPackageSounds},
			{"agrees to a re-INVITE", agreesToReinvite},
			{"dials keys that are no digits", dialsKeys},
			{"puts on hold", holds},
			{"receives texts", receivesTexts},
			{"is handed on", isHandedOn},
			{"is told of ringing", hearsRinging},
			{"calls twenty times at once", callsAtOnce},
		} {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				test.run(t, lab)
			})
		}
	})
	if err := lab.WaitNoChannels(timeout(t)); err != nil {
		t.Error(err)
	}
}

func hearsPrompts(t *testing.T, lab *asterisk.Lab) {
	phone := dial(t, lab, "100", asterisk.Call{})
	if _, err := phone.WaitEnded(timeout(t)); err != nil {
		t.Fatal(err)
	}
	heard := phone.Heard()
	if got, want := asterisk.Names(heard), []string{"welcome", "welcome", "goodbye"}; !slices.Equal(got, want) {
		t.Fatalf("heard %v, want %v", heard, want)
	}
	for i, want := range []time.Duration{time.Second, time.Second, 500 * time.Millisecond} {
		near(t, heard[i].String(), heard[i].Duration, want)
	}
}

func near(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if (got - want).Abs() > 60*time.Millisecond {
		t.Errorf("%s: %v, want %v within 60ms", what, got, want)
	}
}

func pressesDigits(t *testing.T, lab *asterisk.Lab) {
	ctx := timeout(t)
	phone := dial(t, lab, "200", asterisk.Call{From: "5551234", Name: "Ada Lovelace"})
	if _, err := phone.WaitHeard(ctx, "enter-pin"); err != nil {
		t.Fatal(err)
	}
	if err := phone.Press(ctx, "1234"); err != nil {
		t.Fatal(err)
	}
	if _, err := phone.WaitEnded(ctx); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"PIN_5551234": "1234", "NAME_5551234": "Ada Lovelace"} {
		if got, _ := lab.Global(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	heard := phone.Heard()
	if got, want := asterisk.Names(heard), []string{"enter-pin", "goodbye"}; !slices.Equal(got, want) {
		t.Fatalf("heard %v, want %v", heard, want)
	}
	if heard[0].Duration > time.Second {
		t.Errorf("the prompt went on for %v although a key was pressed", heard[0].Duration)
	}
}

func hangsUp(t *testing.T, lab *asterisk.Lab) {
	ctx := timeout(t)
	phone := dial(t, lab, "300", asterisk.Call{})
	if _, err := phone.WaitHeard(ctx, "welcome"); err != nil {
		t.Fatal(err)
	}
	if err := phone.HangUp(); err != nil {
		t.Fatal(err)
	}
	if got := phone.Cause(); got.By != asterisk.Caller {
		t.Errorf("cause %+v, want the caller's", got)
	}
	if err := phone.Press(ctx, "1"); err == nil {
		t.Error("pressed a key after the call")
	}
	if _, err := phone.WaitHeard(ctx, "goodbye"); err == nil {
		t.Error("heard what was never played")
	}
}

func cancels(t *testing.T, lab *asterisk.Lab) {
	phone := dial(t, lab, "400", asterisk.Call{})
	if err := phone.HangUp(); err != nil {
		t.Fatal(err)
	}
	if got := phone.Cause(); got.By != asterisk.Caller || got.SIP != 487 {
		t.Errorf("cause %+v, want 487 by the caller", got)
	}
}

func cancelsWithContext(t *testing.T, lab *asterisk.Lab) {
	ctx, cancel := context.WithCancel(t.Context())
	phone, err := lab.Dial(ctx, "400", asterisk.Call{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if got, err := phone.WaitEnded(timeout(t)); err != nil || got.By != asterisk.Caller {
		t.Errorf("cause %+v, %v, want the caller's", got, err)
	}
}

func hearsEarlyMedia(t *testing.T, lab *asterisk.Lab) {
	phone := dial(t, lab, "410", asterisk.Call{})
	why, err := phone.WaitEnded(timeout(t))
	if err != nil {
		t.Fatal(err)
	}
	if why.By != asterisk.Asterisk || why.SIP != 486 || why.Q850 != 17 {
		t.Errorf("cause %+v, want 486 and 17", why)
	}
	if err := phone.WaitAnswered(timeout(t)); err == nil {
		t.Error("the call was answered")
	}
	if got := asterisk.Names(phone.Heard()); !slices.Equal(got, []string{"welcome"}) {
		t.Errorf("heard %v", phone.Heard())
	}
}

func isHungUpOn(t *testing.T, lab *asterisk.Lab) {
	phone := dial(t, lab, "420", asterisk.Call{})
	if err := phone.WaitAnswered(timeout(t)); err != nil {
		t.Fatal(err)
	}
	if why, err := phone.WaitEnded(timeout(t)); err != nil || why.By != asterisk.Asterisk || why.Q850 != 17 {
		t.Errorf("cause %+v, %v; want 17 by Asterisk", why, err)
	}
}

func speaks(t *testing.T, lab *asterisk.Lab) {
	ctx := timeout(t)
	phone := dial(t, lab, "500", asterisk.Call{})
	if err := phone.WaitAnswered(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := phone.WaitHeard(ctx, "?"); err != nil { // Record's beep
		t.Fatal(err)
	}
	if err := phone.WaitSilence(ctx, 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if err := phone.Speak(ctx, lab.Tones.Tone("hello"), time.Second); err != nil {
		t.Fatal(err)
	}
	if status, err := lab.WaitGlobal(ctx, "RECORDED"); err != nil || status != "SILENCE" {
		t.Errorf("RECORD_STATUS %q, %v; want SILENCE", status, err)
	}
	wantRecording(t, lab, "said.wav", "hello")
}

func isRecorded(t *testing.T, lab *asterisk.Lab) {
	dial(t, lab, "510", asterisk.Call{})
	if _, err := lab.WaitGlobal(timeout(t), "MIXED"); err != nil {
		t.Fatal(err)
	}
	if err := lab.WaitLog(timeout(t), "End MixMonitor Recording"); err != nil {
		t.Fatal(err)
	}
	wantRecording(t, lab, "both.wav", "welcome")
}

func wantRecording(t *testing.T, lab *asterisk.Lab, file, name string) {
	t.Helper()
	path, err := lab.Recording(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pcm, err := asterisk.ReadWAV(b)
	if err != nil {
		t.Fatal(err)
	}
	heard := lab.Tones.Hear(pcm)
	// A busy machine puts holes into a recording, and they look like what is between two prompts.
	if names := slices.Compact(asterisk.Names(heard)); !slices.Equal(names, []string{name}) {
		t.Fatalf("%s has %v, want %s", file, heard, name)
	}
	if d := heard[len(heard)-1].End() - heard[0].Start; d < 900*time.Millisecond {
		t.Errorf("%s has %v of %s, want 1s", file, d, name)
	}
}

func receivesDigits(t *testing.T, lab *asterisk.Lab) {
	phone := dial(t, lab, "520", asterisk.Call{})
	if _, err := phone.WaitEnded(timeout(t)); err != nil {
		t.Fatal(err)
	}
	if got := phone.Digits(); got != "42#" {
		t.Errorf("digits %q, want 42#", got)
	}
	if got := asterisk.Names(phone.Heard()); !slices.Equal(got, []string{"?"}) {
		t.Errorf("heard %v", phone.Heard())
	}
}

func hearsPackageSounds(t *testing.T, lab *asterisk.Lab) {
	phone := dial(t, lab, "530", asterisk.Call{})
	if _, err := phone.WaitEnded(timeout(t)); err != nil {
		t.Fatal(err)
	}
	names := slices.Compact(asterisk.Names(phone.Heard())) // speech may have holes
	if want := []string{"digits/1", "?", "sub/deep"}; !slices.Equal(names, want) {
		t.Errorf("heard %v, want %v", phone.Heard(), want)
	}
}

func agreesToReinvite(t *testing.T, lab *asterisk.Lab) {
	phone := dial(t, lab, "540", asterisk.Call{})
	if why, err := phone.WaitEnded(timeout(t)); err != nil || why.Q850 != 16 {
		t.Errorf("cause %+v, %v", why, err)
	}
	if got := phone.Heard(); len(got) != 1 || got[0].Name != "welcome" {
		t.Errorf("heard %v", got)
	}
}

func dialsKeys(t *testing.T, lab *asterisk.Lab) {
	phone := dial(t, lab, "#1*", asterisk.Call{})
	if _, err := phone.WaitHeard(timeout(t), "goodbye"); err != nil {
		t.Error(err)
	}
	phone.Close()
}

func callsAtOnce(t *testing.T, lab *asterisk.Lab) {
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			from := string(rune('A' + i))
			ctx := timeout(t)
			phone, err := lab.Dial(ctx, "200", asterisk.Call{From: from})
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := phone.WaitHeard(ctx, "enter-pin"); err != nil {
				t.Error(err)
				return
			}
			if err := phone.Press(ctx, "9*#"); err != nil {
				t.Error(err)
			}
			if _, err := phone.WaitHeard(ctx, "goodbye"); err != nil {
				t.Error(err)
			}
			if got, _ := lab.Global("PIN_" + from); got != "9*" {
				t.Errorf("call %d: PIN %q, want 9*", i, got)
			}
			phone.Close()
		})
	}
	wg.Wait()
}

func TestLabsSideBySide(t *testing.T) {
	var labs [2]*asterisk.Lab
	for i := range labs {
		labs[i] = asterisk.Start(t, asterisk.Options{
			Dialplan: "exten => 1,1,Answer()\n same => n,Playback(" + []string{"one", "two"}[i] + ")",
			Prompts:  map[string]time.Duration{"one": time.Second, "two": time.Second},
		})
	}
	for i, name := range []string{"one", "two"} {
		phone := dial(t, labs[i], "1", asterisk.Call{})
		if _, err := phone.WaitHeard(timeout(t), name); err != nil {
			t.Error(err)
		}
	}
}

func TestPhoneIsCalled(t *testing.T) {
	lab := asterisk.Start(t, asterisk.Options{
		Dialplan: "exten => 1,1,Dial(PJSIP/alice,20)\n same => n,Hangup(${HANGUPCAUSE})\n" +
			"exten => 2,1,Dial(PJSIP/alice,20,A(welcome))\n same => n,Hangup()\n",
		Prompts: map[string]time.Duration{"welcome": 500 * time.Millisecond},
		Phones:  []string{"alice", "bob"},
	})
	ring := func(t *testing.T, exten string) (caller, alice *asterisk.Phone) {
		caller = dial(t, lab, exten, asterisk.Call{From: "5551234"})
		alice, err := lab.WaitRing(timeout(t), "alice")
		if err != nil {
			t.Fatal(err)
		}
		if got := alice.From(); got != "5551234" {
			t.Errorf("call from %q, want 5551234", got)
		}
		return caller, alice
	}
	t.Run("and answers", func(t *testing.T) {
		caller, alice := ring(t, "2")
		if err := alice.Answer(); err != nil {
			t.Fatal(err)
		}
		for _, step := range []error{
			caller.WaitAnswered(timeout(t)),
			second(alice.WaitHeard(timeout(t), "welcome")),
			alice.WaitSilence(timeout(t), 200*time.Millisecond),
			alice.Speak(timeout(t), lab.Tones.Tone("hello"), 500*time.Millisecond),
			second(caller.WaitHeard(timeout(t), "hello")),
			caller.Press(timeout(t), "42#"),
			alice.HangUp(),
			second(caller.WaitEnded(timeout(t))),
		} {
			if step != nil {
				t.Error(step)
			}
		}
		if got := alice.Digits(); got != "42#" {
			t.Errorf("digits %q, want 42#", got)
		}
	})
	t.Run("and refuses", func(t *testing.T) {
		caller, alice := ring(t, "1")
		if err := alice.Refuse(486); err != nil {
			t.Error(err)
		}
		if why, err := caller.WaitEnded(timeout(t)); err != nil || why.SIP != 486 {
			t.Errorf("cause %+v, %v; want 486", why, err)
		}
	})
	t.Run("and the caller gives up", func(t *testing.T) {
		caller, alice := ring(t, "1")
		caller.Close()
		if why, err := alice.WaitEnded(timeout(t)); err != nil || why.SIP != 487 {
			t.Errorf("cause %+v, %v; want 487", why, err)
		}
	})
	t.Run("and the other hangs up", func(t *testing.T) {
		caller, alice := ring(t, "1")
		if err := alice.Answer(); err != nil {
			t.Fatal(err)
		}
		if err := caller.WaitAnswered(timeout(t)); err != nil {
			t.Fatal(err)
		}
		caller.Close()
		if why, err := alice.WaitEnded(timeout(t)); err != nil || why.By != asterisk.Asterisk {
			t.Errorf("cause %+v, %v; want Asterisk's", why, err)
		}
	})
	t.Run("and rings on", func(t *testing.T) { ring(t, "1") }) // cleanup has to end it
}

func second[T any](_ T, err error) error { return err }

func TestKillAndRestart(t *testing.T) {
	lab := start(t)
	phone := dial(t, lab, "300", asterisk.Call{})
	if _, err := phone.WaitHeard(timeout(t), "welcome"); err != nil {
		t.Fatal(err)
	}
	lab.Kill()
	if got := phone.Cause(); got.By != asterisk.Nobody {
		t.Errorf("cause %+v, want nobody's", got)
	}
	if err := lab.Restart(); err != nil {
		t.Fatal(err)
	}
	phone = dial(t, lab, "300", asterisk.Call{})
	if _, err := phone.WaitHeard(timeout(t), "welcome"); err != nil {
		t.Error(err)
	}
}

func TestNoAsteriskAtTheOtherEnd(t *testing.T) {
	lab := start(t)
	lab.Kill()
	ctx, cancel := context.WithCancel(t.Context())
	phone, err := lab.Dial(ctx, "100", asterisk.Call{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if why, err := phone.WaitEnded(timeout(t)); err != nil || why.By != asterisk.Nobody {
		t.Errorf("cause %+v, %v; want nobody's", why, err)
	}
}

func TestConfigAndLog(t *testing.T) {
	lab := asterisk.Start(t, asterisk.Options{
		Dialplan: "[other]\nexten => s,1,NoOp(hello from ${CHANNEL(channeltype)})",
		Config:   map[string]string{"queues.conf": "[general]\n[support]\nstrategy=ringall\n"},
	})
	out, err := lab.CLI("queue show support")
	if err != nil || !strings.Contains(out, "'ringall'") {
		t.Errorf("queue show: %s, %v", out, err)
	}
	if _, err := lab.CLI("channel originate Local/s@other application Wait 1"); err != nil {
		t.Error(err)
	}
	if err := lab.WaitLog(timeout(t), "hello from Local"); err != nil {
		t.Error(err)
	}
}

func holds(t *testing.T, lab *asterisk.Lab) {
	ctx := timeout(t)
	phone := dial(t, lab, "300", asterisk.Call{})
	if _, err := phone.WaitHeard(ctx, "welcome"); err != nil {
		t.Fatal(err)
	}
	for _, on := range []bool{true, false} {
		if err := phone.Hold(on); err != nil {
			t.Fatal(err)
		}
	}
	if err := phone.HangUp(); err != nil {
		t.Error(err)
	}
}

func receivesTexts(t *testing.T, lab *asterisk.Lab) {
	phone := dial(t, lab, "550", asterisk.Call{})
	if err := phone.WaitText(timeout(t), "Hello, Ada"); err != nil {
		t.Error(err)
	}
}

func isHandedOn(t *testing.T, lab *asterisk.Lab) {
	phone := dial(t, lab, "560", asterisk.Call{})
	cause, err := phone.WaitEnded(timeout(t))
	if err != nil || cause.By != asterisk.Caller || !strings.Contains(phone.Referred(), "sip:bob@127.0.0.1") {
		t.Errorf("handed on to %q, %+v, %v", phone.Referred(), cause, err)
	}
}

func hearsRinging(t *testing.T, lab *asterisk.Lab) {
	ctx := timeout(t)
	phone := dial(t, lab, "400", asterisk.Call{})
	if err := phone.WaitStatus(ctx, 180); err != nil {
		t.Error(err)
	}
	if err := phone.HangUp(); err != nil {
		t.Error(err)
	}
}
