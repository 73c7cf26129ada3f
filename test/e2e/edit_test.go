package e2e

import (
	"testing"
	"time"
)

// editionFiles are in the order in which they are saved: what is broken before is mended first.
var editionFiles = []string{"lib/late.lua", "lib/early.lua", "100.lua"}

// edition is a flow in one edition. A call of it waits for a key before it loads its second module.
func edition(name string) map[string]string {
	return map[string]string{
		"100.lua": `local early = require "lib.early"
call:answer()
call:ask { prompt = early, max = 1, wait = 25 }
call:play(require "lib.late")
call:play("` + name + `-last")
`,
		"lib/early.lua": `return "` + name + "-early\"\n",
		"lib/late.lua":  `return "` + name + "-late\"\n",
	}
}

// TestEdit edits a flow while callers are in it: breaks it, and mends it.
func TestEdit(t *testing.T) {
	t.Parallel()
	prompts := map[string]time.Duration{}
	for _, name := range []string{"old", "new", "mended"} {
		for _, part := range []string{"early", "late", "last"} {
			prompts[name+"-"+part] = 300 * time.Millisecond
		}
	}
	s := plan{Config: onLoopback, Flows: edition("old"), Prompts: prompts}.start(t)

	inOld := s.dial(t, "100", "1")
	hear(t, inOld, "old-early")
	for _, name := range editionFiles {
		s.saveLive(t, "100", name, edition("new")[name])
	}
	inNew := s.dial(t, "100", "2")
	hear(t, inNew, "new-early")

	saved := s.log.mark()
	s.save(t, "lib/late.lua", "local late = \"broken-late\"\nlocal x = = 1\nreturn late\n")
	for _, want := range [][]string{
		{"ERROR", "lib/late.lua:2:11: "}, {"2 | local x = = 1"}, {"100 keeps answering with its last good version"},
	} {
		s.waitLog(t, saved, want...)
	}
	whileBroken := s.dial(t, "100", "3")
	hear(t, whileBroken, "new-early")

	saved = s.log.mark()
	for _, name := range editionFiles {
		s.saveLive(t, "100", name, edition("mended")[name])
	}
	s.waitLog(t, saved, "all problems are fixed")
	inMended := s.dial(t, "100", "4")
	hear(t, inMended, "mended-early")

	press(t, inOld, "1")
	press(t, inNew, "1")
	press(t, whileBroken, "1")
	press(t, inMended, "1")
	wantHeard(t, inOld, "old-early", "old-late", "old-last")
	wantHeard(t, inNew, "new-early", "new-late", "new-last")
	wantHeard(t, whileBroken, "new-early", "new-late", "new-last")
	wantHeard(t, inMended, "mended-early", "mended-late", "mended-last")
	for _, from := range []string{"1", "2", "3", "4"} {
		s.wantEnd(t, from, "SUCCESS completed")
	}
}
