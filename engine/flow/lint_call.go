package flow

import (
	"fmt"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	"github.com/yuin/gopher-lua/ast"
)

// callsMade looks at every call of something known.
func (f *fileLinter) callsMade() {
	for _, c := range f.source.calls {
		f.call = c
		if c.Method != "" {
			f.methodCall(c)
		} else {
			f.plainCall(c)
		}
	}
}

// methodCall is receiver:method(…).
func (f *fileLinter) methodCall(c *ast.FuncCallExpr) {
	lib := f.meaning(c.Receiver).lib
	f.askedDirectly(c, lib)
	f.askedServer(c, lib)
	if _, ok := c.Receiver.(*ast.StringExpr); ok {
		f.stringMethod(c)
		return
	}
	if lib == nil || f.program.fields[lib.name+"."+c.Method] {
		return
	}
	sig, known := lib.members[c.Method]
	instead, gone := f.removed[lib.name+"."+c.Method]
	switch {
	case gone:
		f.wrong(c.Line(), c.Method, instead, "%s.%s is not available in flows", lib.name, c.Method)
	case !known && lib.object:
		f.wrong(c.Line(), c.Method, f.near(c.Method, lib.names), "no method %s:%s", lib.name, c.Method)
	case !known:
		f.unknownMember(useCalled, c.Line(), lib, c.Method)
	case sig != nil && sig.Field:
		f.calledField(c, sig)
	case !lib.object:
		f.wrong(c.Line(), c.Method, "", "use a dot: %s.%s(…), not %s:%s(…)", lib.name, c.Method, lib.name, c.Method)
	default:
		f.arguments(c.Line(), sig, c.Args)
	}
}

// stringMethod is ("…"):method(…).
func (f *fileLinter) stringMethod(c *ast.FuncCallExpr) {
	lib := f.libraries["string"]
	if _, known := lib.members[c.Method]; !known && !f.program.fields["string."+c.Method] && !f.program.has("string") {
		f.wrong(c.Line(), c.Method, f.near(c.Method, lib.names), "strings have no method %s", c.Method)
	}
}

func (f *fileLinter) calledField(c *ast.FuncCallExpr, sig *bind.Signature) {
	f.wrong(c.Line(), sig.Name, "", "%s is a value, not a function: leave out the parentheses", sig.Call)
}

// plainCall is f(…), also pcall(f, …).
func (f *fileLinter) plainCall(c *ast.FuncCallExpr) {
	fn, args := c.Func, c.Args
	if name, ok := fn.(*ast.IdentExpr); ok && name.Value == "pcall" && len(args) > 0 && f.locals[name] == nil && !f.program.has("pcall") {
		fn, args = args[0], args[1:]
	}
	m := f.meaning(fn)
	switch {
	case m.lib != nil && fn == c.Func:
		f.wrong(c.Line(), m.lib.name, "", "%s is no function; its functions are called like %s(…)", m.lib.name, m.lib.firstFunction())
	case m.sig == nil:
	case m.sig.Field:
		if fn == c.Func {
			f.calledField(c, m.sig)
		}
	case m.of != nil && m.of.object:
		f.withSelf(c.Line(), m, args)
	default:
		f.arguments(c.Line(), m.sig, args)
	}
}

func (lib *library) firstFunction() string {
	for _, name := range lib.names {
		if s := lib.members[name]; s == nil || !s.Field {
			return lib.write(name)
		}
	}
	return lib.name + ".…"
}

// withSelf is a method called without a colon: call.play(call, …).
func (f *fileLinter) withSelf(line int, m meaning, args []ast.Expr) {
	if len(args) > 0 {
		if f.meaning(args[0]).lib == m.of {
			f.arguments(line, m.sig, args[1:])
			return
		}
		if !f.certainlyOther(args[0]) {
			return
		}
	}
	f.wrong(line, m.member, "", "use a colon: %s(…), not %s.%s(…)", m.sig.Call, m.of.name, m.member)
}

// certainlyOther reports whether e cannot be the call.
func (f *fileLinter) certainlyOther(e ast.Expr) bool {
	switch x := f.scalar(e).(type) {
	case *ast.StringExpr, *ast.NumberExpr, *ast.TrueExpr, *ast.FalseExpr, *ast.NilExpr, *ast.TableExpr, *ast.FunctionExpr,
		*ast.StringConcatOpExpr:
		return true
	case *ast.FuncCallExpr:
		return f.meaning(x.Func).sig != nil
	}
	return false
}

