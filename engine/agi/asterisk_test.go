package agi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

// A station is a real Asterisk whose calls arrive at a Server. Every test has an extension of its own.
type station struct {
	*asterisk.Lab
	*Server
	mu       sync.Mutex
	handlers map[string]func(ctx context.Context, c *channel)
}

// realAsterisk starts one. Behind AGI() the dialplan writes down AGISTATUS.
func realAsterisk(t *testing.T) *station {
	t.Helper()
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	st := &station{handlers: map[string]func(context.Context, *channel){}}
	st.Server = &Server{Handler: st.handle}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- st.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		noErr(t, "serve", <-served)
		noErr(t, "close", st.Close())
	})
	st.Lab = asterisk.Start(t, asterisk.Options{
		Dialplan: fmt.Sprintf(`
exten => _X.,1,AGI(agi://127.0.0.1:%d/real?a=b%%20c,one,"t,wo")
 same => n,Set(GLOBAL(status_${EXTEN})=${AGISTATUS})
 same => n,Hangup()
 same => n(label),Set(GLOBAL(label_${EXTEN})=1)
 same => n,Hangup()
[elsewhere]
exten => s,1,Set(GLOBAL(elsewhere)=${CONTEXT}-${EXTEN}-${PRIORITY})
 same => n,Hangup()
`, l.Addr().(*net.TCPAddr).Port),
		Prompts: map[string]time.Duration{"long": 3 * time.Second, "short": 300 * time.Millisecond},
		Phones:  []string{"bob"},
	})
	return st
}

func (st *station) handle(ctx context.Context, ch engine.Channel) {
	st.mu.Lock()
	do := st.handlers[ch.Info().Exten]
	st.mu.Unlock()
	do(ctx, ch.(*channel))
}

// call has a phone call exten, where do answers, and hands both over; it returns when both are done.
func (st *station) call(t *testing.T, exten string, do func(ctx context.Context, c *channel), phone func(ctx context.Context, p *asterisk.Phone)) *asterisk.Phone {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	done := make(chan bool)
	st.mu.Lock()
	st.handlers[exten] = func(ctx context.Context, c *channel) {
		defer close(done)
		do(ctx, c)
	}
	st.mu.Unlock()
	p, err := st.Dial(ctx, exten, asterisk.Call{From: "5551234", Name: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	if phone != nil {
		phone(ctx, p)
	}
	if _, err := p.WaitEnded(ctx); err != nil {
		t.Error(err)
	}
	select {
	case <-done:
	case <-ctx.Done():
		t.Error("the handler did not end")
	}
	return p
}

// prompt is one of the lab's. STREAM FILE does not look into the folder for custom sounds by itself, as
// Playback does (main/file.c, ast_openstream against ast_streamfile).
func (st *station) prompt(name string) engine.Prompt {
	p := engine.Prompt{Text: name}
	if _, err := os.Stat(filepath.Join(st.Path(st.Dir()), "data/sounds/custom", name+".wav")); err == nil {
		p.Sound.Media = "custom/" + name
	}
	return p
}

func (st *station) wantGlobal(t *testing.T, name, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if got, err := st.WaitGlobal(ctx, name); got != want || err != nil {
		t.Errorf("%s is %q, %v, want %q", name, got, err, want)
	}
}

func heardFor(p *asterisk.Phone, name string) (d time.Duration) {
	for _, s := range p.Heard() {
		if s.Name == name {
			d += s.Duration
		}
	}
	return d
}

func TestAsterisk(t *testing.T) {
	st := realAsterisk(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *station)
	}{
		{"info", realInfo},
		{"a digit nobody wants is kept and the sound goes on", realKeptDigits},
		{"a digit ends a sound", realBargeIn},
		{"digits pressed while the flow thinks", realTypeAhead},
		{"cancelled sounds and waits", realCancel},
		{"variables", realVars},
		{"causes", realCauses},
		{"a missing file is no hangup", realMissing},
		{"spoken digits, tones", realSay},
		{"hangup in the middle", realHangup},
		{"recordings", realRecord},
		{"recordings found and played back", realLibrary},
		{"continue", realContinue},
		{"refused commands", realRefused},
		{"dialing without ivrd's part of the dialplan", realDial},
	} {
		if !t.Run(test.name, func(t *testing.T) { test.run(t, st) }) {
			t.Fatalf("Asterisk's log:\n%s", st.Lab.Log())
		}
	}
	t.Run("a killed server", func(t *testing.T) { realKill(t, st) })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	noErr(t, "channels", st.WaitNoChannels(ctx))
	for line := range strings.Lines(st.Lab.Log()) {
		if strings.Contains(line, "roken pipe") || strings.Contains(line, "AGI") && strings.Contains(line, "ERROR") {
			t.Errorf("Asterisk complains: %s", line)
		}
	}
}

func realInfo(t *testing.T, st *station) {
	st.call(t, "100", func(ctx context.Context, c *channel) {
		i := c.Info()
		if i.CallerID != "5551234" || i.CallerName != "Ada" || i.Exten != "100" || i.Context != "callers" || i.Priority != 1 ||
			i.Path != "real" || i.Args["a"] != "b c" || len(i.Argv) != 2 || i.Argv[1] != "t,wo" || i.Language != "en" {
			t.Errorf("info %+v", i)
		}
		noErr(t, "answer", c.Answer(ctx))
		noErr(t, "answer again", c.Answer(ctx))
	}, nil)
	st.wantGlobal(t, "status_100", "SUCCESS")
}

func realKeptDigits(t *testing.T, st *station) {
	p := st.call(t, "101", func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		d, err := c.Play(ctx, []engine.Prompt{st.prompt("long"), st.prompt("short")}, "#")
		if d != engine.NoDigit || err != nil {
			t.Errorf("play: %v, %v", d, err)
		}
		if got := keptDigits(t, c); got != "12*" {
			t.Errorf("kept %q, want 12*", got)
		}
	}, func(ctx context.Context, p *asterisk.Phone) {
		_, err := p.WaitHeard(ctx, "long")
		noErr(t, "hear", err)
		noErr(t, "press", p.Press(ctx, "12*"))
	})
	if d := heardFor(p, "long"); (d - 3*time.Second).Abs() > 300*time.Millisecond {
		t.Errorf("heard %v of 3 s: %v", d, p.Heard())
	}
	if d := heardFor(p, "short"); d == 0 {
		t.Errorf("heard %v", p.Heard())
	}
}

