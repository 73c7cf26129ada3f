package enginetest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/transcript"
	"github.com/ivrd/ivrd/test/asterisk"
)

// atOnce is how many phones call at once.
const atOnce = 12

// runContract runs every call of the contract on a backend in front of a real Asterisk.
func runContract(t *testing.T, on backend) {
	set, files := load(t)
	runOnAsterisk(t, set, files, on)
}

// runOnAsterisk runs calls on a backend in front of a real Asterisk: a SIP phone presses, speaks and hangs up as the
// transcript says, and what it heard is compared with what was played.
func runOnAsterisk(t *testing.T, set *flow.Set, files []*transcript.File, on backend) {
	b := newBench(t, set, files, on)
	var calls []*live
	for _, f := range files {
		for _, c := range f.Calls {
			calls = append(calls, b.expect(f, c))
		}
	}
	b.placeAll(t.Context(), calls)
	for _, l := range calls {
		name := strings.TrimSuffix(l.file, transcript.Extension) + "/" + l.call.Ring.From
		t.Run(name, func(t *testing.T) {
			for _, problem := range l.problems {
				t.Error(problem)
			}
			if t.Failed() {
				t.Logf("the call as it went:\n%s", l.journal())
			}
		})
	}
}

// A backend is a way from a real Asterisk to a handler. Its methods are called in this order.
type backend interface {
	// entrance is what Asterisk needs to hand calls over.
	entrance(t *testing.T) entrance
	// library looks after recordings; nil leaves that to the calls.
	library(lab *asterisk.Lab) func(engine.Info) engine.Librarian
	// serve hands calls to h until the test is over.
	serve(t *testing.T, lab *asterisk.Lab, h engine.Handler)
}

// A bench is an Asterisk with a server behind it that runs the contract's flows.
type bench struct {
	lab    *asterisk.Lab
	sounds map[string]engine.Sound

	mu    sync.Mutex
	calls map[string]*live // by the caller's number
}

type entrance struct {
	app      string            // the dialplan application that does it, as extensions.conf has it
	dialplan string            // contexts besides
	config   map[string]string // configuration files
}

func newBench(t *testing.T, set *flow.Set, files []*transcript.File, on backend) *bench {
	b := &bench{calls: map[string]*live{}, sounds: map[string]engine.Sound{}}
	in := on.entrance(t)
	b.lab = asterisk.Start(t, asterisk.Options{Dialplan: extensions(files, in.app) + in.dialplan, Phones: parties(files), Config: in.config})
	b.record(t, Sounds(files), promptLength)
	b.record(t, spoken(files, false), digitLength)
	b.record(t, spoken(files, true), promptLength)
	e := newEngine(set)
	e.Speak = b.speak
	flows, fallback := e.Flows(), e.Fallback()
	e.Flows = func() engine.Flows { return lessons{flows, b} }
	e.Fallback = func() engine.Fallback { return engine.Fallback{Flow: lesson{fallback.Flow, b}} }
	e.Observe = func(info engine.Info) engine.Observer {
		b.mu.Lock()
		defer b.mu.Unlock()
		if l := b.calls[info.CallerID]; l != nil {
			return l
		}
		return nil
	}
	e.Library = on.library(b.lab)
	on.serve(t, b.lab, e.Handle)
	return b
}

// record makes the prompts, as files that Asterisk finds by their whole path.
func (b *bench) record(t *testing.T, names []string, length time.Duration) {
	for _, name := range names {
		path := filepath.Join(b.lab.Dir(), strings.NewReplacer("/", "-", " ", "-", ":", "-").Replace(name))
		if err := os.WriteFile(b.lab.Path(path+".wav"), b.lab.Tones.Prompt(name, length), 0o644); err != nil {
			t.Fatal(err)
		}
		b.sounds[name] = engine.Sound{Media: path, Duration: length + lead}
	}
}

// slow is how long it takes to make a text that begins like this.
const slowText, slow = "A slow text", 300 * time.Millisecond

// speak is the engine's voice: each text is a tone.
func (b *bench) speak(ctx context.Context, text, language string) (engine.Sound, error) {
	if strings.HasPrefix(text, slowText) {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return engine.Sound{}, context.Cause(ctx)
		}
	}
	return b.sounds["tts:"+text], noVoice(language)
}

// lessons are flows whose prompts are those of a bench.
type lessons struct {
	engine.Flows
	bench *bench
}

func (l lessons) Route(info engine.Info) (engine.Route, error) {
	r, err := l.Flows.Route(info)
	for _, f := range []*engine.Flow{&r.Flow, &r.Fallback.Flow} {
		if *f != nil {
			*f = lesson{*f, l.bench}
		}
	}
	return r, err
}

func (l lessons) Flow(name string) (engine.Flow, bool) {
	f, ok := l.Flows.Flow(name)
	return lesson{f, l.bench}, ok
}

type lesson struct {
	engine.Flow
	bench *bench
}

func (l lesson) Hours(schedule string, at time.Time, overrides []engine.Override) (engine.Hours, error) {
	return l.Flow.(engine.Timetable).Hours(schedule, at, overrides)
}

func (l lesson) Setting(path string) (value, hint string) {
	return l.Flow.(engine.Settings).Setting(path)
}

func (l lesson) Sound(name, _ string) (engine.Sound, bool) {
	s, ok := l.bench.sounds[name]
	return s, ok
}

