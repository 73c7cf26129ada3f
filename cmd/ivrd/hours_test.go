package main

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "modernc.org/sqlite"
)

// hours runs ivrd hours as a process of its own and wants that in what it prints.
func hours(t *testing.T, dir, want string, args ...string) {
	t.Helper()
	cmd := exec.Command("ivrd", append([]string{"hours"}, args...)...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), want) {
		t.Errorf("ivrd hours %s: %v\n%s\nwant %s", strings.Join(args, " "), err, out, want)
	}
}

// asksTwice is a flow that asks twice.
const asksTwice = `
local function tell(name)
  local open, more = hours.open("office")
  call:set(name, (open and "open " or "closed ") .. more.why .. " " .. more.name)
end
call:answer()
tell("FIRST")
tell("SECOND")
`

// over lets the flow run to its end.
func (a *asterisk) over() {
	a.t.Helper()
	a.until(`SET VARIABLE "ARRAY(IVRD_FLOW,`)
	a.reply()
	if rest, err := io.ReadAll(a.from); err != nil {
		a.t.Errorf("after the call: %q, %v", rest, err)
	}
}

// said is what a new call is told first.
func said(t *testing.T, server string) string {
	t.Helper()
	a := dial(t, server)
	line := a.until(`SET VARIABLE "FIRST"`)
	a.reply()
	a.over()
	return strings.Split(line, `"`)[3]
}

// What an operator says reaches a call in progress at its next look, calls after it, and those of a daemon started
// later; when it is cleared the hours of the file hold again.
func TestHoursOfRunningDaemon(t *testing.T) {
	d, server, _ := serveFolder(t, map[string]string{
		"100.lua": asksTwice, "hours.yaml": "office: { zone: UTC, mon-sun: open }\nbar: { zone: UTC, mon-sun: open }\n",
	})
	dir := d.cmd.Dir
	a := dial(t, server)
	if line := a.until(`SET VARIABLE "FIRST"`); !strings.Contains(line, "open hours") {
		t.Errorf("before: %s", line)
	}
	hours(t, dir, "office: closed (override, fire drill)", "close", "office", "--name", "fire drill")
	a.reply()
	if line := a.until(`SET VARIABLE "SECOND"`); !strings.Contains(line, "closed override fire drill") {
		t.Errorf("the call in progress: %s", line)
	}
	a.reply()
	a.over()
	if got := said(t, server); got != "closed override fire drill" {
		t.Errorf("the next call: %s", got)
	}
	if code, err := d.stop(); code != exitOK || err != nil {
		t.Fatalf("the daemon ended with %d, %v", code, err)
	}
	hours(t, dir, "office: closed (override, fire drill)")
	hours(t, dir, "office: open until ", "open", "--all", "--for", "2h")
	hours(t, dir, "office: closed (override, fire drill)", "clear", "--all")

	d, server, _ = serveIn(t, dir)
	if got := said(t, server); got != "closed override fire drill" {
		t.Errorf("after a restart: %s", got)
	}
	if !strings.Contains(d.seen.String(), "a schedule is overridden schedule=office says=closed") {
		t.Errorf("the log does not tell of it:\n%s", d.seen.String())
	}
	hours(t, dir, "office: open (hours)", "clear", "office")
	if got := said(t, server); got != "open hours " {
		t.Errorf("after it was cleared: %s", got)
	}
}

// Of many who say something at once, beside a call that writes, all are heard.
func TestHoursOfManyOperators(t *testing.T) {
	const operators = 8
	file := "office: { zone: UTC, mon-sun: open }\n"
	for i := range operators {
		file += fmt.Sprintf("desk%d: { zone: UTC, mon-sun: open }\n", i)
	}
	d, server, _ := serveFolder(t, map[string]string{
		"100.lua": asksTwice, "hours.yaml": file,
		"200.lua": "for i = 1, 300 do kv.set('n', i) end\nhours.override('*', 'closed', { name = 'a call' })\n",
	})
	if got := said(t, server); got != "open hours " {
		t.Errorf("before: %s", got)
	}
	var all sync.WaitGroup
	all.Go(func() {
		cmd := exec.Command("ivrd", "call", "200", "--fast", "--from", "77")
		cmd.Dir = d.cmd.Dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("ivrd call: %v\n%s", err, out)
		}
	})
	for i := range operators {
		all.Go(func() {
			hours(t, d.cmd.Dir, fmt.Sprintf("desk%d: closed", i), "close", fmt.Sprintf("desk%d", i), "--for", "1h")
		})
	}
	all.Wait()
	for i := range operators {
		hours(t, d.cmd.Dir, fmt.Sprintf("  desk%d: closed until ", i))
	}
	hours(t, d.cmd.Dir, "  all schedules: closed until cleared, a call (flow 200, caller 77, ")
	if got := said(t, server); got != "closed override a call" {
		t.Errorf("after: %s", got)
	}
}

// A daemon whose file cannot be read goes by hours.yaml and says so; one that somebody else holds is told of in time.
func TestHoursWithoutTheirFile(t *testing.T) {
	d, server, _ := serveFolder(t, map[string]string{
		"100.lua": asksTwice, "hours.yaml": "office: { zone: UTC, mon-sun: open }\n",
	})
	file := filepath.Join(d.cmd.Dir, "ivrd-kv.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("no database\n", 1000)), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := said(t, server); got != "open hours " {
		t.Errorf("got %s", got)
	}
	if _, ok := d.await(`WARN .*whether office is overridden is not known, so its hours hold: kv: .*file is not a database`); !ok {
		t.Errorf("the log does not tell:\n%s", d.seen.String())
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	hours(t, d.cmd.Dir, "office: closed (override)", "close", "office")
	if got := said(t, server); got != "closed override " {
		t.Errorf("with a sound file: %s", got)
	}

	db, err := sql.Open("sqlite", file+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	cmd := exec.Command("ivrd", "hours", "open", "office")
	cmd.Dir = d.cmd.Dir
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(string(out), "ivrd: nothing is changed: kv: database is locked") {
		t.Errorf("ended with %d, %v: %s", code, err, out)
	}
	if got := said(t, server); got != "closed override " {
		t.Errorf("while somebody else writes: %s", got)
	}
}
