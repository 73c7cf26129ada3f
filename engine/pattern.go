package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Pattern is an extension pattern in Asterisk's syntax: X is 0-9, Z is 1-9, N is 2-9, [13-5] is one of
// those, a final . is one or more of anything, a final ! is any rest, also none. A dash is decoration.
// (Asterisk: main/pbx.c, ext_cmp_pattern and extension_match_core.)
type Pattern struct {
	text  string
	elems []elem
	rest  byte // '.', '!' or 0
}

// An elem is one position of a pattern: the bytes it takes.
type elem struct{ set string }

// ParsePattern reads a pattern without the leading underscore that extensions.conf puts before one.
func ParsePattern(text string) (Pattern, error) {
	p := Pattern{text: text}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case 'X', 'x':
			p.add("0123456789")
		case 'Z', 'z':
			p.add("123456789")
		case 'N', 'n':
			p.add("23456789")
		case '-', ' ':
		case '.', '!':
			if i != len(text)-1 {
				return Pattern{}, fmt.Errorf("pattern %q: %q must be its last character", text, c)
			}
			p.rest = c
		case '[':
			end := strings.IndexByte(text[i:], ']')
			if end < 0 {
				return Pattern{}, fmt.Errorf("pattern %q: [ without ]", text)
			}
			set, err := expandSet(text[i+1 : i+end])
			if err != nil {
				return Pattern{}, fmt.Errorf("pattern %q: %w", text, err)
			}
			p.add(set)
			i += end
		default:
			if c <= ' ' || c >= 0x7f || strings.IndexByte(`]"\,;&|()`, c) >= 0 {
				return Pattern{}, fmt.Errorf("pattern %q: %q cannot be part of an extension", text, c)
			}
			p.add(text[i : i+1])
		}
	}
	if len(p.elems) == 0 && p.rest == 0 {
		return Pattern{}, fmt.Errorf("a pattern cannot be empty")
	}
	return p, nil
}

// ParseLiteral is the pattern of one extension, in which no letter has a meaning of its own.
func ParseLiteral(text string) (Pattern, error) {
	if text == "" {
		return Pattern{}, fmt.Errorf("an extension cannot be empty")
	}
	p := Pattern{text: text}
	for i := 0; i < len(text); i++ {
		if c := text[i]; c <= ' ' || c == 0x7f || strings.IndexByte(`"\,;&|()[]`, c) >= 0 {
			return Pattern{}, fmt.Errorf("extension %q: %q cannot be part of an extension", text, c)
		}
		p.add(text[i : i+1])
	}
	return p, nil
}

// keyPattern is the pattern of one key.
func keyPattern(key string) Pattern { return Pattern{text: key, elems: []elem{{key}}} }

func (p *Pattern) add(set string) { p.elems = append(p.elems, elem{set}) }

// expandSet turns "13-5" into "1345".
func expandSet(body string) (string, error) {
	if body == "" {
		return "", fmt.Errorf("[] is empty")
	}
	var set []byte
	for i := 0; i < len(body); i++ {
		if i+2 < len(body) && body[i+1] == '-' {
			low, high := body[i], body[i+2]
			if low > high {
				return "", fmt.Errorf("[%s] runs backwards; write [%c-%c]", body, high, low)
			}
			for c := int(low); c <= int(high); c++ {
				set = append(set, byte(c))
			}
			i += 2
			continue
		}
		set = append(set, body[i])
	}
	slices.Sort(set)
	return string(slices.Compact(set)), nil
}

func (p Pattern) String() string { return p.text }

// A Fit says how an entry so far fits a pattern.
type Fit int

const (
	NoFit   Fit = iota // it cannot become a match
	Partial            // more digits could make it a match
	Full               // it matches; nothing longer does
	Open               // it matches, and so could something longer
)

// Fit tells how s fits the pattern.
func (p Pattern) Fit(s string) Fit {
	for i := 0; i < len(s); i++ {
		if i >= len(p.elems) {
			if p.rest == 0 {
				return NoFit
			}
			return Open
		}
		if strings.IndexByte(p.elems[i].set, s[i]) < 0 {
			return NoFit
		}
	}
	switch {
	case len(s) < len(p.elems), p.rest == '.':
		return Partial
	case p.rest == '!':
		return Open
	}
	return Full
}

// Matches reports whether s is what the pattern describes.
func (p Pattern) Matches(s string) bool { return p.Fit(s) >= Full }

// AnyMatches reports whether one of patterns describes s.
func AnyMatches(patterns []Pattern, s string) bool { return pick(patterns, s) >= 0 }

// takes reports whether c can be part of what the pattern matches.
func (p Pattern) takes(c byte) bool {
	for _, e := range p.elems {
		if strings.IndexByte(e.set, c) >= 0 {
			return true
		}
	}
	return false
}

// Compare orders patterns as Asterisk tries them: negative means p comes first. From the left, a position
// that takes fewer characters comes first, then the lower character; . and ! come last.
func (p Pattern) Compare(q Pattern) int {
	for i := 0; i < len(p.elems) && i < len(q.elems); i++ {
		a, b := p.elems[i].set, q.elems[i].set
		if c := cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)); c != 0 {
			return c
		}
	}
	// Asterisk compares what stands at the next position: an end before a digit before . before !
	return cmp.Compare(p.weight(len(q.elems)), q.weight(len(p.elems)))
}

// weight is what stands in p behind the positions it shares with a pattern of n.
func (p Pattern) weight(n int) int {
	switch {
	case len(p.elems) > n:
		return 1
	case p.rest == '.':
		return 2
	case p.rest == '!':
		return 3
	}
	return 0
}
