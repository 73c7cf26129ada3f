package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/internal/spell"
	"github.com/ivrd/ivrd/internal/yamldoc"
	"gopkg.in/yaml.v3"
)

// A configFile is read node by node, so that every fault has its place. All faults are found, not only
// the first.
type configFile struct {
	path   string
	lines  []string
	faults faults
	gaps   []gap
}

// faults is what is wrong with a configuration, in the words and the form of a flow's problems.
type faults []flow.Problem

func (f faults) Error() string {
	texts := make([]string, len(f))
	for i := range f {
		texts[i] = f[i].String()
	}
	return strings.Join(texts, "\n")
}

// parse reads text over what c holds.
func (c *config) parse(path string, text []byte) error {
	f := &configFile{path: path, lines: strings.Split(string(text), "\n")}
	root := f.document(text)
	if root != nil {
		f.section(root, reflect.ValueOf(c).Elem(), "")
	}
	if root != nil && len(f.faults) == 0 {
		f.check(c, root)
	}
	if len(f.faults) > 0 {
		return f.faults
	}
	c.gaps = f.gaps
	return nil
}

// A gap is a variable that the environment does not have, for a section that only some commands need.
type gap struct {
	section string
	problem flow.Problem
}

// outer are the sections of what only those commands need that reach it.
var outer = []string{"ari", "tts", "requests", "services", "databases", "redis", "kv"}

// complete reports what the environment lacks for sections; for all if none is named. Where it lacks something,
// its name is what stands there.
func (c *config) complete(sections ...string) error {
	var missing faults
	for _, g := range c.gaps {
		if len(sections) == 0 || slices.Contains(sections, g.section) {
			missing = append(missing, g.problem)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return usageError{missing}
}

// document is the one mapping the file holds, or nil.
func (f *configFile) document(text []byte) *yaml.Node {
	doc, err := yamldoc.Decode(text)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		f.syntax(err)
		return nil
	case len(doc.Content) == 0:
		return nil
	}
	return doc.Content[0]
}

// syntax adds the fault that err, of yaml.v3, tells of.
func (f *configFile) syntax(err error) {
	line, text := yamldoc.Syntax(err)
	f.add(&yaml.Node{Line: line}, "", "%s", text)
}

// section reads the keys of a struct. name is that of the section, "" for the whole file.
func (f *configFile) section(n *yaml.Node, to reflect.Value, name string) {
	if yamldoc.IsNull(n) {
		return // a section whose keys are all commented out
	}
	if n.Kind != yaml.MappingNode {
		f.add(n, "", "want keys and values here, such as flows: ./flows")
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		whole := strings.TrimPrefix(name+"."+key.Value, ".")
		if first, ok := lines[key.Value]; ok {
			f.add(key, fmt.Sprintf("line %d has it already", first), "%s is there twice", whole)
			continue
		}
		lines[key.Value] = key.Line
		field, known := fieldOf(to, key.Value)
		switch {
		case !field.IsValid():
			f.add(key, didYouMean(key.Value, known), "there is no key %s", whole)
		case field.Kind() == reflect.Struct:
			f.section(value, field, whole)
		default:
			f.value(value, field, whole)
		}
	}
}

// fieldOf finds the field of a key. known is all there are.
func fieldOf(v reflect.Value, key string) (field reflect.Value, known []string) {
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if name == "" {
			continue // not of the file
		}
		known = append(known, name)
		if name == key {
			field = v.Field(i)
		}
	}
	return field, known
}

// didYouMean is a hint for a misspelt key.
func didYouMean(name string, known []string) string {
	if near := spell.Nearest(name, known); near != "" {
		return "did you mean " + near + "?"
	}
	return "there is " + strings.Join(known, ", ")
}

// value reads what stands behind a key: one value, or a list of them.
func (f *configFile) value(n *yaml.Node, to reflect.Value, name string) {
	switch to.Kind() {
	case reflect.Slice:
		f.list(n, to, name)
	case reflect.Map:
		f.named(n, to, name)
	default:
		f.one(n, to, name)
	}
}

func (f *configFile) list(n *yaml.Node, to reflect.Value, name string) {
	if n.Kind != yaml.SequenceNode {
		f.add(n, "", "%s must be a list, such as [%s]", name, example(to.Type().Elem()))
		return
	}
	if len(n.Content) == 0 {
		to.SetZero()
		return
	}
	list := reflect.MakeSlice(to.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		if isSection(list.Index(i).Type()) {
			f.item(item, list.Index(i), name)
		} else {
			f.one(item, list.Index(i), name)
		}
	}
	to.Set(list)
}

