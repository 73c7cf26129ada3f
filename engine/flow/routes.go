package flow

import (
	"strings"

	"github.com/ivrd/ivrd/engine"
	"gopkg.in/yaml.v3"
)

// routesRead is what routes.yaml said when it was last read.
type routesRead struct {
	hash     hash
	problems []Problem
	good     *table // the last that was right; nil means there is no such file, or never was a right one
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

// A place is where something stands in a file.
type place struct {
	line, column int
	source       string
}

// parseRoutes reads routes.yaml. If there are problems the table is not to be used.
func parseRoutes(f *file) (*table, []Problem) {
	if p := f.fault(); p != nil {
		return nil, []Problem{*p}
	}
	y := &routesYAML{yamlFile: yamlFile{name: f.path, source: f.content}, table: &table{version: f.hash.String()}}
	if doc := y.document(); doc != nil {
		y.fields(doc, routesFile, []string{"routes", "default", "fallback"}, y.section)
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
		if !isNull(n) {
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
		y.add(one, y.target(r, one, "flow", "context", "args", "fallback"))
	}
}

// patternHint tells a pattern that lacks its underscore.
func patternHint(key string) string {
	if !strings.HasPrefix(key, "_") && strings.Contains(key, "[") {
		return "a pattern begins with _, such as _" + key
	}
	return ""
}

// add adds a route, unless calls could never tell it from one there is.
func (y *routesYAML) add(n *yaml.Node, r routeSpec) {
	for _, other := range y.table.routes {
		if other.context != r.context || other.literal != r.literal || !other.sameCalls(r) {
			continue
		}
		what := "calls"
		if r.context != "" {
			what += " from " + r.context
		}
		y.wrong(n, "give one of them another context, or remove it",
			"route %s takes the same %s as %s on line %d", r.key, what, other.key, other.at.line)
		return
	}
	y.table.routes = append(y.table.routes, r)
}

func (r routeSpec) sameCalls(other routeSpec) bool {
	if r.literal {
		return r.key == other.key
	}
	return r.pattern.Compare(other.pattern) == 0
}

// target fills in r what n says: a flow's name, or a mapping with some of the keys.
func (y *routesYAML) target(r routeSpec, n *yaml.Node, keys ...string) routeSpec {
	what := "route " + r.key
	r.at = y.place(n)
	if n.Kind != yaml.MappingNode {
		r.flow = y.text(n, "the flow of "+what)
		return r
	}
	before := len(y.problems)
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
	if r.flow == "" && len(y.problems) == before {
		y.wrong(n, "write flow: and its name", "%s has no flow", what)
	}
	return r
}

func (y *routesYAML) args(n *yaml.Node, what string) map[string]string {
	args := map[string]string{}
	y.each(n, "the args of "+what, func(key, value *yaml.Node) {
		if isNull(value) || value.Kind == yaml.ScalarNode && value.Value == "" {
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
	before := len(y.problems)
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
	if f.flow == "" && f.to.IsNext() && len(y.problems) == before {
		y.wrong(n, "", "fallback needs flow, continue or both")
	}
	return f
}

func (y *routesYAML) place(n *yaml.Node) place {
	return place{n.Line, n.Column, sourceLine(y.source, n.Line)}
}
