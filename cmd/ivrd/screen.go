package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"
)

// A screen shows lines and, on a terminal, below them one that tells what is going on now.
type screen struct {
	mu    sync.Mutex
	out   io.Writer
	eol   string // \r\n while the terminal passes on every key
	width func() int
	now   string // what is shown below the lines, "" if nothing is
}

// newScreen writes to out; raw says that the keyboard's terminal passes on every key.
func newScreen(out io.Writer, raw bool) *screen {
	s := &screen{out: out, eol: "\n"}
	f, ok := out.(*os.File)
	if raw && ok && term.IsTerminal(int(f.Fd())) {
		s.eol = "\r\n"
		s.width = func() int {
			width, _, err := term.GetSize(int(f.Fd()))
			if err != nil || width < 1 {
				return 80
			}
			return width
		}
	}
	return s
}

const clearLine = "\r\x1b[K"

// line adds lines, above what is going on now.
func (s *screen) line(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	if s.now != "" {
		b.WriteString(clearLine)
	}
	for one := range strings.SplitSeq(text, "\n") {
		b.WriteString(oneLine(one) + s.eol)
	}
	fmt.Fprint(s.out, b.String()+s.now)
}

// live replaces what is going on now.
func (s *screen) live(text string) {
	if s.width == nil {
		return
	}
	text = cut(oneLine(text), s.width()-1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if text != s.now {
		s.now = text
		fmt.Fprint(s.out, clearLine+text)
	}
}

// ask writes text and leaves the cursor behind it.
func (s *screen) ask(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprint(s.out, text)
}

// cut is text in at most width characters: a longer line would wrap, and stay.
func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:max(width, 0)])
}
