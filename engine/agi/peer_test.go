package agi

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivrd/ivrd/engine"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if what := os.Getenv("AGI_PEER"); what != "" {
		os.Exit(playPeer(what))
	}
	goleak.VerifyTestMain(m)
}

const greeting = `agi_network: yes
agi_network_script: hello
agi_request: agi://127.0.0.1/hello
agi_channel: PJSIP/alice-00000001
agi_language: en
agi_type: PJSIP
agi_uniqueid: 1700000000.1
agi_version: 22.10.1
agi_callerid: 5551234
agi_calleridname: Ada
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: 100
agi_rdnis: unknown
agi_context: callers
agi_extension: 100
agi_priority: 2
agi_enhanced: 0.0
agi_accountcode: 
agi_threadid: 140000000000000

`

// A peer plays Asterisk by a script, one step a line:
//
//	< COMMAND      what ivrd must send now; {word} and {sync} stand for its secret words
//	> reply        sends a line
//	>. text        sends text without a line end
//	pause 2s       lets virtual time pass
//	cancel         ends the context of the step that runs
//	close          closes the connection
//
// At the end ivrd must have closed the connection and sent nothing more.
type peer struct {
	t      *testing.T
	conn   net.Conn
	in     chan string // closed when ivrd has closed
	out    chan string
	cancel context.CancelCauseFunc
	word   string
	sync   string
}

var errTest = errors.New("the test's reason")

// converse lets handler talk to a peer that follows script, in virtual time.
func converse(t *testing.T, s *Server, script string, handler func(ctx context.Context, ch *channel)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		p := &peer{t: t, conn: theirs, in: make(chan string, 1000), out: make(chan string, 1000), cancel: cancel}
		s.Handler = func(_ context.Context, ch engine.Channel) { handler(ctx, ch.(*channel)) }
		var all sync.WaitGroup
		all.Go(func() { s.ServeConn(t.Context(), ours) })
		all.Go(p.readAll)
		all.Go(p.writeAll)
		p.out <- greeting
		for _, step := range strings.Split(strings.TrimSpace(script), "\n") {
			if !p.step(strings.TrimLeft(step, "\t")) {
				theirs.Close()
				break
			}
		}
		for line := range p.in {
			t.Errorf("ivrd sent %q after the script's end", line)
		}
		theirs.Close()
		close(p.out)
		all.Wait()
	})
}

func (p *peer) readAll() {
	defer close(p.in)
	r := bufio.NewReader(p.conn)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			if line != "" {
				p.t.Errorf("ivrd sent part of a line: %q", line)
			}
			return
		}
		p.in <- strings.TrimSuffix(line, "\n")
	}
}

func (p *peer) writeAll() {
	for text := range p.out {
		_, _ = p.conn.Write([]byte(text)) // ivrd may be gone: then the script shows it
	}
}

func (p *peer) step(step string) bool {
	verb, rest, _ := strings.Cut(step, " ")
	switch verb {
	case "":
	case "<":
		return p.expect(rest)
	case ">":
		p.out <- p.fill(rest) + "\n"
	case ">.":
		p.out <- p.fill(rest)
	case "pause":
		d, err := time.ParseDuration(rest)
		if err != nil {
			p.t.Error(err)
		}
		time.Sleep(d) // virtual
	case "cancel":
		synctest.Wait()
		p.cancel(errTest)
	case "close":
		synctest.Wait() // everything sent has been read, or nobody reads
		p.conn.Close()
	default:
		p.t.Errorf("step %q?", step)
	}
	return true
}

func (p *peer) fill(text string) string {
	return strings.NewReplacer("{word}", p.word, "{sync}", p.sync, `\n`, "\n").Replace(text)
}

var (
	wordPattern = regexp.MustCompile(`[A-Z2-7]{13}`)
	syncPattern = regexp.MustCompile(`[A-Z2-7]{13}[0-9]+`)
)

func (p *peer) expect(want string) bool {
	p.t.Helper()
	got, ok := <-p.in
	if !ok {
		p.t.Errorf("ivrd closed; want %q", want)
		return false
	}
	if strings.Contains(want, "{sync}") {
		p.sync = syncPattern.FindString(got)
	} else if words := wordPattern.FindAllString(got, -1); len(words) > 0 {
		p.word = words[len(words)-1] // it stands at the end; before it may be names that look like it
	}
	if want := p.fill(want); got != want {
		p.t.Errorf("ivrd sent %q, want %q", got, want)
		return false
	}
	return true
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: error %v, want %v", what, got, want)
	}
}

func noErr(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func sound(name string) []engine.Prompt { return []engine.Prompt{{Text: name}} }

// keptDigits takes all digits that are kept.
func keptDigits(t *testing.T, ch *channel) string {
	t.Helper()
	var digits []byte
	for {
		d, err := ch.ReadDigit(context.Background(), 0)
		if d == engine.NoDigit {
			if err != nil && !errors.Is(err, engine.ErrHangup) {
				t.Error(err)
			}
			return string(slices.Clip(digits))
		}
		digits = append(digits, byte(d))
	}
}
