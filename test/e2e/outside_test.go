package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine/transcript"
)

// TestOutside has hosts, databases and the disk fail under a hundred callers at once, one after the other. Callers
// hear the filler or the apology, others do not notice, and at the end everything is as it was.
func TestOutside(t *testing.T) {
	o := startOutside(t)
	b := o.watch(t)
	c := o.gather(t, 1000)
	b.during("well")
	c.readingWorks(t)
	c.disperse(t)
	b.leave()
	before := o.measure(t)

	again := o.watch(t)
	c = o.gather(t, 2000)
	faults := []struct {
		name string
		meet func(t *testing.T, c *crowd)
	}{
		{"slow host", slowHost},
		{"hanging host", hangingHost},
		{"failing hosts", failingHosts},
		{"frozen database", frozenDatabase},
		{"killed database", killedDatabase},
		{"dry pool", dryPool},
		{"full disk", fullDisk},
	}
	for _, fault := range faults {
		began := time.Now()
		again.during(fault.name)
		fault.meet(t, c)
		again.during("")
		t.Logf("%s: %v", fault.name, time.Since(began).Round(time.Millisecond))
	}
	for _, key := range []string{"2", "3", "4"} {
		c.until(t, key)
	}
	c.readingWorks(t)
	c.writingWorks(t)
	c.disperse(t)
	again.leave()
	o.wantAsBefore(t, before)
	usual := b.slower(t, "well")
	for _, fault := range faults {
		again.wantAsQuick(t, fault.name, usual)
	}
	c.wantOnRecord(t)
}

// readingWorks has all callers ask everything. On a busy machine they may hear the filler first.
func (c *crowd) readingWorks(t *testing.T) {
	t.Helper()
	for _, key := range []string{"1", "2", "3", "4", "5", "8"} {
		c.ask(t, key, "(filler )*answer ")
	}
	c.ask(t, "0", "answer answer ")
}

// writingWorks has all callers leave something. Files that have grown have room for more on a disk that is full.
func (c *crowd) writingWorks(t *testing.T) {
	t.Helper()
	c.ask(t, "9", "answer answer ")
}

// slowHost answers, but not before everybody has heard the filler twice.
func slowHost(t *testing.T, c *crowd) {
	c.far.hold()
	defer c.far.well()
	c.each(t, func(v *visitor) {
		if v.press(t, "1") {
			hears(t, v.Phone, "filler")
		}
	})
	c.leave(t)
	c.far.wait(t, "the requests of those who hung up are cancelled", func() bool { return c.far.gone == len(c.leaving()) })
	c.replace(t, "1")
	c.each(t, func(v *visitor) { hears(t, v.Phone, "filler") })
	c.far.wait(t, "all ask", func() bool { return c.far.held-c.far.gone == len(c.visitors) })
	c.far.well()
	c.each(t, func(v *visitor) { v.wants(t, "(filler )+answer ") })
}

// hangingHost never answers: the time of the request ends the filler, and once that is known nobody waits any more.
func hangingHost(t *testing.T, c *crowd) {
	c.hung.hold()
	defer c.hung.well()
	c.each(t, func(v *visitor) {
		if v.press(t, "2") {
			hears(t, v.Phone, "filler")
		}
	})
	c.leave(t)
	left := c.leaving()
	c.each(t, func(v *visitor) {
		if !slices.Contains(left, v) {
			v.wants(t, "(filler )+timeout ")
		}
	})
	c.replace(t, "2")
	for _, v := range c.leaving() {
		v.wants(t, "breaker ")
	}
	c.ask(t, "2", "breaker ")
	c.hung.wait(t, "no request is left", func() bool { return c.hung.held == c.hung.gone })
}

// failingHosts say that they cannot answer, or break connections, until they are left alone.
func failingHosts(t *testing.T, c *crowd) {
	c.sick.unavailable()
	defer c.sick.well()
	c.torn.reset()
	defer c.torn.well()
	c.ask(t, "3", "(filler )*(status|breaker) ")
	c.ask(t, "3", "breaker ")
	c.ask(t, "4", "(filler )*(refused|breaker) ")
	c.leave(t)
	c.replace(t, "4")
	for _, v := range c.leaving() {
		v.wants(t, "breaker ")
	}
	c.ask(t, "4", "breaker ")
}

