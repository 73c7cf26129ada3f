package luaapi

import (
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// The globals that rewritten code calls. Lua source cannot name them.
const (
	hiddenConcat = "\x00concat" // a..b..c
	hiddenSet    = "\x00set"    // t[key] = value
	hiddenFields = "\x00fields" // {[key] = value}
	hiddenList   = "\x00list"   // {f()} and {...}
)

// rewrite turns what could take memory without bound in one instruction of gopher-lua into calls of
// functions that count and check: concatenation, assignment to a computed key, tables filled from a list
// of values. On the way it mends two faults of gopher-lua's compiler: 010 as octal, and x = (f(x)), which
// loses a parameter x.
func rewrite(stmts []ast.Stmt) []ast.Stmt {
	for i, s := range stmts {
		stmts[i] = rewriteStmt(s)
	}
	return stmts
}

func rewriteStmt(stmt ast.Stmt) ast.Stmt {
	switch s := stmt.(type) {
	case *ast.AssignStmt:
		return rewriteAssign(s)
	case *ast.LocalAssignStmt:
		rewriteAll(s.Exprs)
	case *ast.FuncCallStmt:
		s.Expr = rewriteExpr(s.Expr)
	case *ast.DoBlockStmt:
		rewrite(s.Stmts)
	case *ast.WhileStmt:
		s.Condition = rewriteExpr(s.Condition)
		rewrite(s.Stmts)
	case *ast.RepeatStmt:
		rewrite(s.Stmts)
		s.Condition = rewriteExpr(s.Condition)
	case *ast.IfStmt:
		rewriteIf(s)
	case *ast.NumberForStmt:
		s.Init, s.Limit, s.Step = rewriteExpr(s.Init), rewriteExpr(s.Limit), rewriteExpr(s.Step)
		rewrite(s.Stmts)
	case *ast.GenericForStmt:
		rewriteAll(s.Exprs)
		rewrite(s.Stmts)
	case *ast.FuncDefStmt:
		rewrite(s.Func.Stmts)
	case *ast.ReturnStmt:
		rewriteAll(s.Exprs)
	}
	return stmt
}

func rewriteIf(s *ast.IfStmt) {
	for {
		s.Condition = rewriteExpr(s.Condition)
		rewrite(s.Then)
		if len(s.Else) == 1 {
			if next, ok := s.Else[0].(*ast.IfStmt); ok {
				s = next
				continue
			}
		}
		rewrite(s.Else)
		return
	}
}

func rewriteAll(exprs []ast.Expr) {
	for i, e := range exprs {
		exprs[i] = rewriteExpr(e)
	}
}

// rewriteAssign makes assignments to computed keys calls of hiddenSet.
func rewriteAssign(s *ast.AssignStmt) ast.Stmt {
	rewriteAll(s.Lhs)
	rewriteAll(s.Rhs)
	if len(s.Lhs) == 1 && len(s.Rhs) == 1 {
		if call, ok := s.Rhs[0].(*ast.FuncCallExpr); ok {
			call.AdjustRet = false // x = (f(x)): one value is taken anyway
		}
		if target, ok := computed(s.Lhs[0]); ok {
			return setStmt(s, target, target.Object, target.Key, single(s.Rhs[0]))
		}
		return s
	}
	if !needsTemporaries(s) {
		return s
	}
	return assignByTemporaries(s)
}

// computed returns e if it is an index whose key could be a large number.
func computed(e ast.Expr) (*ast.AttrGetExpr, bool) {
	index, ok := e.(*ast.AttrGetExpr)
	return index, ok && !smallKey(index.Key)
}

func smallKey(key ast.Expr) bool {
	switch k := key.(type) {
	case *ast.StringExpr, *ast.TrueExpr, *ast.FalseExpr:
		return true
	case *ast.NumberExpr:
		return len(k.Value) < 3 // 0 to 99
	}
	return false
}

// needsTemporaries says whether one of several assignments must be a call, or is one that gopher-lua
// compiles wrongly: x, y = f(x), 2 with a parameter x.
func needsTemporaries(s *ast.AssignStmt) bool {
	for _, e := range s.Lhs {
		if _, ok := computed(e); ok {
			return true
		}
	}
	for i, e := range s.Rhs {
		if call, ok := e.(*ast.FuncCallExpr); ok && (call.AdjustRet || i < len(s.Rhs)-1) {
			return true
		}
	}
	return false
}

// assignByTemporaries makes a[i], b = x, y
//
//	do local objects and keys = a, i; local values = x, y; a[i] = …; b = … end
func assignByTemporaries(s *ast.AssignStmt) ast.Stmt {
	var stmts []ast.Stmt
	local := func(names []string, exprs []ast.Expr) {
		l := &ast.LocalAssignStmt{Names: names, Exprs: exprs}
		l.SetLine(s.Line())
		stmts = append(stmts, l)
	}
	var names []string
	var exprs []ast.Expr
	for i, e := range s.Lhs {
		if target, ok := computed(e); ok {
			names = append(names, temporary("object", i), temporary("key", i))
			exprs = append(exprs, target.Object, target.Key)
		}
	}
	if names != nil {
		exprs[len(exprs)-1] = single(exprs[len(exprs)-1])
		local(names, exprs)
	}
	values := make([]string, len(s.Lhs))
	for i := range values {
		values[i] = temporary("value", i)
	}
	local(values, s.Rhs)
	for i, e := range s.Lhs {
		value := ident(values[i], e)
		if target, ok := computed(e); ok {
			stmts = append(stmts, setStmt(s, target, ident(temporary("object", i), e), ident(temporary("key", i), e), value))
			continue
		}
		one := &ast.AssignStmt{Lhs: []ast.Expr{e}, Rhs: []ast.Expr{value}}
		one.SetLine(s.Line())
		stmts = append(stmts, one)
	}
	block := &ast.DoBlockStmt{Stmts: stmts}
	block.SetLine(s.Line())
	return block
}

func temporary(what string, i int) string { return "\x00" + what + strconv.Itoa(i) }

func ident(name string, at node) ast.Expr {
	e := &ast.IdentExpr{Value: name}
	e.SetLine(at.Line())
	return e
}

func hiddenCall(name string, at node, args ...ast.Expr) *ast.FuncCallExpr {
	call := &ast.FuncCallExpr{Func: ident(name, at), Args: args}
	call.SetLine(at.Line())
	return call
}

func setStmt(s *ast.AssignStmt, at node, object, key, value ast.Expr) ast.Stmt {
	stmt := &ast.FuncCallStmt{Expr: hiddenCall(hiddenSet, at, object, key, value)}
	stmt.SetLine(s.Line())
	return stmt
}

// single is e cut to one value.
func single(e ast.Expr) ast.Expr {
	switch x := e.(type) {
	case *ast.FuncCallExpr:
		x.AdjustRet = true
	case *ast.Comma3Expr:
		x.AdjustRet = true
	}
	return e
}

func rewriteExpr(expr ast.Expr) ast.Expr {
	switch e := expr.(type) {
	case *ast.NumberExpr:
		e.Value = decimal(e.Value)
	case *ast.AttrGetExpr:
		e.Object, e.Key = rewriteExpr(e.Object), rewriteExpr(e.Key)
	case *ast.TableExpr:
		return rewriteTable(e)
	case *ast.FuncCallExpr:
		e.Func, e.Receiver = rewriteExpr(e.Func), rewriteExpr(e.Receiver)
		rewriteAll(e.Args)
	case *ast.LogicalOpExpr:
		e.Lhs, e.Rhs = rewriteExpr(e.Lhs), rewriteExpr(e.Rhs)
	case *ast.RelationalOpExpr:
		e.Lhs, e.Rhs = rewriteExpr(e.Lhs), rewriteExpr(e.Rhs)
	case *ast.ArithmeticOpExpr:
		e.Lhs, e.Rhs = rewriteExpr(e.Lhs), rewriteExpr(e.Rhs)
	case *ast.StringConcatOpExpr:
		return rewriteConcat(e)
	case *ast.UnaryMinusOpExpr:
		e.Expr = rewriteExpr(e.Expr)
	case *ast.UnaryNotOpExpr:
		e.Expr = rewriteExpr(e.Expr)
	case *ast.UnaryLenOpExpr:
		e.Expr = rewriteExpr(e.Expr)
	case *ast.FunctionExpr:
		rewrite(e.Stmts)
	}
	return expr
}

// decimal is a number as written, without the leading zeros that gopher-lua reads as octal.
func decimal(s string) string {
	if len(s) < 2 || s[0] != '0' || strings.HasPrefix(strings.ToLower(s), "0x") {
		return s
	}
	s = strings.TrimLeft(s, "0")
	if s == "" || s[0] < '0' || s[0] > '9' {
		return "0" + s
	}
	return s
}

// concatParts is how many parts one call of hiddenConcat takes; each needs a register, of which there are 200.
const concatParts = 40

func rewriteConcat(e *ast.StringConcatOpExpr) ast.Expr {
	var parts []ast.Expr
	at := node(e)
	for {
		parts = append(parts, single(rewriteExpr(e.Lhs)))
		next, ok := e.Rhs.(*ast.StringConcatOpExpr)
		if !ok {
			break
		}
		e = next
	}
	parts = append(parts, single(rewriteExpr(e.Rhs)))
	for len(parts) > concatParts {
		var joined []ast.Expr
		for len(parts) > 0 {
			n := min(concatParts, len(parts))
			joined = append(joined, hiddenCall(hiddenConcat, at, parts[:n:n]...))
			parts = parts[n:]
		}
		parts = joined
	}
	return hiddenCall(hiddenConcat, at, parts...)
}

// rewriteTable leaves in the constructor what costs no more than was written, and passes the rest to calls.
func rewriteTable(e *ast.TableExpr) ast.Expr {
	var kept []*ast.Field
	var pairs []ast.Expr
	positional := 0
	var tail ast.Expr
	for i, f := range e.Fields {
		f.Key, f.Value = rewriteExpr(f.Key), rewriteExpr(f.Value)
		switch {
		case f.Key != nil && !smallKey(f.Key):
			pairs = append(pairs, single(f.Key), single(f.Value))
			continue
		case f.Key == nil && i == len(e.Fields)-1 && many(f.Value):
			tail = f.Value
			continue
		case f.Key == nil:
			positional++
		}
		kept = append(kept, f)
	}
	e.Fields = kept
	out := ast.Expr(e)
	for len(pairs) > 0 {
		n := min(concatParts, len(pairs))
		out = hiddenCall(hiddenFields, e, append([]ast.Expr{out}, pairs[:n]...)...)
		pairs = pairs[n:]
	}
	if tail != nil {
		n := &ast.NumberExpr{Value: strconv.Itoa(positional)}
		n.SetLine(e.Line())
		out = hiddenCall(hiddenList, e, out, n, tail)
	}
	return out
}

// many says whether e can have any number of values. The calls that rewriting puts in have one.
func many(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.FuncCallExpr:
		name, ok := x.Func.(*ast.IdentExpr)
		return !x.AdjustRet && !(ok && strings.HasPrefix(name.Value, "\x00"))
	case *ast.Comma3Expr:
		return !x.AdjustRet
	}
	return false
}