func realBargeIn(t *testing.T, st *station) {
	p := st.call(t, "102", func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		d, err := c.Play(ctx, []engine.Prompt{st.prompt("long")}, engine.AnyDigit)
		rest := ""
		for d != engine.NoDigit && err == nil && len(rest) < 9 {
			rest += d.String()
			d, err = c.ReadDigit(ctx, time.Second)
		}
		if rest != "4321#" || err != nil {
			t.Errorf("digits %q, %v, want 4321#", rest, err)
		}
	}, func(ctx context.Context, p *asterisk.Phone) {
		_, err := p.WaitHeard(ctx, "long")
		noErr(t, "hear", err)
		noErr(t, "press", p.Press(ctx, "4321#"))
	})
	if d := heardFor(p, "long"); d > 2*time.Second {
		t.Errorf("heard %v of a prompt that a key ended", d)
	}
}

func realTypeAhead(t *testing.T, st *station) {
	answered, pressed := make(chan bool), make(chan bool)
	st.call(t, "103", func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		_, err := c.Play(ctx, []engine.Prompt{st.prompt("short")}, "")
		noErr(t, "play", err)
		close(answered)
		<-pressed // the flow thinks
		noErr(t, "set", c.SetVar(ctx, "A", "1"))
		if d, err := c.Play(ctx, []engine.Prompt{st.prompt("long")}, "89"); d != '8' || err != nil {
			t.Errorf("play: %v, %v", d, err)
		}
		if got := keptDigits(t, c); got != "79" {
			t.Errorf("kept %q, want 79", got)
		}
	}, func(ctx context.Context, p *asterisk.Phone) {
		defer close(pressed)
		<-answered
		noErr(t, "speak", p.Speak(ctx, asterisk.Tone{Low: 440, High: 480}, 100*time.Millisecond)) // it has begun to think
		noErr(t, "press", p.Press(ctx, "789"))
		// The last key counts only if Asterisk sees it come up while the flow still thinks.
		noErr(t, "speak", p.Speak(ctx, asterisk.Tone{Low: 440, High: 480}, 800*time.Millisecond))
	})
}

