package e2e

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDrain ends the daemon with SIGTERM under four calls, of which one is over in time. Of the others one is in its
// flow, one in the fallback of a flow that failed, and one in that because there were too many calls.
func TestDrain(t *testing.T) {
	t.Parallel()
	const patience = 8 * time.Second
	s := plan{
		Config: quietly + "drain: 8s\nlimits: { calls: 3 }\n",
		Flows: map[string]string{
			"100.lua": `
call:answer()
call:ask { prompt = "question", max = 1, wait = 60 }
call:play("goodbye")`,
			"200.lua": `
call:on_end(function(why) log.info("stubborn flow over:", why) end)
call:answer()
while true do pcall(function() call:play("endless") end) end`,
			"300.lua":      `call:nonsense()`,
			"fallback.lua": `call:answer() call:play("endless")`,
		},
		Prompts: map[string]time.Duration{"question": 300 * time.Millisecond, "goodbye": time.Second, "endless": 30 * time.Second},
	}.start(t)
	before := s.files(t)

	finishes, stubborn, failed := s.dial(t, "100", "1"), s.dial(t, "200", "2"), s.dial(t, "300", "4")
	hear(t, finishes, "question")
	hear(t, stubborn, "endless")
	hear(t, failed, "endless")
	tooMany := s.dial(t, "100", "5")
	hear(t, tooMany, "endless")
	s.signal(t, syscall.SIGTERM)
	began := time.Now()
	s.waitLog(t, 0, "no new calls", `"calls":4`)

	late := s.dial(t, "100", "3")
	wantHeard(t, late, "dialplan-sorry")
	s.wantEnd(t, "3", "FAILURE")
	if after := first(late).Start; after > 2*time.Second {
		t.Errorf("a new caller waited %v for the dialplan's fallback", after)
	}
	if !s.running() {
		t.Fatal("ivrd did not wait for its calls")
	}

	press(t, finishes, "1")
	wantHeard(t, finishes, "question", "goodbye")
	s.wantEnd(t, "1", "SUCCESS completed")

	s.wantExit(t, 0)
	if took := time.Since(began); took < patience-time.Second || took > patience+10*time.Second {
		t.Errorf("ivrd ended %v after SIGTERM; calls have %v", took, patience)
	}
	wantHeard(t, stubborn, "endless", "dialplan-sorry")
	s.wantEnd(t, "2", "SUCCESS drain")
	wantHeard(t, failed, "endless", "dialplan-sorry")
	s.wantEnd(t, "4", "SUCCESS drain")
	wantHeard(t, tooMany, "endless", "dialplan-sorry")
	s.wantEnd(t, "5", "SUCCESS drain")
	s.waitLog(t, 0, "stubborn flow over: drain")
	s.waitLog(t, 0, "calls were continued in the dialplan", `"calls":3`)

	before = slices.DeleteFunc(before, func(name string) bool { return strings.Contains(name, "ivrd-prompts-") }) // goes with it
	if after := s.files(t); !slices.Equal(before, after) {
		t.Errorf("it left files behind:\n%q\n%q", before, after)
	}
	for _, address := range []string{s.agi, s.http} {
		if conn, err := net.Dial("tcp4", address); err == nil {
			conn.Close()
			t.Errorf("somebody still listens on %s", address)
		}
	}
}

// TestDrainIdle ends a daemon that has no calls: at once.
func TestDrainIdle(t *testing.T) {
	t.Parallel()
	d := serve(t, quietly, map[string]string{"100.lua": "call:answer()\n"})
	began := time.Now()
	d.signal(t, syscall.SIGTERM)
	d.wantExit(t, 0)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
}

// files is every file in the folder that the daemon was started in, its temporary ones among them.
func (d *daemon) files(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(d.dir, func(path string, _ fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return names
}
