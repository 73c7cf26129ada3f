package ari

import (
	"crypto/rand"
	"fmt"
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

// next is a new name. All have the same length: Asterisk 22 refuses the id of a channel if that of another one
// begins with it.
func (n names) next() string { return fmt.Sprintf("%s%010d", n.of, n.last.Add(1)) }

// playbacks is how many playbacks of a channel have names of their own. The next one begins when the one before
// is over or has been stopped, so that more than two never meet.
const playbacks = 4

// playNames are the names of all playbacks of a channel. They are not random, so that an ivrd that was restarted
// can stop what the one before has begun; Asterisk does not tell.
func playNames(channel string) (names [playbacks]string) {
	for i := range names {
		names[i] = prefix + strconv.Itoa(i) + "-" + channel
	}
	return names
}

// isOurs reports whether an ivrd made that.
func isOurs(id string) bool { return strings.HasPrefix(id, prefix) }
