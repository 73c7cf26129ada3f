package e2e

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// flood sends user events about a channel to ivrd, of that many bytes each, at most so many a second, until stop
// is called, which says how many there were.
func (s *site) flood(t *testing.T, channel string, size, aSecond int) (stop func() int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var sent atomic.Int64
	var work sync.WaitGroup
	body := map[string]any{
		"application": "ivrd", "source": []string{"channel:" + channel},
		"variables": map[string]string{"text": strings.Repeat("x", size)},
	}
	began := time.Now()
	for range 4 {
		work.Go(func() {
			for ctx.Err() == nil {
				due := began.Add(time.Duration(sent.Add(1)) * time.Second / time.Duration(aSecond))
				select {
				case <-time.After(time.Until(due)):
				case <-ctx.Done():
					return
				}
				if status, text, err := s.rest.do(ctx, "POST", "/events/user/Flood", body); ctx.Err() == nil && (err != nil || status != 204) {
					t.Errorf("flood: %d %s, %v", status, text, err)
					return
				}
			}
		})
	}
	return func() int64 {
		cancel()
		work.Wait()
		return sent.Load()
	}
}

// TestARIFlood sends a thousand events a second at a call that computes and then waits for keys. The keys count,
// other calls notice nothing, and memory stays what it was.
func TestARIFlood(t *testing.T) {
	t.Parallel()
	s := plan{
		Config: recorded + "limits: { run_time: 20s, instructions: 1000000000 }\n",
		Flows: map[string]string{
			"100.lua": `
call:answer()
log.info("computing")
` + compute(3e7) + `
call:set("SUM", "1")
call:ask { prompt = "enter", min = 4, max = 4, wait = 20, between = 20 }
call:play("after")`,
			"101.lua": `call:answer() for i = 1, 8 do call:ask { prompt = "enter", max = 1, wait = 20 } end call:play("after")`,
		},
		Prompts: map[string]time.Duration{"enter": 300 * time.Millisecond, "after": 300 * time.Millisecond},
		ARI:     true,
	}.start(t)
	flooded, other := s.dial(t, "100", "1"), s.dial(t, "101", "2")
	s.waitLog(t, 0, "computing")
	hear(t, other, "enter")
	before := s.peakMemory(t)
	stop := s.flood(t, s.channelOf(t, "1"), 4<<10, 1000)
	press(t, flooded, "12")

	var slowest time.Duration
	for range 7 {
		press(t, other, "5")
		began := time.Now()
		hear(t, other, "enter")
		slowest = max(slowest, time.Since(began))
	}
	press(t, other, "5")
	wantHeard(t, other, "enter", "enter", "enter", "enter", "enter", "enter", "enter", "enter", "after")
	press(t, flooded, "3")
	sent := stop()
	press(t, flooded, "4")
	wantHeard(t, flooded, "after")
	s.wantSteps(t, "1", "> answer", "> set SUM 1", "> play enter", "press 1234", "> play after", "> continue")
	for _, from := range []string{"1", "2"} {
		s.wantEnd(t, from, "SUCCESS completed")
	}
	t.Logf("%d events; the other caller waited at most %v for a prompt after a key", sent, slowest.Round(time.Millisecond))
	if slowest > time.Second {
		t.Errorf("the other caller waited %v", slowest)
	}
	if _, lost := s.log.find(0, "connection to Asterisk lost"); lost {
		t.Error("the connection was lost")
	}
	s.waitLog(t, 0, "events were dropped")
	if grown := s.peakMemory(t) - before; grown > 64<<20 {
		t.Errorf("the process grew by %d MiB", grown>>20)
	}
	s.wantNothingLeft(t)
}

