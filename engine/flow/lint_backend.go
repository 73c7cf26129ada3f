package flow

import (
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	"github.com/yuin/gopher-lua/ast"
)

// A Backend is a way in which calls come in, and what it can do.
type Backend struct {
	Name string // agi, ari or sim
	engine.Abilities
}

// needs warns of what is not possible for all calls.
func (f *fileLinter) needs(line int, word string, call string, detail engine.Detail) {
	if detail == "" {
		return
	}
	for _, b := range f.backendsHere() {
		if why := b.Missing(detail); why != "" {
			f.doubtful(line, word, "a call over "+b.Name+" that gets here ends in the fallback",
				"%s is not possible over %s: %s", call, b.Name, why)
		}
	}
}

// backendsHere are those whose calls get to the call being looked at.
func (f *fileLinter) backendsHere() []Backend {
	only := f.source.backends[f.call]
	if only == "" {
		return f.linter.options.Backends
	}
	return slices.DeleteFunc(slices.Clone(f.linter.options.Backends), func(b Backend) bool { return b.Name != only })
}

// askedBackend is the backend that a condition such as call.backend == "ari" asks for, "" if it is another one.
func askedBackend(condition ast.Expr) string {
	e, ok := condition.(*ast.RelationalOpExpr)
	if !ok || e.Operator != "==" {
		return ""
	}
	for _, sides := range [][2]ast.Expr{{e.Lhs, e.Rhs}, {e.Rhs, e.Lhs}} {
		field, isField := sides[0].(*ast.AttrGetExpr)
		text, isText := sides[1].(*ast.StringExpr)
		if !isField || !isText {
			continue
		}
		object, isName := field.Object.(*ast.IdentExpr)
		key, isKey := field.Key.(*ast.StringExpr)
		if isName && isKey && object.Value == "call" && key.Value == "backend" {
			return text.Value
		}
	}
	return ""
}

// missing reports whether some calls cannot do what a function needs at all, which it has been told of.
func (f *fileLinter) missing(needs string) bool {
	return needs != "" && slices.ContainsFunc(f.backendsHere(), func(b Backend) bool { return b.Missing(engine.Detail(needs)) != "" })
}

// valueNeeds warns of an argument or option, or of one of its values, that is not possible for all calls.
func (f *fileLinter) valueNeeds(sig *bind.Signature, p bind.Param, e ast.Expr) {
	if p.Needs == "" || f.missing(sig.Needs) {
		return
	}
	if !strings.HasPrefix(p.Type, `"`) { // one of several words: only the word may need something
		f.needs(e.Line(), p.Name, sig.Call+": "+p.Name, engine.Detail(p.Needs))
		return
	}
	kind, _, _ := strings.Cut(p.Needs, " ")
	for _, one := range f.alternatives(e) {
		if text, ok := one.(*ast.StringExpr); ok {
			f.needs(e.Line(), text.Value, sig.Call+": "+p.Name+" "+text.Value, engine.Detail(kind+" "+text.Value))
		}
	}
}
