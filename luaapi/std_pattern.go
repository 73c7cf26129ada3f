package luaapi

import lua "github.com/yuin/gopher-lua"

// Lua's pattern matching, after lstrlib.c. gopher-lua's own cannot be interrupted and takes minutes for
// "a-a-a-b" on a short text; this one counts its steps.
type matcher struct {
	L     *lua.LState
	s, p  string
	steps int // left

	level    int
	captures [maxCaptures]struct{ start, length int }
}

const (
	maxCaptures = 32
	maxSteps    = 2_000_000 // about 20 ms
	maxMatches  = 200       // match within match

	unclosed  = -1 // capture lengths
	onlyPlace = -2
)

func newMatcher(L *lua.LState, s, p string) *matcher {
	return &matcher{L: L, s: s, p: p, steps: maxSteps}
}

// at tries to match p[pi:] at s[si:] and returns where the match ends, -1 for none.
func (m *matcher) at(si, pi int) int {
	m.level = 0
	end := m.match(si, pi, 0)
	for l := 0; end >= 0 && l < m.level; l++ {
		if m.captures[l].length == unclosed {
			m.fail("the pattern has '(' without ')'")
		}
	}
	return end
}

func (m *matcher) fail(message string) {
	m.L.RaiseError("%s (pattern %q)", message, keyText(lua.LString(m.p)))
}

func (m *matcher) step(n int) {
	if m.steps -= n; m.steps < 0 {
		m.fail("this pattern takes too long on this text; fewer of * + - in one pattern, or a shorter text")
	}
}

func (m *matcher) match(si, pi, depth int) int {
	if depth > maxMatches {
		m.fail("the pattern is too complex")
	}
	for pi < len(m.p) {
		m.step(1)
		switch c := m.p[pi]; {
		case c == '(' && pi+1 < len(m.p) && m.p[pi+1] == ')':
			return m.open(si, pi+2, onlyPlace, depth)
		case c == '(':
			return m.open(si, pi+1, unclosed, depth)
		case c == ')':
			return m.close(si, pi+1, depth)
		case c == '$' && pi+1 == len(m.p):
			if si == len(m.s) {
				return si
			}
			return -1
		case c == '%' && pi+1 < len(m.p) && m.p[pi+1] == 'b':
			if si = m.balance(si, pi+2); si < 0 {
				return -1
			}
			pi += 4
			continue
		case c == '%' && pi+1 < len(m.p) && m.p[pi+1] == 'f':
			next := m.frontier(si, pi+2)
			if next < 0 {
				return -1
			}
			pi = next
			continue
		case c == '%' && pi+1 < len(m.p) && m.p[pi+1] >= '0' && m.p[pi+1] <= '9':
			if si = m.back(si, int(m.p[pi+1])); si < 0 {
				return -1
			}
			pi += 2
			continue
		}
		end := m.classEnd(pi)
		one := si < len(m.s) && m.single(m.s[si], pi, end)
		suffix := byte(0)
		if end < len(m.p) {
			suffix = m.p[end]
		}
		switch suffix {
		case '?':
			if one {
				if r := m.match(si+1, end+1, depth+1); r >= 0 {
					return r
				}
			}
			pi = end + 1
		case '+':
			if !one {
				return -1
			}
			return m.longest(si+1, pi, end, depth)
		case '*':
			return m.longest(si, pi, end, depth)
		case '-':
			return m.shortest(si, pi, end, depth)
		default:
			if !one {
				return -1
			}
			si, pi = si+1, end
		}
	}
	return si
}

func (m *matcher) longest(si, pi, end, depth int) int {
	n := 0
	for si+n < len(m.s) && m.single(m.s[si+n], pi, end) {
		n++
	}
	m.step(n)
	for ; n >= 0; n-- {
		if r := m.match(si+n, end+1, depth+1); r >= 0 {
			return r
		}
	}
	return -1
}

func (m *matcher) shortest(si, pi, end, depth int) int {
	for {
		if r := m.match(si, end+1, depth+1); r >= 0 {
			return r
		}
		if si >= len(m.s) || !m.single(m.s[si], pi, end) {
			return -1
		}
		si++
		m.step(1)
	}
}

func (m *matcher) open(si, pi, length, depth int) int {
	if m.level >= maxCaptures {
		m.fail("too many captures")
	}
	m.captures[m.level].start, m.captures[m.level].length = si, length
	m.level++
	r := m.match(si, pi, depth+1)
	if r < 0 {
		m.level--
	}
	return r
}

func (m *matcher) close(si, pi, depth int) int {
	l := m.level - 1
	for l >= 0 && m.captures[l].length != unclosed {
		l--
	}
	if l < 0 {
		m.fail("the pattern has ')' without '('")
	}
	m.captures[l].length = si - m.captures[l].start
	r := m.match(si, pi, depth+1)
	if r < 0 {
		m.captures[l].length = unclosed
	}
	return r
}

