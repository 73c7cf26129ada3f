package flow

import (
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
	for _, b := range f.linter.options.Backends {
		if why := b.Missing(detail); why != "" {
			f.doubtful(line, word, "a call over "+b.Name+" that gets here ends in the fallback",
				"%s is not possible over %s: %s", call, b.Name, why)
		}
	}
}

// valueNeeds warns of an argument or option, or of one of its values, that is not possible for all calls.
func (f *fileLinter) valueNeeds(sig *bind.Signature, p bind.Param, e ast.Expr) {
	if p.Needs == "" {
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
