package flow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// value checks what an argument or an option can certainly be, as far as literals show it.
func (f *fileLinter) value(sig *bind.Signature, p bind.Param, path []string, e ast.Expr) {
	f.noteDynamic(p, e)
	f.valueNeeds(sig, p, e)
	all := f.alternatives(e)
	for _, one := range all {
		if len(all) > 1 && falsy(one) {
			continue
		}
		if f.judge(sig, p, path, one) {
			f.references(sig, p, one)
		}
	}
}

// alternatives are the values e can have: those of a and b for c and a or b.
func (f *fileLinter) alternatives(e ast.Expr) []ast.Expr {
	l, ok := e.(*ast.LogicalOpExpr)
	switch {
	case !ok:
		return []ast.Expr{f.scalar(e)}
	case l.Operator == "and":
		return append(f.alternatives(l.Rhs), &ast.NilExpr{}) // the condition, which is false then
	}
	return slices.Concat(f.alternatives(l.Lhs), f.alternatives(l.Rhs))
}

func falsy(e ast.Expr) bool {
	switch e.(type) {
	case *ast.NilExpr, *ast.FalseExpr:
		return true
	}
	return false
}

// judge reports whether the literal e can be what p wants; what is no literal can.
func (f *fileLinter) judge(sig *bind.Signature, p bind.Param, path []string, e ast.Expr) bool {
	err := f.check(sig, path, e)
	if err == nil {
		return true
	}
	told := false
	const most = 100 // a list that long is not written by hand
	if t, ok := e.(*ast.TableExpr); ok && len(t.Fields) > 1 && len(t.Fields) <= most {
		for i, field := range t.Fields {
			if err := f.check(sig, path, only(t, i)); err != nil {
				f.badValue(field.Value.Line(), sig, p, err)
				told = true
			}
		}
	}
	if !told {
		f.badValue(e.Line(), sig, p, err)
	}
	return false
}

func (f *fileLinter) badValue(line int, sig *bind.Signature, p bind.Param, err error) {
	text, hint := splitHint(err.Error())
	f.wrong(line, p.Name, hint, "%s: %s: %s", sig.Call, p.Name, text)
}

// unknown stands for an expression of which nothing is known.
var unknown = &ast.Comma3Expr{AdjustRet: true}

// only is t with nothing but its field i; other items of a list are there and unknown.
func only(t *ast.TableExpr, i int) *ast.TableExpr {
	one := &ast.TableExpr{}
	for j, field := range t.Fields {
		switch {
		case i == j:
			one.Fields = append(one.Fields, field)
		case field.Key == nil && t.Fields[i].Key == nil:
			one.Fields = append(one.Fields, &ast.Field{Value: unknown})
		}
	}
	one.SetLine(t.Line())
	return one
}

// guesses are tried for what is unknown in a literal. Only what is wrong with all of them is wrong.
var guesses = []lua.LValue{
	&lua.LUserData{Value: engine.Prompts{}, Metatable: lua.LNil},
	&lua.LFunction{IsG: true, GFunction: func(*lua.LState) int { return 0 }},
	lua.LString("1"), lua.LString("PJSIP/1"), lua.LNumber(1), lua.LTrue, &lua.LTable{Metatable: lua.LNil},
}

// check is what a call would say about e. Of several errors the commonest is not about a guess.
func (f *fileLinter) check(sig *bind.Signature, path []string, e ast.Expr) error {
	if !f.literalOrTable(e) {
		return nil
	}
	told := map[string]int{}
	var commonest error
	for _, guess := range guesses {
		v, whole := f.literal(e, guess)
		err := luaapi.CheckArgument(sig.Call, path, v)
		if err == nil || whole {
			return err
		}
		told[err.Error()]++
		if commonest == nil || told[err.Error()] > told[commonest.Error()] {
			commonest = err
		}
	}
	return commonest
}

// literalOrTable reports whether something is known of e's value.
func (f *fileLinter) literalOrTable(e ast.Expr) bool {
	if t, ok := f.scalar(e).(*ast.TableExpr); ok {
		for i, field := range t.Fields {
			if field.Key == nil {
				if i == len(t.Fields)-1 && spreads(field.Value) {
					return false
				}
				continue
			}
			if _, ok := f.literal(field.Key, nil); !ok {
				return false
			}
		}
		return true
	}
	_, ok := f.literal(e, nil)
	return ok
}

// literal is the value of e, with guess in the places of which nothing is known. It reports whether there
// is no such place.
func (f *fileLinter) literal(e ast.Expr, guess lua.LValue) (lua.LValue, bool) {
	switch x := f.scalar(e).(type) {
	case *ast.StringExpr:
		return lua.LString(x.Value), true
	case *ast.NumberExpr:
		if n, err := number(x.Value); err == nil {
			return lua.LNumber(n), true
		}
	case *ast.TrueExpr:
		return lua.LTrue, true
	case *ast.FalseExpr:
		return lua.LFalse, true
	case *ast.NilExpr:
		return lua.LNil, true
	case *ast.FunctionExpr:
		return &lua.LFunction{IsG: true, GFunction: func(*lua.LState) int { return 0 }}, true
	case *ast.UnaryMinusOpExpr:
		if n, ok := x.Expr.(*ast.NumberExpr); ok {
			if v, err := number(n.Value); err == nil {
				return lua.LNumber(-v), true
			}
		}
	case *ast.TableExpr:
		return f.literalTable(x, guess)
	}
	return guess, false
}

func (f *fileLinter) literalTable(e *ast.TableExpr, guess lua.LValue) (lua.LValue, bool) {
	t, whole, n := &lua.LTable{Metatable: lua.LNil}, true, 0
	for _, field := range e.Fields {
		v, known := f.literal(field.Value, guess)
		if v == nil {
			v = lua.LTrue // the caller only asks whether all is known
		}
		whole = whole && known
		if field.Key == nil {
			n++
			t.RawSetInt(n, v)
			continue
		}
		key, known := f.literal(field.Key, guess)
		if !known || key == lua.LNil {
			return guess, false
		}
		t.RawSet(key, v)
	}
	return t, whole
}

// number reads a number as flows do.
func number(s string) (float64, error) {
	if hex, ok := strings.CutPrefix(strings.ToLower(s), "0x"); ok {
		n, err := strconv.ParseUint(hex, 16, 64)
		return float64(n), err
	}
	return strconv.ParseFloat(s, 64)
}

// repeatedKeys warns of a key that stands twice in one table.
func (f *fileLinter) repeatedKeys() {
	for _, t := range f.tables {
		seen := map[lua.LValue]int{}
		for _, field := range t.Fields {
			if field.Key == nil {
				continue
			}
			key, ok := f.literal(field.Key, nil)
			switch key.(type) {
			case lua.LString, lua.LNumber:
			default:
				ok = false
			}
			if !ok {
				continue
			}
			if first := seen[key]; first > 0 {
				f.doubtful(field.Key.Line(), "", "only the last one counts",
					"this table has %s already%s", key, onLine(first, field.Key.Line()))
			}
			seen[key] = max(1, field.Key.Line())
		}
	}
}

func onLine(first, here int) string {
	if first == here {
		return ""
	}
	return fmt.Sprintf(" on line %d", first)
}