func (m *matcher) balance(si, pi int) int {
	if pi+1 >= len(m.p) {
		m.fail("%b needs two characters")
	}
	if si >= len(m.s) || m.s[si] != m.p[pi] {
		return -1
	}
	depth := 1
	for i := si + 1; i < len(m.s); i++ {
		switch m.s[i] {
		case m.p[pi+1]:
			if depth--; depth == 0 {
				m.step(i - si)
				return i + 1
			}
		case m.p[pi]:
			depth++
		}
	}
	m.step(len(m.s) - si)
	return -1
}

// frontier is %f[set]: it returns the rest of the pattern if a word begins at si.
func (m *matcher) frontier(si, pi int) int {
	if pi >= len(m.p) || m.p[pi] != '[' {
		m.fail("%f needs a set in brackets")
	}
	end := m.classEnd(pi)
	var before, after byte
	if si > 0 {
		before = m.s[si-1]
	}
	if si < len(m.s) {
		after = m.s[si]
	}
	if m.set(before, pi, end-1) || !m.set(after, pi, end-1) {
		return -1
	}
	return end
}

func (m *matcher) back(si, digit int) int {
	l := digit - '1'
	if l < 0 || l >= m.level || m.captures[l].length == unclosed {
		m.fail("the pattern refers to a capture that is not there")
	}
	c := m.captures[l]
	n := max(c.length, 0)
	m.step(n)
	if len(m.s)-si < n || m.s[c.start:c.start+n] != m.s[si:si+n] {
		return -1
	}
	return si + n
}

func (m *matcher) classEnd(pi int) int {
	c := m.p[pi]
	pi++
	switch c {
	case '%':
		if pi >= len(m.p) {
			m.fail("the pattern ends with '%'")
		}
		return pi + 1
	case '[':
		if pi < len(m.p) && m.p[pi] == '^' {
			pi++
		}
		for first := true; first || pi >= len(m.p) || m.p[pi] != ']'; first = false {
			if pi >= len(m.p) {
				m.fail("the pattern has '[' without ']'")
			}
			if m.p[pi] == '%' {
				pi++
			}
			pi++
		}
		return pi + 1
	}
	return pi
}

func (m *matcher) single(c byte, pi, end int) bool {
	switch m.p[pi] {
	case '.':
		return true
	case '%':
		return inClass(c, m.p[pi+1])
	case '[':
		return m.set(c, pi, end-1)
	}
	return m.p[pi] == c
}

// set says whether c is in the set from the bracket at pi to the one at end.
func (m *matcher) set(c byte, pi, end int) bool {
	in := true
	pi++
	if m.p[pi] == '^' {
		in = false
		pi++
	}
	m.step((end - pi) / 8)
	for ; pi < end; pi++ {
		switch {
		case m.p[pi] == '%':
			pi++
			if inClass(c, m.p[pi]) {
				return in
			}
		case pi+2 < end && m.p[pi+1] == '-':
			if m.p[pi] <= c && c <= m.p[pi+2] {
				return in
			}
			pi += 2
		case m.p[pi] == c:
			return in
		}
	}
	return !in
}

func inClass(c, class byte) bool {
	var in bool
	switch class | 0x20 {
	case 'a':
		in = isLetter(c)
	case 'c':
		in = c < ' ' || c == 0x7f
	case 'd':
		in = isDigit(c)
	case 'l':
		in = 'a' <= c && c <= 'z'
	case 'p':
		in = c > ' ' && c < 0x7f && !isLetter(c) && !isDigit(c)
	case 's':
		in = c == ' ' || '\t' <= c && c <= '\r'
	case 'u':
		in = 'A' <= c && c <= 'Z'
	case 'w':
		in = isLetter(c) || isDigit(c)
	case 'x':
		in = isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'
	case 'z':
		in = c == 0
	default:
		return class == c
	}
	if class >= 'A' && class <= 'Z' {
		return !in
	}
	return in
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// capture is capture l of the match s[from:to]; capture 0 of a match without captures is all of it.
func (m *matcher) capture(l, from, to int) lua.LValue {
	if l >= m.level {
		if l != 0 {
			m.L.RaiseError("capture %%%d is not in the pattern %q", l+1, keyText(lua.LString(m.p)))
		}
		return part(m.s, from, to)
	}
	c := m.captures[l]
	if c.length == onlyPlace {
		return lua.LNumber(c.start + 1)
	}
	return part(m.s, c.start, c.start+c.length)
}

// pushCaptures returns all captures, or the whole match if whole is set and there are none.
func (m *matcher) pushCaptures(from, to int, whole bool) int {
	n := m.level
	if n == 0 && whole {
		n = 1
	}
	for l := range n {
		v := m.capture(l, from, to)
		if s, ok := v.(lua.LString); ok {
			runtimeOf(m.L).charge(len(s))
		}
		m.L.Push(v)
	}
	return n
}
