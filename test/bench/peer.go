package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// handshake is what Asterisk 22 sends for a SIP call.
const handshake = `agi_network: yes
agi_network_script: reference
agi_request: agi://127.0.0.1:4573/reference
agi_channel: PJSIP/alice-00000001
agi_language: en
agi_type: PJSIP
agi_uniqueid: 1790000000.1
agi_version: 22.10.1
agi_callerid: 5551234
agi_calleridname: Alice
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: 100
agi_rdnis: unknown
agi_context: callers
agi_extension: 100
agi_priority: 2
agi_enhanced: 0.0
agi_accountcode:
agi_threadid: 140000000000000

`

// A peer plays Asterisk's part: it opens sessions and answers commands at once.
type peer struct {
	address string
	pause   time.Duration // thought before the digit, on average
	hold    chan struct{} // calls wait here with the question, if not nil

	mu        sync.Mutex
	latencies []time.Duration
}

// run plays n sessions, atOnce at a time.
func (p *peer) run(ctx context.Context, n, atOnce int) error {
	more := times(n)
	err := crowd(atOnce, func() bool { return ctx.Err() == nil && more() }, func() error { return p.session(nil) })
	return errors.Join(err, ctx.Err())
}

// holdCalls opens n calls and returns when all wait at the question.
func (p *peer) holdCalls(ctx context.Context, n int) (release func(), err error) {
	var calls sync.WaitGroup
	release = func() { close(p.hold); calls.Wait() }
	asked := make(chan error, n)
	limit := make(chan struct{}, 100) // connecting at once, so that no queue overflows
	for range n {
		limit <- struct{}{}
		calls.Go(func() {
			if err := p.session(func() { asked <- nil; <-limit }); err != nil {
				asked <- err
			}
		})
	}
	for range n {
		select {
		case err := <-asked:
			if err != nil {
				return release, err
			}
		case <-ctx.Done():
			return release, ctx.Err()
		}
	}
	return release, nil
}

// session plays one call. asked is called when the question comes.
func (p *peer) session(asked func()) error {
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, handshake); err != nil {
		return err
	}
	var digitAt time.Time
	in := bufio.NewReaderSize(conn, 512)
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !digitAt.IsZero() {
			p.note(time.Since(digitAt))
			digitAt = time.Time{}
		}
		reply, question := answer(line)
		if question {
			if asked != nil {
				asked()
			}
			if p.hold != nil {
				<-p.hold
			}
			if p.pause > 0 {
				<-time.After(rand.N(2 * p.pause)) // callers do not press in step
			}
			digitAt = time.Now()
		}
		if reply == "" {
			continue
		}
		if _, err := io.WriteString(conn, reply); err != nil {
			return err
		}
	}
}

// answer is what Asterisk says to a command, "" to one that the next command will end; question is the one a
// digit answers.
func answer(line []byte) (reply string, question bool) {
	switch {
	case bytes.Contains(line, []byte("main-menu")):
		if bytes.HasPrefix(line, []byte("GET DATA")) {
			return "200 result=1\n", true
		}
		return "200 result=49 endpos=8000\n", true
	case bytes.HasPrefix(line, []byte("GET FULL VARIABLE")):
		return "200 result=1 (" + expand(line) + ")\n", false
	case bytes.HasPrefix(line, []byte("GET VARIABLE")):
		return "200 result=1 (42)\n", false
	case bytes.HasPrefix(line, []byte("STREAM FILE")):
		return "200 result=0 endpos=16000\n", false
	case bytes.HasPrefix(line, []byte("SET VARIABLE")), bytes.HasPrefix(line, []byte("VERBOSE")):
		return "200 result=1\n", false
	case bytes.HasPrefix(line, []byte("WAIT FOR DIGIT")): // an hour of listening for digits, in a call that was starved
		return "", false
	case bytes.HasPrefix(line, []byte("HANGUP")):
		return "200 result=1\nHANGUP\n", false
	}
	return "200 result=0\n", false
}

// expand is what an expression of one variable, or none, comes to: all variables are 42, and the text around
// them stays as it is.
func expand(line []byte) string {
	_, expr, _ := bytes.Cut(line, []byte("\""))
	expr, _, _ = bytes.Cut(expr, []byte("\""))
	if _, behind, ok := bytes.Cut(expr, []byte("}")); ok {
		return "42" + string(behind)
	}
	return string(expr)
}

func (p *peer) note(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latencies = append(p.latencies, d)
}

// latency is the median and the 99th percentile of all digits so far.
func (p *peer) latency() (p50, p99 time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return percentiles(p.latencies)
}
