package agi

import (
	"net"
	"syscall"
	"time"
)

const (
	tcpUserTimeout = 0x12 // TCP_USER_TIMEOUT of linux/tcp.h
	peerTimeout    = 45 * time.Second
)

// tune makes the kernel give up a peer that does not answer it for peerTimeout, be it to data or to the
// keep-alive probes that Go switches on for every connection. Connections inherit this from l, which
// spares each of them the system calls.
func tune(l net.Listener) {
	sc, ok := l.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return
	}
	// Where it is refused, keep-alive alone finds a dead peer, within minutes.
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(peerTimeout.Milliseconds()))
	})
}
