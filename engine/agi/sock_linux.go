package agi

import (
	"errors"
	"syscall"
	"time"
)

const (
	tcpUserTimeout = 0x12 // TCP_USER_TIMEOUT of linux/tcp.h
	peerTimeout    = 45 * time.Second
	probeEvery     = 15 // seconds

	keepAlive = -1 // not switched on by Go for each connection: see control
)

// control makes the kernel probe a peer that is silent and give it up when it answers neither that nor data
// for peerTimeout. Connections inherit this from their listener, which spares each of them the system calls.
func control(_, _ string, c syscall.RawConn) error {
	var err error
	fault := c.Control(func(fd uintptr) {
		set := func(level, option, value int) error { return syscall.SetsockoptInt(int(fd), level, option, value) }
		if err = set(syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1); err != nil {
			return
		}
		_ = set(syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, probeEvery)  // where these are refused, a dead peer
		_ = set(syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, probeEvery) // is found later
		_ = set(syscall.IPPROTO_TCP, tcpUserTimeout, int(peerTimeout.Milliseconds()))
	})
	return errors.Join(fault, err)
}
