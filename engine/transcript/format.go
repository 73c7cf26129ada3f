package transcript

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ivrd/ivrd/engine"
)

// String is the file as text.
func (f *File) String() string {
	var b strings.Builder
	for _, c := range f.Calls {
		b.WriteString(c.String())
	}
	write(&b, f.rest)
	return b.String()
}

// String is the call as text.
func (c *Call) String() string {
	var b strings.Builder
	write(&b, c.Head)
	write(&b, c.Lines)
	return b.String()
}

func write(b *strings.Builder, lines []Line) {
	for i := range lines {
		b.WriteString(lines[i].String())
		b.WriteByte('\n')
	}
}

// String is the line as it is written.
func (l *Line) String() string {
	switch {
	case l.Timed:
		return "at " + engine.Seconds(l.At) + " " + l.action()
	case l.Then:
		return "then " + l.action()
	}
	return l.action()
}

func (l *Line) action() string {
	switch l.Word {
	case Blank:
		return ""
	case RingUp:
		return l.Ring.String()
	case Clock:
		return "clock " + l.Time.Format(time.RFC3339Nano)
	case Seed:
		return "seed " + strconv.FormatInt(l.Seed, 10)
	case Secret:
		return joined("secret", l.Name, quoteText(l.Text))
	case Say, Silence:
		return joined(string(l.Word), duration(l.For), sayText(l.Text))
	case Reply, Row, Fail:
		if l.JSON {
			return joined(string(l.Word), l.Text)
		}
		return joined(string(l.Word), quoteText(l.Text))
	}
	return joined(l.Party, string(l.Word), l.Text)
}

// String is the line that begins a call.
func (r *Ring) String() string {
	words := []string{"ring", quoteWord(r.Exten)}
	for _, o := range []struct{ word, value string }{
		{"from", r.From}, {"name", r.Name}, {"in", r.Context}, {"language", r.Language}, {"path", r.Path},
	} {
		if o.value != "" {
			words = append(words, o.word, quoteWord(o.value))
		}
	}
	for i, v := range r.With {
		if i == 0 {
			words = append(words, "with")
		}
		words = append(words, v.Name+"="+quoteWord(v.Value))
	}
	return strings.Join(words, " ")
}

func joined(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		if w != "" && b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return engine.Seconds(d)
}

// quoteWord quotes what would not be read back as one word.
func quoteWord(s string) string {
	if s == "" || strings.ContainsFunc(s, unicode.IsSpace) || strings.Contains(s, `"`) || unprintable(s) {
		return strconv.Quote(s)
	}
	return s
}

// quoteText quotes what would not be read back as the rest of a line.
func quoteText(s string) string {
	if strings.HasPrefix(s, `"`) || strings.TrimSpace(s) != s || unprintable(s) {
		return strconv.Quote(s)
	}
	return s
}

func sayText(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if _, err := time.ParseDuration(first); err == nil {
		return strconv.Quote(s)
	}
	return quoteText(s)
}

// unprintable reports whether s holds what a line of text cannot.
func unprintable(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl)
}

// stepText is a step on one line.
func stepText(s *engine.Step) string {
	text := s.String()
	if !unprintable(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if one := text[i : i+n]; unicode.IsControl(r) || r == utf8.RuneError && n == 1 {
			quoted := strconv.Quote(one)
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteString(one)
		}
		i += n
	}
	return b.String()
}
