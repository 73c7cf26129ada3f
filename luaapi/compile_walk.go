package luaapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// A node is anything in the syntax tree that has a line.
type node = ast.PositionHolder

// A walker goes through a syntax tree in one fixed order, so that the nodes of two parses of the same text
// get the same numbers. With a scope it also checks what Compile promises; it stops at the first fault.
type walker struct {
	nodes    []node
	scope    *scope // nil: number nodes only
	requires []Require
	texts    []Text
	fault    *CompileError

	locals         map[*ast.IdentExpr]bool // filled if not nil
	literalRequire *ast.IdentExpr          // the require that is called with a literal name

	nesting, chain, jumps int
	uses                  int
	distinct              map[string]bool
}

// A scope holds the local names of one block.
type scope struct {
	names []string
	outer *scope
}

func (s *scope) has(name string) bool {
	for ; s != nil; s = s.outer {
		for _, n := range s.names {
			if n == name {
				return true
			}
		}
	}
	return false
}

func (w *walker) failf(line int, format string, args ...any) {
	if w.fault == nil {
		w.fault = &CompileError{Line: max(line, 1), Text: fmt.Sprintf(format, args...)}
	}
}

func (w *walker) local(names ...string) {
	if w.scope != nil {
		w.scope.names = append(w.scope.names, names...)
	}
}

// block walks stmts in a scope of their own, in which names are known, then tail within it.
func (w *walker) block(at node, names []string, stmts []ast.Stmt, tail ...ast.Expr) {
	w.nesting++
	if w.nesting > maxNesting {
		w.failf(at.Line(), "nested too deeply: more than %d blocks, functions or tables within each other", maxNesting)
	}
	outer := w.scope
	if outer != nil {
		w.scope = &scope{names: slices.Clone(names), outer: outer}
	}
	w.list(stmts)
	w.exprs(tail)
	w.scope = outer
	w.nesting--
}

func (w *walker) list(stmts []ast.Stmt) {
	for _, s := range stmts {
		if w.fault != nil {
			return
		}
		w.nodes = append(w.nodes, s)
		w.stmt(s)
	}
}

func (w *walker) stmt(stmt ast.Stmt) {
	switch s := stmt.(type) {
	case *ast.AssignStmt:
		w.exprs(s.Lhs)
		w.exprs(s.Rhs)
	case *ast.LocalAssignStmt:
		if w.recursive(s) {
			w.local(s.Names...)
			w.exprs(s.Exprs)
			return
		}
		w.exprs(s.Exprs)
		w.local(s.Names...)
	case *ast.FuncCallStmt:
		w.expr(s.Expr)
	case *ast.DoBlockStmt:
		w.block(s, nil, s.Stmts)
	case *ast.WhileStmt:
		w.expr(s.Condition)
		w.block(s, nil, s.Stmts)
	case *ast.RepeatStmt:
		w.block(s, nil, s.Stmts, s.Condition)
	case *ast.IfStmt:
		w.ifStmt(s)
	case *ast.NumberForStmt:
		w.exprs([]ast.Expr{s.Init, s.Limit, s.Step})
		w.block(s, []string{s.Name}, s.Stmts)
	case *ast.GenericForStmt:
		w.exprs(s.Exprs)
		w.block(s, s.Names, s.Stmts)
	case *ast.FuncDefStmt:
		w.exprs([]ast.Expr{s.Name.Func, s.Name.Receiver})
		if s.Name.Func == nil {
			w.constant(s.Name.Method)
			w.nodes = append(w.nodes, s.Func)
			w.function(s.Func, "self")
			return
		}
		w.expr(s.Func)
	case *ast.ReturnStmt:
		w.exprs(s.Exprs)
	case *ast.LabelStmt, *ast.GotoStmt:
		w.jump(s)
	}
}

// recursive says whether s is local function f, whose body knows f. The parser does not tell it from
// local f = function, and the compiler treats both alike.
func (w *walker) recursive(s *ast.LocalAssignStmt) bool {
	if len(s.Names) != 1 || len(s.Exprs) != 1 {
		return false
	}
	_, ok := s.Exprs[0].(*ast.FunctionExpr)
	return ok
}

// ifStmt follows a chain of elseif without going deeper for each.
func (w *walker) ifStmt(s *ast.IfStmt) {
	for links := 0; ; links++ {
		if links > maxChain {
			w.failf(s.Line(), "more than %d elseif in one if; a table of functions does the same", maxChain)
		}
		w.expr(s.Condition)
		w.block(s, nil, s.Then)
		if len(s.Else) != 1 || w.fault != nil {
			break
		}
		next, ok := s.Else[0].(*ast.IfStmt)
		if !ok {
			break
		}
		w.nodes = append(w.nodes, next)
		s = next
	}
	w.block(s, nil, s.Else)
}

func (w *walker) jump(at node) {
	w.jumps++
	if w.jumps > maxJumps {
		w.failf(at.Line(), "more than %d goto statements and labels", maxJumps)
	}
}

func (w *walker) exprs(list []ast.Expr) {
	for _, e := range list {
		if e != nil && w.fault == nil {
			w.expr(e)
		}
	}
}

func (w *walker) expr(expr ast.Expr) {
	if w.fault != nil {
		return
	}
	w.nodes = append(w.nodes, expr)
	w.chain++
	if w.chain > maxChain {
		w.failf(expr.Line(), "an expression of more than %d operators, indexes or calls", maxChain)
		return
	}
	w.parts(expr)
	w.chain--
}