func realCancel(t *testing.T, st *station) {
	st.call(t, "104", func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		for i := range 40 {
			short, cancel := context.WithTimeoutCause(ctx, time.Duration(1+i*300)*time.Microsecond, errTest)
			began := time.Now()
			var err error
			if i%2 == 0 {
				_, err = c.Play(short, []engine.Prompt{st.prompt("long")}, "")
			} else {
				_, err = c.ReadDigit(short, 3*time.Second)
			}
			cancel()
			wantErr(t, "cancelled", err, errTest)
			if took := time.Since(began); took > time.Second {
				t.Errorf("%d took %v", i, took)
			}
			if v, err := c.Var(ctx, "EXTEN"); v != "104" || err != nil {
				t.Fatalf("after %d: EXTEN %q, %v", i, v, err)
			}
		}
		_, err := c.Play(ctx, []engine.Prompt{st.prompt("short")}, "")
		noErr(t, "play", err)
	}, nil)
}

func realVars(t *testing.T, st *station) {
	st.call(t, "105", func(ctx context.Context, c *channel) {
		for _, v := range []string{
			"plain", `a"b\c`, "x,y(z)[w]", ")(", "][", "  lead", "trail ", "{a}", "${EXTEN}", "$[1+1]", "'q'", "", "a;b|c&d=e", "ünï", "\ttab",
			`\`, `"`, ",", strings.Repeat("y", 3000), strings.Repeat(`"`, 1000),
		} {
			err := c.SetVar(ctx, "X", v)
			if got, err2 := c.Var(ctx, "X"); got != v {
				t.Errorf("SetVar %.60q became %.60q, %v %v", v, got, err, err2)
			}
			vars := []engine.Variable{{Name: "A", Value: "1"}, {Name: "B", Value: v}, {Name: "_C", Value: v}}
			err = c.SetVars(ctx, vars)
			for _, name := range []string{"B", "C"} {
				if got, err2 := c.Var(ctx, name); got != v {
					t.Errorf("SetVars %s %.60q became %.60q, %v %v", name, v, got, err, err2)
				}
			}
		}
		for name, want := range map[string]string{
			"BASE64_DECODE(YQpiKQoyMDAgcmVzdWx0PTE=)": "a\nb)\n200 result=1", "NOFUNC(x)": "", "UNSET": "", "CHANNEL(language)": "en",
			"CALLERID(num)": "5551234", `CUT(EXTEN,"0",1)`: "1", "EXTEN:0:2": "10",
		} {
			if got, err := c.Var(ctx, name); got != want || err != nil {
				t.Errorf("%s is %q, %v, want %q", name, got, err, want)
			}
		}
		noErr(t, "language", c.SetVar(ctx, "CHANNEL(language)", "fr"))
		if got, err := c.Var(ctx, "CHANNEL(language)"); got != "fr" || err != nil {
			t.Errorf("language %q, %v", got, err)
		}
		_, text, err := c.Command(ctx, "GET FULL VARIABLE", "${BASE64_DECODE(YQpiKQoyMDAgcmVzdWx0PTE=)}")
		if text != "a\nb)\n200 result=1" || err != nil {
			t.Errorf("raw: %q, %v", text, err)
		}
	}, nil)
}

func realCauses(t *testing.T, st *station) {
	for i, test := range []struct {
		cause engine.Cause
		sip   int
	}{{engine.CauseNormal, 603}, {17, 486}, {21, 403}, {34, 503}, {1, 404}, {19, 480}} {
		for _, answered := range []bool{false, true} {
			p := st.call(t, fmt.Sprintf("106%d%d", i, len(fmt.Sprint(answered))), func(ctx context.Context, c *channel) {
				if answered {
					noErr(t, "answer", c.Answer(ctx))
				}
				noErr(t, "hangup", c.Hangup(ctx, test.cause))
				noErr(t, "set", c.SetVar(ctx, "A", "1"))
			}, nil)
			got := p.Cause()
			if got.Q850 != test.cause.Code() || !answered && got.SIP != test.sip {
				t.Errorf("cause %v, answered %t: the phone saw %+v", test.cause, answered, got)
			}
		}
	}
}

func realMissing(t *testing.T, st *station) {
	st.call(t, "107", func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		var missing *engine.PlayError
		if _, err := c.Play(ctx, sound("no-such-sound"), ""); !errors.As(err, &missing) {
			t.Errorf("play: %v", err)
		}
		if _, err := c.Play(ctx, []engine.Prompt{{Kind: engine.TonePrompt, Text: "nonsense", For: time.Second}}, ""); !errors.As(err, &missing) {
			t.Errorf("tone: %v", err)
		}
	}, nil)
	st.wantGlobal(t, "status_107", "FAILURE")
}

func realSay(t *testing.T, st *station) {
	st.call(t, "108", func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		for _, p := range []engine.Prompt{
			{Kind: engine.DigitsPrompt, Text: "#*1#"}, {Kind: engine.NumberPrompt, Text: "-12"}, {Kind: engine.CharactersPrompt, Text: "a#1"},
			{Kind: engine.DigitsPrompt, Text: "1D"},
			{Kind: engine.TonePrompt, Text: "dial", For: 300 * time.Millisecond}, {Kind: engine.TonePrompt, Text: "425/100,0/100", For: 300 * time.Millisecond},
			engine.Silence(200 * time.Millisecond),
		} {
			if _, err := c.Play(ctx, []engine.Prompt{p}, ""); err != nil {
				t.Errorf("%s: %v", p, err)
			}
		}
	}, nil)
	st.wantGlobal(t, "status_108", "SUCCESS")
}

func realHangup(t *testing.T, st *station) {
	for i, test := range []struct {
		name string
		do   func(ctx context.Context, c *channel) error
	}{
		{"sound", func(ctx context.Context, c *channel) error {
			_, err := c.Play(ctx, []engine.Prompt{st.prompt("long"), st.prompt("long")}, "")
			return err
		}},
		{"digits", func(ctx context.Context, c *channel) error {
			_, err := c.Play(ctx, []engine.Prompt{{Kind: engine.DigitsPrompt, Text: "1234567890"}}, "")
			return err
		}},
		{"wait", func(ctx context.Context, c *channel) error { _, err := c.ReadDigit(ctx, 20*time.Second); return err }},
		{"silence", func(ctx context.Context, c *channel) error {
			_, err := c.Play(ctx, []engine.Prompt{engine.Silence(20 * time.Second)}, "")
			return err
		}},
		{"recording", func(ctx context.Context, c *channel) error {
			r, err := c.Record(ctx, engine.RecordRequest{Name: "hung-up"})
			if r.Why != engine.RecordHangup || r.Duration < 100*time.Millisecond {
				t.Errorf("recording %+v", r)
			}
			return err
		}},
		{"application", func(ctx context.Context, c *channel) error { _, err := c.Exec(ctx, "Wait", "20"); return err }},
	} {
		st.call(t, fmt.Sprint("109", i), func(ctx context.Context, c *channel) {
			noErr(t, "answer", c.Answer(ctx))
			_, err := c.Play(ctx, []engine.Prompt{st.prompt("short")}, "")
			noErr(t, "play", err)
			began := time.Now()
			wantErr(t, test.name, test.do(ctx, c), engine.ErrHangup)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%s: the hangup was noticed after %v", test.name, took)
			}
			noErr(t, test.name+": set", c.SetVar(ctx, "A", "1"))
		}, func(ctx context.Context, p *asterisk.Phone) {
			_, err := p.WaitHeard(ctx, "short")
			noErr(t, "hear", err)
			noErr(t, "silence", p.Speak(ctx, asterisk.Tone{Low: 440, High: 480}, 400*time.Millisecond))
			noErr(t, "hang up", p.HangUp())
		})
	}
}

func realRecord(t *testing.T, st *station) {
	var byDigit, bySilence, byTime engine.Recording
	st.call(t, "110", func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		_, err := c.Play(ctx, []engine.Prompt{st.prompt("short")}, "")
		noErr(t, "play", err)
		byDigit, err = c.Record(ctx, engine.RecordRequest{Name: "by-digit", Stop: "#", Max: 10 * time.Second})
		noErr(t, "digit", err)
		bySilence, err = c.Record(ctx, engine.RecordRequest{Name: "by-silence", Silence: time.Second, Max: 10 * time.Second, Beep: true})
		noErr(t, "silence", err)
		byTime, err = c.Record(ctx, engine.RecordRequest{Name: "by-time", Max: time.Second})
		noErr(t, "time", err)
		if _, err = c.Record(ctx, engine.RecordRequest{Name: "x", Format: "nonsense", Max: time.Second}); err == nil || errors.Is(err, engine.ErrHangup) {
			t.Errorf("format: %v", err)
		}
	}, func(ctx context.Context, p *asterisk.Phone) {
		_, err := p.WaitHeard(ctx, "short")
		noErr(t, "hear", err)
		noErr(t, "speak", p.Speak(ctx, asterisk.Tone{Low: 440, High: 480}, time.Second))
		noErr(t, "press", p.Press(ctx, "1#"))
	})
	if byDigit.Why != engine.RecordDigit || byDigit.Digit != '#' || byDigit.Duration < 500*time.Millisecond {
		t.Errorf("by digit: %+v", byDigit)
	}
	if bySilence.Why != engine.RecordTimeout || bySilence.Duration > 5*time.Second {
		t.Errorf("by silence: %+v", bySilence)
	}
	if byTime.Why != engine.RecordTimeout || (byTime.Duration-time.Second).Abs() > 300*time.Millisecond {
		t.Errorf("by time: %+v", byTime)
	}
}

// realLibrary: a recording lies in a folder of its name's, where ARI has recordings too, and is found there without ARI.
func realLibrary(t *testing.T, st *station) {
	p := st.call(t, "120", func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		_, err := c.Play(ctx, []engine.Prompt{st.prompt("short")}, "")
		noErr(t, "play", err)
		_, err = c.Record(ctx, engine.RecordRequest{Name: "library/new/1", Max: time.Second})
		noErr(t, "record", err)
		found, err := c.Recordings(ctx, engine.RecordingsRequest{Do: engine.RecordingsFind, Name: "library/new/1"})
		if err != nil || len(found) != 1 || found[0].Format != "wav" || (found[0].Length-time.Second).Abs() > 300*time.Millisecond || time.Since(found[0].Made) > time.Minute {
			t.Errorf("found %v, %v", found, err)
		}
		for _, p := range []engine.Prompt{{Kind: engine.RecordingPrompt, Text: "library/new/1"}, {Text: "library/new/1"}} {
			_, err = c.Play(ctx, []engine.Prompt{p}, "")
			noErr(t, "play it back", err)
			_, at, err := c.PlayControlled(ctx, p, engine.ControlKeys{From: 900 * time.Millisecond}, "")
			if err != nil || (at-time.Second).Abs() > 300*time.Millisecond {
				t.Errorf("controlled: %v, %v", at, err)
			}
		}
	}, func(ctx context.Context, p *asterisk.Phone) {
		_, err := p.WaitHeard(ctx, "short")
		noErr(t, "hear", err)
		noErr(t, "speak", p.Speak(ctx, p.Tone("mine"), 1500*time.Millisecond))
	})
	if heard := heardFor(p, "mine"); heard < 1700*time.Millisecond {
		t.Errorf("of twice a second the caller heard %v", heard)
	}
	st.call(t, "121", func(ctx context.Context, c *channel) { // another call
		noErr(t, "answer", c.Answer(ctx))
		_, err := c.Play(ctx, []engine.Prompt{{Text: "library/new/1"}}, "")
		noErr(t, "by its plain name", err)
		_, err = c.Play(ctx, []engine.Prompt{{Kind: engine.RecordingPrompt, Text: "library/new/2"}}, "")
		var missing *engine.PlayError
		if !errors.As(err, &missing) {
			t.Errorf("one that is not there: %v", err)
		}
	}, nil)
	if _, err := os.Stat(st.Path(st.Dir() + "/spool/recording/library/new/1.wav")); err != nil {
		t.Error(err)
	}
}

func realContinue(t *testing.T, st *station) {
	st.call(t, "111", func(ctx context.Context, c *channel) {
		if err := c.Continue(ctx, engine.Location{Context: "nowhere"}); err == nil || errors.Is(err, engine.ErrHangup) {
			t.Errorf("nowhere: %v", err)
		}
		noErr(t, "elsewhere", c.Continue(ctx, engine.Location{Context: "elsewhere"}))
	}, nil)
	st.wantGlobal(t, "elsewhere", "elsewhere-s-1")
	st.call(t, "112", func(ctx context.Context, c *channel) {
		noErr(t, "label", c.Continue(ctx, engine.Location{Priority: "label"}))
	}, nil)
	st.wantGlobal(t, "label_112", "1")
	st.call(t, "113", func(ctx context.Context, c *channel) {
		noErr(t, "label elsewhere", c.Continue(ctx, engine.Location{Exten: "114", Priority: "label"}))
	}, nil)
	st.wantGlobal(t, "label_114", "1")
}

func realRefused(t *testing.T, st *station) {
	st.call(t, "115", func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		for _, test := range []struct {
			words []string
			code  int
		}{{[]string{"SET PRIORITY", "no-such-label"}, 520}, {[]string{"SAY NUMBER", "abc", ""}, 520}, {[]string{"DANCE"}, 510}} {
			_, _, err := c.Command(ctx, test.words...)
			var refused *CommandError
			if !errors.As(err, &refused) || refused.Code != test.code {
				t.Errorf("%q: %v", test.words, err)
			}
		}
		if _, err := c.Exec(ctx, "NoSuchApplication", "x"); err == nil || !strings.Contains(err.Error(), "no application") {
			t.Errorf("exec: %v", err)
		}
		if r, err := c.Exec(ctx, "Wait", "0.1"); r != "0" || err != nil {
			t.Errorf("exec: %q, %v", r, err)
		}
		result, text, err := c.Command(ctx, "DATABASE", "GET", "no", "such")
		if result != "0" || text != "" || err != nil {
			t.Errorf("database: %q %q %v", result, text, err)
		}
		if v, err := c.Var(ctx, "EXTEN"); v != "115" || err != nil {
			t.Errorf("EXTEN %q, %v", v, err)
		}
	}, nil)
}

// realDial: what takes ivrd's part of the dialplan says so, the rest works without it.
func realDial(t *testing.T, st *station) {
	st.call(t, "117", func(ctx context.Context, c *channel) {
		bob := engine.DialRequest{Targets: []string{"PJSIP/bob"}, Timeout: 5 * time.Second, Wait: time.Second}
		confirmed, announced, limited, ended := bob, bob, bob, bob
		confirmed.Confirm, announced.Announce, limited.Most, ended.End = "1", sound("short"), time.Hour, "*"
		for _, r := range []engine.DialRequest{confirmed, announced, limited, ended} {
			if _, err := c.Dial(ctx, r); err == nil || !strings.Contains(err.Error(), "ivrd dialplan") {
				t.Errorf("dial: %v", err)
			}
		}
		if _, err := c.Park(ctx, engine.ParkRequest{Slot: "701"}); err == nil || !strings.Contains(err.Error(), "ivrd dialplan") {
			t.Errorf("park: %v", err)
		}
		for range 2 {
			talk, err := c.Dial(ctx, bob)
			if talk.Status != engine.Answered || talk.Target != "PJSIP/bob" || talk.Ended != engine.EndedCalled || err != nil ||
				talk.Lasted < 100*time.Millisecond || talk.Lasted > 3*time.Second {
				t.Errorf("talk %+v, %v", talk, err)
			}
		}
	}, func(ctx context.Context, p *asterisk.Phone) {
		for range 2 {
			bob, err := st.WaitRing(ctx, "bob")
			noErr(t, "ring", err)
			noErr(t, "answer", bob.Answer())
			noErr(t, "media", p.WaitMedia(ctx))
			noErr(t, "speak", p.Speak(ctx, st.Tones.Tone("long"), 200*time.Millisecond))
			_, err = bob.WaitHeard(ctx, "long")
			noErr(t, "hear", err)
			noErr(t, "hang up", bob.HangUp())
		}
	})
}

// realKill: whoever ends the server ends no call; the dialplan goes on.
func realKill(t *testing.T, st *station) {
	st.call(t, "116", func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		_, err := c.Play(ctx, []engine.Prompt{st.prompt("long"), st.prompt("long"), st.prompt("long")}, "")
		if err == nil {
			t.Error("play: no error")
		}
	}, func(ctx context.Context, p *asterisk.Phone) {
		_, err := p.WaitHeard(ctx, "long")
		noErr(t, "hear", err)
		noErr(t, "close", st.Close())
	})
	st.wantGlobal(t, "status_116", "SUCCESS")
}
