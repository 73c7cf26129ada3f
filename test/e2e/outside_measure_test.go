package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A measure is what a site uses when nobody calls.
type measure struct {
	goroutines, files, heap, asterisk int
	onDisk                            int // files of SQLite: it opens them as it needs them, and keeps them
}

// measure makes calls that leave nothing behind, and looks at what is left of those before.
func (o *outside) measure(t *testing.T) (m measure) {
	t.Helper()
	o.wantNothingLeft(t)
	for _, h := range []*host{o.far, o.hung, o.sick, o.torn, o.near} {
		h.CloseClientConnections()
		h.wait(t, "all connections are closed", func() bool { return len(h.conns) == 0 })
	}
	o.outage(t, 0) // no connection for requests stays, however many there were
	o.afterCalls(t, 600)
	m.files, m.onDisk = o.descriptorsBut(t, o.disk.dir)
	m.heap, m.asterisk = o.liveHeap(t), o.lab.Descriptors()
	m.goroutines = o.goroutines(t)
	return m
}

// descriptorsBut is how many files and sockets the process has open that are not in a folder, and how many that are.
func (d *daemon) descriptorsBut(t *testing.T, dir string) (others, in int) {
	t.Helper()
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", d.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		switch to, err := os.Readlink(link); {
		case err != nil: // closed meanwhile
		case strings.HasPrefix(to, dir):
			in++
		default:
			others++
		}
	}
	return others, in
}

// wantAsBefore waits until the site uses no more than before.
func (o *outside) wantAsBefore(t *testing.T, before measure) {
	t.Helper()
	const (
		some   = 10 // come and go with connections of Asterisk's; each fault had 20 callers hang up
		slack  = 2  // MiB
		sqlite = 50 // files of all connections that there may be
	)
	for ctx := timeout(t); ; {
		now := o.measure(t)
		if now.goroutines < before.goroutines+some && now.files < before.files+some && now.heap <= before.heap+slack && now.asterisk <= before.asterisk && now.onDisk <= sqlite {
			t.Logf("before %+v, now %+v", before, now)
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("before %+v, now %+v", before, now)
		}
	}
}
