package flow

import (
	"slices"

	"github.com/ivrd/ivrd/luaapi"
	"github.com/yuin/gopher-lua/ast"
)

// A source is one Lua file as the linter sees it: every name with what it stands for, and what has to be
// looked at.
type source struct {
	code   *luaapi.Code
	locals map[*ast.IdentExpr]*variable // what each name stands for; those that are missing are globals

	variables []*variable
	reads     []globalRead
	writes    []globalWrite
	fields    []fieldUse
	calls     []*ast.FuncCallExpr
	tables    []*ast.TableExpr
	blocks    [][]ast.Stmt
	open      bool // it does with _G what cannot be followed

	only     string                       // the backend that the code being read is for; "" is all
	backends map[*ast.FuncCallExpr]string // of calls that are for one backend only

	program *globals // all that share globals with this file
}

// A variable is a local variable, a parameter or the variable of a loop.
type variable struct {
	name      string
	line      int
	parameter bool
	loop      bool
	value     ast.Expr    // what it begins with, nil if unknown
	group     []*variable // those of the same statement, itself included
	read      bool
	set       bool // it is assigned to later on
}

// A use is what is done with a value.
type use int

const (
	useRead   use = iota
	useTested     // only whether it is there, or what it is equal to
	useCalled
	useKept // in a local variable, as it is
	useSet
)

type globalRead struct {
	name *ast.IdentExpr
	use  use
}

type globalWrite struct {
	name   string
	line   int
	nested bool // in a function
}

type fieldUse struct {
	expr *ast.AttrGetExpr
	use  use
}

// A lintScope holds the local variables of one block.
type lintScope struct {
	variables []*variable
	outer     *lintScope
}

func (s *lintScope) find(name string) *variable {
	for ; s != nil; s = s.outer {
		for _, v := range slices.Backward(s.variables) {
			if v.name == name {
				return v
			}
		}
	}
	return nil
}

// A resolver goes through a file and finds what its names stand for.
type resolver struct {
	*source
	scope *lintScope
	depth int // functions around
}

func resolve(code *luaapi.Code) *source {
	r := &resolver{source: &source{code: code, locals: map[*ast.IdentExpr]*variable{}, backends: map[*ast.FuncCallExpr]string{}}}
	r.block(code.Chunk, nil)
	return r.source
}

func (r *resolver) declare(vs ...*variable) {
	r.variables = append(r.variables, vs...)
	r.scope.variables = append(r.scope.variables, vs...)
}

// block is stmts in a scope of their own, in which vs are known, then tail within it.
func (r *resolver) block(stmts []ast.Stmt, vs []*variable, tail ...ast.Expr) {
	r.scope = &lintScope{outer: r.scope}
	r.declare(vs...)
	r.blocks = append(r.blocks, stmts)
	for _, s := range stmts {
		r.stmt(s)
	}
	for _, e := range tail {
		r.expr(e, useTested)
	}
	r.scope = r.scope.outer
}

func (r *resolver) stmt(stmt ast.Stmt) {
	switch s := stmt.(type) {
	case *ast.AssignStmt:
		r.exprs(s.Rhs)
		for _, e := range s.Lhs {
			r.assign(e)
		}
	case *ast.LocalAssignStmt:
		r.local(s)
	case *ast.FuncCallStmt:
		r.expr(s.Expr, useRead)
	case *ast.DoBlockStmt:
		r.block(s.Stmts, nil)
	case *ast.WhileStmt:
		r.expr(s.Condition, useTested)
		r.block(s.Stmts, nil)
	case *ast.RepeatStmt:
		r.block(s.Stmts, nil, s.Condition)
	case *ast.IfStmt:
		r.expr(s.Condition, useTested)
		before := r.only
		if backend := askedBackend(s.Condition); backend != "" {
			r.only = backend
		}
		r.block(s.Then, nil)
		r.only = before
		r.block(s.Else, nil)
	case *ast.NumberForStmt:
		r.exprs([]ast.Expr{s.Init, s.Limit, s.Step})
		r.block(s.Stmts, loopVariables(s.Line(), s.Name))
	case *ast.GenericForStmt:
		r.exprs(s.Exprs)
		r.block(s.Stmts, loopVariables(s.Line(), s.Names...))
	case *ast.FuncDefStmt:
		r.funcDef(s)
	case *ast.ReturnStmt:
		r.exprs(s.Exprs)
	}
}

func loopVariables(line int, names ...string) []*variable {
	var vs []*variable
	for _, name := range names {
		vs = append(vs, &variable{name: name, line: line, loop: true})
	}
	return vs
}

