package database

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A statement is SQL as flows write it, taken apart.
type statement struct {
	sql    string // with the placeholders of the database
	values int    // how many placeholders there are
	reads  bool   // it changes nothing, by its words
}

// parse looks for placeholders outside of texts, names and comments, and refuses a second statement. It does not
// know SQL: a database that reads the text in another way finds another number of placeholders and refuses it.
func (d *dialect) parse(sql string) (statement, error) {
	if !utf8.ValidString(sql) || strings.ContainsRune(sql, 0) {
		return statement{}, errors.New("SQL is text; give other bytes as values, with db.blob")
	}
	s := scanner{dialect: d, rest: sql}
	var out strings.Builder
	st := statement{}
	ended := false
	for s.rest != "" {
		kind, text, err := s.next()
		if err != nil {
			return statement{}, err
		}
		switch {
		case kind == semicolon:
			ended = true
			continue
		case kind == blank:
		case ended:
			return statement{}, errors.New("one statement at a time; there is another one behind the ;")
		case kind == placeholder:
			st.values++
			text = d.placeholder(st.values, out.String(), s.rest)
		case kind == question:
			text = "?"
		case kind == word && out.Len() == 0:
			if err := d.forbids(text); err != nil {
				return statement{}, err
			}
			st.reads = among(text, "select", "values", "with")
		case kind == word && among(text, "insert", "update", "delete", "replace"):
			st.reads = false
		}
		if out.Len() > 0 || kind != blank {
			out.WriteString(text)
		}
	}
	st.sql = strings.TrimSpace(out.String())
	if st.sql == "" {
		return statement{}, errors.New("there is no statement")
	}
	return st, nil
}

// forbids refuses statements by their first word: those that change a connection for the calls that get it next, and
// those that reach other files.
func (d *dialect) forbids(text string) error {
	switch {
	case among(text, "begin", "start", "commit", "rollback", "end", "abort", "savepoint", "release"):
		return fmt.Errorf("%s: transactions are what db.tx is for", text)
	case among(text, "set", "reset", "use", "lock", "unlock", "discard", "listen", "unlisten"), d.brackets && among(text, "pragma"):
		return fmt.Errorf("%s: calls share connections; what all of them are to begin with belongs into the address in ivrd.yaml", text)
	case d.brackets && among(text, "attach", "detach", "vacuum"):
		return fmt.Errorf("%s: flows have the databases that ivrd.yaml names", text)
	}
	return nil
}

func among(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(text, w) })
}

// A token is a piece of SQL.
type token int

const (
	blank       token = iota // white space and comments
	other                    // an operator, a number
	word                     // a keyword or a name
	quoted                   // a text, or a name in quotes
	placeholder              // ?
	question                 // ??, which stands for the operator ?
	semicolon
)

// A scanner takes SQL apart.
type scanner struct {
	*dialect
	rest    string
	last    byte // the one before rest
	escapes bool // PostgreSQL reads the text that begins here with backslashes: E'it\'s'
}

// take is the next n bytes.
func (s *scanner) take(n int) string {
	text := s.rest[:n]
	s.rest, s.last = s.rest[n:], text[n-1]
	return text
}

func (s *scanner) next() (token, string, error) {
	c := s.rest[0]
	switch {
	case isSpace(c):
		n := 1
		for n < len(s.rest) && isSpace(s.rest[n]) {
			n++
		}
		return blank, s.take(n), nil
	case s.lineComment():
		n := strings.IndexByte(s.rest, '\n')
		if n < 0 {
			n = len(s.rest)
		}
		return blank, s.comment(n), nil
	case strings.HasPrefix(s.rest, "/*"):
		return s.blockComment()
	case c == '\'' || c == '"' || c == '`' && s.backticks:
		return s.quotedBy(c, s.backslash && c != '`' || s.escapes && c == '\'')
	case c == '[' && s.brackets:
		n := strings.IndexByte(s.rest, ']')
		if n < 0 {
			return 0, "", errors.New("a name in [ ] does not end")
		}
		return quoted, s.take(n + 1), nil
	case c == '$' && s.dollars && !isWord(s.last):
		return s.dollar()
	case c == ';':
		return semicolon, s.take(1), nil
	case c == '?':
		return s.questionMark()
	case s.native():
		return 0, "", fmt.Errorf("%s: where a value goes, write ? and give the value behind the SQL", nearby(s.rest))
	case isWord(c):
		n := 1
		for n < len(s.rest) && (isWord(s.rest[n]) || s.rest[n] == '$' && s.dollars) {
			n++
		}
		text := s.take(n)
		s.escapes = s.dollars && (text == "e" || text == "E") && strings.HasPrefix(s.rest, "'")
		return word, text, nil
	}
	return other, s.take(1), nil
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= utf8.RuneSelf
}

