package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/agi"
	"github.com/ivrd/ivrd/engine/flow"
)

// BenchmarkSession is the reference session without a network, for profiles and to count allocations.
func BenchmarkSession(b *testing.B) {
	set, problems := flow.Load(fstest.MapFS{"reference.lua": {Data: []byte(reference)}}, flow.Options{})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	e := &engine.Engine{Flows: func() engine.Flows { return set }}
	s := &agi.Server{Handler: e.Handle, TypeAhead: -1}
	b.ReportAllocs()
	for b.Loop() {
		s.ServeConn(context.Background(), &scripted{in: []byte(handshake)})
	}
}

// A scripted connection answers each command at once.
type scripted struct {
	in []byte // what the server has not read yet
}

func (c *scripted) Read(b []byte) (int, error) {
	if len(c.in) == 0 {
		return 0, io.EOF
	}
	n := copy(b, c.in)
	c.in = c.in[n:]
	return n, nil
}

func (c *scripted) Write(b []byte) (int, error) {
	reply, _ := answer(bytes.TrimSuffix(b, []byte("\n")))
	c.in = append(c.in, reply...)
	return len(b), nil
}

func (c *scripted) Close() error                     { return nil }
func (c *scripted) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *scripted) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *scripted) SetDeadline(time.Time) error      { return nil }
func (c *scripted) SetReadDeadline(time.Time) error  { return nil }
func (c *scripted) SetWriteDeadline(time.Time) error { return nil }
