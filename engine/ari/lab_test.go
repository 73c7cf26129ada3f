package ari

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/dialplan"
	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
	"go.uber.org/goleak"
)

// TestMain has more tests run at once than there are processors: they wait, most of the time.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// A labTest is a test with phones. It runs beside others at the same Asterisk, so it looks at its own calls only.
type labTest struct {
	name string
	run  func(*testing.T, *station)
}

// TestAsterisk runs all of them. Then nothing of theirs may be left in Asterisk, and nothing may have been worth
// a warning.
func TestAsterisk(t *testing.T) {
	st := newStation(t)
	st.serve(t, &Server{URL: st.ARIURL()})
	t.Run("with", func(t *testing.T) { // returns when its parallel tests are done
		for _, group := range [][]labTest{
			dialTests, parkTests, spyTests, monitorTests, libraryTests, controlTests, signalTests, mediaTests, requestTests, conferenceTests,
		} {
			for _, test := range group {
				t.Run(test.name, func(t *testing.T) {
					t.Parallel()
					test.run(t, st)
				})
			}
		}
	})
	st.wantNothingLeft(t)
}

// A station is a real Asterisk whose calls arrive at a Server. Whatever that one sends is checked against the table
// of endpoints.
type station struct {
	*asterisk.Lab
	server *Server
	proxy  *asterisk.Proxy // between Asterisk and the server; nil if nothing is
	phones chan string

	mu       sync.Mutex
	flows    map[string]flow // by extension
	last     int
	problems []string
}

// A flow is what a call does. The channel is let go when it returns.
type flow func(ctx context.Context, c *channel)

const (
	music      = "moh/default/tune" // what the default class of music plays …
	otherMusic = "moh/other/tune"   // … and the class other
)

// newStation starts the Asterisk of one, with twelve phones to call, see phone. Behind Stasis() the dialplan sets
// AFTER_EXTEN to IVRD_STATUS.
func newStation(t *testing.T) *station {
	t.Helper()
	st := &station{flows: map[string]flow{}, phones: make(chan string, 12)}
	var names []string
	for i := range cap(st.phones) {
		names = append(names, fmt.Sprintf("p%d", i))
		st.phones <- names[i]
	}
	st.Lab = asterisk.Start(t, asterisk.Options{
		Dialplan: `exten => _X.,1,Stasis(ivrd)
 same => n,Set(GLOBAL(AFTER_${EXTEN})=x${IVRD_STATUS})
 same => n,Hangup()
[others]
exten => _7X,1,Answer()
 same => n,Playback(came&long)
 same => n,Hangup()
exten => _8.,1,Dial(PJSIP/p${EXTEN:1})
exten => early,1,Progress()
 same => n,Playback(came,noanswer)
 same => n,Wait(0.5)
 same => n,Answer()
 same => n,Wait(0.7)
 same => n,Playback(went)
 same => n,Hangup()
exten => who,1,Set(GLOBAL(WHO_${CALLERID(num)})=${CALLERID(name)})
 same => n,Hangup(17)
` + dialplan.Conf,
		Prompts: prompts(),
		Phones:  names,
		Config: map[string]string{"musiconhold.conf": "[default]\nmode = files\ndirectory = sounds/custom/moh/default\n" +
			"[other]\nmode = files\ndirectory = sounds/custom/moh/other\n"},
	})
	return st
}

// prompts are what calls play, by name: those that are not the lab's own come in place of Asterisk's.
func prompts() map[string]time.Duration {
	all := map[string]time.Duration{music: 2 * time.Second, otherMusic: 2 * time.Second, "long": 4 * time.Second}
	for _, name := range []string{
		"came", "went", "hurry", "short", "join", "leave", "beep", "pbx-transfer", "digits/2", "confbridge-join", "confbridge-leave", "conf-onlyperson", "conf-onlyone",
		"conf-thereare", "conf-otherinparty", "conf-waitforleader", "conf-placeintoconf", "conf-leaderhasleft", "conf-kicked",
		"conf-muted", "conf-unmuted", "conf-now-muted", "conf-now-unmuted", "conf-lockednow", "conf-unlockednow",
	} {
		all[name] = 300 * time.Millisecond
	}
	for _, name := range []string{"red", "green", "blue", "white"} {
		all[name] = 800 * time.Millisecond
	}
	return all
}

