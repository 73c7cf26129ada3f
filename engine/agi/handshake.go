package agi

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

const (
	maxHandshake = 64 << 10
	maxArgs      = 127 // AGI() takes 128, the URL included
)

// blockEnd finds the end of the block of lines a session begins with: the index behind its empty line,
// or -1. from is where a search before left off.
func blockEnd(b []byte, from int) int {
	if len(b) > 0 && b[0] == '\n' {
		return 1
	}
	from = max(from-1, 0)
	if i := bytes.Index(b[from:], []byte("\n\n")); i >= 0 {
		return from + i + 2
	}
	return -1
}

// parseHandshake reads the block a session begins with. Asterisk escapes nothing in it, so a line break
// in a value, such as a caller's name, can look like more lines. Lines that are none of Asterisk's are
// ignored; a block that says something twice, or not at all, is refused, because nobody can tell which
// line is the true one.
func parseHandshake(block string) (engine.Info, error) {
	h := handshake{info: engine.Info{Backend: "agi"}}
	for len(block) > 0 {
		var line string
		line, block, _ = strings.Cut(block, "\n")
		name, ok := strings.CutPrefix(line, "agi_")
		if !ok {
			continue
		}
		name, value, ok := strings.Cut(name, ":")
		if !ok {
			continue
		}
		if err := h.set(name, strings.TrimPrefix(value, " ")); err != nil {
			return engine.Info{}, err
		}
	}
	const needed = hasChannel | hasID | hasContext | hasExten | hasPriority
	if h.has&needed != needed {
		return engine.Info{}, errors.New("handshake: not from Asterisk, or cut short: channel, unique id, context, extension or priority is missing")
	}
	return h.info, nil
}

// A handshake is a block being read; has are the fields it had so far.
type handshake struct {
	info engine.Info
	has  field
	args [maxArgs/64 + 1]uint64
}

type field uint16

const (
	hasChannel field = 1 << iota
	hasID
	hasLanguage
	hasCallerID
	hasCallerName
	hasDialed
	hasContext
	hasExten
	hasPriority
	hasScript
)

func (h *handshake) set(name, value string) error {
	switch name {
	case "channel":
		return h.text(&h.info.Channel, hasChannel, name, value)
	case "uniqueid":
		return h.text(&h.info.ID, hasID, name, value)
	case "language":
		return h.text(&h.info.Language, hasLanguage, name, value)
	case "callerid":
		return h.text(&h.info.CallerID, hasCallerID, name, known(value))
	case "calleridname":
		return h.text(&h.info.CallerName, hasCallerName, name, known(value))
	case "dnid":
		return h.text(&h.info.Dialed, hasDialed, name, known(value))
	case "context":
		return h.text(&h.info.Context, hasContext, name, value)
	case "extension":
		return h.text(&h.info.Exten, hasExten, name, value)
	case "priority":
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("handshake: priority %q is no number", value)
		}
		h.info.Priority = n
		return h.once(hasPriority, name)
	case "network_script":
		h.info.Path, h.info.Args = engine.SplitTarget(value)
		return h.once(hasScript, name)
	}
	if n, ok := strings.CutPrefix(name, "arg_"); ok {
		return h.arg(n, value)
	}
	return nil
}

func (h *handshake) text(to *string, f field, name, value string) error {
	*to = value
	return h.once(f, name)
}

func (h *handshake) once(f field, name string) error {
	if h.has&f != 0 {
		return fmt.Errorf("handshake: agi_%s comes twice; a line break in a caller's name or an argument?", name)
	}
	h.has |= f
	return nil
}

func (h *handshake) arg(number, value string) error {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > maxArgs {
		return nil
	}
	if bit := uint64(1) << (n % 64); h.args[n/64]&bit != 0 {
		return fmt.Errorf("handshake: agi_arg_%d comes twice; a line break in an argument?", n)
	} else {
		h.args[n/64] |= bit
	}
	for len(h.info.Argv) < n {
		h.info.Argv = append(h.info.Argv, "")
	}
	h.info.Argv[n-1] = value
	return nil
}

// known turns Asterisk's word for nothing into nothing.
func known(value string) string {
	if value == "unknown" {
		return ""
	}
	return value
}
