package flow

import (
	"maps"
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

// readFiles reads the files to look at.
func (l *linter) readFiles() {
	l.sources = map[string]*source{}
	wanted := map[string]bool{}
	for _, name := range l.options.Flows {
		if p, ok := l.set.Program(name); ok {
			wanted[p.Main.File] = true
			for _, m := range p.Modules {
				wanted[m.File] = true
			}
		}
	}
	for _, code := range l.set.Code() {
		if l.options.Flows == nil || wanted[code.File] {
			f := resolve(code)
			f.program = newGlobals()
			l.files, l.sources[code.File] = append(l.files, f), f
		}
	}
}

// globals are those that files assign which run together.
type globals struct {
	top    map[string]bool // at the top level of a file, or by _G
	nested map[string]bool // in functions
	fields map[string]bool // of libraries, such as string.trim
	open   bool            // there may be any others
}

func newGlobals() *globals {
	return &globals{top: map[string]bool{}, nested: map[string]bool{}, fields: map[string]bool{}}
}

func (g *globals) has(name string) bool { return g.top[name] || g.nested[name] }

// shareGlobals tells each file which globals there are: those of every flow it is part of.
func (l *linter) shareGlobals() {
	for at, u := range l.set.units {
		if u.code == nil {
			continue
		}
		all := l.set.withRequired(at)
		if !slices.ContainsFunc(all, func(at string) bool { return l.sources[at] != nil }) {
			continue
		}
		flow := newGlobals()
		for _, one := range all {
			flow.merge(l.set.units[one].own(l.sources[one]))
		}
		for _, one := range all {
			if f := l.sources[one]; f != nil {
				f.program.merge(flow)
			}
		}
	}
}

// withRequired is a file with everything it requires, as far as that compiles.
func (s *Set) withRequired(at string) []string {
	all := []string{at}
	for i := 0; i < len(all); i++ {
		for _, r := range s.units[all[i]].code.Requires {
			need := r.Name + ".lua"
			if u := s.units[need]; u != nil && u.code != nil && !slices.Contains(all, need) {
				all = append(all, need)
			}
		}
	}
	return all
}

// own are the globals that the file itself assigns. f is the file as it is read by the linter, or nil.
func (u *unit) own(f *source) *globals {
	u.gathering.Do(func() {
		if f == nil {
			f = resolve(u.code)
		}
		u.globals = newGlobals()
		u.globals.gather(f)
	})
	return u.globals
}

func (g *globals) gather(f *source) {
	g.open = g.open || f.open
	for _, w := range f.writes {
		if w.nested {
			g.nested[w.name] = true
		} else {
			g.top[w.name] = true
		}
	}
	for _, u := range f.fields {
		if lib, key := libraryField(f, u); u.use == useSet && key != "" {
			g.fields[lib+"."+key] = true
		}
	}
}

func (g *globals) merge(other *globals) {
	g.open = g.open || other.open
	maps.Copy(g.top, other.top)
	maps.Copy(g.nested, other.nested)
	maps.Copy(g.fields, other.fields)
}

// libraryField is a field of a global: string and trim for string.trim.
func libraryField(f *source, u fieldUse) (lib, key string) {
	name, ok := u.expr.Key.(*ast.StringExpr)
	object, isName := u.expr.Object.(*ast.IdentExpr)
	for range 20 { // local s = string; function s.trim() …
		if !ok || !isName {
			return "", ""
		}
		v := f.locals[object]
		if v == nil {
			return object.Value, name.Value
		}
		object, isName = v.value.(*ast.IdentExpr)
	}
	return "", ""
}
