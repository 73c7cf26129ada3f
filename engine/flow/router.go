package flow

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/spell"
)

// A router is a table with its flows found.
type router struct {
	literal    map[routeKey]*route
	patterns   map[string][]*route // by context, in the order in which they are tried
	standard   *route              // nil if there is none
	fallback   engine.Fallback     // of routes without their own
	extensions bool                // there is no table: extension 100 is flow 100
	unread     bool                // there is one, but it never was right
	targets    map[string]*flow    // every flow that a route led to
}

type routeKey struct{ context, key string }

// A route is a routeSpec with its flow, which is nil if there is none that could answer.
type route struct {
	routeSpec
	to       *flow
	fallback engine.Fallback
}

// Route finds the flow for a call; doc.go says how.
func (s *Set) Route(info engine.Info) (engine.Route, error) {
	name := strings.Trim(info.Path, "/")
	r := s.find(info, name)
	if r == nil {
		return engine.Route{Fallback: s.router.fallback}, s.noFlow(info, name)
	}
	if r.to == nil {
		return engine.Route{Fallback: r.fallback},
			fmt.Errorf("%w: route %s leads to flow %s, which cannot answer", engine.ErrNoFlow, r.key, r.flow)
	}
	return engine.Route{Flow: r.to, Args: mergeArgs(r.args, info.Args), Fallback: r.fallback}, nil
}

// Fallback is for calls without a route.
func (s *Set) Fallback() engine.Fallback { return s.router.fallback }

// find is the route a call takes. name is what it asks for by name, if it does.
func (s *Set) find(info engine.Info, name string) *route {
	r := s.router
	var found *route
	if name != "" {
		found = r.named(info.Context, name)
	} else {
		found = r.dialed(info.Context, info.Exten)
	}
	if found == nil && (name != "" || r.extensions) {
		direct := name
		if direct == "" {
			direct = info.Exten
		}
		found = s.direct(direct)
	}
	if found == nil {
		found = r.standard
	}
	if found == nil && !r.unread {
		found = s.direct("default")
	}
	return found
}

// direct is the way to a flow that no route leads to.
func (s *Set) direct(name string) *route {
	f := s.flows[name]
	if f == nil {
		return nil
	}
	return &route{to: f, fallback: s.router.fallback}
}

// named finds the route of a name.
func (r *router) named(context, name string) *route {
	if found := r.literal[routeKey{context, name}]; found != nil {
		return found
	}
	return r.literal[routeKey{"", name}]
}

// dialed finds the route of an extension: in the call's own context, then in all contexts.
func (r *router) dialed(context, exten string) *route {
	if context != "" {
		if found := r.within(context, exten); found != nil {
			return found
		}
	}
	return r.within("", exten)
}

func (r *router) within(context, exten string) *route {
	if found := r.literal[routeKey{context, exten}]; found != nil {
		return found
	}
	for _, p := range r.patterns[context] {
		if p.pattern.Matches(exten) {
			return p
		}
	}
	return nil
}

// mergeArgs puts the query of a request over the arguments of its route.
func mergeArgs(route, query map[string]string) map[string]string {
	if len(route) == 0 {
		return query
	}
	all := maps.Clone(route)
	maps.Copy(all, query)
	return all
}

// noFlow says what was looked for in vain.
func (s *Set) noFlow(info engine.Info, name string) error {
	looked, hint := fmt.Sprintf("extension %q", info.Exten), ""
	if name != "" {
		looked = fmt.Sprintf("name %q", name)
		hint = spell.Hint(name, slices.Collect(s.targetNames()))
	} else {
		hint = spell.Hint(info.Exten, slices.Collect(s.extensionNames()))
		if info.Context != "" {
			looked += " in context " + info.Context
		}
	}
	switch broken := s.broken(cmp.Or(name, info.Exten)); {
	case broken != "":
		hint = broken
	case hint != "":
	case s.router.unread:
		hint = routesFile + " is broken"
	case s.router.extensions:
		hint = "without " + routesFile + " it would be the flow of that name, or the flow default"
	default:
		hint = "no route of " + routesFile + " fits, and it has no default"
	}
	return fmt.Errorf("%w: %s; %s", engine.ErrNoFlow, looked, hint)
}

// broken is why the flow name is not there although its file is, "" if that is not so.
func (s *Set) broken(name string) string {
	for _, p := range s.problems {
		if slices.Contains(p.Keeps, Kept{Name: name}) {
			return "the flow of that name is broken: " + p.Error()
		}
	}
	return ""
}

