package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A peer plays Asterisk's part of one FastAGI call: it answers each command as Asterisk would, and takes as
// long for sounds.
type peer struct {
	exten string
	from  string
	sound time.Duration // what every sound lasts

	conn   net.Conn
	in     *bufio.Reader
	played []string          // by STREAM FILE
	vars   map[string]string // that ivrd set
}

const handshake = `agi_network: yes
agi_request: agi://127.0.0.1
agi_channel: PJSIP/%[2]s-00000001
agi_language: en
agi_type: PJSIP
agi_uniqueid: 1790000000.%[2]s
agi_version: 22.10.1
agi_callerid: %[2]s
agi_calleridname: unknown
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: %[1]s
agi_rdnis: unknown
agi_context: callers
agi_extension: %[1]s
agi_priority: 1
agi_enhanced: 0.0
agi_accountcode: 
agi_threadid: 140000000000000

`

// call makes one call and sees it through to its end.
func (p *peer) call(ctx context.Context, address string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	p.conn, p.in, p.vars = conn, bufio.NewReaderSize(conn, 512), map[string]string{}
	if _, err := fmt.Fprintf(conn, handshake, p.exten, p.from); err != nil {
		return err
	}
	for {
		line, err := p.in.ReadString('\n')
		if errors.Is(err, io.EOF) && line == "" {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		if _, err := io.WriteString(conn, p.answer(line)); err != nil {
			return err
		}
	}
}

var quoted = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)

// answer does what a command says and is what Asterisk replies to it, which is nothing if another command
// interrupts a sound.
func (p *peer) answer(line string) string {
	var args []string
	for _, m := range quoted.FindAllStringSubmatch(line, -1) {
		args = append(args, m[1])
	}
	switch name, _, _ := strings.Cut(strings.TrimSpace(line), ` "`); name {
	case "STREAM FILE":
		p.played = append(p.played, args[0])
		if p.interrupted(p.sound) {
			return ""
		}
		return "200 result=0 endpos=8000\n"
	case "WAIT FOR DIGIT":
		ms, _ := strconv.Atoi(args[0])
		if p.interrupted(time.Duration(ms) * time.Millisecond) {
			return "200 result=1\n"
		}
		return "200 result=0\n"
	case "SET VARIABLE":
		p.set(args[0], args[1])
		return "200 result=1\n"
	case "GET FULL VARIABLE":
		return "200 result=1 (" + args[0] + ")\n"
	}
	return "200 result=0\n"
}

// interrupted lets d pass, or less if ivrd sends something.
func (p *peer) interrupted(d time.Duration) bool {
	if d <= 0 {
		return false
	}
	p.conn.SetReadDeadline(time.Now().Add(d))
	_, err := p.in.Peek(1)
	p.conn.SetReadDeadline(time.Time{})
	return err == nil
}

// set takes one variable, or several that are set with ARRAY().
func (p *peer) set(name, value string) {
	list, ok := strings.CutPrefix(name, "ARRAY(")
	if !ok {
		p.vars[name] = value
		return
	}
	values := strings.Split(value, ",")
	for i, name := range strings.Split(strings.TrimSuffix(list, ")"), ",") {
		if i < len(values) {
			p.vars[name] = values[i]
		}
	}
}
