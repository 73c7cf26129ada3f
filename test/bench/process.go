package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A process is any running program, by its id.
type process int

// cpu is the processor time that a process has used, all its threads together. The kernel counts it exactly;
// /proc would round it to ticks of 10 ms. The clock's number is that of the C library's clock_getcpuclockid(3).
func (p process) cpu() (time.Duration, error) {
	var spent unix.Timespec
	if err := unix.ClockGettime(int32(^int(p)<<3|2), &spent); err != nil {
		return 0, fmt.Errorf("processor time of process %d: %w", p, err)
	}
	return time.Duration(spent.Nano()), nil
}

// resident is its memory in bytes (proc(5), status: VmRSS).
func (p process) resident() (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb * 1024, err
		}
	}
	return 0, fmt.Errorf("no VmRSS in /proc")
}

// A server is a process of ours that serves sessions.
type server struct {
	process
	cmd     *exec.Cmd
	address string // where, if it listens
}

// startServer runs a command and returns when ready accepts a line that it prints. What it has to complain of is
// passed on.
func startServer(cmd *exec.Cmd, ready func(line []byte) bool) (*server, error) {
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = in, in
	err = cmd.Start()
	in.Close()
	if err != nil {
		out.Close()
		return nil, err
	}
	s := &server{process: process(cmd.Process.Pid), cmd: cmd}
	lines := bufio.NewReader(out)
	if err := passOn(lines, ready); err != nil {
		s.stop()
		out.Close()
		return nil, fmt.Errorf("%s did not start to serve: %w", cmd.Path, err)
	}
	go func() { // until the command ends
		defer out.Close()
		_ = passOn(lines, func([]byte) bool { return false })
	}()
	return s, nil
}

// passOn writes lines to the standard error output, but for those of a log that only inform, until one is the last.
func passOn(lines *bufio.Reader, last func(line []byte) bool) error {
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return err
		}
		if last(line) {
			return nil
		}
		if !bytes.Contains(line, []byte(`"level":"INFO"`)) {
			os.Stderr.Write(line)
		}
	}
}

// stop ends it.
func (s *server) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