// frozenDatabase takes what it is sent and says nothing: first under queries that run, then to new ones.
func frozenDatabase(t *testing.T, c *crowd) {
	c.under(t, c.dead.Freeze)
	c.ask(t, "6", "apology ")
	if err := c.dead.Thaw(); err != nil {
		t.Fatal(err)
	}
	c.until(t, "5")
	c.ask(t, "5", "answer ")
	waitSleepers(t, c.dead, 0)
}

// killedDatabase is gone, first under queries that run, and started again.
func killedDatabase(t *testing.T, c *crowd) {
	c.under(t, c.dead.Kill)
	c.ask(t, "5", "apology ")
	if err := c.dead.Restart(); err != nil {
		t.Fatal(err)
	}
	c.until(t, "5")
	c.ask(t, "5", "answer ")
}

// under has the database fail while ten queries run and all others wait for them, and some hang up meanwhile.
func (c *crowd) under(t *testing.T, fail func() error) {
	t.Helper()
	c.each(t, func(v *visitor) { v.press(t, "6") })
	waitSleepers(t, c.dead, 10)
	if err := fail(); err != nil {
		t.Fatal(err)
	}
	c.leave(t)
	left := c.leaving()
	c.each(t, func(v *visitor) {
		if !slices.Contains(left, v) {
			v.wants(t, "apology ")
		}
	})
	c.replace(t, "")
}

// dryPool has two connections, and both are in use.
func dryPool(t *testing.T, c *crowd) {
	c.each(t, func(v *visitor) { v.press(t, "7") })
	waitSleepers(t, c.busy, 2)
	c.leave(t)
	left := c.leaving()
	c.each(t, func(v *visitor) {
		if !slices.Contains(left, v) {
			v.wants(t, "apology ")
		}
	})
	waitSleepers(t, c.busy, 0)
	c.replace(t, "8")
	for _, v := range c.leaving() {
		v.wants(t, "answer ")
	}
	c.ask(t, "8", "answer ")
}

// fullDisk has no room for what flows remember and write, for journals, for the ledger and for new recordings of
// flows. What is there can be read.
func fullDisk(t *testing.T, c *crowd) {
	from := c.log.mark()
	c.disk.fill(t)
	c.ask(t, "9", "apology apology ")
	c.ask(t, "0", "answer answer ")
	c.ask(t, "*", "answer ")
	c.leave(t)
	c.replace(t, "9")
	for _, v := range c.leaving() {
		v.wants(t, "apology apology ")
	}
	c.save(t, "prompts/en/fresh.wav", string(c.tones.Prompt("fresh", 200*time.Millisecond)))
	c.save(t, "700.lua", `call:answer() call:play("fresh")`)
	c.waitLog(t, from, `"level":"ERROR"`, "fresh.wav", "no space left on device")
	for _, fault := range []string{"kv: database or disk is full", "main: database or disk is full", "journals not written", "recordings cannot be noted"} {
		if n := c.log.count(`"level":`, fault); n != 1 {
			t.Errorf("the log says %d times: %s", n, fault)
		}
	}
	from = c.log.mark()
	c.disk.free(t)
	c.waitLog(t, from, "new calls get", "fresh.wav")
	wantHeard(t, c.dial(t, "700", "1"), "fresh")
	c.writingWorks(t)
	c.ask(t, "*", "answer ")
	c.wantNoted(t)
}

// wantNoted waits until the ledger has every recording, also of those who recorded while it could not be written.
func (c *crowd) wantNoted(t *testing.T) {
	t.Helper()
	want := len(c.visitors) + len(c.leaving())
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx := timeout(t); ; {
		text, err := os.ReadFile(c.disk.path("ledger"))
		if err != nil {
			t.Fatal(err)
		}
		noted := map[string]bool{}
		for _, line := range strings.Split(string(text), "\n") {
			if _, recording, ok := strings.Cut(line, "\tfolder\t"); ok {
				noted[recording] = true
			}
		}
		if len(noted) == want {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the ledger has %d recordings, want %d:\n%s", len(noted), want, text)
		}
	}
}

// wantOnRecord wants journals that can be read, whatever the disk was full of, with all calls that ended since.
func (c *crowd) wantOnRecord(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(c.disk.path("journal/*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	recorded := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := transcript.Parse(file, string(text))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, call := range parsed.Calls {
			recorded[call.Ring.From] = true
		}
	}
	for _, v := range c.visitors {
		if !recorded[strconv.Itoa(v.number)] {
			t.Errorf("call of %d is not on record", v.number)
		}
	}
}
