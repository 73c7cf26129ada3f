package say

import (
	"embed"
	"maps"
	"slices"
	"strings"
	"sync"
)

// setFiles lists what the packages asterisk-core-sounds-{en,es,fr,it,ru}-wav 1.6.1-1 of Debian hold, one
// name per line.
//
//go:embed sets/*.txt
var setFiles embed.FS

// A Set is the names of the sounds that somebody recorded for a language. It does not change. The zero
// value is empty.
type Set struct{ names map[string]struct{} }

// NewSet is the set of names.
func NewSet(names ...string) Set {
	s := Set{names: make(map[string]struct{}, len(names))}
	for _, name := range names {
		s.names[name] = struct{}{}
	}
	return s
}

// Has reports whether the set has the sound.
func (s Set) Has(name string) bool {
	_, ok := s.names[name]
	return ok
}

// Names is every name, sorted.
func (s Set) Names() []string { return slices.Sorted(maps.Keys(s.names)) }

// Len is how many sounds the set has.
func (s Set) Len() int { return len(s.names) }

var packaged = sync.OnceValue(func() map[string]Set {
	sets := map[string]Set{}
	entries, _ := setFiles.ReadDir("sets")
	for _, e := range entries {
		text, _ := setFiles.ReadFile("sets/" + e.Name())
		sets[strings.TrimSuffix(e.Name(), ".txt")] = NewSet(strings.Fields(string(text))...)
	}
	return sets
})

// Packaged is Asterisk's own sounds in a language, as distributions package them. A language such as
// es_MX has those of es. There are none for Portuguese and German, for instance.
func Packaged(code string) (Set, bool) {
	sets := packaged()
	for c := range codes(code) {
		if s, ok := sets[c]; ok {
			return s, true
		}
	}
	return Set{}, false
}
