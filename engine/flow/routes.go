package flow

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/yamldoc"
	"gopkg.in/yaml.v3"
)

// routesRead is what routes.yaml said when it was last read.
type routesRead struct {
	hash     hash
	problems []Problem
	good     *table // the last that was right; nil means there is no such file, or never was a right one
	byName   bool   // extensions lead to the flows of their names: there is no such file, or the first one is not right yet
}

// A table is routes.yaml as it is written.
type table struct {
	version  string
	routes   []routeSpec
	standard *routeSpec // default
	fallback *fallbackSpec
}

// A routeSpec is one way to a flow.
type routeSpec struct {
	key      string         // as written: 100, _3XX, sales; "default" for the default
	pattern  engine.Pattern // of the key
	literal  bool           // the key is a whole extension or a name
	context  string         // calls of that dialplan context only; "" is for all
	flow     string
	args     map[string]string
	fallback *fallbackSpec
	at       place // of the flow's name
}

// A fallbackSpec is what callers get whose flow failed.
type fallbackSpec struct {
	flow string
	to   engine.Location
	at   place
}

// parseRoutes reads routes.yaml. If there are problems the table is not to be used.
func parseRoutes(f *file) (*table, []Problem) {
	if p := f.fault(); p != nil {
		return nil, []Problem{*p}
	}
	y := &routesYAML{yamlFile: yamlFile{name: f.path, source: f.content}, table: &table{version: f.hash.String()}}
	if doc := y.document(); doc != nil {
		y.fields(doc, routesFile, []string{"routes", "default", "fallback"}, y.section)
		y.duplicates()
	}
	return y.table, y.problems
}

type routesYAML struct {
	yamlFile
	table *table
}

func (y *routesYAML) section(key string, n *yaml.Node) {
	switch key {
	case "routes":
		if !yamldoc.IsNull(n) {
			y.each(n, "routes", y.route)
		}
	case "default":
		r := y.target(routeSpec{key: "default"}, n, "flow", "args", "fallback")
		y.table.standard = &r
	case "fallback":
		y.table.fallback = y.fallback(n)
	}
}

// route reads one key with its flow, or with a list of them for several contexts.
func (y *routesYAML) route(key, n *yaml.Node) {
	r := routeSpec{key: key.Value}
	var err error
	if rest, ok := strings.CutPrefix(key.Value, "_"); ok {
		r.pattern, err = engine.ParsePattern(rest)
	} else {
		r.pattern, err = engine.ParseLiteral(key.Value)
		r.literal = true
	}
	if err != nil {
		y.wrong(key, patternHint(key.Value), "%s", err)
		return
	}
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	if len(list) == 0 {
		y.wrong(n, "", "route %s has no flow", r.key)
	}
	for _, one := range list {
		y.table.routes = append(y.table.routes, y.target(r, one, "flow", "context", "args", "fallback"))
	}
}

// patternHint tells a pattern that lacks its underscore.
func patternHint(key string) string {
	if !strings.HasPrefix(key, "_") && strings.Contains(key, "[") {
		return "a pattern begins with _, such as _" + key
	}
	return ""
}

// duplicates finds routes of which calls could reach only one.
func (y *routesYAML) duplicates() {
	sorted := slices.Clone(y.table.routes)
	slices.SortStableFunc(sorted, func(a, b routeSpec) int {
		if a.literal != b.literal || a.context != b.context {
			return cmp.Or(strings.Compare(a.context, b.context), byKind(a.literal, b.literal))
		}
		if a.literal {
			return strings.Compare(a.key, b.key)
		}
		return a.pattern.Compare(b.pattern)
	})
	for i := 1; i < len(sorted); i++ {
		if a, b := sorted[i-1], sorted[i]; a.sameCalls(b) {
			y.wrongAt(b.at, "give one of them another context, or remove it",
				"route %s takes the same calls%s as %s on line %d", b.key, b.from(), a.key, a.at.line)
		}
	}
}

// byKind orders whole extensions before patterns.
func byKind(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func (r routeSpec) sameCalls(other routeSpec) bool {
	if r.context != other.context || r.literal != other.literal {
		return false
	}
	if r.literal {
		return r.key == other.key
	}
	return r.pattern.Compare(other.pattern) == 0
}

// from is which calls take the route, for a message.
func (r routeSpec) from() string {
	if r.context == "" {
		return ""
	}
	return " from " + r.context
}

// target fills in r what n says: a flow's name, or a mapping with some of the keys.
func (y *routesYAML) target(r routeSpec, n *yaml.Node, keys ...string) routeSpec {
	what := "route " + r.key
	r.at = y.place(n)
	if n.Kind != yaml.MappingNode {
		r.flow = y.text(n, "the flow of "+what)
		return r
	}
	before := y.found
	y.fields(n, what, keys, func(key string, value *yaml.Node) {
		switch key {
		case "flow":
			r.flow = y.text(value, "the flow of "+what)
			r.at = y.place(value)
		case "context":
			r.context = y.text(value, "the context of "+what)
		case "args":
			r.args = y.args(value, what)
		case "fallback":
			r.fallback = y.fallback(value)
		}
	})
	if r.flow == "" && y.found == before {
		y.wrong(n, "write flow: and its name", "%s has no flow", what)
	}
	return r
}

func (y *routesYAML) args(n *yaml.Node, what string) map[string]string {
	args := map[string]string{}
	y.each(n, "the args of "+what, func(key, value *yaml.Node) {
		if yamldoc.IsNull(value) || value.Kind == yaml.ScalarNode && value.Value == "" {
			args[key.Value] = ""
			return
		}
		args[key.Value] = y.text(value, "argument "+key.Value)
	})
	return args
}

// fallback reads a flow's name, or a mapping of flow and continue.
func (y *routesYAML) fallback(n *yaml.Node) *fallbackSpec {
	f := &fallbackSpec{at: y.place(n)}
	if n.Kind != yaml.MappingNode {
		f.flow = y.text(n, "the fallback")
		return f
	}
	before := y.found
	y.fields(n, "fallback", []string{"flow", "continue"}, func(key string, value *yaml.Node) {
		if key == "flow" {
			f.flow, f.at = y.text(value, "the flow of the fallback"), y.place(value)
			return
		}
		text := y.text(value, "continue")
		if text == "" {
			return
		}
		var err error
		if f.to, err = engine.ParseLocation(text); err != nil {
			y.wrong(value, `such as "operators,s,1"`, "%s", err)
		}
	})
	if f.flow == "" && f.to.IsNext() && y.found == before {
		y.wrong(n, "", "fallback needs flow, continue or both")
	}
	return f
}
