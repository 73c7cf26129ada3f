package sqlserver

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Server is a running database server.
type Server struct {
	URL  string // as ivrd.yaml has it
	Addr string // host:port

	cmd   *exec.Cmd
	dir   string
	done  chan struct{} // closed when the process is gone
	again func() error  // starts it anew
}

// Stop ends the server and removes what it wrote.
func (s *Server) Stop() error {
	_ = s.Thaw()                          // what is stopped ends only then
	s.cmd.Process.Signal(syscall.SIGQUIT) // PostgreSQL's immediate shutdown; MariaDB leaves it at that
	s.cmd.Process.Kill()
	<-s.done
	return os.RemoveAll(s.dir)
}

// PostgreSQL starts one.
func PostgreSQL() (*Server, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	s, port, err := newServer("postgres")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(s.dir, "data")
	err = s.run(bin+"/initdb", "-D", data, "-U", "ivrd", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	s.URL = "postgres://ivrd:secret@" + s.Addr + "/postgres?sslmode=disable"
	return s, s.start("ready to accept connections", bin+"/postgres", "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories="+s.dir, "-c", "fsync=off", "-c", "max_connections=200", "-c", "timezone=America/Sao_Paulo")
}

// postgresBin is the folder of the newest PostgreSQL that Debian has installed, or of the one on PATH.
func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		slices.Sort(found)
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", fmt.Errorf("%w; test/sqlserver/install.sh installs it", err)
	}
	return filepath.Dir(path), nil
}

// MariaDB starts one, with a database called ivrd.
func MariaDB() (*Server, error) {
	s, port, err := newServer("mysql")
	if err != nil {
		return nil, err
	}
	data := "--datadir=" + filepath.Join(s.dir, "data")
	err = s.run("mariadb-install-db", "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	s.URL = "mysql://root@" + s.Addr + "/ivrd"
	setup := filepath.Join(s.dir, "setup.sql")
	if err := os.WriteFile(setup, []byte("create database ivrd character set utf8mb4;\n"), 0o644); err != nil {
		return nil, err
	}
	return s, s.start("ready for connections", "mariadbd", "--no-defaults", data, "--bind-address=127.0.0.1", "--port="+port,
		"--socket="+filepath.Join(s.dir, "socket"), "--pid-file="+filepath.Join(s.dir, "pid"), "--init-file="+setup,
		"--innodb-flush-log-at-trx-commit=0", "--max-connections=200", "--default-time-zone=-03:00")
}

// newServer prepares a folder, and a port that is free now. As root it is that of the user whom the server runs as.
func newServer(username string) (*Server, string, error) {
	dir, err := os.MkdirTemp("", "ivrd-"+username+"-")
	if err != nil {
		return nil, "", err
	}
	s := &Server{dir: dir}
	s.cmd = &exec.Cmd{SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}}
	if os.Geteuid() == 0 {
		if s.cmd.SysProcAttr.Credential, err = credential(username); err == nil {
			err = os.Chown(dir, int(s.cmd.SysProcAttr.Credential.Uid), int(s.cmd.SysProcAttr.Credential.Gid))
		}
		if err != nil {
			return nil, "", errors.Join(err, os.RemoveAll(dir))
		}
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, "", errors.Join(err, os.RemoveAll(dir))
	}
	s.Addr = l.Addr().String()
	_, port, _ := strings.Cut(s.Addr, ":")
	return s, port, l.Close()
}

func credential(username string) (*syscall.Credential, error) {
	u, err := user.Lookup(username)
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

// command is a program that runs as the server does. Those of an administrator need not be on PATH.
func (s *Server) command(name string, args ...string) (*exec.Cmd, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		if path = "/usr/sbin/" + name; !isThere(path) {
			return nil, fmt.Errorf("%w; test/sqlserver/install.sh installs it", err)
		}
	}
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.SysProcAttr = s.dir, s.cmd.SysProcAttr
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=" + s.dir, "TMPDIR=" + s.dir}
	return cmd, nil
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (s *Server) run(name string, args ...string) error {
	cmd, err := s.command(name, args...)
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// start starts the server and waits until its log says that it is ready.
func (s *Server) start(ready, name string, args ...string) error {
	cmd, err := s.command(name, args...)
	if err != nil {
		return errors.Join(err, os.RemoveAll(s.dir))
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = w, w
	err = cmd.Start()
	w.Close()
	if err != nil {
		return errors.Join(err, r.Close(), os.RemoveAll(s.dir))
	}
	s.cmd, s.done = cmd, make(chan struct{})
	s.again = func() error { return s.start(ready, name, args...) }
	done := s.done
	tooLong := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer tooLong.Stop()
	var said bytes.Buffer
	lines := bufio.NewScanner(io.TeeReader(r, &said))
	isReady := false
	for !isReady && lines.Scan() {
		isReady = strings.Contains(lines.Text(), ready)
	}
	go func() {
		defer close(done)
		io.Copy(io.Discard, r)
		r.Close()
		cmd.Wait()
	}()
	if !isReady {
		return errors.Join(fmt.Errorf("%s did not start:\n%s", name, &said), s.Stop())
	}
	return nil
}
