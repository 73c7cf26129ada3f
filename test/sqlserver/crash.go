package sqlserver

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Freeze stops the server where it is, as a machine that hangs: it takes connections and answers nothing.
func (s *Server) Freeze() error { return s.signal(syscall.SIGSTOP) }

// Thaw has it go on.
func (s *Server) Thaw() error { return s.signal(syscall.SIGCONT) }

// Kill ends it at once, as a crash would.
func (s *Server) Kill() error {
	if err := s.Freeze(); err != nil { // nobody starts others, or ends of its own
		return err
	}
	all, err := s.processes()
	if err != nil {
		return err
	}
	if err := s.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-s.done
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for _, pid := range all {
		for ; runs(pid); <-tick.C {
		}
	}
	return nil
}

// Restart starts a server that was killed, with its address and with what it had.
func (s *Server) Restart() error { return s.again() }

// signal sends a signal to all processes.
func (s *Server) signal(n syscall.Signal) error {
	if n == syscall.SIGSTOP {
		if err := s.cmd.Process.Signal(n); err != nil { // first of all, so that it starts no others
			return err
		}
	}
	all, err := s.processes()
	for _, pid := range all {
		if e := syscall.Kill(pid, n); !errors.Is(e, syscall.ESRCH) {
			err = errors.Join(err, e)
		}
	}
	return errors.Join(err, s.cmd.Process.Signal(n))
}

// processes are those that the server has started. PostgreSQL has one for each connection, in a session of its own.
func (s *Server) processes() (all []int, err error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		if parent, _ := parentOf(path); parent == s.cmd.Process.Pid {
			pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
			all = append(all, pid)
		}
	}
	return all, err
}

func runs(pid int) bool {
	_, state := parentOf(fmt.Sprintf("/proc/%d/stat", pid))
	return state != "" && state != "Z"
}

// parentOf reads what a process descends from, and its state, "" if there is none. The name before them may hold anything.
func parentOf(stat string) (pid int, state string) {
	text, err := os.ReadFile(stat)
	if err != nil {
		return 0, "" // gone
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 2 {
		return 0, ""
	}
	pid, _ = strconv.Atoi(fields[1])
	return pid, fields[0]
}
