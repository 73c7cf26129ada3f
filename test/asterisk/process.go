package asterisk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const oldest = 20 // as in install.sh

// A program is the Asterisk that install.sh left: one on PATH, or one in a tree of its own.
type program struct {
	root string // "/" or the tree
	path string // of the binary, below root
}

// findProgram follows the rule of install.sh.
func findProgram() (program, error) {
	if path, err := exec.LookPath("asterisk"); err == nil && major(path) >= oldest {
		return program{"/", path}, nil
	}
	dir := os.Getenv("IVRD_LAB_DIR")
	if dir == "" {
		dir = "/var/cache/ivrd-lab"
	}
	root := filepath.Join(dir, "root")
	if _, err := os.Stat(filepath.Join(root, ".ivrd-lab-ready")); err != nil {
		return program{}, fmt.Errorf("no asterisk on PATH and none in %s", root)
	}
	if os.Geteuid() != 0 {
		return program{}, fmt.Errorf("the asterisk in %s can be run by root only", root)
	}
	return program{root, "/usr/sbin/asterisk"}, nil
}

func major(path string) int {
	out, err := exec.Command(path, "-V").Output()
	if err != nil {
		return 0
	}
	digits, _, _ := strings.Cut(strings.TrimPrefix(string(out), "Asterisk "), ".")
	n, _ := strconv.Atoi(digits)
	return n
}

// command runs the program inside its tree. It is ended with this process, however that one ends.
func (p program) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.path, args...)
	cmd.Err = nil // looked up outside of the tree
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/tmp", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if p.root != "/" {
		cmd.SysProcAttr.Chroot = p.root
	}
	return cmd
}

// A process is one running Asterisk.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

func (l *Lab) startProcess() error {
	out, err := os.OpenFile(filepath.Join(l.dir, "output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := l.program.command(context.Background(), "-f", "-C", l.inside+"/etc/asterisk.conf")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start asterisk: %w", err)
	}
	p := &process{cmd, make(chan struct{})}
	go func() {
		defer close(p.done)
		cmd.Wait()
	}()
	l.mu.Lock()
	l.process = p
	l.mu.Unlock()
	return l.waitBooted(p)
}

// waitBooted waits for the control socket, then asks Asterisk itself.
func (l *Lab) waitBooted(p *process) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(filepath.Join(l.dir, "asterisk.ctl")); err == nil {
			out, err := l.cli(ctx, "core waitfullybooted")
			if err == nil && strings.Contains(out, "fully booted") {
				return nil
			}
		}
		select {
		case <-p.done:
			return fmt.Errorf("asterisk ended while starting: %s", p.cmd.ProcessState)
		case <-ctx.Done():
			return errors.New("asterisk did not come up within a minute")
		case <-tick.C:
		}
	}
}

// stop ends the process: by word, and if it does not listen within 5 s, by force.
func (l *Lab) stop(p *process) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	l.cli(ctx, "core stop now") // its answer does not matter: the process ends or it does not
	select {
	case <-p.done:
	case <-ctx.Done():
		p.kill()
	}
}

func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// cli runs a command of Asterisk's own command line.
func (l *Lab) cli(ctx context.Context, cmd string) (string, error) {
	out, err := l.program.command(ctx, "-C", l.inside+"/etc/asterisk.conf", "-rx", cmd).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("asterisk -rx %q: %w: %s", cmd, err, strings.TrimSpace(string(out)))
	}
	return string(out), nil
}
