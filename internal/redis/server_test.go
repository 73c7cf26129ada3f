package redis

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/redisserver"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := leftover(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// leftover waits until nothing runs any more: the library looks after a lost connection for a second.
func leftover() (err error) {
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); {
		if err = goleak.Find(); err == nil {
			return nil
		}
	}
	return err
}

// started is a server of the test's own.
func started(t testing.TB, args ...string) *redisserver.Server {
	t.Helper()
	s, err := redisserver.Start(args...)
	return stopped(t, s, err)
}

// stopped is a server that ends with the test.
func stopped(t testing.TB, s *redisserver.Server, err error) *redisserver.Server {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// eachServer runs a test on each kind of server that this machine has.
func eachServer(t *testing.T, do func(t *testing.T, s *redisserver.Server)) {
	programs, err := redisserver.Programs()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range programs {
		t.Run(filepath.Base(p), func(t *testing.T) {
			s, err := redisserver.Run(p)
			do(t, stopped(t, s, err))
		})
	}
}

func opened(t testing.TB, all ...Config) *Servers {
	t.Helper()
	s, err := Open(all)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// call sends a command to the server x.
func call(s *Servers, words ...string) (string, error) {
	return s.Call(context.Background(), "x", words, 0)
}

// must is the answer to a command.
func must(t testing.TB, s *Servers, words ...string) string {
	t.Helper()
	reply, err := call(s, words...)
	if err != nil {
		t.Fatalf("%q: %v", words, err)
	}
	return reply
}
