package redis

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/kvtest"
	"github.com/ivrd/ivrd/test/redisserver"
)

// prompt is how long after its time a command may be over, on a machine that is busy with other tests.
const prompt = 2 * time.Second

// ends runs do, which must fail with want within most.
func ends(t *testing.T, most time.Duration, want string, do func() error) {
	t.Helper()
	began := time.Now()
	err := do()
	if took := time.Since(began); took > most+prompt {
		t.Errorf("it took %s, want %s at most", took, most)
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func asking(s *Servers, words ...string) func() error {
	return func() error {
		_, err := call(s, words...)
		return err
	}
}

// spin is a script that keeps the server from everybody for so many milliseconds.
func spin(milliseconds string) []string {
	return []string{"EVAL", `local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
local until_ = now() + ` + milliseconds + ` while now() < until_ do end return 1`, "0"}
}

// A server that stops under a command, under connections at rest and under new ones, and then goes on.
func TestSlowServer(t *testing.T) {
	eachServer(t, func(t *testing.T, server *redisserver.Server) {
		const timeout, connect = 400 * time.Millisecond, 200 * time.Millisecond
		s := opened(t, Config{Name: "x", URL: server.URL, Timeout: timeout, Connect: connect})
		must(t, s, "SET", "a", "1")
		if err := server.Pause(); err != nil {
			t.Fatal(err)
		}
		ends(t, timeout, "redis x: no answer within 400ms", asking(s, "GET", "a")) // on the connection there is
		ends(t, connect, "redis x: not connected within 200ms", asking(s, "GET", "a"))
		ends(t, 100*time.Millisecond, "redis x: no answer within 100ms", func() error {
			_, err := s.Call(context.Background(), "x", []string{"GET", "a"}, 100*time.Millisecond)
			return err
		})
		if err := server.Resume(); err != nil {
			t.Fatal(err)
		}
		if got := must(t, s, "GET", "a"); got != `"1"` {
			t.Errorf("afterwards: got %s", got)
		}
		ends(t, timeout, "redis x: no answer within 400ms", asking(s, spin("900")...))
	})
}

// A server that dies under a command is told of at once; when it is back, connections are made anew.
func TestDeadServer(t *testing.T) {
	eachServer(t, func(t *testing.T, server *redisserver.Server) {
		s := opened(t, Config{Name: "x", URL: server.URL})
		must(t, s, "SET", "a", "1")
		lost := make(chan error, 1)
		go func() { lost <- asking(s, spin("20000")...)() }()
		eventually(t, func() bool { // the script has begun
			_, err := s.Call(context.Background(), "x", []string{"PING"}, 50*time.Millisecond)
			return err != nil
		})
		server.Kill()
		ends(t, 0, "redis x: the server closed the connection", func() error { return <-lost })
		ends(t, 0, "connection refused", asking(s, "GET", "a"))
		if err := server.Again(); err != nil {
			t.Fatal(err)
		}
		if got := must(t, s, "GET", "a"); got != "null" {
			t.Errorf("after it came back: got %s", got)
		}
		server.Kill()
		if err := server.Again(); err != nil {
			t.Fatal(err)
		}
		if got := must(t, s, "SET", "a", "2"); got != `"OK"` { // on a connection of the server before
			t.Errorf("after it came back again: got %s", got)
		}
	})
}

// The caller's hangup ends a command at once, and its connection with it.
func TestHangup(t *testing.T) {
	server := started(t)
	s := opened(t, Config{Name: "x", URL: server.URL, Timeout: 20 * time.Second, Connect: 20 * time.Second, Connections: 1})
	gone := errors.New("the caller hung up")
	must(t, s, "SET", "a", "1")
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // on the connection there is, and while a new one comes about
		ctx, hangUp := context.WithCancelCause(context.Background())
		time.AfterFunc(50*time.Millisecond, func() { hangUp(gone) })
		ends(t, 50*time.Millisecond, gone.Error(), func() error {
			_, err := s.Call(ctx, "x", []string{"GET", "a"}, 0)
			return err
		})
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	if got := must(t, s, "GET", "a"); got != `"1"` {
		t.Errorf("the next one got %s", got)
	}
}

// A hundred callers ask at once where two connections are busy for long: the others hear so in time.
func TestPoolRunDry(t *testing.T) {
	server := started(t)
	s := opened(t, Config{Name: "x", URL: server.URL, Connections: 2, Wait: 200 * time.Millisecond, Timeout: time.Second, Connect: 5 * time.Second})
	must(t, s, "SET", "a", "1")
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	var crowded, slow atomic.Int32
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			_, err := call(s, "GET", "a")
			switch {
			case err != nil && strings.Contains(err.Error(), "redis x: all 2 connections are busy; none was free within 200ms"):
				crowded.Add(1)
			case err != nil && strings.Contains(err.Error(), "redis x: no answer within 1s"):
				slow.Add(1)
			default:
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > time.Second+prompt {
		t.Errorf("the last one waited for %s", took)
	}
	if slow.Load() != 2 || crowded.Load() != 98 {
		t.Errorf("%d waited and %d were turned away, want 2 and 98", slow.Load(), crowded.Load())
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	if got := must(t, s, "GET", "a"); got != `"1"` {
		t.Errorf("afterwards: got %s", got)
	}
}

// However many calls there are, a server sees no more connections than it is to, and none when all is over.
func TestNothingIsLeft(t *testing.T) {
	server := started(t)
	watch := opened(t, Config{Name: "x", URL: server.URL, Connections: 1})
	s := opened(t, Config{Name: "x", URL: server.URL, Connections: 5, Wait: 20 * time.Second, Timeout: 20 * time.Second})
	connected := func() (n int) {
		text := must(t, watch, "INFO", "clients")
		if _, err := fmt.Sscanf(text[strings.Index(text, "connected_clients:"):], "connected_clients:%d", &n); err != nil {
			t.Fatal(err, text)
		}
		return n
	}
	if n := connected(); n != 1 {
		t.Fatalf("%d are connected", n)
	}
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			for range 20 {
				if _, err := call(s, "INCR", "n"); err != nil {
					t.Error(err)
				}
			}
			ctx, stop := context.WithTimeout(context.Background(), 100*time.Microsecond)
			defer stop()
			_, _ = s.Call(ctx, "x", []string{"GET", "n"}, 0)
		})
	}
	all.Wait()
	if got := must(t, s, "GET", "n"); got != `"2000"` {
		t.Errorf("counted %s", got)
	}
	eventually(t, func() bool { n := connected(); return n >= 2 && n <= 6 })
	s.Close()
	eventually(t, func() bool { return connected() == 1 })
	ends(t, 0, "redis x: ", func() error { // a closed pool serves those that hold it, and keeps nothing
		if _, err := call(s, "PING"); err != nil {
			return err
		}
		eventually(t, func() bool { return connected() == 1 })
		return errors.New("redis x: ")
	})
}

func eventually(t *testing.T, is func() bool) {
	t.Helper()
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); {
		if is() {
			return
		}
	}
	t.Error("that never came about")
}

