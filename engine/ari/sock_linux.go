package ari

import (
	"net"
	"syscall"
)

// A promptListener acknowledges at once what its connections receive. Asterisk 22 leaves Nagle's algorithm on
// for websockets that it opens itself: of two messages in a row it would hold the second back until the first
// is acknowledged, which the kernel delays by 40 ms.
type promptListener struct{ net.Listener }

func (l promptListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return promptConn{c.(*net.TCPConn)}, nil
}

type promptConn struct{ *net.TCPConn }

// Read acknowledges what it reads. The kernel forgets the option by and by, so it is set each time.
func (c promptConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if raw, rawErr := c.SyscallConn(); rawErr == nil {
		_ = raw.Control(func(fd uintptr) { // without it things are slower, and right
			_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
		})
	}
	return n, err
}
