package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	"golang.org/x/term"
)

// A keyboard is where the caller's keys come from. Reading cannot be interrupted, so its goroutine ends
// with the input or with the program.
type keyboard struct {
	raw   bool        // a terminal that passes on every key
	echo  bool        // nobody has seen yet what is read
	typed chan string // whole lines, in virtual time; closed at the end of the input
	done  <-chan struct{}
	in    *bufio.Reader

	restore func() // makes the terminal what it was; may be called more than once
}

// openKeyboard prepares in for single keys or, if lines is set, for lines.
func openKeyboard(ctx context.Context, in io.Reader, lines bool) (*keyboard, error) {
	k := &keyboard{in: bufio.NewReader(in), done: ctx.Done(), restore: func() {}}
	f, ok := in.(*os.File)
	terminal := ok && term.IsTerminal(int(f.Fd()))
	if lines {
		k.echo = !terminal
		k.typed = make(chan string)
		go k.readLines()
		return k, nil
	}
	if !terminal {
		return k, nil
	}
	state, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return nil, fmt.Errorf("prepare the terminal: %w", err)
	}
	k.raw = true
	k.restore = func() { _ = term.Restore(int(f.Fd()), state) }
	return k, nil
}

func (k *keyboard) readLines() {
	defer close(k.typed)
	for {
		line, err := k.in.ReadString('\n')
		if line = strings.TrimSpace(line); err != nil && line == "" {
			return
		}
		select {
		case k.typed <- line:
		case <-k.done:
			return
		}
	}
}

// press turns keys into digits until the input ends. Without a terminal the end of the input is no
// hangup: the flow goes on in silence.
func (k *keyboard) press(caller *sim.Phone, pressed func(engine.Digit)) {
	defer func() {
		if p := recover(); p != nil {
			k.restore()
			panic(p)
		}
	}()
	const interrupt, endOfFile = 3, 4 // Ctrl-C and Ctrl-D in a raw terminal
	for {
		b, err := k.in.ReadByte()
		switch {
		case err != nil && !k.raw:
			return
		case err != nil, b == 'h', b == interrupt, b == endOfFile:
			caller.HangUp(caller.Press(0, "")) // once the keys pressed before are up
			return
		case engine.AnyDigit.Has(engine.Digit(b)):
			pressed(engine.Digit(b))
			caller.Press(0, string(b))
		}
	}
}

// digitsOf is line without what is no key.
func digitsOf(line string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && engine.AnyDigit.Has(engine.Digit(r)) {
			return r
		}
		return -1
	}, line)
}
