package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A logbook keeps what a process prints, line by line.
type logbook struct {
	mu    sync.Mutex
	lines []string
	rest  string
	news  chan struct{} // closed at the next line
}

func newLogbook() *logbook { return &logbook{news: make(chan struct{})} }

func (b *logbook) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.rest + string(p)
	for {
		line, rest, ok := strings.Cut(text, "\n")
		if !ok {
			break
		}
		b.lines, text = append(b.lines, line), rest
	}
	b.rest = text
	close(b.news)
	b.news = make(chan struct{})
	return len(p), nil
}

// mark is how many lines there are now.
func (b *logbook) mark() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.lines)
}

// since is the lines after the first from.
func (b *logbook) since(from int) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.lines[from:])
}

func (b *logbook) tail(n int) string {
	lines := b.since(0)
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// find is the first line after the first from lines that holds all those words.
func (b *logbook) find(from int, words ...string) (string, bool) {
	for _, line := range b.since(from) {
		if holds(line, words) {
			return line, true
		}
	}
	return "", false
}

// count is how many lines hold all those words.
func (b *logbook) count(words ...string) (n int) {
	for _, line := range b.since(0) {
		if holds(line, words) {
			n++
		}
	}
	return n
}

func holds(line string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) })
}

func (b *logbook) wait(ctx context.Context, from int, words ...string) (string, error) {
	for {
		b.mu.Lock()
		news := b.news
		b.mu.Unlock()
		if line, ok := b.find(from, words...); ok {
			return line, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return "", fmt.Errorf("wait for a line with %q: %w", words, context.Cause(ctx))
		}
	}
}
