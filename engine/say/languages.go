package say

import (
	"embed"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed languages/*.yaml
var languageFiles embed.FS

// Languages is languages by their codes. It does not change.
type Languages struct{ byCode map[string]*Language }

// Builtin is the languages that come with ivrd.
func Builtin() (*Languages, error) { return builtin() }

var builtin = sync.OnceValues(func() (*Languages, error) {
	sub, err := subFolder(languageFiles, "languages")
	if err != nil {
		return nil, err
	}
	return Load(sub, nil)
})

// Codes is the codes of all languages, sorted.
func (ls *Languages) Codes() []string { return slices.Sorted(maps.Keys(ls.byCode)) }

// Lookup finds a language by Asterisk's code, or the next wider: pt_BR_f, pt_BR, pt. If there is none it
// is English, and false.
func (ls *Languages) Lookup(code string) (*Language, bool) {
	for c := range codes(code) {
		if l, ok := ls.byCode[c]; ok {
			return l, true
		}
	}
	if l, ok := ls.byCode["en"]; ok {
		return l, false
	}
	return ls.byCode[ls.Codes()[0]], false
}

// codes goes from a code to wider ones: pt_BR_f, pt_BR, pt. BCP 47's pt-BR is taken as well.
func codes(code string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for c := strings.ReplaceAll(code, "-", "_"); c != ""; c = c[:max(strings.LastIndexByte(c, '_'), 0)] {
			if !yield(c) {
				return
			}
		}
	}
}
