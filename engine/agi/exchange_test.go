package agi

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/dialplan"
	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

// An exchange is a real Asterisk with ivrd's part of the dialplan, music, and phones that it can call. Every call
// has an extension and so a handler of its own.
type exchange struct {
	*asterisk.Lab
	mu       sync.Mutex
	handlers map[string]func(ctx context.Context, c *channel)
	next     int // extension
	named    int // phones
}

const phoneCount = 80

func newExchange(t *testing.T) *exchange {
	t.Helper()
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := &exchange{handlers: map[string]func(context.Context, *channel){}, next: 100}
	s := &Server{Handler: x.handle}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		noErr(t, "serve", <-served)
		noErr(t, "close", s.Close())
	})
	var phones []string
	for i := range phoneCount {
		phones = append(phones, fmt.Sprint("p", i))
	}
	tones := new(asterisk.Tones)
	prompts := map[string]time.Duration{}
	for _, name := range []string{
		"who-calls", "press-one", "hurry", "came", "went", "short",
		"beep", "pbx-transfer", "conf-onlyperson", "conf-waitforleader", "conf-now-muted", "conf-now-unmuted", "conf-lockednow", // Asterisk's own
		"conf-unlockednow", "conf-kicked", "conf-muted", "conf-unmuted", "conf-thereare", "conf-otherinparty", "conf-leaderhasleft",
		"conf-onlyone", "confbridge-join", "confbridge-leave", "confbridge-conf-begin", "digits/2",
	} {
		prompts[name] = 200 * time.Millisecond
	}
	prompts["long"] = 3 * time.Second
	x.Lab = asterisk.Start(t, asterisk.Options{
		Tones: tones, Prompts: prompts, Phones: phones,
		Sounds: map[string][]byte{"moh/music": tones.Prompt("music", 5*time.Second)},
		Config: map[string]string{"musiconhold.conf": "[default]\nmode=files\ndirectory=sounds/custom/moh\n[blues]\nmode=files\ndirectory=sounds/custom/moh\n"},
		Dialplan: fmt.Sprintf(`[callers]
exten => _X.,1,AGI(agi://127.0.0.1:%d)
 same => n,Set(GLOBAL(status_${EXTEN})=${AGISTATUS})
 same => n,Hangup()
exten => music,1,Answer()
 same => n,Playback(long)
 same => n,Hangup()
[others]
exten => _7X,1,Answer()
 same => n,Set(GLOBAL(handed_${CALLERID(num)})=${EXTEN}${IVRD_TEST})
 same => n,Playback(came&long)
 same => n,Hangup()
exten => _8XX,1,Dial(PJSIP/p$[${EXTEN:1} + 0])
exten => early,1,Progress()
 same => n,Playback(came,noanswer)
 same => n,Wait(0.5)
 same => n,Answer()
 same => n,Wait(0.7)
 same => n,Playback(went)
 same => n,Hangup()
exten => who,1,Set(GLOBAL(who_${CALLERID(num)})=${CALLERID(all)} ${CALLERID(pres)})
 same => n,Hangup(17)
`, l.Addr().(*net.TCPAddr).Port) + dialplan.Conf,
	})
	return x
}

func (x *exchange) handle(ctx context.Context, ch engine.Channel) {
	x.mu.Lock()
	do := x.handlers[ch.Info().Exten]
	x.mu.Unlock()
	do(ctx, ch.(*channel))
}

// phone is the name of one that nobody else uses.
func (x *exchange) phone(t *testing.T) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.named == phoneCount {
		t.Fatal("no phone left")
	}
	x.named++
	return fmt.Sprint("p", x.named-1)
}

func (x *exchange) phones(t *testing.T, n int) (names, targets []string) {
	for range n {
		name := x.phone(t)
		names, targets = append(names, name), append(targets, "PJSIP/"+name)
	}
	return names, targets
}

// served is a prompt that Asterisk gets over HTTP, as ivrd's own.
func (x *exchange) served(t *testing.T, name string) engine.Prompt {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "audio/wav")
		_, _ = w.Write(x.Tones.Prompt(name, 300*time.Millisecond)) // whoever went away does not miss it
	}))
	t.Cleanup(s.Close)
	return engine.Prompt{Text: "own", Sound: engine.Sound{Media: s.URL + "/prompts/0123456789abcdef/" + name + ".wav"}}
}

// A visit is a call to the exchange: the caller's phone, and the handler that answers.
type visit struct {
	*asterisk.Phone
	t     *testing.T
	x     *exchange
	ctx   context.Context
	exten string
	done  chan struct{}
}

// visit has a phone call, where do answers.
func (x *exchange) visit(t *testing.T, do func(ctx context.Context, c *channel)) *visit {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	v := &visit{t: t, x: x, ctx: ctx, done: make(chan struct{})}
	x.mu.Lock()
	v.exten = fmt.Sprint(x.next)
	x.next++
	x.handlers[v.exten] = func(ctx context.Context, c *channel) {
		defer close(v.done)
		do(ctx, c)
	}
	x.mu.Unlock()
	var err error
	if v.Phone, err = x.Dial(ctx, v.exten, asterisk.Call{From: "555" + v.exten, Name: "Ada"}); err != nil {
		t.Fatal(err)
	}
	return v
}

