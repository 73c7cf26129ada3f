package e2e

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"testing"
	"time"
)

// onLoopback is an ivrd.yaml with ports of its own; quietly is the same with a log for machines.
const (
	onLoopback = `agi:  { listen: "127.0.0.1:0" }
http: { listen: "127.0.0.1:0" }
`
	quietly = onLoopback + "log:  { format: json }\n"
)

// A daemon is one running ivrd serve.
type daemon struct {
	dir    string // holds ivrd.yaml and flows/
	agi    string // where it takes FastAGI
	http   string // where it serves prompts
	ari    string // where it takes Asterisk's websockets, if it does
	log    *logbook
	env    []string
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process is gone
}

var (
	serving  = regexp.MustCompile(`serving.*agi"?[=:]"?([\d.:]+).*prompts"?[=:]"?http://([\d.:]+)`)
	takesARI = regexp.MustCompile(`"ari":"([\d.:]+)"`)
)

// serve starts a daemon with that configuration and those flows, and ends it with the test: politely, which
// must work.
func serve(t *testing.T, config string, flows map[string]string, env ...string) *daemon {
	t.Helper()
	d := &daemon{dir: t.TempDir(), log: newLogbook(), env: env}
	d.write(t, "ivrd.yaml", []byte(config))
	if err := os.Mkdir(filepath.Join(d.dir, "flows"), 0o755); err != nil { // without one the built-in flows answer
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(flows)) {
		d.save(t, name, flows[name])
	}
	t.Cleanup(func() { d.end(t) })
	d.launch(t)
	return d
}

// launch starts the process: at first, and again when it has ended.
func (d *daemon) launch(t *testing.T) {
	t.Helper()
	from, exited := d.log.mark(), make(chan struct{})
	cmd := exec.Command(ivrd, "serve")
	cmd.Dir, cmd.Stdout, cmd.Stderr = d.dir, d.log, d.log
	cmd.Env = append(append(os.Environ(), "TMPDIR="+d.dir, "XDG_CACHE_HOME="+filepath.Join(d.dir, "cache")), d.env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	d.cmd, d.exited = cmd, exited
	go func() {
		defer close(exited)
		cmd.Wait()
	}()
	line := d.waitLog(t, from, "serving", "agi")
	m := serving.FindStringSubmatch(line)
	if m == nil {
		t.Fatal("ivrd does not say where it serves")
	}
	d.agi, d.http = m[1], m[2]
	if m := takesARI.FindStringSubmatch(line); m != nil {
		d.ari = m[1]
	}
}

func (d *daemon) end(t *testing.T) {
	if d.cmd != nil && d.running() {
		d.signal(t, syscall.SIGTERM)
		d.wantExit(t, 0)
	}
	if t.Failed() {
		t.Logf("ivrd's log:\n%s", d.log.tail(100))
	}
	if line, ok := d.log.find(0, "panic"); ok {
		t.Errorf("ivrd failed: %s", line)
	}
}

func (d *daemon) running() bool {
	select {
	case <-d.exited:
		return false
	default:
		return true
	}
}

func (d *daemon) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil {
		t.Fatalf("signal %v: %v", s, err)
	}
}

// wantExit waits for the end of the process.
func (d *daemon) wantExit(t *testing.T, code int) {
	t.Helper()
	select {
	case <-d.exited:
	case <-time.After(40 * time.Second):
		d.cmd.Process.Signal(syscall.SIGQUIT) // says what it is doing
		<-d.exited
		t.Fatalf("ivrd did not end:\n%s", d.log.tail(200))
	}
	if got := d.cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("ivrd ended with %v, want code %d", d.cmd.ProcessState, code)
	}
}

// save writes a file of the flows folder in place, as most editors do.
func (d *daemon) save(t *testing.T, name, text string) {
	t.Helper()
	d.write(t, filepath.Join("flows", name), []byte(text))
}

func (d *daemon) write(t *testing.T, name string, content []byte) {
	t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func symlink(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

// saveLive saves and returns once callers get it. The save must change the flow of that name.
func (d *daemon) saveLive(t *testing.T, flow, name, text string) {
	t.Helper()
	from := d.log.mark()
	d.save(t, name, text)
	d.waitLog(t, from, "new calls get", flow+" changed (")
}

// waitLog waits for a line, after the first from lines, that holds all those words.
func (d *daemon) waitLog(t *testing.T, from int, words ...string) string {
	t.Helper()
	line, err := d.log.wait(timeout(t), from, words...)
	if err != nil {
		t.Fatalf("%v\n%s", err, d.log.tail(30))
	}
	return line
}

// descriptors is how many files and sockets the process has open.
func (d *daemon) descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", d.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}