// targetNames are the names a call can ask for.
func (s *Set) targetNames() iter.Seq[string] {
	return func(yield func(string) bool) {
		for k := range s.router.literal {
			if !yield(k.key) {
				return
			}
		}
		for name := range s.flows {
			if !yield(name) {
				return
			}
		}
	}
}

// extensionNames are the names among what can be dialed; a number that is near another is not meant.
func (s *Set) extensionNames() iter.Seq[string] {
	return func(yield func(string) bool) {
		for k := range s.router.literal {
			if strings.Trim(k.key, "0123456789*#+") != "" && !yield(k.key) {
				return
			}
		}
	}
}

// readRoutes reads routes.yaml, or keeps the last good one.
func (b *builder) readRoutes() {
	b.set.routes = routesRead{byName: true}
	if f := b.found.files[routesFile]; f != nil {
		b.set.routes = b.readTable(f)
	}
}

// newRouter makes the set's router of its routes.
func (b *builder) newRouter() {
	read := &b.set.routes
	b.missing = 0
	b.set.router = &router{
		literal: map[routeKey]*route{}, patterns: map[string][]*route{}, targets: map[string]*flow{},
		extensions: read.byName, unread: read.good == nil && !read.byName,
	}
	for i, p := range read.problems {
		switch {
		case i > 0:
		case read.byName:
			p.Detail = "until it is right, extensions lead to the flows of their names, as without it"
		case read.good == nil:
			p.Detail = "until it is right, no extension leads to a flow"
		default:
			p.Keeps = []Kept{{Name: routesFile, Version: read.good.version}}
		}
		b.problem(p)
	}
	b.route(read.good)
}

// readTable reads routes.yaml if it is another than before.
func (b *builder) readTable(f *file) routesRead {
	old := b.prev.routes
	if old.hash == f.hash && f.err == nil && old.hash != (hash{}) {
		return old
	}
	t, problems := parseRoutes(f)
	read := routesRead{hash: f.hash, problems: problems, good: t}
	if len(problems) > 0 {
		read.good, read.byName = old.good, old.byName
	}
	if f.err != nil {
		read.hash = hash{}
	}
	return read
}

// route finds the flows of a table; nil is the empty one.
func (b *builder) route(t *table) {
	r := b.set.router
	if t == nil {
		t = &table{}
	}
	if t.fallback != nil {
		r.fallback = b.fallback(t.fallback, "the fallback")
	} else if f := b.set.flows["fallback"]; f != nil {
		r.fallback.Flow = f
	}
	for _, spec := range t.routes {
		one := b.resolve(spec)
		if spec.literal {
			r.literal[routeKey{spec.context, spec.key}] = one
		} else {
			r.patterns[spec.context] = append(r.patterns[spec.context], one)
		}
	}
	for _, list := range r.patterns {
		slices.SortStableFunc(list, func(x, y *route) int { return x.pattern.Compare(y.pattern) })
	}
	if t.standard != nil {
		r.standard = b.resolve(*t.standard)
	}
}

func (b *builder) resolve(spec routeSpec) *route {
	r := &route{routeSpec: spec, fallback: b.set.router.fallback}
	r.to = b.target(spec.flow, "route "+spec.key, spec.at)
	if spec.fallback != nil {
		r.fallback = b.fallback(spec.fallback, "the fallback of route "+spec.key)
	}
	return r
}

func (b *builder) fallback(spec *fallbackSpec, what string) engine.Fallback {
	f := engine.Fallback{To: spec.to}
	if spec.flow == "" {
		return f
	}
	if to := b.target(spec.flow, what, spec.at); to != nil {
		f.Flow = to
	}
	return f
}

// target finds the flow that something leads to. If it is gone the last good one stays.
func (b *builder) target(name, what string, at place) *flow {
	found := b.set.flows[name]
	if found == nil && b.set.units[name+".lua"] == nil {
		p := Problem{
			File: routesFile, Line: at.line, Column: at.column, Source: at.source,
			Text: fmt.Sprintf("%s leads to flow %s, which does not exist", what, name),
		}
		if b.missing++; b.missing <= maxShown { // the search takes its time
			p.Hint = spell.Hint(name, slices.Collect(maps.Keys(b.set.flows)))
		}
		if p.Hint == "" {
			p.Hint = "it would be the file " + name + ".lua"
		}
		found = b.prev.router.targets[name]
		kept := Kept{Name: name}
		if found != nil {
			kept.Version = found.Version()
		}
		p.Keeps = []Kept{kept}
		b.problem(p)
	}
	if found != nil {
		b.set.router.targets[name] = found
	}
	return found
}
