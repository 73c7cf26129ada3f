package asterisk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Options say what a lab's Asterisk has. The zero value is an Asterisk without a dialplan.
type Options struct {
	// Dialplan is extensions.conf. Text that does not start with a context of its own belongs to [callers],
	// where every phone's calls arrive.
	Dialplan string

	// Prompts are tones to play, by name, each as long as given: see Tones.
	Prompts map[string]time.Duration

	// Sounds are WAV files (8 kHz, 16 bits, one channel) by the name that Playback and STREAM FILE know, such as
	// "welcome" or "digits/1". They come before the package's own; a name may have an extension (".gsm").
	Sounds map[string][]byte

	// SoundsDir is a folder of more such files.
	SoundsDir string

	// Config holds more configuration files, or other ones instead of the lab's, by name ("queues.conf"). LABDIR
	// in them stands for Dir; they lie in its folder etc.
	Config map[string]string

	// Cert and Key, in PEM form, have Asterisk serve HTTPS too: see HTTPSAddr.
	Cert, Key []byte

	// Phones are names that Asterisk can call, as PJSIP/NAME; see WaitRing.
	Phones []string

	// Tones is the codebook to use; nil means a new one. Give one when prompts are made before the lab is.
	Tones *Tones
}

// A Lab is one running Asterisk.
type Lab struct {
	// Tones is the codebook its phones hear with. Prompts that somebody else serves may be made with it.
	Tones *Tones

	program program
	ports   ports
	dir     string // its folder
	inside  string // the same as Asterisk sees it
	agent   *agent

	mu      sync.Mutex
	process *process // nil when killed
}

// Start runs an Asterisk for the test and ends it with the test. A machine without Asterisk fails the test; only
// WITHOUT_ASTERISK=1 in the environment skips it.
func Start(t testing.TB, o Options) *Lab {
	t.Helper()
	if os.Getenv("WITHOUT_ASTERISK") == "1" {
		t.Skip("WITHOUT_ASTERISK=1: tests that need an Asterisk are left out")
	}
	l := &Lab{Tones: o.Tones}
	if l.Tones == nil {
		l.Tones = new(Tones)
	}
	t.Cleanup(func() { l.close(t) })
	if err := l.start(o); err != nil {
		t.Fatalf("no lab: %v\n%srun test/asterisk/install.sh", err, tail(l.Log(), 30))
	}
	return l
}

func (l *Lab) start(o Options) error {
	var err error
	if l.program, err = findProgram(); err != nil {
		return err
	}
	p, slot, err := takePorts(2 * time.Minute)
	if err != nil {
		return err
	}
	l.ports = p
	if l.agent, err = newAgent(p.SIP, slot, l.Tones, o.Phones); err != nil {
		slot.Close()
		return err
	}
	if err := l.makeDir(); err != nil {
		return err
	}
	if err := l.write(o); err != nil {
		return err
	}
	return l.startProcess()
}

// makeDir makes the instance's folder where Asterisk can see it too. Its name is the slot's, so that what a killed
// test has left behind there goes with the next one. It is short: Asterisk 22 plays a prompt over HTTP only if the
// path of its cached copy is not longer than its URL (file.c sizes the path's buffer by the URL).
func (l *Lab) makeDir() error {
	l.inside = fmt.Sprintf("/tmp/ivrd-%d", (l.ports.SIP-slotFirst)/slotPorts)
	if uid := os.Getuid(); uid != 0 {
		l.inside += fmt.Sprintf("-%d", uid)
	}
	l.dir = l.Path(l.inside)
	if err := os.RemoveAll(l.dir); err != nil {
		return err
	}
	return os.Mkdir(l.dir, 0o755)
}

func (l *Lab) write(o Options) error {
	if err := makeFolders(l.dir, l.program.root); err != nil {
		return err
	}
	if err := writeSounds(filepath.Join(l.dir, "data/sounds/custom"), o, l.Tones); err != nil {
		return err
	}
	etc := filepath.Join(l.dir, "etc")
	if err := errors.Join(writeFile(filepath.Join(etc, "lab.pem"), o.Cert), writeFile(filepath.Join(etc, "lab.key"), o.Key)); err != nil {
		return err
	}
	return writeConfig(etc, settings{
		TLS: o.Cert != nil, ports: l.ports, Dir: l.inside, Phones: o.Phones, PhoneAddr: l.agent.addr(), Dialplan: dialplan(o.Dialplan),
		User: User, Secret: Secret, NoModules: noModules,
	}, o.Config)
}

func (l *Lab) close(t testing.TB) {
	if l.agent != nil {
		l.agent.closePhones()
	}
	if p := l.running(); p != nil {
		l.stop(p)
	}
	if t.Failed() && l.dir != "" {
		t.Logf("the end of Asterisk's log:\n%s", tail(l.Log(), 200))
	}
	if l.agent != nil {
		l.agent.close()
	}
	if l.dir != "" {
		os.RemoveAll(l.dir)
	}
}