// arguments checks those of one call.
func (f *fileLinter) arguments(line int, sig *bind.Signature, args []ast.Expr) {
	f.needs(line, sig.Name, sig.Call, engine.Detail(sig.Needs))
	f.speech(line, sig, args)
	n, open := len(args), false
	if n > 0 && spreads(args[n-1]) {
		n, open = n-1, true
	}
	params := sig.Params
	if len(params) > 0 && params[0].Type == sqlType && len(args) > 0 {
		f.builtSQL(args[0])
	}
	if sig.Call == "config.get" && len(args) == 1 {
		f.setting(args[0])
	}
	rest := len(params) > 0 && params[len(params)-1].Rest
	if n > len(params) && !rest {
		f.wrong(line, sig.Name, "", "%s takes %s, got %d", sig.Call, count(len(params), "argument"), n)
	}
	for i, p := range params {
		switch {
		case p.Rest:
			return
		case i < n:
			f.argument(line, sig, p, args[i])
		case !open:
			f.argument(line, sig, p, nil)
		}
	}
}

// spreads reports whether e can be any number of values.
func spreads(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Comma3Expr:
		return !x.AdjustRet
	case *ast.FuncCallExpr:
		return !x.AdjustRet
	}
	return false
}

// argument checks one; nil means that it is not there.
func (f *fileLinter) argument(line int, sig *bind.Signature, p bind.Param, e ast.Expr) {
	if e != nil {
		if _, isNil := f.scalar(e).(*ast.NilExpr); isNil {
			e = nil
		}
	}
	switch {
	case p.Options != nil:
		f.options(line, sig, p, []string{p.Name}, e)
	case e != nil:
		f.value(sig, p, []string{p.Name}, e)
	case !p.Optional:
		f.wrong(line, sig.Name, "", "%s: %s is missing: %s", sig.Call, p.Name, p.Doc)
	}
}

// options checks a table of named options; e is nil if there is none.
func (f *fileLinter) options(line int, sig *bind.Signature, p bind.Param, path []string, e ast.Expr) {
	given := map[string]bool{}
	switch x := e.(type) {
	case nil:
		if p.Optional {
			return
		}
	case *ast.TableExpr:
		if !f.namedOptions(x, sig, p, path, given) {
			return
		}
		line = x.Line()
	default:
		if v, ok := f.literal(e, nil); ok {
			f.wrong(e.Line(), "", "", "%s: %s: want a table of options such as { %s = … }, got %s",
				sig.Call, p.Name, p.Options[0].Name, bind.Describe(v))
		}
		return
	}
	for _, o := range p.Options {
		if !o.Optional && !given[o.Name] {
			f.wrong(line, sig.Name, "", "%s: option %s is missing: %s", sig.Call, o.Name, o.Doc)
		}
	}
}

// namedOptions checks the options that t gives and notes their names; it reports whether these are all.
func (f *fileLinter) namedOptions(t *ast.TableExpr, sig *bind.Signature, p bind.Param, path []string, given map[string]bool) bool {
	all := true
	for _, field := range t.Fields {
		if field.Key == nil {
			if spreads(field.Value) {
				all = false
				continue
			}
			f.wrong(field.Value.Line(), "", "", "%s: options have names, such as %s = …; this value has none", sig.Call, p.Options[0].Name)
			continue
		}
		switch key := f.scalar(field.Key).(type) {
		case *ast.StringExpr:
			given[key.Value] = true
			f.option(sig, p, path, key.Value, field)
		default:
			all = false
		}
	}
	return all
}

func (f *fileLinter) option(sig *bind.Signature, p bind.Param, path []string, name string, field *ast.Field) {
	for _, o := range p.Options {
		if o.Name != name {
			continue
		}
		path = append(path[:len(path):len(path)], name)
		if _, isNil := f.scalar(field.Value).(*ast.NilExpr); isNil {
			return // {x = nil} is {}
		}
		if o.Options != nil {
			f.options(field.Value.Line(), sig, o, path, field.Value)
			return
		}
		f.value(sig, o, path, field.Value)
		return
	}
	f.wrong(field.Key.Line(), name, f.near(name, optionNames(p.Options)), "%s: no option %s", sig.Call, name)
}

func optionNames(params []bind.Param) []string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
	}
	return names
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// splitHint takes what an error says to do off what it says is wrong.
func splitHint(text string) (string, string) {
	wrong, hint, _ := strings.Cut(text, "; ")
	return wrong, hint
}