// serve has a server, of which it fills in the rest, take calls until the test is over.
func (st *station) serve(t *testing.T, s *Server) {
	t.Helper()
	st.server = s
	s.Handler, s.App, s.Username, s.Password = st.handle, "ivrd", asterisk.User, asterisk.Secret
	s.Log, s.sent = slog.New(complaints{st}), st.checkSent
	ctx, end := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		end()
		bounded, stop := context.WithTimeout(context.Background(), 5*time.Second)
		defer stop()
		noErr(t, "serve", <-served)
		noErr(t, "shut down", s.Shutdown(bounded))
	})
	noErr(t, "connect", s.WaitConnected(within(t)))
}

func (st *station) handle(ctx context.Context, ch engine.Channel) {
	st.mu.Lock()
	do := st.flows[ch.Info().Exten]
	st.mu.Unlock()
	do(ctx, ch.(*channel))
}

// complain notes what is wrong beyond a single test.
func (st *station) complain(format string, args ...any) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.problems = append(st.problems, fmt.Sprintf(format, args...))
}

// checkSent checks a request that the package sends as those of flows are.
func (st *station) checkSent(q *request) {
	path, query, _ := strings.Cut(q.path, "?")
	params := map[string]any{}
	values, err := url.ParseQuery(query)
	for name := range maps.Keys(values) {
		params[name] = values.Get(name)
	}
	if err == nil && q.body != nil {
		var b []byte
		if b, err = json.Marshal(q.body); err == nil {
			err = json.Unmarshal(b, &params)
		}
	}
	if err = errors.Join(err, checkRequest(q.method, "/"+path, params)); err != nil {
		st.complain("sent %s %s: %v", q.method, q.path, err)
	}
}

// complaints is a log in which warnings are problems, unless there is a proxy to make some.
type complaints struct{ st *station }

func (h complaints) Enabled(_ context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.st.proxy == nil
}
func (h complaints) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h complaints) WithGroup(string) slog.Handler      { return h }

func (h complaints) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		text += " " + a.String()
		return true
	})
	h.st.complain("logged: %s", text)
	return nil
}

