package redisserver

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Programs are those of the servers that this machine has.
func Programs() ([]string, error) {
	var all []string
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			all = append(all, path)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("neither Redis nor Valkey is here; test/redisserver/install.sh installs one")
	}
	return all, nil
}

// A Server is a running server, without a disk.
type Server struct {
	URL    string // as ivrd.yaml has it
	Addr   string // host:port
	Socket string // a unix socket that leads to it too

	program string
	args    []string
	dir     string
	cmd     *exec.Cmd
	done    chan struct{}
}

// Start starts the first of Programs, with further arguments such as "--requirepass", "secret".
func Start(args ...string) (*Server, error) {
	programs, err := Programs()
	if err != nil {
		return nil, err
	}
	return Run(programs[0], args...)
}

// Run starts one of Programs.
func Run(program string, args ...string) (*Server, error) {
	return run(program, "redis://", "--port", args)
}

// RunTLS starts one of Programs that speaks TLS only, with a certificate and its key.
func RunTLS(program, certFile, keyFile string) (*Server, error) {
	return run(program, "rediss://", "--tls-port", []string{"--port", "0", "--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-auth-clients", "no"})
}

func run(program, scheme, portOption string, args []string) (*Server, error) {
	dir, err := os.MkdirTemp("", "ivrd-redis-")
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &Server{Addr: l.Addr().String(), Socket: filepath.Join(dir, "socket"), program: program, dir: dir}
	s.URL = scheme + s.Addr + "/0"
	_, port, _ := strings.Cut(s.Addr, ":")
	s.args = append([]string{portOption, port, "--bind", "127.0.0.1", "--unixsocket", s.Socket, "--dir", dir, "--save", "", "--daemonize", "no"}, args...)
	l.Close()
	if err := s.Again(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// Again starts a server anew that was killed, at the same address, and waits until its log says that it is ready.
func (s *Server) Again() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	s.cmd = exec.Command(s.program, s.args...)
	s.cmd.Stdout, s.cmd.Stderr = w, w
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err = s.cmd.Start()
	w.Close()
	if err != nil {
		return errors.Join(err, r.Close())
	}
	tooLong := time.AfterFunc(time.Minute, func() { s.cmd.Process.Kill() })
	defer tooLong.Stop()
	var said bytes.Buffer
	lines := bufio.NewScanner(io.TeeReader(r, &said))
	isReady := false
	for !isReady && lines.Scan() {
		isReady = strings.Contains(strings.ToLower(lines.Text()), "ready to accept connections")
	}
	done := make(chan struct{})
	s.done = done
	go func(cmd *exec.Cmd) {
		defer close(done)
		io.Copy(io.Discard, r)
		r.Close()
		cmd.Wait()
	}(s.cmd)
	if !isReady {
		s.Kill()
		return fmt.Errorf("%s did not start:\n%s", s.program, &said)
	}
	return nil
}

// Pause stops the server in its tracks: it takes connections, and answers nothing until Resume.
func (s *Server) Pause() error { return s.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume lets it go on.
func (s *Server) Resume() error { return s.cmd.Process.Signal(syscall.SIGCONT) }

// Kill ends the server; Again brings it back, empty.
func (s *Server) Kill() {
	s.cmd.Process.Kill()
	<-s.done
}

// Stop ends the server and removes what it wrote.
func (s *Server) Stop() error {
	s.Kill()
	return os.RemoveAll(s.dir)
}
