package e2e

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// TestARIAnswer has many phones be answered at once that send no audio, while another caller presses keys. Those do
// not wait, whichever way requests go that wait for a channel: POST answer, and setting a value with blanks around.
func TestARIAnswer(t *testing.T) {
	t.Parallel()
	for name, via := range map[string]viaARI{
		"HTTP":     {},
		"lanes":    {Outbound: []string{"ivrd", "ivrd~2", "ivrd~3", "ivrd~4"}},
		"no lanes": {Outbound: []string{"ivrd"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const mute = 40
			s := plan{
				Flows: map[string]string{
					"100.lua": `call:answer() call:set("A", " 1 ") call:play("custom/after")`,
					"101.lua": `call:answer() for i = 1, 100 do call:ask { prompt = "custom/enter", max = 1, wait = 20 } end`,
				},
				Sounds: map[string]time.Duration{"enter": 200 * time.Millisecond, "after": 200 * time.Millisecond},
				ARI:    true,
				Via:    via,
			}.start(t)
			for _, app := range via.Outbound {
				if app != "ivrd" {
					s.waitLog(t, 0, "lane", app)
				}
			}
			other := s.dial(t, "101", "1")
			hear(t, other, "enter")
			var answered sync.WaitGroup
			for i := range mute {
				p, err := s.lab.Dial(t.Context(), "100", asterisk.Call{From: fmt.Sprint(100 + i), Mute: true})
				if err != nil {
					t.Fatal(err)
				}
				answered.Go(func() {
					if _, err := p.WaitEnded(timeout(t)); err != nil {
						t.Error(err)
					}
					s.wantEnd(t, fmt.Sprint(100+i), "SUCCESS completed")
				})
			}
			over := make(chan struct{})
			go func() {
				answered.Wait()
				close(over)
			}()
			var slowest time.Duration
			for open := true; open; {
				press(t, other, "5")
				pressed := time.Now()
				hear(t, other, "enter")
				slowest = max(slowest, time.Since(pressed))
				select {
				case <-over:
					open = false
				default:
				}
			}
			t.Logf("a prompt came within %v after a key", slowest.Round(time.Millisecond))
			if slowest > time.Second {
				t.Errorf("a prompt came %v after a key", slowest)
			}
			if err := other.HangUp(); err != nil {
				t.Error(err)
			}
			s.wantOver(t, "1", "hangup")
			s.wantNothingLeft(t)
		})
	}
}