// TestARIPaused stops the daemon's process for three seconds while so many events come that Asterisk, which waits
// a second, gives its websocket up. Calls go on.
func TestARIPaused(t *testing.T) {
	t.Parallel()
	s := plan{
		Config: recorded,
		Flows: map[string]string{
			"100.lua": `call:answer()` + halves,
			"101.lua": `call:answer() call:play("short") call:play("after")`,
			"102.lua": `call:answer() call:play("long") call:play("after")`,
		},
		Prompts: map[string]time.Duration{
			"enter": 300 * time.Millisecond, "after": 300 * time.Millisecond, "short": time.Second, "long": 9 * time.Second,
		},
		ARI: true,
	}.start(t)
	inEntry, inShort, inLong := s.dial(t, "100", "1"), s.dial(t, "101", "2"), s.dial(t, "102", "3")
	for p, name := range map[*asterisk.Phone]string{inEntry: "enter", inLong: "long", inShort: "short"} {
		hear(t, p, name)
	}
	press(t, inEntry, "12")
	s.waitLog(t, 0, "half of 1")
	from := s.log.mark()
	s.signal(t, syscall.SIGSTOP)
	began := time.Now()
	for sent := int64(0); sent < 5000; { // more than all buffers hold
		stop := s.flood(t, s.channelOf(t, "1"), 30<<10, 10_000)
		pass(500 * time.Millisecond)
		sent += stop()
	}
	pass(max(1500*time.Millisecond, 3*time.Second-time.Since(began))) // Asterisk waits a second
	s.signal(t, syscall.SIGCONT)
	s.waitLog(t, from, "connection to Asterisk lost")
	s.waitLog(t, from, "connected to Asterisk", `"calls":3`)
	press(t, inEntry, "34")
	wantHeard(t, inEntry, "enter", "after")
	s.wantSteps(t, "1", "> answer", "> play enter", "press 12", "press 34", "> play after", "> continue")
	wantHeard(t, inShort, "short", "after")
	wantHeard(t, inLong, "long", "after")
	for _, from := range []string{"1", "2", "3"} {
		s.wantEnd(t, from, "SUCCESS completed")
	}
	s.wantNothingLeft(t)
}

// TestARIDelay has everything between ivrd and Asterisk take 200 ms longer in each direction.
func TestARIDelay(t *testing.T) {
	t.Parallel()
	s := plan{
		Config: recorded,
		Flows: map[string]string{
			"100.lua": `
call:answer()
call:play { "first", "second" }
call:ask { prompt = "enter", min = 3, max = 3, wait = 3, between = 2 }
call:play("after")`,
			"101.lua": onEnd + `call:play("endless")`,
			"102.lua": `call:answer() local r = call:record { name = "slow", max = 2 } call:set("RECORDED", r.duration) call:play("after")`,
			"103.lua": `call:answer() call:exec("Playback", "music") call:play("after")`,
			"104.lua": `call:answer() call:ask { prompt = "enter", wait = 0.5, tries = 2, no_input = "nothing" } call:hangup("busy")`,
		},
		Prompts: map[string]time.Duration{
			"first": 500 * time.Millisecond, "second": 500 * time.Millisecond, "enter": 2 * time.Second, "nothing": 500 * time.Millisecond,
			"after": 500 * time.Millisecond, "endless": time.Minute,
		},
		Sounds: map[string]time.Duration{"music": time.Second},
		ARI:    true,
	}.start(t)
	s.proxy.Delay(200 * time.Millisecond)
	barges, hangsUp, records := s.dial(t, "100", "1"), s.dial(t, "101", "2"), s.dial(t, "102", "3")
	exec, silent := s.dial(t, "103", "4"), s.dial(t, "104", "5")
	speaking := s.speak(t, records, 4*time.Second)
	hear(t, hangsUp, "endless")
	if err := hangsUp.HangUp(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s.waitLog(t, 0, "flow of 2 over: hangup")
	if took := time.Since(began); took > time.Second {
		t.Errorf("the hangup was noticed after %v", took)
	}
	hear(t, barges, "enter")
	press(t, barges, "123")
	wantHeard(t, barges, "first", "second", "enter", "after")
	s.wantSteps(t, "1", "> answer", "> play first second", "> play enter", "press 123", "> play after", "> continue")
	wantWhole(t, barges, map[string]time.Duration{"first": 500 * time.Millisecond, "second": 500 * time.Millisecond, "after": 500 * time.Millisecond})
	wantHeard(t, exec, "music", "after")
	wantWhole(t, exec, map[string]time.Duration{"music": time.Second, "after": 500 * time.Millisecond})
	wantHeard(t, silent, "enter", "nothing", "enter")
	wantWhole(t, silent, map[string]time.Duration{"enter": 2 * time.Second, "nothing": 500 * time.Millisecond})
	<-speaking
	wantHeard(t, records, "after")
	for _, from := range []string{"1", "3", "4"} {
		s.wantEnd(t, from, "SUCCESS completed")
	}
	s.wantNothingLeft(t)
}

// wantWhole wants prompts that were heard to their end.
func wantWhole(t *testing.T, p *asterisk.Phone, lengths map[string]time.Duration) {
	t.Helper()
	for _, heard := range p.Heard() {
		if whole, ok := lengths[heard.Name]; ok && (heard.Duration-whole).Abs() > 100*time.Millisecond {
			t.Errorf("of %s %v were heard, want %v", heard.Name, heard.Duration, whole)
		}
	}
}
