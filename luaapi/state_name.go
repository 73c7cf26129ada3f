package luaapi

import (
	"fmt"
	"strings"

	"github.com/ivrd/ivrd/internal/spell"
	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// improve says in gopher-lua's own error messages which variable they are about: "attempt to call a
// non-function object" becomes "attempt to call a nil value (global 'anwser'); did you mean answer?".
func improve(L *lua.LState, message lua.LString) lua.LString {
	f := frameOf(L)
	if f == nil || f.Fn.IsG || f.Pc == 0 {
		return message
	}
	where := L.Where(0)
	text, ok := strings.CutPrefix(string(message), where+" ")
	if !ok {
		return message
	}
	w := wording{L: L, f: f, site: siteOf(L, f)}
	if better := w.reword(text); better != "" {
		return lua.LString(where + " " + better)
	}
	return message
}

// A site is the source that an instruction came from.
type site struct {
	node   node
	locals map[*ast.IdentExpr]bool
}

func siteOf(L *lua.LState, f *frame) site {
	code := runtimeOf(L).program.code(f.Fn.Proto.SourceName)
	if code == nil || f.Pc == 0 {
		return site{}
	}
	sites := code.sites[f.Fn.Proto]
	if f.Pc > len(sites) || sites[f.Pc-1] < 0 {
		return site{}
	}
	tree := code.tree()
	return site{node: tree.nodes[sites[f.Pc-1]], locals: tree.locals}
}

// A wording is an error message in the making.
type wording struct {
	L *lua.LState
	f *frame
	site
}

func (w *wording) reword(text string) string {
	var a, b, key string
	switch {
	case text == "attempt to call a non-function object":
		return w.call()
	case strings.HasPrefix(text, "attempt to index a non-table object("):
		a, key, _ = strings.Cut(strings.TrimPrefix(text, "attempt to index a non-table object("), ") with key '")
		return w.index(a, strings.TrimSuffix(key, "'"))
	case scan(text, "cannot perform %s operation between %s and %s", &key, &a, &b):
		return w.arithmetic(a, b)
	case scan(text, "attempt to compare %s with %s", &a, &b):
		if r, ok := w.node.(*ast.RelationalOpExpr); ok {
			return text + w.named(a == "nil", r.Lhs, r.Rhs)
		}
	case text == "__unm undefined":
		if u, ok := w.node.(*ast.UnaryMinusOpExpr); ok {
			return "attempt to perform arithmetic on a value that is no number" + w.inBrackets(u.Expr)
		}
	case text == "__len undefined":
		if u, ok := w.node.(*ast.UnaryLenOpExpr); ok {
			return "attempt to get the length of a value that has none" + w.inBrackets(u.Expr)
		}
	case scan(text, "for statement %s must be a number", &key):
		return "'for' needs numbers: its " + map[string]string{"init": "first value", "limit": "limit", "step": "step"}[key] + " is none"
	case text == "too many recursions in gettable":
		return "too many recursions: a loop in __index"
	}
	return ""
}

// scan reads words, none of them empty, out of text.
func scan(text, format string, words ...any) bool {
	n, err := fmt.Sscanf(text, format, words...)
	return err == nil && n == len(words)
}

// call names what was called and was no function.
func (w *wording) call() string {
	inst := w.f.instruction()
	switch opcode(inst) {
	case lua.OP_TFORLOOP:
		got := w.f.register(w.L, operandA(inst))
		return fmt.Sprintf("'for … in' needs pairs(t), ipairs(t) or a function, got a %s value", got.Type())
	case lua.OP_CALL, lua.OP_TAILCALL:
	default:
		return "attempt to call a value that is not a function"
	}
	got := w.f.register(w.L, operandA(inst))
	text := fmt.Sprintf("attempt to call a %s value", got.Type())
	call, ok := w.node.(*ast.FuncCallExpr)
	if !ok {
		return text
	}
	if call.Method != "" {
		self := w.f.register(w.L, operandA(inst)+1)
		return fmt.Sprintf("%s (method '%s')%s", text, call.Method, spell.Suffix(call.Method, fieldsOf(self)))
	}
	return text + w.inBrackets(call.Func) + w.suggestion(call.Func)
}

// suggestion is the known function whose name is most like that of e.
func (w *wording) suggestion(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.IdentExpr:
		if !w.locals[x] {
			return spell.Suffix(x.Value, globalNames(w.L))
		}
	case *ast.AttrGetExpr:
		key, isName := x.Key.(*ast.StringExpr)
		lib, isIdent := x.Object.(*ast.IdentExpr)
		if isName && isIdent && !w.locals[lib] {
			return spell.Suffix(key.Value, fieldsOf(globalOf(w.L, lib.Value)))
		}
	}
	return ""
}