// over waits for the handler's end and the call's.
func (v *visit) over() {
	v.t.Helper()
	select {
	case <-v.done:
	case <-v.ctx.Done():
		v.t.Fatal("the handler did not end")
	}
	v.ended(v.Phone)
}

func (v *visit) ended(p *asterisk.Phone) {
	v.t.Helper()
	if _, err := p.WaitEnded(v.ctx); err != nil {
		v.t.Error(err)
	}
}

// must ends the test if something cannot go on.
func (v *visit) must(what string, err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatalf("%s: %v", what, err)
	}
}

func (v *visit) rings(name string) *asterisk.Phone {
	v.t.Helper()
	p, err := v.x.WaitRing(v.ctx, name)
	if err != nil {
		v.t.Fatal(err)
	}
	return p
}

// answers has a called phone pick up.
func (v *visit) answers(name string) *asterisk.Phone {
	v.t.Helper()
	p := v.rings(name)
	v.must(name+" answers", p.Answer())
	return p
}

func (v *visit) hangsUp(p *asterisk.Phone) {
	v.t.Helper()
	v.must("hang up", p.HangUp())
}

func (v *visit) press(p *asterisk.Phone, keys string) {
	v.t.Helper()
	v.must("wait for media", p.WaitMedia(v.ctx))
	v.must("press", p.Press(v.ctx, keys))
}

func (v *visit) speak(p *asterisk.Phone, word string) {
	v.t.Helper()
	v.must("wait for media", p.WaitMedia(v.ctx))
	v.must("speak", p.Speak(v.ctx, v.x.Tones.Tone(word), 200*time.Millisecond))
}

func (v *visit) hears(p *asterisk.Phone, word string) asterisk.Segment {
	v.t.Helper()
	s, err := p.WaitHeard(v.ctx, word)
	v.must("hear", err)
	return s
}

// talk has two phones hear each other.
func (v *visit) talk(a, b *asterisk.Phone) {
	v.t.Helper()
	v.until(b, "ping", func() { v.speak(a, "ping") })
	v.until(a, "pong", func() { v.speak(b, "pong") })
}

// until has do done over and over, until p hears a word.
func (v *visit) until(p *asterisk.Phone, word string, do func()) {
	v.t.Helper()
	ctx, cancel := context.WithCancel(v.ctx)
	defer cancel()
	heard := make(chan error, 1)
	go func() {
		_, err := p.WaitHeard(ctx, word)
		heard <- err
	}()
	for {
		do()
		select {
		case err := <-heard:
			v.must("hear", err)
			return
		default:
		}
	}
}

// count is how often a phone has heard a word.
func count(p *asterisk.Phone, word string) (n int) {
	for _, s := range p.Heard() {
		if s.Name == word {
			n++
		}
	}
	return n
}

func TestExchange(t *testing.T) {
	x := newExchange(t)
	t.Run("calls", func(t *testing.T) {
		var all sync.WaitGroup // they wait more than they work: more of them at once than there are processors
		running := make(chan bool, 12)
		for _, test := range []struct {
			name string
			run  func(*testing.T, *exchange)
		}{
			{"handed on after a word", dialAttended},
			{"moderator", conferenceModerator},
			{"conference", conferenceTalk},
			{"spy", spyModes},
			{"what the caller hears meanwhile", dialWaiting},
			{"keys that end it", dialEnd},
			{"limits", dialLimit},
			{"monitor", monitorTalk},
			{"media", connectsMedia},
			{"handed on blindly", dialBlind},
			{"controlled playback", controlled},
			{"confirmation", dialConfirm},
			{"a talk", dialTalk},
			{"nobody takes the call", dialNobody},
			{"who calls", dialWho},
			{"announcement", dialAnnounce},
			{"several", dialSeveral},
			{"several, confirmation", dialCompete},
			{"the caller hangs up", dialHangup},
			{"full conference", conferenceFull},
			{"refused conferences", conferenceRefused},
			{"bridge", bridgeTalk},
			{"park and pick up", parkTalk},
			{"nobody picks up", parkNobody},
			{"transfer", transferAway},
			{"signals", signals},
			{"snapshot", snapshots},
			{"user events", emits},
			{"notices", notices},
		} {
			running <- true
			all.Go(func() {
				defer func() { <-running }()
				t.Run(test.name, func(t *testing.T) { test.run(t, x) })
			})
		}
		all.Wait()
	})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	noErr(t, "channels", x.WaitNoChannels(ctx))
	for line := range strings.Lines(x.Lab.Log()) {
		for _, complaint := range []string{"nrecognized", "nvalid", "cannot be set", "No application", "not supported", "issing closing"} {
			if strings.Contains(line, complaint) {
				t.Errorf("Asterisk complains: %s", line)
			}
		}
	}
}
