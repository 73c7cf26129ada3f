//go:build !linux

package ari

import "net"

// A promptListener would acknowledge at once what its connections receive, if the system let it.
type promptListener struct{ net.Listener }
