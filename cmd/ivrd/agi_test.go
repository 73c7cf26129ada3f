package main

import (
	"bufio"
	"io"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A bridged call is ivrd agi between a test that is Asterisk and a test that is the daemon.
type bridged struct {
	t      *testing.T
	cmd    *exec.Cmd
	in     io.WriteCloser // Asterisk says …
	out    *bufio.Reader  // … and hears
	daemon net.Conn       // the daemon says …
	heard  *bufio.Reader  // … and hears
}

// startBridge starts ivrd agi with args as Asterisk would, and accepts its connection.
func startBridge(t *testing.T, args ...string) *bridged {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	b := &bridged{t: t, cmd: exec.Command("ivrd", append([]string{"agi", "--server", l.Addr().String()}, args...)...)}
	b.cmd.Dir = t.TempDir()
	b.in, err = b.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	b.out = bufio.NewReader(out)
	if err := b.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.cmd.Process.Kill() })
	if b.daemon, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.daemon.Close() })
	b.daemon.SetDeadline(time.Now().Add(patience))
	b.heard = bufio.NewReader(b.daemon)
	return b
}

// say writes text, which must be read as it is at the other end.
func (b *bridged) say(to io.Writer, text string, from *bufio.Reader) {
	b.t.Helper()
	if _, err := io.WriteString(to, text); err != nil {
		b.t.Fatal(err)
	}
	b.expect(from, text)
}

func (b *bridged) expect(from *bufio.Reader, want string) {
	b.t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(from, got); err != nil || string(got) != want {
		b.t.Fatalf("read %q, %v; want %q", got, err, want)
	}
}

// arrive passes an environment with the arguments given and returns what the daemon reads of it.
func (b *bridged) arrive(args ...string) string {
	b.t.Helper()
	env := "agi_request: ivrd\nagi_channel: PJSIP/a-1\nagi_uniqueid: 1.1\nagi_extension: 100\n"
	for i, arg := range args {
		env += "agi_arg_" + string(rune('1'+i)) + ": " + arg + "\n"
	}
	if _, err := io.WriteString(b.in, env+"\n"); err != nil {
		b.t.Fatal(err)
	}
	var got strings.Builder
	for {
		line, err := b.heard.ReadString('\n')
		if err != nil {
			b.t.Fatalf("read environment: %v after %q", err, got.String())
		}
		got.WriteString(line)
		if line == "\n" {
			return strings.ReplaceAll(got.String(), b.cmd.Args[3], "SERVER")
		}
	}
}

// end closes the daemon's side; the bridge must end well.
func (b *bridged) end() {
	b.t.Helper()
	b.daemon.Close()
	if rest, err := io.ReadAll(b.out); err != nil || len(rest) > 0 {
		b.t.Fatalf("Asterisk still hears %q, %v", rest, err)
	}
	if err := b.cmd.Wait(); err != nil {
		b.t.Fatal(err)
	}
}

func TestBridgeEnvironment(t *testing.T) {
	const facts = "agi_channel: PJSIP/a-1\nagi_uniqueid: 1.1\nagi_extension: 100\n"
	for _, c := range []struct {
		name       string
		words, agi []string // what ivrd agi --server SERVER was started with; AGI()'s arguments
		want       string
	}{
		{"no name", nil, []string{"agi", "--server", "SERVER"}, "agi_request: agi://SERVER/\n" + facts},
		{"a name", []string{"sales"}, []string{"agi", "--server", "SERVER", "sales"},
			"agi_network_script: sales\nagi_request: agi://SERVER/sales\n" + facts},
		{"a query", []string{"sales?x=1&y=2"}, []string{"agi", "--server", "SERVER", "sales?x=1&y=2"},
			"agi_network_script: sales?x=1&y=2\nagi_request: agi://SERVER/sales?x=1&y=2\n" + facts},
		{"arguments", []string{"sales", "gold", "-5", ""}, []string{"agi", "--server", "SERVER", "sales", "gold", "-5", ""},
			"agi_network_script: sales\nagi_request: agi://SERVER/sales\n" + facts + "agi_arg_1: gold\nagi_arg_2: -5\nagi_arg_3: \n"},
		{"a script between", []string{"sales"}, []string{"gold"},
			"agi_network_script: sales\nagi_request: agi://SERVER/sales\n" + facts + "agi_arg_1: gold\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := startBridge(t, c.words...)
			for i := range c.agi {
				c.agi[i] = strings.ReplaceAll(c.agi[i], "SERVER", b.cmd.Args[3])
			}
			if got, want := b.arrive(c.agi...), "agi_network: yes\n"+c.want+"\n"; got != want {
				t.Errorf("the daemon read\n%s\nwant\n%s", got, want)
			}
			b.end()
		})
	}
}

func TestBridgeBothWays(t *testing.T) {
	b := startBridge(t, "sales")
	b.arrive()
	for range 3 {
		b.say(b.daemon, "STREAM FILE \"welcome\" \"\"\n", b.out)
		b.say(b.in, "200 result=0 endpos=8000\n", b.heard)
	}
	b.say(b.daemon, "GET FULL VARIABLE \"${X}\"\n", b.out)
	b.say(b.in, "200 result=1 (two\nlines)\n", b.heard)
	b.end()
}

func TestBridgeHangup(t *testing.T) {
	b := startBridge(t, "sales")
	b.arrive()
	b.say(b.daemon, "WAIT FOR DIGIT 5000\n", b.out)
	if err := b.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	b.expect(b.heard, "HANGUP\n")
	b.say(b.in, "200 result=-1\n", b.heard) // Asterisk still answers
	b.say(b.daemon, "VERBOSE \"late\" 1\n", b.out)
	b.end()
}

// Asterisk that dies closes its end. The daemon hears of it, and may still write.
func TestBridgeAsteriskDies(t *testing.T) {
	b := startBridge(t, "sales")
	b.arrive()
	b.in.Close()
	if _, err := b.heard.ReadByte(); err != io.EOF {
		t.Fatalf("the daemon read %v, want EOF", err)
	}
	b.end()
}

func TestBridgeWithoutDaemon(t *testing.T) {
	cmd := exec.Command("ivrd", "agi", "--server", "127.0.0.1:1", "sales")
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != exitFailed {
		t.Errorf("ended with %v, want code %d", err, exitFailed)
	}
	if want := "connection refused; is ivrd serve running?\n"; !strings.HasSuffix(string(out), want) {
		t.Errorf("said %q, want %q at its end", out, want)
	}
}

// Somebody who tries ivrd agi in a shell gets told what it is for.
func TestBridgeByHand(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := exec.Command("ivrd", "agi", "--server", l.Addr().String())
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != exitFailed {
		t.Errorf("ended with %v, want code %d", err, exitFailed)
	}
	if want := "; ivrd agi is started by Asterisk's AGI()\n"; !strings.HasSuffix(string(out), want) {
		t.Errorf("said %q, want %q at its end", out, want)
	}
}
