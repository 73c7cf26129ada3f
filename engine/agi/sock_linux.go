package agi

import (
	"syscall"
	"time"
)

const (
	tcpUserTimeout = 0x12 // TCP_USER_TIMEOUT of linux/tcp.h
	peerTimeout    = 45 * time.Second
)

// control makes the kernel give up a peer that does not answer it for peerTimeout, be it to data or to the
// keep-alive probes that Go switches on for every connection. Connections inherit this from their
// listener, which spares each of them the system calls.
func control(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		// Where it is refused, keep-alive alone finds a dead peer, within minutes.
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(peerTimeout.Milliseconds()))
	})
}