func (r *resolver) local(s *ast.LocalAssignStmt) {
	vs := make([]*variable, len(s.Names))
	for i, name := range s.Names {
		vs[i] = &variable{name: name, line: s.Line(), group: vs}
		if i < len(s.Exprs) {
			vs[i].value = s.Exprs[i]
		} else if len(s.Exprs) == 0 {
			vs[i].value = &ast.NilExpr{}
		}
	}
	if len(s.Exprs) == 1 && len(vs) == 1 {
		if _, ok := s.Exprs[0].(*ast.FunctionExpr); ok { // it may be local function f, whose body knows f
			r.declare(vs...)
			r.exprs(s.Exprs)
			return
		}
	}
	for _, e := range s.Exprs {
		r.expr(e, useKept)
	}
	r.declare(vs...)
}

func (r *resolver) assign(target ast.Expr) {
	switch t := target.(type) {
	case *ast.IdentExpr:
		if v := r.scope.find(t.Value); v != nil {
			v.set = true
			r.locals[t] = v
			return
		}
		r.writes = append(r.writes, globalWrite{t.Value, t.Line(), r.depth > 0})
	case *ast.AttrGetExpr:
		r.field(t, useSet)
	}
}

func (r *resolver) funcDef(s *ast.FuncDefStmt) {
	if s.Name.Func != nil {
		r.assign(s.Name.Func)
		r.function(s.Func)
		return
	}
	key := &ast.StringExpr{Value: s.Name.Method}
	key.SetLine(s.Line())
	method := &ast.AttrGetExpr{Object: s.Name.Receiver, Key: key}
	method.SetLine(s.Line())
	r.field(method, useSet)
	r.function(s.Func, "self")
}

func (r *resolver) function(e *ast.FunctionExpr, names ...string) {
	var vs []*variable
	for _, name := range slices.Concat(names, e.ParList.Names) {
		vs = append(vs, &variable{name: name, line: e.Line(), parameter: true})
	}
	r.depth++
	r.block(e.Stmts, vs)
	r.depth--
}

func (r *resolver) exprs(list []ast.Expr) {
	for _, e := range list {
		r.expr(e, useRead)
	}
}

func (r *resolver) expr(expr ast.Expr, u use) {
	switch e := expr.(type) {
	case *ast.IdentExpr:
		r.name(e, u)
	case *ast.AttrGetExpr:
		r.field(e, u)
	case *ast.TableExpr:
		r.tables = append(r.tables, e)
		for _, f := range e.Fields {
			r.expr(f.Key, useRead)
			r.expr(f.Value, useRead)
		}
	case *ast.FuncCallExpr:
		r.calls = append(r.calls, e)
		if r.only != "" {
			r.backends[e] = r.only
		}
		r.expr(e.Func, useCalled)
		r.expr(e.Receiver, useRead)
		r.exprs(e.Args)
	case *ast.LogicalOpExpr:
		r.expr(e.Lhs, useTested)
		if _, ok := e.Rhs.(*ast.AttrGetExpr); ok { // unpack or table.unpack: the last resort may be missing too
			u = useTested
		}
		r.expr(e.Rhs, u)
	case *ast.RelationalOpExpr:
		r.compare(e)
	case *ast.StringConcatOpExpr:
		r.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.ArithmeticOpExpr:
		r.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.UnaryMinusOpExpr:
		r.expr(e.Expr, useRead)
	case *ast.UnaryNotOpExpr:
		r.expr(e.Expr, useTested)
	case *ast.UnaryLenOpExpr:
		r.expr(e.Expr, useRead)
	case *ast.FunctionExpr:
		r.function(e)
	}
}

func (r *resolver) compare(e *ast.RelationalOpExpr) {
	u := useRead
	if e.Operator == "==" || e.Operator == "~=" {
		u = useTested
	}
	r.expr(e.Lhs, u)
	r.expr(e.Rhs, u)
}

func (r *resolver) name(e *ast.IdentExpr, u use) {
	if v := r.scope.find(e.Value); v != nil {
		v.read = true
		r.locals[e] = v
		return
	}
	if e.Value == "_G" { // handed on; who knows what becomes of it
		r.open = true
	}
	r.reads = append(r.reads, globalRead{e, u})
}

func (r *resolver) field(e *ast.AttrGetExpr, u use) {
	r.expr(e.Key, useRead)
	if g, ok := e.Object.(*ast.IdentExpr); ok && g.Value == "_G" && r.scope.find("_G") == nil {
		r.throughG(e, u)
		return
	}
	r.fields = append(r.fields, fieldUse{e, u})
	r.expr(e.Object, useRead)
}

// throughG is _G.name, which is the global of that name.
func (r *resolver) throughG(e *ast.AttrGetExpr, u use) {
	key, ok := e.Key.(*ast.StringExpr)
	switch {
	case ok && u == useSet:
		r.writes = append(r.writes, globalWrite{key.Value, e.Line(), false})
	case u == useSet:
		r.open = true
	}
}
