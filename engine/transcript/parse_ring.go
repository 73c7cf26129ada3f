package transcript

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ivrd/ivrd/engine"
)

func (p *parser) ring() (Line, *ParseError) {
	p.rang, p.step = true, ""
	var r Ring
	var err *ParseError
	if r.Exten, err = p.value("ring", "such as: ring 100 from 5551234"); err != nil {
		return Line{}, err
	}
	for p.trim(); p.rest != ""; p.trim() {
		word := p.word()
		if word == "with" {
			err = p.with(&r)
		} else {
			err = p.option(&r, word)
		}
		if err != nil {
			return Line{}, err
		}
	}
	return Line{Word: RingUp, Ring: &r}, nil
}

// option reads one option of ring, whose name is read already.
func (p *parser) option(r *Ring, word string) (err *ParseError) {
	field, ok := map[string]*string{
		"from": &r.From, "name": &r.Name, "in": &r.Context, "language": &r.Language, "path": &r.Path,
	}[word]
	if !ok {
		options := []string{"from", "name", "in", "language", "path", "with"}
		return p.fail(word, nearest(word, options, "it has"), "ring has no %q", word)
	}
	if *field != "" {
		return p.fail(word, "", "%s stands twice", word)
	}
	if *field, err = p.value(word, ""); err != nil || word != "path" {
		return err
	}
	if _, query, _ := strings.Cut(r.Path, "?"); query != "" {
		if _, bad := url.ParseQuery(query); bad != nil {
			return p.fail("", "write path \"sales?x=1&y=2\"", "path: %v", bad)
		}
	}
	return nil
}

// value reads one word, or anything in double quotes.
func (p *parser) value(of, hint string) (string, *ParseError) {
	p.trim()
	if !strings.HasPrefix(p.rest, `"`) {
		word := p.word()
		if word == "" {
			return "", p.fail("", hint, "%s: something is missing", of)
		}
		if strings.Contains(word, `"`) {
			return "", p.fail(word, `put all of it in "..."`, "%s: a quote in the middle of a word", of)
		}
		return word, nil
	}
	quoted, err := strconv.QuotedPrefix(p.rest)
	if err != nil {
		return "", p.fail("", `end it with " and write \" and \\ inside`, "%s: the quoted text is not right", of)
	}
	p.rest = p.rest[len(quoted):]
	value, _ := strconv.Unquote(quoted)
	return value, nil
}

// with reads variables up to the next option.
func (p *parser) with(r *Ring) *ParseError {
	for n := 0; ; n++ {
		p.trim()
		end := strings.IndexFunc(p.rest, func(c rune) bool { return unicode.IsSpace(c) || c == '=' || c == '"' })
		if end <= 0 || p.rest[end] != '=' {
			if n == 0 {
				return p.fail("", "", "with: write VARIABLE=VALUE, such as: with VIP=1 CITY=\"São Paulo\"")
			}
			return nil
		}
		name := p.rest[:end]
		p.rest = p.rest[end+1:]
		value := ""
		if c, _ := utf8.DecodeRuneInString(p.rest); p.rest != "" && !unicode.IsSpace(c) {
			var err *ParseError
			if value, err = p.value("with", ""); err != nil {
				return err
			}
		}
		r.With = append(r.With, engine.Variable{Name: name, Value: value})
	}
}