func (w *walker) parts(expr ast.Expr) {
	switch e := expr.(type) {
	case *ast.IdentExpr:
		w.constant(e.Value)
		if w.locals != nil && w.scope.has(e.Value) {
			w.locals[e] = true
		}
		if e.Value == "require" && w.scope != nil && e != w.literalRequire && !w.scope.has("require") {
			w.failf(e.Line(), `require needs a name in quotes, such as require "lib.menu": ivrd loads a flow with all its modules at once`)
		}
	case *ast.StringExpr:
		w.constant(e.Value)
	case *ast.NumberExpr:
		w.constant(e.Value)
	case *ast.AttrGetExpr:
		w.exprs([]ast.Expr{e.Object, e.Key})
	case *ast.TableExpr:
		w.table(e)
	case *ast.FuncCallExpr:
		w.call(e)
	case *ast.LogicalOpExpr:
		w.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.RelationalOpExpr:
		w.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.ArithmeticOpExpr:
		w.exprs([]ast.Expr{e.Lhs, e.Rhs})
	case *ast.StringConcatOpExpr:
		w.concat(e)
	case *ast.UnaryMinusOpExpr:
		w.expr(e.Expr)
	case *ast.UnaryNotOpExpr:
		w.expr(e.Expr)
	case *ast.UnaryLenOpExpr:
		w.expr(e.Expr)
	case *ast.FunctionExpr:
		w.function(e)
	}
}

// concat walks a..b..c… part by part: such a chain may be long, since it compiles to calls of 40 parts.
func (w *walker) concat(e *ast.StringConcatOpExpr) {
	for {
		w.expr(e.Lhs)
		next, ok := e.Rhs.(*ast.StringConcatOpExpr)
		if !ok || w.fault != nil {
			break
		}
		w.nodes = append(w.nodes, next)
		e = next
	}
	w.expr(e.Rhs)
}

func (w *walker) table(e *ast.TableExpr) {
	w.nesting++
	if w.nesting > maxNesting {
		w.failf(e.Line(), "nested too deeply: more than %d blocks, functions or tables within each other", maxNesting)
	}
	if len(e.Fields) > maxList {
		w.failf(e.Line(), "a table of %d items; a list holds at most %d", len(e.Fields), maxList)
	}
	for _, f := range e.Fields {
		w.exprs([]ast.Expr{f.Key, f.Value})
	}
	w.nesting--
}

func (w *walker) function(e *ast.FunctionExpr, names ...string) {
	names = append(names, e.ParList.Names...)
	chain := w.chain
	w.chain = 0
	w.block(e, names, e.Stmts)
	w.chain = chain
}

func (w *walker) call(e *ast.FuncCallExpr) {
	if e.Method != "" {
		w.constant(e.Method)
	}
	if w.scope != nil {
		w.require(e)
		w.text(e)
	}
	w.exprs([]ast.Expr{e.Func, e.Receiver})
	w.exprs(e.Args)
}

// require notes the module that e loads, by require "name" or pcall(require, "name").
func (w *walker) require(e *ast.FuncCallExpr) {
	called, ok := e.Func.(*ast.IdentExpr)
	args := e.Args
	if ok && called.Value == "pcall" && len(args) > 0 && !w.scope.has("pcall") {
		called, ok = args[0].(*ast.IdentExpr)
		args = args[1:]
	}
	if !ok || called.Value != "require" || len(args) != 1 || w.scope.has("require") {
		return
	}
	literal, ok := args[0].(*ast.StringExpr)
	if !ok {
		return
	}
	name, err := moduleName(literal.Value)
	if err != nil {
		w.failf(literal.Line(), "%v", err)
		return
	}
	w.requires = append(w.requires, Require{Name: name, Line: literal.Line()})
	w.literalRequire = called
}

// text notes what e has spoken, if it stands there whole.
func (w *walker) text(e *ast.FuncCallExpr) {
	called, ok := e.Func.(*ast.IdentExpr)
	if !ok || called.Value != Speak || len(e.Args) == 0 || w.scope.has(Speak) {
		return
	}
	words, ok := literalText(e.Args[0])
	t := Text{Words: spokenText(words), Line: e.Line()}
	if len(e.Args) > 1 && ok {
		t.Language, ok = literalLanguage(e.Args[1])
	}
	if ok && t.Words != "" {
		w.texts = append(w.texts, t)
	}
}

// literalText is a text, or several with .. in between.
func literalText(expr ast.Expr) (string, bool) {
	var b strings.Builder
	for {
		switch e := expr.(type) {
		case *ast.StringExpr:
			b.WriteString(e.Value)
			return b.String(), true
		case *ast.StringConcatOpExpr:
			first, ok := e.Lhs.(*ast.StringExpr)
			if !ok {
				return "", false
			}
			b.WriteString(first.Value)
			expr = e.Rhs
		default:
			return "", false
		}
	}
}

// literalLanguage is the language in the options of tts.
func literalLanguage(expr ast.Expr) (string, bool) {
	table, ok := expr.(*ast.TableExpr)
	if !ok || len(table.Fields) != 1 {
		return "", false
	}
	key, named := table.Fields[0].Key.(*ast.StringExpr)
	value, known := table.Fields[0].Value.(*ast.StringExpr)
	if !named || !known || key.Value != "language" {
		return "", false
	}
	return value.Value, true
}

// constant counts the use of a name or value: the compiler looks each one up in a list of the distinct ones.
func (w *walker) constant(value string) {
	if w.scope == nil {
		return
	}
	if w.distinct == nil {
		w.distinct = map[string]bool{}
	}
	w.uses++
	w.distinct[value] = true
	if w.uses*len(w.distinct) > maxConstWork {
		w.failf(1, "the file uses too many different names and values (%d); data belongs in a database", len(w.distinct))
	}
}
