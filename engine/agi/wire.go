package agi

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Bounds of what is sent. A longer line is cut by Asterisk and its rest run as a second command; quoted
// words beyond 127 overwrite its stack (res_agi.c, parse_args).
const (
	maxLine  = 8190 // Asterisk 20.16, 21.11, 22.6 and later
	maxWords = 100
)

// appendCommand writes name, which is one or more plain words, and the quoted args as one line.
func appendCommand(b []byte, most int, name string, args []string) ([]byte, error) {
	start := len(b)
	b = append(b, name...)
	if words := strings.Count(name, " ") + 1 + len(args); words > maxWords {
		return b[:start], fmt.Errorf("%s: %d words; an AGI command has at most %d", name, words, maxWords)
	}
	for _, arg := range args {
		b = append(b, ' ')
		var ok bool
		if b, ok = appendQuoted(b, arg); !ok {
			return b[:start], fmt.Errorf("%s: %q has a line break or another control character, which AGI cannot carry", name, arg)
		}
	}
	if n := len(b) - start; n > most {
		return b[:start], fmt.Errorf("%s: the command has %d bytes; Asterisk reads at most %d", name, n, most)
	}
	return append(b, '\n'), nil
}

// appendQuoted writes arg so that parse_args gives it back: it splits on blanks outside quotes and knows
// only \" and \\. It reports false for what cannot be sent at all.
func appendQuoted(b []byte, arg string) ([]byte, bool) {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(arg); i++ {
		switch c := arg[i]; {
		case c == '"' || c == '\\':
			b = append(append(b, arg[from:i]...), '\\')
			from = i
		case c < ' ' && c != '\t', c == 0x7f:
			return b, false
		}
	}
	b = append(b, arg[from:]...)
	return append(b, '"'), true
}

// kind tells the lines that Asterisk sends apart.
type kind int

const (
	noise       kind = iota // not from this protocol
	hangupLine              // HANGUP, which is never a reply
	provisional             // 1xx: the reply is still to come
	usageLine               // 520-, the first line of several
	replyLine
)

// A reply is what Asterisk answered. Its slices are good until the next line is read.
type reply struct {
	code   int
	result []byte // what follows result=
	tail   []byte // what follows the result; all the text where there is no result
}

// parseLine reads one line of Asterisk's.
func parseLine(line []byte) (reply, kind) {
	if string(line) == "HANGUP" {
		return reply{}, hangupLine
	}
	if len(line) < 3 || !isDigit(line[0]) || !isDigit(line[1]) || !isDigit(line[2]) {
		return reply{}, noise
	}
	r := reply{code: int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')}
	rest := line[3:]
	switch {
	case len(rest) > 0 && rest[0] == '-':
		return r, usageLine
	case len(rest) > 0 && rest[0] != ' ':
		return reply{}, noise
	case r.code < 200:
		return r, provisional
	}
	if len(rest) > 0 {
		rest = rest[1:]
	}
	if value, ok := bytes.CutPrefix(rest, []byte("result=")); ok {
		r.result, r.tail = value, nil
		if i := bytes.IndexByte(value, ' '); i >= 0 {
			r.result, r.tail = value[:i], value[i+1:]
		}
	} else {
		r.tail = rest
	}
	return r, replyLine
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// number is the result as a number; ok is false if it is none.
func (r reply) number() (n int, ok bool) {
	s, negative := bytes.CutPrefix(r.result, []byte("-"))
	if len(s) == 0 || len(s) > 9 {
		return 0, false
	}
	for _, c := range s {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

// failed reports a result of -1: a hangup or something that could not be done.
func (r reply) failed() bool { return string(r.result) == "-1" }

// endpos is how many samples were played or recorded.
func (r reply) endpos() (int64, bool) {
	i := bytes.LastIndex(r.tail, []byte("endpos="))
	if i < 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(string(r.tail[i+len("endpos="):]), 10, 64)
	return n, err == nil
}

// word is the word in parentheses that some results carry, such as "timeout".
func (r reply) word() []byte {
	if len(r.tail) == 0 || r.tail[0] != '(' {
		return nil
	}
	if i := bytes.IndexByte(r.tail, ')'); i > 0 {
		return r.tail[1:i]
	}
	return nil
}

// text is the tail for those who sent a command of their own: what stands in parentheses if that is all
// there is, else everything.
func (r reply) text() string {
	if n := len(r.tail); n >= 2 && r.tail[0] == '(' && r.tail[n-1] == ')' {
		return string(r.tail[1 : n-1])
	}
	return string(r.tail)
}

// copied is r with slices of its own.
func (r reply) copied() reply {
	r.result, r.tail = bytes.Clone(r.result), bytes.Clone(r.tail)
	return r
}
