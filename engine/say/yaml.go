package say

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/internal/yamldoc"
	"gopkg.in/yaml.v3"
)

// maxFile is how large a language file may be; ours have some 20 kB.
const maxFile = 1 << 20

// maxShown is how many problems of one file anybody wants to see.
const maxShown = 50

// A reader reads one file into a language, node by node, so that every problem has its line.
type reader struct {
	file       string
	source     []byte
	lines      [][]byte
	lang       *Language
	references []namedReference // of the file, checked when all of it was read
	problems   Problems
}

// A namedReference is a reference and the key it stands under.
type namedReference struct {
	*reference
	key string
}

// An at is a node with the key it stands under.
type at struct {
	*yaml.Node
	key    string     // with those above it: rules.cardinal.20
	name   *yaml.Node // the key itself
	offset int        // into the node's text
}

// A place is where something stands in the file.
type place struct{ line, column int }

func (n at) below(name, value *yaml.Node) at {
	key := name.Value
	if n.key != "" {
		key = n.key + "." + key
	}
	return at{Node: value, key: key, name: name}
}

// byKey is the key's place, for what is wrong with it.
func (n at) byKey() at {
	n.Node = n.name
	return n
}

// find is the value of a mapping's key.
func (n at) find(key string) (at, bool) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.below(n.Content[i], n.Content[i+1]), true
		}
	}
	return at{}, false
}

// moved is the place so many bytes into the text of a node.
func (n at) moved(offset int) at {
	n.offset = offset
	return n
}

// place finds the line and column. Inside a text of several lines only its beginning is known.
func (r *reader) place(n at) place {
	at := place{n.Line, n.Column}
	if n.offset == 0 || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return at
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		at.column++
	}
	at.column += len([]rune(n.Value[:min(n.offset, len(n.Value))]))
	return at
}

// wrong adds a problem at n.
func (r *reader) wrong(n at, hint, format string, args ...any) {
	r.wrongAt(r.place(n), n.key, hint, format, args...)
}

func (r *reader) wrongAt(at place, key, hint, format string, args ...any) {
	if len(r.problems) >= maxShown {
		return
	}
	if r.lines == nil {
		r.lines = bytes.Split(r.source, []byte("\n"))
	}
	if at.line > len(r.lines) { // YAML knows more line ends than editors do
		at = place{line: len(r.lines)}
	}
	p := Problem{File: r.file, Line: at.line, Column: at.column, Key: key, Text: fmt.Sprintf(format, args...), Hint: hint}
	if at.line > 0 {
		p.Source = strings.ToValidUTF8(shorten(string(r.lines[at.line-1])), "?")
	}
	r.problems = append(r.problems, p)
}

// document is the mapping the file holds.
func (r *reader) document() (at, bool) {
	if len(r.source) > maxFile {
		r.wrongAt(place{}, "", "", "the file has %d bytes; %d is the most", len(r.source), maxFile)
		return at{}, false
	}
	doc, err := yamldoc.Decode(r.source)
	if err != nil && !errors.Is(err, io.EOF) {
		r.syntax(err)
		return at{}, false
	}
	if err != nil || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		r.wrongAt(place{line: 1}, "", "", "the file must be written as key: value")
		return at{}, false
	}
	return at{Node: doc.Content[0]}, true
}

// misquoted is a line whose text begins with a quote and does not end with it: 's nachts.
var misquoted = regexp.MustCompile(`^[^#]*?: +(?:'[^']*'?[^',}\s#]|"[^"]*"?[^",}\s#])[^'"]*$`)

// syntax adds the problem that yaml.v3 tells of. Of a quote that is not closed it names the line where the
// keys around it begin, which may be far above.
func (r *reader) syntax(err error) {
	line, text := yamldoc.Syntax(err)
	hint := ""
	switch {
	case strings.Contains(text, "did not find expected") || strings.Contains(text, "unexpected end of stream"):
		for i, l := range bytes.Split(r.source, []byte("\n")) {
			if misquoted.Match(l) {
				line, hint = i+1, `what begins with a quote needs other quotes around it, such as "'s nachts"`
				break
			}
		}
	case strings.Contains(text, "mapping values") || strings.Contains(text, "cannot start any token"):
		hint = "what has : or begins with a sign of YAML's needs quotes"
	}
	r.wrongAt(place{line: line}, "", hint, "%s", text)
}

// each goes through a mapping.
func (r *reader) each(n at, do func(key string, value at)) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "", "this must be written as key: value, not as %s", yamldoc.Kind(n.Node))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			r.wrong(n.below(key, key), "", "a key must be plain text, not %s", yamldoc.Kind(key))
			continue
		}
		if first, ok := seen[key.Value]; ok {
			r.wrong(n.below(key, key), fmt.Sprintf("line %d has it already", first), "it is there twice")
			continue
		}
		seen[key.Value] = key.Line
		do(key.Value, n.below(key, value))
	}
}

// keyed goes through a mapping whose keys are known.
func (r *reader) keyed(n at, known []string, do func(key string, value at)) {
	r.each(n, func(key string, value at) {
		if !slices.Contains(known, key) {
			r.wrong(value.byKey(), oneOf(key, known), "there is no such key")
			return
		}
		do(key, value)
	})
}

// scalar reads a text; "" is one, nothing is not.
func (r *reader) scalar(n at) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode:
		r.wrong(n, "", "this must be one text, not %s", yamldoc.Kind(n.Node))
	case n.ShortTag() == "!!null" && n.Value != "null": // which is German for 0
		r.wrong(n, `write "" if it is to be empty`, "there is nothing behind the key")
	default:
		return n.Value, true
	}
	return "", false
}

// text reads a text that is not empty.
func (r *reader) text(n at) string {
	s, ok := r.scalar(n)
	if ok && s == "" {
		r.wrong(n, "", "this is empty")
	}
	return s
}
