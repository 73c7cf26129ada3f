package flow

import (
	_ "embed"
	"strings"
	"sync"
)

// soundNames is what the package asterisk-core-sounds-en 1.6.1 holds, one name per line.
//
//go:embed sounds.txt
var soundNames string

// asteriskSounds are the names of Asterisk's own sounds.
var asteriskSounds = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.Lines(soundNames) {
		names[strings.TrimSpace(name)] = true
	}
	return names
})
