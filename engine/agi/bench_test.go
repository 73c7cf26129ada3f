package agi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ivrd/ivrd/engine"
)

// BenchmarkSession is the reference session on a Channel, BenchmarkBareSession the same in a handler that
// does nothing but that. Asterisk's part is played by another process, so that cpu-ns/op, the processor
// time of this one, is the server's alone.
func BenchmarkSession(b *testing.B) {
	s := &Server{Handler: func(ctx context.Context, ch engine.Channel) {
		if err := referenceSession(ctx, ch.(*channel)); err != nil {
			b.Error(err)
		}
	}}
	addr, stop := listen(b, s)
	defer stop()
	runSessions(b, addr)
}

func referenceSession(ctx context.Context, ch *channel) error {
	err1 := ch.Answer(ctx)
	err2 := ch.SetVar(ctx, "FLOW", "welcome")
	digits, _, err3 := ch.Command(ctx, "GET DATA", "enter-account", "5000", "4")
	number, err4 := ch.Var(ctx, "CALLERID(num)")
	_, err5 := ch.Play(ctx, []engine.Prompt{{Text: "welcome"}, {Kind: engine.NumberPrompt, Text: "42"}}, engine.AnyDigit)
	_, _, err6 := ch.Command(ctx, "VERBOSE", "done", "1")
	err7 := ch.Hangup(ctx, engine.CauseNormal)
	if digits != "1234" || number != "5551234" {
		return fmt.Errorf("digits %q, number %q", digits, number)
	}
	return errors.Join(err1, err2, err3, err4, err5, err6, err7)
}

func BenchmarkBareSession(b *testing.B) {
	l, err := Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { bareSession(b, conn) })
		}
	})
	runSessions(b, l.Addr().String())
	l.Close()
	all.Wait()
}

func bareSession(b *testing.B, conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	env := map[string]string{}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			b.Error(err)
			return
		}
		if line == "\n" {
			break
		}
		name, value, _ := strings.Cut(line, ": ")
		env[name] = strings.TrimSpace(value)
	}
	if env["agi_extension"] != "100" {
		b.Error("extension", env["agi_extension"])
	}
	for _, words := range []string{
		"ANSWER\n", "SET VARIABLE FLOW \"welcome\"\n", "GET DATA enter-account 5000 4\n", "GET VARIABLE CALLERID(num)\n",
		"STREAM FILE welcome \"0123456789*#\"\n", "SAY NUMBER 42 \"0123456789*#\"\n", "VERBOSE \"done\" 1\n", "HANGUP\n",
	} {
		if _, err := io.WriteString(conn, words); err != nil {
			b.Error(err)
		}
		line, err := r.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, "200 result=") {
			b.Error(line, err)
		}
	}
}

// runSessions has a process of its own call addr b.N times, 50 at once.
func runSessions(b *testing.B, addr string) {
	peer := exec.Command(os.Args[0])
	peer.Env = append(os.Environ(), "AGI_PEER="+addr+" "+strconv.Itoa(b.N), "GOMAXPROCS=1")
	peer.Stderr = os.Stderr
	before := processorTime()
	b.ReportAllocs()
	b.ResetTimer()
	if err := peer.Run(); err != nil {
		b.Error(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(processorTime()-before)/float64(b.N), "cpu-ns/op")
}

func processorTime() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

// playPeer is that process. what is an address and how often to call it.
func playPeer(what string) int {
	addr, count, _ := strings.Cut(what, " ")
	n, _ := strconv.Atoi(count)
	var left atomic.Int64
	left.Store(int64(n))
	var failed atomic.Bool
	var all sync.WaitGroup
	for range min(50, n) {
		all.Go(func() {
			r := bufio.NewReader(nil)
			for left.Add(-1) >= 0 {
				if err := callOnce(addr, r); err != nil {
					fmt.Fprintln(os.Stderr, "peer:", err)
					failed.Store(true)
				}
			}
		})
	}
	all.Wait()
	if failed.Load() {
		return 1
	}
	return 0
}

func callOnce(addr string, r *bufio.Reader) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	r.Reset(conn)
	if _, err := io.WriteString(conn, greeting); err != nil {
		return err
	}
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return nil
		}
		if _, err := io.WriteString(conn, answer(string(line))); err != nil {
			return err
		}
	}
}

func answer(line string) string {
	switch {
	case strings.HasPrefix(line, "GET DATA"):
		return "200 result=1234\n"
	case strings.HasPrefix(line, "GET FULL VARIABLE"):
		return "200 result=1 (5551234" + strings.TrimSuffix(strings.TrimPrefix(line, "GET FULL VARIABLE \"${CALLERID(num)}"), "\"\n") + ")\n"
	case strings.HasPrefix(line, "GET VARIABLE"):
		return "200 result=1 (5551234)\n"
	case strings.HasPrefix(line, "STREAM FILE"):
		return "200 result=0 endpos=8000\n"
	}
	return "200 result=0\n"
}

// BenchmarkHeld tells what a call costs that waits for a digit.
func BenchmarkHeld(b *testing.B) {
	const calls = 1000
	var waiting sync.WaitGroup
	waiting.Add(calls)
	s := &Server{Handler: func(ctx context.Context, ch engine.Channel) {
		_ = ch.Answer(ctx)
		waiting.Done()
		_, _ = ch.ReadDigit(ctx, 1<<40)
	}}
	addr, stop := listen(b, s)
	defer stop()
	before := memory()
	conns := make([]net.Conn, calls)
	var line [7]byte
	for i := range conns {
		conns[i] = dial(b, addr, greeting)
		_, _ = io.ReadFull(conns[i], line[:])
		fmt.Fprint(conns[i], "200 result=0\n")
	}
	waiting.Wait()
	b.ReportMetric(float64(memory()-before)/calls, "bytes/call") // the test's own end of it included
	b.ReportMetric(0, "ns/op")
	for _, c := range conns {
		c.Close()
	}
}

func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
