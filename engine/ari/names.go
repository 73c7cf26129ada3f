package ari

import (
	"crypto/rand"
	"strconv"
	"strings"
	"sync/atomic"
)

// prefix begins the ids of everything that any ivrd makes in Asterisk, so that what a killed one left can be
// told from what is others'.
const prefix = "ivrd-"

// names makes ids of playbacks, recordings, channels and bridges, which Asterisk leaves to us.
type names struct {
	of   string
	last *atomic.Uint64
}

func newNames() names {
	return names{of: prefix + strings.ToLower(rand.Text()[:10]) + "-", last: new(atomic.Uint64)}
}

func (n names) next() string { return n.of + strconv.FormatUint(n.last.Add(1), 36) }

// isOurs reports whether an ivrd made that.
func isOurs(id string) bool { return strings.HasPrefix(id, prefix) }
