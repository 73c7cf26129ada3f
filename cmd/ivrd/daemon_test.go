package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// A daemon is a running ivrd serve whose log can be waited for.
type daemon struct {
	cmd  *exec.Cmd
	log  *bufio.Reader
	seen strings.Builder
}

// patience is how long a daemon may take to say what is waited for.
const patience = 30 * time.Second

func newDaemon(dir string, args ...string) (*daemon, error) {
	d := &daemon{cmd: exec.Command("ivrd", append([]string{"serve"}, args...)...)}
	d.cmd.Dir = dir
	d.cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, ".cache"))
	stderr, err := d.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	d.log = bufio.NewReader(stderr)
	return d, d.cmd.Start()
}

// await reads the log up to a line that matches, and returns what the first group of pattern found.
func (d *daemon) await(pattern string) (string, bool) {
	want := regexp.MustCompile(pattern)
	tooLong := time.AfterFunc(patience, func() { d.cmd.Process.Kill() })
	defer tooLong.Stop()
	for {
		line, err := d.log.ReadString('\n')
		d.seen.WriteString(line)
		if m := want.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			return m[len(m)-1], true
		}
		if err != nil {
			return "", false
		}
	}
}

// stop sends SIGTERM and returns the exit code.
func (d *daemon) stop() (int, error) {
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	return d.wait()
}

// wait reads the log to its end and returns the exit code.
func (d *daemon) wait() (int, error) {
	tooLong := time.AfterFunc(patience, func() { d.cmd.Process.Kill() })
	defer tooLong.Stop()
	rest, err := io.ReadAll(d.log)
	if err != nil {
		return 0, err
	}
	d.seen.Write(rest)
	_ = d.cmd.Wait() // what it tells is in the state
	return d.cmd.ProcessState.ExitCode(), nil
}