// named reads entries whose names the file makes up, over those that are there. One that is a single value may stand
// for the key of it that matters most.
func (f *configFile) named(n *yaml.Node, to reflect.Value, name string) {
	if yamldoc.IsNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		f.add(n, "", "%s must be names and values, such as { name: %s }", name, example(to.Type().Elem()))
		return
	}
	entries, lines := reflect.MakeMap(to.Type()), map[string]int{}
	for it := to.MapRange(); it.Next(); {
		entries.SetMapIndex(it.Key(), it.Value())
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		first, twice := lines[key.Value]
		if key.Kind != yaml.ScalarNode || key.Value == "" {
			f.add(key, "", "%s: there is a name missing", name)
			continue
		}
		if twice {
			f.add(key, fmt.Sprintf("line %d has it already", first), "%s.%s is there twice", name, key.Value)
			continue
		}
		lines[key.Value] = key.Line
		entry := reflect.New(to.Type().Elem()).Elem()
		short, ok := entry.Addr().Interface().(interface{ short() *string })
		switch {
		case ok && value.Kind == yaml.ScalarNode:
			f.one(value, reflect.ValueOf(short.short()).Elem(), name+"."+key.Value)
		case isSection(entry.Type()):
			f.item(value, entry, name+"."+key.Value)
		default:
			f.one(value, entry, name+"."+key.Value)
		}
		entries.SetMapIndex(reflect.ValueOf(key.Value), entry)
	}
	if entries.Len() > 0 {
		to.Set(entries)
	}
}

// isSection reports whether a type has keys of its own; an address prefix is a struct without.
func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() > 0 && t.Field(0).Tag.Get("yaml") != ""
}

// item reads one section of a list of them.
func (f *configFile) item(n *yaml.Node, to reflect.Value, name string) {
	if d, ok := to.Addr().Interface().(interface{ setDefaults() }); ok {
		d.setDefaults()
	}
	if n.Kind == yaml.ScalarNode && !yamldoc.IsNull(n) {
		f.add(n, "", "%s must be like %s", name, example(to.Type()))
		return
	}
	f.section(n, to, name)
}

func (f *configFile) one(n *yaml.Node, to reflect.Value, name string) {
	if n.Kind == yaml.ScalarNode && !f.expand(n, to, name) {
		return
	}
	if n.Kind != yaml.ScalarNode || yamldoc.IsNull(n) {
		f.add(n, "", "%s must be one value, such as %s", name, example(to.Type()))
		return
	}
	if err := n.Decode(to.Addr().Interface()); err != nil {
		f.add(n, "", "%s cannot be %q; write it like %s", name, n.Value, example(to.Type()))
	} else if to.Kind() == reflect.String && oneLine(to.String()) != to.String() {
		f.add(n, "", "%s must be one line of text", name)
	}
}

// example is how a value of a type is written.
func example(t reflect.Type) string {
	switch t.String() {
	case "time.Duration":
		return "30s or 2m"
	case "main.lifetime":
		return "30d or 12h"
	case "slog.Level":
		return "debug, info, warn or error"
	case "netip.Prefix":
		return "10.0.0.0/8 or 10.0.0.5/32"
	case "int", "int64", "*int":
		return "1000"
	case "float64":
		return "2.5"
	case "main.secretConfig":
		return "{ env: CRM_KEY } or { file: /run/secrets/crm_key }"
	case "main.serviceConfig":
		return `{ url: "https://core.example/v1" }`
	case "bool":
		return "true or false"
	case "main.ariConfig":
		return `{ url: "http://127.0.0.1:8088/ari", username: ivrd, password: "${ARI_PASSWORD}" }`
	}
	return "a text"
}

var reference = regexp.MustCompile(`\$\{([^}]*)\}`)

// expand replaces ${NAME} by the environment's NAME, and reports whether the value of a key can be read then.
func (f *configFile) expand(n *yaml.Node, to reflect.Value, key string) bool {
	found, before := true, n.Value
	section, _, _ := strings.Cut(key, ".")
	n.Value = reference.ReplaceAllStringFunc(n.Value, func(ref string) string {
		name := ref[2 : len(ref)-1]
		value, ok := os.LookupEnv(name)
		switch lacking := f.problem(n, "", "the environment has no %s", name); {
		case ok:
			return value
		case slices.Contains(outer, section) && to.Kind() == reflect.String:
			f.gaps = append(f.gaps, gap{section, lacking})
			return name
		default:
			f.faults = append(f.faults, lacking)
			found = false
		}
		return ""
	})
	if n.Value != before {
		n.Tag, n.Style = "", 0 // a number in quotes is one now
	}
	return found
}

// add notes a fault at n, unless the environment lacks what stands there: nobody knows then whether that is right.
func (f *configFile) add(n *yaml.Node, hint, format string, args ...any) {
	fault := f.problem(n, hint, format, args...)
	if !slices.ContainsFunc(f.gaps, func(g gap) bool { return g.problem.Line == fault.Line && g.problem.Column == fault.Column }) {
		f.faults = append(f.faults, fault)
	}
}

// problem is something at n that is not as it has to be.
func (f *configFile) problem(n *yaml.Node, hint, format string, args ...any) flow.Problem {
	p := flow.Problem{File: f.path, Line: n.Line, Column: n.Column, Text: fmt.Sprintf(format, args...), Hint: hint}
	if n.Line > 0 && n.Line <= len(f.lines) {
		p.Source = strings.TrimRight(f.lines[n.Line-1], "\r")
	}
	return p
}