// lineComment reports whether one begins here. MySQL wants a blank behind --.
func (s *scanner) lineComment() bool {
	if s.hash && s.rest[0] == '#' {
		return true
	}
	after, ok := strings.CutPrefix(s.rest, "--")
	return ok && (!s.hash || after == "" || after[0] <= ' ')
}

func (s *scanner) blockComment() (token, string, error) {
	if s.hash && (strings.HasPrefix(s.rest, "/*!") || strings.HasPrefix(s.rest, "/*M!")) {
		return 0, "", errors.New("/*! is no comment but SQL that some servers run; write it without")
	}
	depth := 0
	for i := 0; i+1 < len(s.rest); {
		switch {
		case s.rest[i:i+2] == "/*" && (depth == 0 || s.nested):
			depth++
			i += 2
		case s.rest[i:i+2] == "*/":
			depth--
			i += 2
		default:
			i++
		}
		if depth == 0 {
			return blank, s.comment(i), nil
		}
	}
	return 0, "", errors.New("a comment does not end with */")
}

// comment takes a comment of n bytes. PostgreSQL, which ends lines at other places too, gets a blank in its place.
func (s *scanner) comment(n int) string {
	text := s.take(n)
	if s.numbered {
		return " "
	}
	return text
}

// quotedBy reads up to the closing quote. Two quotes are one within, and with backslash \' is one too.
func (s *scanner) quotedBy(quote byte, backslash bool) (token, string, error) {
	s.escapes = false
	for i := 1; i < len(s.rest); i++ {
		switch {
		case backslash && s.rest[i] == '\\':
			i++
		case s.rest[i] != quote:
		case i+1 < len(s.rest) && s.rest[i+1] == quote:
			i++
		default:
			return quoted, s.take(i + 1), nil
		}
	}
	return 0, "", fmt.Errorf("a text does not end with %c: %s", quote, nearby(s.rest))
}

// dollar reads $tag$ … $tag$.
func (s *scanner) dollar() (token, string, error) {
	n := 1
	for n < len(s.rest) && isWord(s.rest[n]) {
		n++
	}
	if n == len(s.rest) || s.rest[n] != '$' || n > 1 && s.rest[1] >= '0' && s.rest[1] <= '9' {
		return 0, "", fmt.Errorf("%s: where a value goes, write ? and give the value behind the SQL", nearby(s.rest))
	}
	tag := s.rest[:n+1]
	end := strings.Index(s.rest[n+1:], tag)
	if end < 0 {
		return 0, "", fmt.Errorf("a text does not end with %s", tag)
	}
	return quoted, s.take(n + 1 + end + len(tag)), nil
}

func (s *scanner) questionMark() (token, string, error) {
	after := s.rest[1:]
	switch {
	case after == "":
	case after[0] == '?' && s.dollars:
		s.take(2)
		return question, "", nil
	case after[0] == '?':
		return 0, "", errors.New("?? is the operator ? of PostgreSQL; where a value goes, write one ?")
	case isWord(after[0]):
		return 0, "", fmt.Errorf("%s: write ? alone, with a blank behind it", nearby(s.rest))
	}
	return placeholder, s.take(1), nil
}

// native reports whether a placeholder of the database's own begins here.
func (s *scanner) native() bool {
	return s.variables != "" && strings.IndexByte(s.variables, s.rest[0]) >= 0
}

// nearby is the beginning of SQL for a message.
func nearby(sql string) string {
	const most = 20
	line := strings.Join(strings.Fields(sql), " ")
	if r := []rune(line); len(r) > most {
		line = string(r[:most]) + "…"
	}
	return line
}
