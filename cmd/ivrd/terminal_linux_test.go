package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A terminal is a real one, with a program in it.
type terminal struct {
	t       *testing.T
	screen  *os.File // what the person in front of it sees and types
	program *os.File // the same as the program has it
	cmd     *exec.Cmd
	seen    strings.Builder
	before  unix.Termios
}

// inTerminal starts ivrd with args in a terminal, where flow is what answers at 100.
func inTerminal(t *testing.T, flow string, args ...string) *terminal {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	if err := unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/100.lua", []byte(flow), 0o644); err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, screen: screen, program: program, cmd: exec.Command("ivrd", append(args, "--flows", dir)...)}
	term.before = term.settings()
	term.cmd.Stdin, term.cmd.Stdout, term.cmd.Stderr = program, program, program
	term.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := term.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tooLong := time.AfterFunc(patience, func() { term.cmd.Process.Kill(); program.WriteString("\x00too long\x00") })
	t.Cleanup(func() { tooLong.Stop() })
	return term
}

func (term *terminal) settings() unix.Termios {
	term.t.Helper()
	now, err := unix.IoctlGetTermios(int(term.program.Fd()), unix.TCGETS)
	if err != nil {
		term.t.Fatal(err)
	}
	return *now
}

// await reads the screen until it has shown pattern.
func (term *terminal) await(pattern string) {
	term.t.Helper()
	want := regexp.MustCompile(pattern)
	for part := make([]byte, 4096); !want.MatchString(term.seen.String()); {
		n, err := term.screen.Read(part)
		term.seen.Write(part[:n])
		if err != nil || strings.Contains(term.seen.String(), "\x00too long\x00") {
			term.t.Fatalf("never shown: %s; but %q, %v", pattern, term.seen.String(), err)
		}
	}
}

func (term *terminal) write(keys string) {
	term.t.Helper()
	if _, err := term.screen.WriteString(keys); err != nil {
		term.t.Fatal(err)
	}
}

// ended waits for the program's end, after which the terminal must be as it was.
func (term *terminal) ended(want int) {
	term.t.Helper()
	_ = term.cmd.Wait() // what it tells is in the state
	if got := term.cmd.ProcessState.ExitCode(); got != want {
		term.t.Errorf("ended with %d, want %d: %q", got, want, term.seen.String())
	}
	if got := term.settings(); got != term.before {
		term.t.Errorf("the terminal is\n%+v, it was\n%+v", got, term.before)
	}
	if bare := regexp.MustCompile(`[^\r]\n`).FindString(term.seen.String()); bare != "" {
		term.t.Errorf("a line without its \\r on the screen: %q", term.seen.String())
	}
}

const asks = "call:answer()\nlog.info('two\\nlines')\ncall:ask { max = 3, wait = 60, between = 60 }\ncall:hangup()\n"

func TestTerminalKeys(t *testing.T) {
	term := inTerminal(t, asks, "call", "100")
	term.await(`keys 0-9 \* # press digits, h hangs up\r\n`)
	term.await(`log\.info  two\r\n             lines\r\n`)
	term.await(`\x1b\[K         waiting for a key 0\.\d of 60\.0 s`)
	term.write("1")
	term.await(`   pressed 1`)
	term.write("2x")
	term.await(`   pressed 12`)
	term.write("3")
	term.await(` \d:\d\d\.\d  press 123\r\n`)
	term.await(`> hangup normal\r\n`)
	term.await(`call over: completed\r\n`)
	term.ended(exitOK)
}

func TestTerminalHangsUp(t *testing.T) {
	for name, key := range map[string]string{"h": "h", "Ctrl-C": "\x03", "Ctrl-D": "\x04"} {
		t.Run(name, func(t *testing.T) {
			term := inTerminal(t, asks, "call", "100")
			term.await(`waiting for a key`)
			term.write(key)
			term.await(`hang up\r\n.*call over: hangup\r\n`)
			term.ended(exitOK)
		})
	}
}

func TestTerminalSignal(t *testing.T) {
	term := inTerminal(t, asks, "call", "100")
	term.await(`waiting for a key`)
	if err := term.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	term.await(`call over: hangup\r\n`)
	term.ended(exitOK)
}

func TestTerminalFlowFails(t *testing.T) {
	term := inTerminal(t, "call:answer()\nlocal t\nlog.info(t.x)\n", "call", "100")
	term.await(`> end error 100\.lua:3: .*\r\n             3 \| log\.info\(t\.x\)\r\n`)
	term.await(`call over: error\r\n`)
	term.ended(exitProblems)
}

// In virtual time the terminal passes on lines.
func TestTerminalFast(t *testing.T) {
	term := inTerminal(t, asks, "call", "100", "--fast")
	term.await(`keys \(Enter alone waits 60s\): `)
	term.write("123\n")
	term.await(`press 123\r\n`)
	term.await(`call over: completed\r\n`)
	term.ended(exitOK)
}

func TestTerminalFastInterrupt(t *testing.T) {
	term := inTerminal(t, asks, "call", "100", "--fast")
	term.await(`keys \(Enter alone waits 60s\): `)
	term.write("\x03")
	term.await(`call over: hangup\r\n`)
	term.ended(exitOK)
}
