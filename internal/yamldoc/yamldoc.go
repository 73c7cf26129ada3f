// Package yamldoc reads YAML files node by node, so that whoever reads one can say of every problem where it is.
package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"
)

// Decode reads the only document of a file. io.EOF means that the file holds nothing.
func Decode(source []byte) (doc yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil { // yaml.v3 panics on some broken files
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	d := yaml.NewDecoder(bytes.NewReader(source))
	if err := d.Decode(&doc); err != nil {
		return doc, err
	}
	var more yaml.Node
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		if err == nil {
			err = fmt.Errorf("yaml: line %d: a second document begins here; there can be one only", more.Line)
		}
		return doc, err
	}
	return doc, nil
}

var line = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// Syntax takes an error of Decode apart: the line, 0 if it names none, and what is wrong there.
func Syntax(err error) (at int, text string) {
	m := line.FindStringSubmatch(err.Error())
	at, _ = strconv.Atoi(m[1])
	return at, err.Error()[len(m[0]):]
}

// IsNull reports whether a node is nothing, such as what follows a key without a value.
func IsNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// Kind is what a node is, for a message.
func Kind(n *yaml.Node) string {
	switch {
	case IsNull(n):
		return "nothing"
	case n.Kind == yaml.MappingNode:
		return "key: value"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias (*" + n.Value + ")"
	}
	const most = 40
	if text := []rune(n.Value); len(text) > most {
		return strconv.Quote(string(text[:most]) + "…")
	}
	return strconv.Quote(n.Value)
}