func (l *Lab) running() *process {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.process
}

// Kill ends Asterisk at once, as a crash would. Its phones' calls end as lost.
func (l *Lab) Kill() {
	l.mu.Lock()
	p := l.process
	l.process = nil
	l.mu.Unlock()
	if p != nil {
		p.kill()
	}
	l.agent.losePhones()
}

// Restart kills Asterisk, if it runs, and starts it anew with the same configuration and ports.
func (l *Lab) Restart() error {
	l.Kill()
	os.Remove(filepath.Join(l.dir, "asterisk.ctl"))
	return l.startProcess()
}

// CLI runs a command of Asterisk's command line and returns what it prints.
func (l *Lab) CLI(cmd string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return l.cli(ctx, cmd)
}

// Log is all that Asterisk has logged: verbose lines, key presses, warnings.
func (l *Lab) Log() string {
	if l.dir == "" {
		return ""
	}
	out, _ := os.ReadFile(filepath.Join(l.dir, "output"))
	log, _ := os.ReadFile(filepath.Join(l.dir, "full"))
	return string(out) + string(log)
}

// WaitLog waits until the log has that text.
func (l *Lab) WaitLog(ctx context.Context, text string) error {
	return poll(ctx, func() error {
		if strings.Contains(l.Log(), text) {
			return nil
		}
		return fmt.Errorf("%q is not in Asterisk's log", text)
	})
}

// Descriptors is how many files and sockets Asterisk has open, or -1 when it does not run.
func (l *Lab) Descriptors() int {
	p := l.running()
	if p == nil {
		return -1
	}
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		return -1
	}
	return len(list)
}

var channelCount = regexp.MustCompile(`(\d+) active channel`)

// Channels is how many channels there are now, or -1 when Asterisk does not say.
func (l *Lab) Channels() int {
	out, err := l.CLI("core show channels count")
	m := channelCount.FindStringSubmatch(out)
	if err != nil || m == nil {
		return -1
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// WaitNoChannels waits until no channel is left.
func (l *Lab) WaitNoChannels(ctx context.Context) error {
	return poll(ctx, func() error {
		n := l.Channels()
		if n == 0 {
			return nil
		}
		out, _ := l.CLI("core show channels concise")
		return fmt.Errorf("%d channels are left:\n%s", n, out)
	})
}

// Global is the value of a global dialplan variable, such as Set(GLOBAL(x)=1) made, and whether it is set.
func (l *Lab) Global(name string) (string, bool) {
	out, _ := l.CLI("dialplan show globals")
	for line := range strings.Lines(out) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok && k == name {
			return v, true
		}
	}
	return "", false
}

// WaitGlobal waits until a global dialplan variable is set and returns its value.
func (l *Lab) WaitGlobal(ctx context.Context, name string) (value string, err error) {
	err = poll(ctx, func() (err error) {
		var ok bool
		if value, ok = l.Global(name); !ok {
			err = fmt.Errorf("global variable %s is not set", name)
		}
		return err
	})
	return value, err
}

// SIPAddr is where Asterisk takes SIP, as host:port.
func (l *Lab) SIPAddr() string { return loopback(l.ports.SIP) }

// AMIAddr is where Asterisk takes manager connections, as host:port; see User and Secret.
func (l *Lab) AMIAddr() string { return loopback(l.ports.AMI) }

// HTTPAddr is where Asterisk serves HTTP, as host:port.
func (l *Lab) HTTPAddr() string { return loopback(l.ports.HTTP) }

// HTTPSAddr is where Asterisk serves HTTPS, if it does, as host:port.
func (l *Lab) HTTPSAddr() string { return loopback(l.ports.HTTPS) }

// ARIURL is the base of Asterisk's REST interface; see User and Secret.
func (l *Lab) ARIURL() string { return "http://" + l.HTTPAddr() + "/ari" }

// Path turns a path as Asterisk sees it into one that this process can open.
func (l *Lab) Path(asterisk string) string { return filepath.Join(l.program.root, asterisk) }

// Dir is a folder of this lab alone, as Asterisk sees it: for files that a dialplan names. See Path.
func (l *Lab) Dir() string { return l.inside }

// Recording is the path of a file that Asterisk wrote by a relative name, with its extension ("call.wav"): by
// MixMonitor, by ARI, or by Record and RECORD FILE.
func (l *Lab) Recording(name string) (string, error) {
	for _, d := range []string{"spool/monitor", "spool/recording", "data/sounds"} {
		path := filepath.Join(l.dir, d, name)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no recording %s", name)
}

// poll asks every 50 ms until there is no error any more.
func poll(ctx context.Context, ask func() error) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

func tail(text string, lines int) string {
	all := strings.SplitAfter(text, "\n")
	return strings.Join(all[max(0, len(all)-lines):], "")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
