package flow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/internal/spell"
	"github.com/ivrd/ivrd/internal/yamldoc"
	"gopkg.in/yaml.v3"
)

// A yamlFile is read node by node, so that every problem has its line. All problems are found, not
// only the first, and shown up to maxShown.
type yamlFile struct {
	name     string
	source   []byte
	lines    [][]byte // of source, once one was asked for
	found    int      // problems in all
	problems []Problem
}

// maxShown is how many problems of one file anybody wants to see.
const maxShown = 50

// document is the mapping the file holds. nil means that there is none, which is a problem unless
// nothing but comments is in the file.
func (y *yamlFile) document() *yaml.Node {
	doc, err := yamldoc.Decode(y.source)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		y.syntax(err)
		return nil
	}
	if len(doc.Content) == 0 || yamldoc.IsNull(doc.Content[0]) {
		return nil
	}
	return doc.Content[0]
}

// syntax adds the problem that err, of yaml.v3, tells of.
func (y *yamlFile) syntax(err error) {
	line, text := yamldoc.Syntax(err)
	p := Problem{File: y.name, Line: line, Text: text, Source: sourceLine(y.source, line)}
	if strings.Contains(text, "anchor") || strings.HasPrefix(strings.TrimSpace(p.Source), "*") {
		p.Hint = `what begins with * needs quotes, such as "*97"`
	}
	y.problems = append(y.problems, p)
}

// A place is where something stands in a file.
type place struct {
	line, column int
	source       string
}

func (y *yamlFile) place(n *yaml.Node) place {
	if y.lines == nil {
		y.lines = bytes.Split(y.source, newline)
	}
	if n.Line < 1 || n.Line > len(y.lines) {
		return place{line: n.Line, column: n.Column}
	}
	return place{n.Line, n.Column, shown(y.lines[n.Line-1])}
}

// wrong adds a problem at n.
func (y *yamlFile) wrong(n *yaml.Node, hint, format string, args ...any) {
	y.wrongAt(y.place(n), hint, format, args...)
}

func (y *yamlFile) wrongAt(at place, hint, format string, args ...any) {
	if y.found++; y.found > maxShown {
		return
	}
	y.problems = append(y.problems, Problem{
		File: y.name, Line: at.line, Column: at.column, Source: at.source, Text: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// each goes through a mapping; what says what it is.
func (y *yamlFile) each(n *yaml.Node, what string, do func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		y.wrong(n, "", "%s must be written as key: value, not as %s", what, yamldoc.Kind(n))
		return
	}
	if n.Anchor != "" {
		y.wrong(n, "", "anchors (&%s) have no use here", n.Anchor)
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" || key.ShortTag() == "!!null" {
			y.wrong(key, "", "a key of %s must be a plain word, not %s", what, yamldoc.Kind(key))
			continue
		}
		if first, ok := lines[key.Value]; ok {
			y.wrong(key, fmt.Sprintf("line %d has it already", first), "%s is there twice", key.Value)
			continue
		}
		lines[key.Value] = key.Line
		do(key, value)
	}
}

// fields goes through a mapping whose keys are known.
func (y *yamlFile) fields(n *yaml.Node, what string, known []string, do func(key string, value *yaml.Node)) {
	y.each(n, what, func(key, value *yaml.Node) {
		if slices.Contains(known, key.Value) {
			do(key.Value, value)
			return
		}
		hint := spell.Hint(key.Value, known)
		if hint == "" {
			hint = "there is " + strings.Join(known, ", ")
		}
		y.wrong(key, hint, "%s has no key %s", what, key.Value)
	})
}

// text reads a word, a number or a text. what says whose it is.
func (y *yamlFile) text(n *yaml.Node, what string) string {
	switch {
	case yamldoc.IsNull(n), n.Kind == yaml.ScalarNode && n.Value == "":
		y.wrong(n, "", "%s is missing", what)
	case n.Kind != yaml.ScalarNode:
		y.wrong(n, "", "%s must be one word or text, not %s", what, yamldoc.Kind(n))
	default:
		return n.Value
	}
	return ""
}
