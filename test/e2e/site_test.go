package e2e

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/dialplan"
	"github.com/ivrd/ivrd/test/asterisk"
)

// viaIvrd goes on to a fallback of its own unless ivrd says that the flow came to an end. AGISTATUS alone does
// not tell: it says SUCCESS of a server that was killed.
const viaIvrd = `
exten => _X.,1,Set(IVRD_STATUS=)
 same => n,AGI(agi://ADDRESS)
 same => n,Set(GLOBAL(END_${CALLERID(num)})=${AGISTATUS} ${IVRD_STATUS})
 same => n,GotoIf($["${IVRD_STATUS}" =~ "completed|continued|fallback"]?done)
 same => n,Answer()
 same => n,Playback(dialplan-sorry)
 same => n(done),Hangup()
`

// A site is a daemon with an Asterisk in front of it.
type site struct {
	*daemon
	lab   *asterisk.Lab
	tones *asterisk.Tones
	proxy *asterisk.Proxy // over ARI: between ivrd and Asterisk
	rest  *restClient     // over ARI: Asterisk's REST interface as the test uses it, past the proxy
}

// A plan says what a site has. Every prompt is a tone of its own.
type plan struct {
	Config   string                   // ivrd.yaml; "" is quietly
	Flows    map[string]string        // by path below the flows folder
	Prompts  map[string]time.Duration // beside the flows
	Sounds   map[string]time.Duration // Asterisk's own; flows call them custom/NAME, the dialplan NAME
	Dialplan string                   // ADDRESS stands for the daemon's; "" is viaIvrd, or viaStasis
	Tones    *asterisk.Tones          // that prompts among Flows were made with; nil is new ones
	Phones   []string                 // that Asterisk can call, as PJSIP/NAME
	ARI      bool                     // calls come over ARI, not over FastAGI …
	Via      viaARI                   // … in this way
	Env      []string                 // of the daemon
}

func (p plan) start(t *testing.T) *site {
	t.Helper()
	s := &site{tones: cmp.Or(p.Tones, new(asterisk.Tones))}
	p.Config = cmp.Or(p.Config, quietly)
	if p.ARI {
		s.startARI(t, p)
		return s
	}
	s.daemon = serve(t, p.Config, s.flowFiles(p), p.Env...)
	o := s.labOptions(p, strings.ReplaceAll(cmp.Or(p.Dialplan, viaIvrd), "ADDRESS", s.agi)+dialplan.Conf)
	o.Config = p.Via.Config
	s.lab = asterisk.Start(t, o)
	return s
}

// flowFiles are those of the flows folder.
func (s *site) flowFiles(p plan) map[string]string {
	files := map[string]string{}
	maps.Copy(files, p.Flows)
	for _, name := range sortedNames(p.Prompts) {
		files["prompts/en/"+name+".wav"] = string(s.tones.Prompt(name, p.Prompts[name]))
	}
	return files
}

// labOptions are those of the site's Asterisk.
func (s *site) labOptions(p plan, dialplan string) asterisk.Options {
	sounds := map[string]time.Duration{"dialplan-sorry": 400 * time.Millisecond}
	maps.Copy(sounds, p.Sounds)
	return asterisk.Options{Tones: s.tones, Prompts: sounds, Dialplan: dialplan, Phones: p.Phones}
}

func sortedNames(m map[string]time.Duration) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func timeout(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// dial has a phone with that number call an extension.
func (s *site) dial(t *testing.T, exten, from string) *asterisk.Phone {
	t.Helper()
	phone, err := s.lab.Dial(t.Context(), exten, asterisk.Call{From: from})
	if err != nil {
		t.Fatal(err)
	}
	return phone
}

// dialAs is dial for a caller with a name.
func (s *site) dialAs(t *testing.T, exten, from, name string) *asterisk.Phone {
	t.Helper()
	phone, err := s.lab.Dial(t.Context(), exten, asterisk.Call{From: from, Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return phone
}

// hear waits until that prompt starts, or fails the test.
func hear(t *testing.T, p *asterisk.Phone, name string) {
	t.Helper()
	if !hears(t, p, name) {
		t.FailNow()
	}
}

// hears is hear for goroutines of the test.
func hears(t *testing.T, p *asterisk.Phone, name string) bool {
	t.Helper()
	if _, err := p.WaitHeard(timeout(t), name); err != nil {
		t.Error(err)
		return false
	}
	return true
}

func press(t *testing.T, p *asterisk.Phone, keys string) {
	t.Helper()
	if !presses(t, p, keys) {
		t.FailNow()
	}
}

func presses(t *testing.T, p *asterisk.Phone, keys string) bool {
	t.Helper()
	if err := p.Press(timeout(t), keys); err != nil {
		t.Error(err)
		return false
	}
	return true
}

// wantHeard waits for the end of the call and compares all that was heard.
func wantHeard(t *testing.T, p *asterisk.Phone, want ...string) {
	t.Helper()
	if _, err := p.WaitEnded(timeout(t)); err != nil {
		t.Error(err)
	}
	if got := asterisk.Names(p.Heard()); !slices.Equal(got, want) {
		t.Errorf("heard %v, want %v", p.Heard(), want)
	}
}

// first is the first thing heard.
func first(p *asterisk.Phone) asterisk.Segment {
	if heard := p.Heard(); len(heard) > 0 {
		return heard[0]
	}
	return asterisk.Segment{}
}

// wantEnd waits until the dialplan has the call back, and compares AGISTATUS and IVRD_STATUS.
func (s *site) wantEnd(t *testing.T, from, want string) {
	t.Helper()
	got, err := s.lab.WaitGlobal(timeout(t), "END_"+from)
	if strings.TrimSpace(got) != want || err != nil {
		t.Errorf("the dialplan sees %q, %v; want %q", got, err, want)
	}
}