func TestPasswords(t *testing.T) {
	server := started(t, "--requirepass", "hunter2")
	with := func(user string) string { return strings.Replace(server.URL, "redis://", "redis://"+user+"@", 1) }
	if got := must(t, opened(t, Config{Name: "x", URL: with(":hunter2")}), "PING"); got != `"PONG"` {
		t.Errorf("got %s", got)
	}
	for _, tt := range []struct{ url, want string }{
		{with(":hunter3"), "redis x: WRONGPASS"}, {with("ivrd:hunter3"), "redis x: WRONGPASS"}, {server.URL, "redis x: NOAUTH"},
		{strings.Replace(with(":hunter2"), "/0", "/99", 1), "ERR DB index is out of range"},
	} {
		_, err := call(opened(t, Config{Name: "x", URL: tt.url}), "PING")
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: got %v", tt.url, err)
		}
	}
	for _, address := range []string{"redis://:hunter2@host:port", "redis://:hunter2@host/%zz", "redis://:hunter2@host?x=1", "redis://u:hunter2@host/a/b", "amqp://u:hunter2@host"} {
		if err := CheckURL(address); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// What the guide says of an ACL will do.
func TestRestrictedUser(t *testing.T) {
	server := started(t, "--user", "default", "off", "--user", "flows", "on", ">secret", "~customer:*", "+hello", "+ping", "+select", "+hget", "+hset")
	s := opened(t, Config{Name: "x", URL: "redis://flows:secret@" + server.Addr + "/1"})
	must(t, s, "HSET", "customer:7", "name", "Ann")
	if got := must(t, s, "HGET", "customer:7", "name"); got != `"Ann"` {
		t.Errorf("got %s", got)
	}
	ends(t, 0, "redis x: NOPERM", asking(s, "DEL", "customer:7"))
	ends(t, 0, "redis x: NOPERM", asking(s, "HGET", "staff:7", "name"))
}

// The same for what flows remember.
func TestRestrictedStore(t *testing.T) {
	server := started(t, "--user", "default", "off", "--user", "kv", "on", ">secret", "~ivrd:kv:*", "+hello", "+ping", "+select", "+get", "+set", "+del", "+pexpireat", "+eval")
	s := storeOf(t, "redis://kv:secret@"+server.Addr+"/1")
	for _, err := range []error{
		kvtest.Set(s, "sales", "a", "1", time.Time{}), kvtest.Set(s, "sales", "a", "2", time.Now().Add(time.Hour)), kvtest.Set(s, "sales", "a", "", time.Time{}),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	kvtest.Holds(t, s, "sales", "a", "")
}

// A server of another age is refused, since its answers would be other ones.
func TestOldServer(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for lines := bufio.NewScanner(c); lines.Scan(); {
			if strings.EqualFold(lines.Text(), "hello") {
				fmt.Fprint(c, "-ERR unknown command `HELLO`\r\n")
			}
		}
	})
	ends(t, 0, "redis x: the server does not speak RESP3; Redis 6 and Valkey do", asking(opened(t, Config{Name: "x", URL: "redis://" + l.Addr().String()}), "PING"))
	l.Close()
	work.Wait()
}

func TestUnixSocket(t *testing.T) {
	s := opened(t, Config{Name: "x", URL: "unix://" + started(t).Socket + "?db=3&client_name=ivrd"})
	must(t, s, "SET", "a", "1")
	if got := must(t, s, "GET", "a"); got != `"1"` {
		t.Errorf("got %s", got)
	}
}
