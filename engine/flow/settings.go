package flow

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/spell"
	"github.com/ivrd/ivrd/internal/yamldoc"
	"gopkg.in/yaml.v3"
)

// settings are the designer's own, from config.yaml. They do not change.
type settings struct {
	hash     hash
	values   map[string]string // by path, as JSON; those of a table stand under its path too
	problems []Problem
}

var _ engine.Settings = (*flow)(nil)

// Setting is the value of a path such as "operators.sales", as JSON.
func (f *flow) Setting(path string) (value, hint string) { return f.settings.get(path) }

func (s *settings) get(path string) (value, hint string) {
	if value, ok := s.values[path]; ok {
		return value, ""
	}
	names := slices.Sorted(maps.Keys(s.values))
	if len(names) == 0 {
		return "", configFile + " beside the flows is the place for it"
	}
	if near := spell.Hint(path, names); near != "" {
		return "", near
	}
	top := slices.DeleteFunc(names, func(name string) bool { return strings.Contains(name, ".") })
	return "", configFile + " has " + strings.Join(top, ", ")
}

// readSettings makes the set's settings, unless they are the same as before. If the file is broken, they stay as they
// were.
func (b *builder) readSettings() {
	f := b.found.files[configFile]
	switch {
	case f == nil:
		b.set.settings = &settings{}
	case f.err == nil && b.prev.settings.hash == f.hash:
		b.set.settings = b.prev.settings
	default:
		b.set.settings = newSettings(f)
		if len(b.set.settings.problems) > 0 {
			b.set.settings.values = b.prev.settings.values
		}
	}
	b.set.problems = append(b.set.problems, b.set.settings.problems...)
}

func newSettings(f *file) *settings {
	s := &settings{hash: f.hash, values: map[string]string{}}
	if p := f.fault(); p != nil {
		s.problems = []Problem{*p}
		return s
	}
	y := &yamlFile{name: f.path, source: f.content}
	if doc := y.document(); doc != nil {
		s.table(y, doc, "")
	}
	s.problems = y.problems
	return s
}

// table takes in a mapping, and returns it as a value.
func (s *settings) table(y *yamlFile, n *yaml.Node, path string) map[string]any {
	what := path
	if path == "" {
		what = configFile
	}
	table := map[string]any{}
	y.each(n, what, func(key, value *yaml.Node) {
		if strings.Contains(key.Value, ".") || key.Value == "" {
			y.wrong(key, "write the part behind it as a key of its own, one line below", "a key cannot have a dot in it, as %q has", key.Value)
			return
		}
		below := strings.TrimPrefix(path+"."+key.Value, ".")
		v := s.value(y, value, below)
		table[key.Value] = v
		if text, err := json.Marshal(v); err == nil && v != nil {
			s.values[below] = string(text)
		}
	})
	return table
}

// wholeNumber is how numbers are written that are no numbers of telephones.
var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})$`)

func (s *settings) value(y *yamlFile, n *yaml.Node, path string) any {
	switch {
	case yamldoc.IsNull(n):
		return nil
	case n.Kind == yaml.MappingNode:
		return s.table(y, n, path)
	case n.Kind == yaml.SequenceNode:
		list := []any{}
		for _, one := range n.Content {
			list = append(list, s.value(y, one, path+"[]"))
		}
		return list
	case n.Kind != yaml.ScalarNode:
		y.wrong(n, "", "%s must be a value, a list or keys and values, not %s", path, yamldoc.Kind(n))
		return nil
	}
	plain := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0
	switch tag := n.ShortTag(); {
	case plain && (n.Value == "true" || n.Value == "false"):
		return n.Value == "true"
	case plain && (tag == "!!int" && wholeNumber.MatchString(n.Value) || tag == "!!float" && json.Valid([]byte(n.Value))):
		return json.Number(n.Value)
	}
	return n.Value
}