// globalNames are all that a flow could have meant.
func globalNames(L *lua.LState) []string {
	names := fieldsOf(L.G.Global)
	for name := range theShelf.entries {
		if listed(name) {
			names = append(names, name)
		}
	}
	return names
}

// fieldsOf are the names of v's fields or methods, as far as they can be listed.
func fieldsOf(v lua.LValue) []string {
	var names []string
	if _, ok := v.(lua.LString); ok {
		return sortedKeys(theShelf.tables["string"].values)
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		return nil
	}
	if meta, ok := t.Metatable.(*lua.LTable); ok && theShelf.drawers[meta] != nil {
		names = sortedKeys(theShelf.drawers[meta].values)
	}
	const most = 1000
	for k, _ := t.Next(lua.LNil); k != lua.LNil && len(names) < most; k, _ = t.Next(k) {
		if s, ok := k.(lua.LString); ok {
			names = append(names, string(s))
		}
	}
	return names
}

func (w *wording) index(kind, key string) string {
	if len(key) > 80 {
		key = key[:80] + "…"
	}
	text := fmt.Sprintf("attempt to index a %s value", kind)
	switch x := w.node.(type) {
	case *ast.AttrGetExpr:
		return text + w.inBrackets(x.Object) + " with key '" + key + "'"
	case *ast.FuncCallExpr:
		if x.Receiver != nil {
			return fmt.Sprintf("attempt to call method '%s' of a %s value%s", key, kind, w.inBrackets(x.Receiver))
		}
	case *ast.IdentExpr:
		return text + w.inBrackets(x) + " with key '" + key + "'"
	}
	return text + " with key '" + key + "'"
}

// arithmetic blames the side that cannot be a number.
func (w *wording) arithmetic(a, b string) string {
	x, ok := w.node.(*ast.ArithmeticOpExpr)
	blame, side := a, ast.Expr(nil)
	if ok {
		side = x.Lhs
	}
	if a == "number" || a == "string" && b != "number" && b != "string" {
		blame = b
		if ok {
			side = x.Rhs
		}
	}
	return fmt.Sprintf("attempt to perform arithmetic on a %s value%s", blame, w.inBrackets(side))
}

// named names the side that is the nil of a comparison.
func (w *wording) named(left bool, a, b ast.Expr) string {
	if left {
		return w.inBrackets(a)
	}
	return w.inBrackets(b)
}

func (w *wording) inBrackets(e ast.Expr) string {
	if name := w.describe(e); name != "" {
		return " (" + name + ")"
	}
	return ""
}

// describe is what a designer would call e.
func (s *site) describe(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.IdentExpr:
		if s.locals[x] {
			return "local '" + x.Value + "'"
		}
		return "global '" + x.Value + "'"
	case *ast.AttrGetExpr:
		if key, ok := x.Key.(*ast.StringExpr); ok {
			return "field '" + key.Value + "'"
		}
		if object := s.describe(x.Object); object != "" {
			return "an item of " + object
		}
	case *ast.FuncCallExpr:
		if x.Method != "" {
			return "result of method '" + x.Method + "'"
		}
		if name := s.describe(x.Func); name != "" {
			return "result of " + name
		}
	}
	return ""
}

// hint describes a part of the expression that a hidden function was called for.
func hint(L *lua.LState, part func(n node) ast.Expr) string {
	f := frameOf(L).lua()
	if f == nil {
		return ""
	}
	w := wording{L: L, f: f, site: siteOf(L, f)}
	if w.node == nil {
		return ""
	}
	return w.inBrackets(part(w.node))
}

// concatPart is part n of a..b..c.
func concatPart(n int) func(node) ast.Expr {
	return func(at node) ast.Expr {
		e, ok := at.(*ast.StringConcatOpExpr)
		for ; ok && n > 1; n-- {
			next, more := e.Rhs.(*ast.StringConcatOpExpr)
			if !more {
				return e.Rhs
			}
			e = next
		}
		if !ok {
			return nil
		}
		return e.Lhs
	}
}

func indexedObject(at node) ast.Expr {
	if e, ok := at.(*ast.AttrGetExpr); ok {
		return e.Object
	}
	return nil
}

func indexedKey(at node) ast.Expr {
	if e, ok := at.(*ast.AttrGetExpr); ok {
		return e.Key
	}
	return nil
}

// globalOf is what a global's name means to L now.
func globalOf(L *lua.LState, name string) lua.LValue {
	if v := L.G.Global.RawGetString(name); v != lua.LNil {
		return v
	}
	return theShelf.fetch(L, L.G.Global, name, false)
}
