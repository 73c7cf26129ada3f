//go:build !linux

package agi

import "syscall"

// keepAlive leaves it to the probes that Go switches on for every connection to find a dead peer, within
// minutes.
const keepAlive = 0

func control(_, _ string, _ syscall.RawConn) error { return nil }
