package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs what is in testdata, one file per behaviour.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata",
		Setup: setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"serve": startDaemon,
			"await": awaitLog,
			"stop":  stopDaemon,
			"take":  takePort,
			"wav":   writeWAV,
		},
	})
}

// exits N PROGRAM ARG… runs a program that must exit with N.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// wav FILE writes a tenth of a second of silence.
func writeWAV(ts *testscript.TestScript, _ bool, args []string) {
	at := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(at), 0o755))
	ts.Check(os.WriteFile(at, []byte(wavOf(make([]byte, 1600))), 0o644))
}

type daemonKey struct{}

// scriptDaemon is the daemon of a script; its command is nil until it is started.
func scriptDaemon(ts *testscript.TestScript) *daemon { return ts.Value(daemonKey{}).(*daemon) }

// setUp gives a script its place for a daemon, which does not outlive it.
func setUp(env *testscript.Env) error {
	d := &daemon{}
	env.Values[daemonKey{}] = d
	env.Defer(func() {
		if d.cmd != nil {
			d.cmd.Process.Kill()
			d.wait()
		}
	})
	return nil
}

// serve ARG… starts ivrd serve and waits until it answers calls.
func startDaemon(ts *testscript.TestScript, _ bool, args []string) {
	d, err := newDaemon(ts.MkAbs("."), args...)
	ts.Check(err)
	*scriptDaemon(ts) = *d
	awaitLog(ts, false, []string{" serving "})
}

// await PATTERN reads the daemon's log up to a line that matches.
func awaitLog(ts *testscript.TestScript, _ bool, args []string) {
	d := scriptDaemon(ts)
	if _, ok := d.await(args[0]); !ok {
		ts.Fatalf("the log has no line like %s:\n%s", args[0], d.seen.String())
	}
}

// stop ends the daemon and writes its whole log to the file log.
func stopDaemon(ts *testscript.TestScript, _ bool, _ []string) {
	d := scriptDaemon(ts)
	code, err := d.stop()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("log"), []byte(d.seen.String()), 0o644))
	ts.Logf("%s", d.seen.String())
	if code != exitOK {
		ts.Fatalf("the daemon ended with %d", code)
	}
}

// take NAME listens on a port for as long as the script runs, and sets NAME to the address.
func takePort(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv(args[0], l.Addr().String())
}
