package tts

import (
	"bytes"
	"context"
	"encoding/binary"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ivrd/ivrd/engine/sound"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wav is a recording of that many samples, at a rate that has to be converted.
func wav(samples int) []byte {
	var b bytes.Buffer
	b.WriteString("RIFF\xff\xff\xff\xffWAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(16000), uint32(32000), uint16(2), uint16(16)} {
		binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	binary.Write(&b, binary.LittleEndian, uint32(2*samples))
	for i := range samples {
		binary.Write(&b, binary.LittleEndian, int16(i%40*500))
	}
	return b.Bytes()
}

var olá = Request{Text{"pt_BR", `Olá; "João" $HOME`}, "ana"}

// A puppet is an engine that does as the test says, and counts.
type puppet struct {
	settings string
	speak    func(ctx context.Context, r Request) ([]byte, error) // nil speaks at once

	mu    sync.Mutex
	asked []Request
	now   int
	most  int // at once
}

func (p *puppet) Settings() string { return p.settings }

func (p *puppet) Make(ctx context.Context, r Request) ([]byte, error) {
	p.mu.Lock()
	p.asked = append(p.asked, r)
	p.now++
	p.most = max(p.most, p.now)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.now--
	}()
	if p.speak == nil {
		return wav(1600), nil
	}
	return p.speak(ctx, r)
}

// words are those that were asked for, in order.
func (p *puppet) words() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, r := range p.asked {
		all = append(all, r.Words)
	}
	return all
}

// after is an engine that takes its time, and heeds ctx.
func after(d time.Duration) func(context.Context, Request) ([]byte, error) {
	return func(ctx context.Context, _ Request) ([]byte, error) {
		select {
		case <-time.After(d):
			return wav(1600), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func newSpeaker(t testing.TB, m Maker) *Speaker {
	s := &Speaker{Maker: m, Store: &sound.Store{Dir: t.TempDir()}, Log: slog.New(slog.DiscardHandler)}
	t.Cleanup(func() { s.Close() })
	return s
}

func say(t *testing.T, s *Speaker, language, words string) sound.File {
	t.Helper()
	f, err := s.Speak(t.Context(), Text{language, words})
	if err != nil {
		t.Fatal(err)
	}
	return f
}
