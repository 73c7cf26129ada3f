package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// newLogger writes to w as the configuration says.
func newLogger(c logConfig, w io.Writer) *slog.Logger {
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: c.Level}))
	}
	return slog.New(&textHandler{level: c.Level, w: w, mu: &sync.Mutex{}})
}

// A told is a value that is words for people and data for machines.
type told interface {
	fmt.Stringer
	slog.LogValuer
}

// A textHandler writes lines for people: time, level, message, key=value. What has lines of its own, such
// as a problem with its source line, follows indented.
type textHandler struct {
	level  slog.Level
	attrs  []slog.Attr
	prefix string // of the groups that are open
	mu     *sync.Mutex
	w      io.Writer
}

var _ slog.Handler = (*textHandler)(nil)

func (h *textHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.attrs = slices.Clip(h.attrs)
	for _, a := range attrs {
		with.attrs = append(with.attrs, slog.Attr{Key: h.prefix + a.Key, Value: a.Value})
	}
	return &with
}

func (h *textHandler) WithGroup(name string) slog.Handler {
	in := *h
	if name != "" {
		in.prefix += name + "."
	}
	return &in
}

func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	l := logLine{}
	fmt.Fprintf(&l.first, "%s %-5s %s", r.Time.Format("2006-01-02 15:04:05.000"), r.Level, oneLine(r.Message))
	for _, a := range h.attrs {
		l.attr("", a)
	}
	r.Attrs(func(a slog.Attr) bool {
		l.attr(h.prefix, a)
		return true
	})
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.w, l.first.String()+"\n"+l.below.String())
	return err
}

// A logLine is one line and what stands below it.
type logLine struct{ first, below strings.Builder }

func (l *logLine) attr(prefix string, a slog.Attr) {
	if t, ok := a.Value.Any().(told); ok {
		l.told(t.String())
		return
	}
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, inner := range v.Group() {
			l.attr(prefix, inner)
		}
		return
	}
	text := v.String()
	switch {
	case a.Equal(slog.Attr{}):
	case strings.Contains(text, "\n"):
		l.indented(prefix + a.Key + ":\n" + text)
	case text == "" || strings.ContainsFunc(text, unquotable):
		l.first.WriteString(" " + prefix + a.Key + "=" + strconv.Quote(text))
	default:
		l.first.WriteString(" " + prefix + a.Key + "=" + text)
	}
}

// told writes words behind the message, their further lines below it.
func (l *logLine) told(text string) {
	first, rest, more := strings.Cut(text, "\n")
	l.first.WriteString(": " + oneLine(first))
	if more {
		l.indented(rest)
	}
}

func (l *logLine) indented(text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		l.below.WriteString("    " + oneLine(line) + "\n")
	}
}

func unquotable(r rune) bool { return r <= ' ' || r == '"' || r == '=' || !unicode.IsPrint(r) }

// oneLine is text without what would move the cursor: a flow's text may come from a caller.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r):
			return '\uFFFD'
		}
		return r
	}, text)
}