// extensions leads every extension of the contract to ivrd, and notes where calls come out again.
func extensions(files []*transcript.File, app string) string {
	var b strings.Builder
	seen := map[string]bool{}
	for _, f := range files {
		for _, c := range f.Calls {
			exten := c.Ring.Exten
			if seen[exten] {
				continue
			}
			seen[exten] = true
			fmt.Fprintf(&b, "exten => %s,1,%s\n same => n,Set(GLOBAL(WENT_${CALLERID(num)})=next)\n", exten, app)
		}
	}
	const status = "exten => h,1,Set(GLOBAL(STATUS_${CALLERID(num)})=${IVRD_STATUS})\n"
	for context, exten := range places {
		fmt.Fprintf(&b, "%s[%s]\nexten => %s,1,Set(GLOBAL(WENT_${CALLERID(num)})=%s,%s,1)\n", status, context, exten, context, exten)
	}
	return b.String() + status
}

// parties are the phones that flows dial.
func parties(files []*transcript.File) []string {
	var names []string
	for _, f := range files {
		for _, c := range f.Calls {
			for _, l := range c.Lines {
				if l.Word != transcript.Step || !strings.HasPrefix(l.Text, "dial ") {
					continue
				}
				for _, word := range strings.Fields(l.Text) {
					if name, ok := strings.CutPrefix(word, "PJSIP/"); ok {
						names = append(names, name)
					}
				}
			}
		}
	}
	return names
}

const (
	promptLength = time.Second
	digitLength  = 300 * time.Millisecond
)

// spoken are the recordings of which consists what is said in transcripts, or the texts in them.
func spoken(files []*transcript.File, texts bool) []string {
	all := map[string]bool{}
	for _, f := range files {
		for _, c := range f.Calls {
			language := "en"
			for _, l := range c.Lines {
				if code, ok := strings.CutPrefix(l.Text, "language "); ok {
					language = code
				}
				list, ok := strings.CutPrefix(l.Text, "play ")
				if !ok {
					list, ok = strings.CutPrefix(l.Text, "control ")
				}
				if l.Word != transcript.Step || !ok {
					continue
				}
				for _, word := range words(list) {
					text, ok := speech(word)
					switch {
					case ok && texts:
						all[text] = true
					case ok || texts || !strings.Contains(word, ":"):
					default:
						for _, name := range said(word, language) {
							all[name] = true
						}
					}
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// A live is one call of a transcript on a real Asterisk.
type live struct {
	*transcript.Run
	file     string
	call     *transcript.Call
	phone    *sipPhone
	over     chan struct{}
	went     *engine.Call
	problems []string
}

func (b *bench) expect(f *transcript.File, c *transcript.Call) *live {
	l := &live{Run: transcript.NewRun(f.Name, c), file: f.Name, call: c, phone: newSIPPhone(b.lab), over: make(chan struct{})}
	l.Run.Phone, l.Run.Live = l.phone, true
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls[c.Ring.From] = l
	return l
}

// Over keeps the call for what is compared later.
func (l *live) Over(c *engine.Call) {
	l.Run.Over(c)
	l.went = c
	close(l.over)
}

func (l *live) fail(format string, args ...any) {
	l.problems = append(l.problems, fmt.Sprintf(format, args...))
}

func (l *live) journal() string {
	select {
	case <-l.over:
		return transcript.Write(l.went).String() + "heard: " + fmt.Sprint(l.phone.heard())
	default:
		return "it never reached ivrd, or is not over"
	}
}

func (b *bench) placeAll(ctx context.Context, calls []*live) {
	var wg sync.WaitGroup
	free := make(chan struct{}, atOnce)
	for _, l := range calls {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			b.place(ctx, l)
		})
	}
	wg.Wait()
}

// place makes one call, sees it through, and compares.
func (b *bench) place(ctx context.Context, l *live) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	phone, err := b.lab.Dial(ctx, l.call.Ring.Exten, asterisk.Call{From: l.call.Ring.From, Name: l.call.Ring.Name, Tone: keyDown, Gap: keyUp})
	if err != nil {
		l.fail("dial: %v", err)
		return
	}
	defer phone.Close()
	l.phone.start(ctx, phone)
	defer l.phone.stop()
	select {
	case <-l.over:
	case <-ctx.Done():
		l.fail("the call is not over after a minute")
		return
	}
	cause, err := phone.WaitEnded(ctx)
	if err != nil {
		l.fail("the phone's call goes on: %v", err)
		return
	}
	if diff := l.Result().Diff; diff != nil {
		l.fail("%s", diff)
		return
	}
	b.compare(ctx, l, cause)
}

// compare looks at what the caller and the dialplan saw of the call.
func (b *bench) compare(ctx context.Context, l *live, cause asterisk.Cause) {
	from := l.call.Ring.From
	status, err := b.lab.WaitGlobal(ctx, "STATUS_"+from)
	if want := l.Result().Over.Status(); status != want || err != nil {
		l.fail("the dialplan sees IVRD_STATUS %q, want %q (%v)", status, want, err)
	}
	want := ""
	for _, s := range l.went.Journal() {
		switch s.Kind {
		case engine.StepContinue:
			want = "next"
			if s.Args != "" {
				want = s.Args
			}
		case engine.StepHangup:
			if c, err := engine.ParseCause(s.Args); err != nil || cause.Q850 != c.Code() {
				l.fail("the caller was hung up on with cause %d, want %s", cause.Q850, s.Args)
			}
		}
	}
	if went, _ := b.lab.Global("WENT_" + from); went != want {
		l.fail("the dialplan went on at %q, want %q", went, want)
	}
	if problem := unheard(l.went.Journal(), l.phone.heard()); problem != "" {
		l.fail("%s", problem)
	}
}