// wantNothingLeft waits until Asterisk has no channels any more, and says what else there is.
func (st *station) wantNothingLeft(t *testing.T) {
	t.Helper()
	ctx := within(t)
	noErr(t, "what is left", st.WaitNoChannels(ctx))
	for _, what := range []string{"channels", "bridges"} {
		var list []json.RawMessage
		r, err := st.server.do(ctx, get(what), nil)
		if err == nil {
			err = json.Unmarshal(r.body, &list)
		}
		if len(list) > 0 || err != nil {
			t.Errorf("%d %s are left, %v: %s", len(list), what, err, r.body)
		}
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, problem := range st.problems {
		t.Error(problem)
	}
	st.server.mu.Lock()
	defer st.server.mu.Unlock()
	if n := len(st.server.owners); n > 0 {
		t.Errorf("%d owners are left: %v", n, slices.Sorted(maps.Keys(st.server.owners)))
	}
}

// A visit is a phone's call and the flow that serves it.
type visit struct {
	*asterisk.Phone
	t    *testing.T
	st   *station
	id   string        // the caller's number, and the extension
	done chan struct{} // closed when the flow is over
}

// call has a phone call, and do serve it. At the end of the test the phone hangs up, if it has not, and the flow
// must be over.
func (st *station) call(t *testing.T, do flow) *visit {
	t.Helper()
	st.mu.Lock()
	st.last++
	v := &visit{t: t, st: st, id: strconv.Itoa(1000 + st.last), done: make(chan struct{})}
	st.flows[v.id] = func(ctx context.Context, c *channel) {
		defer close(v.done)
		do(ctx, c)
	}
	st.mu.Unlock()
	var err error
	// Of keys that follow each other in less than 45 ms, as far as a busy Asterisk can tell, it tells twice (channel.c).
	if v.Phone, err = st.Dial(within(t), v.id, asterisk.Call{From: v.id, Tone: 100 * time.Millisecond, Gap: 140 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		v.Close()
		v.over()
	})
	return v
}

// phone is the name of a phone that nobody else uses: PJSIP/NAME calls it, and WaitRing finds it.
func (st *station) phone(t *testing.T) string {
	name := <-st.phones
	t.Cleanup(func() { st.phones <- name })
	return name
}

// over waits until the flow is over.
func (v *visit) over() {
	v.t.Helper()
	select {
	case <-v.done:
	case <-time.After(10 * time.Second):
		v.t.Errorf("the flow of %s is not over", v.id)
	}
}

// hangUp hangs up and waits until the flow is over.
func (v *visit) hangUp() {
	v.t.Helper()
	noErr(v.t, "hang up", v.HangUp())
	v.over()
}

// press presses keys as soon as Asterisk takes them.
func (v *visit) press(keys string) {
	v.t.Helper()
	ctx := within(v.t)
	noErr(v.t, "media", v.WaitMedia(ctx))
	noErr(v.t, "press", v.Press(ctx, keys))
}

// ends waits until it hears the sound with which the flow ends, and for that.
func (v *visit) ends(name string) {
	v.t.Helper()
	v.hears(name)
	v.over()
}

// hears waits until it hears that sound.
func (v *visit) hears(name string) {
	v.t.Helper()
	if _, err := v.WaitHeard(within(v.t), name); err != nil {
		v.t.Fatalf("%s: %v", v.id, err)
	}
}

// wantHeard checks what a phone has heard, since it heard a sound or, if that is "", at all. Names with a "!" in
// front are what it has not heard.
func wantHeard(t *testing.T, phone *asterisk.Phone, since string, names ...string) {
	t.Helper()
	all := phone.Heard()
	heard := asterisk.Names(all)
	heard = heard[slices.Index(heard, since)+1:]
	for _, name := range names {
		name, not := strings.CutPrefix(name, "!")
		if slices.Contains(heard, name) == not {
			t.Errorf("it heard %v since %q; is %s among it? want %v", all, since, name, !not)
		}
	}
}

// A speaker is a phone that can speak.
type speaker interface {
	WaitMedia(context.Context) error
	Speak(context.Context, asterisk.Tone, time.Duration) error
}

// A listener is a phone that hears.
type listener interface {
	WaitHeard(ctx context.Context, name string) (asterisk.Segment, error)
}

// says has one phone speak, in a voice of that name, until all others have heard it.
func (st *station) says(t *testing.T, who speaker, voice string, others ...listener) {
	t.Helper()
	ctx, stop := context.WithCancel(within(t))
	var speaking sync.WaitGroup
	defer speaking.Wait()
	defer stop()
	if err := who.WaitMedia(ctx); err != nil {
		t.Fatal(err)
	}
	speaking.Go(func() {
		_ = who.Speak(ctx, asterisk.Tone{}, 200*time.Millisecond) // a pause, so that a voice can be heard again
		for ctx.Err() == nil {
			_ = who.Speak(ctx, st.Tones.Tone(voice), 200*time.Millisecond) // one who is gone is not heard
		}
	})
	for _, other := range others {
		if _, err := other.WaitHeard(ctx, voice); err != nil {
			t.Fatalf("%s: %v", voice, err)
		}
	}
}

// speaks has a phone speak once, in a voice of that name.
func (st *station) speaks(t *testing.T, who speaker, voice string) {
	t.Helper()
	ctx := within(t)
	noErr(t, "media", who.WaitMedia(ctx))
	noErr(t, "speak", who.Speak(ctx, st.Tones.Tone(voice), 400*time.Millisecond))
}

// within is the time that one step of a test may take.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func noErr(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}
