package flow

import (
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// sqlType is the type of parameters that take SQL.
const sqlType = "ivrd.sql"

// builtSQL warns of SQL that is put together from values: who chooses a value could choose what the query does.
func (f *fileLinter) builtSQL(e ast.Expr) {
	if !f.assembled(e) {
		return
	}
	f.doubtful(e.Line(), "", "write ? where the value goes and give the value behind the SQL", "SQL with values in it lets callers change the query")
}

// assembled reports whether e is a text made of something that is not written here.
func (f *fileLinter) assembled(e ast.Expr) bool {
	switch x := f.scalarText(e).(type) {
	case *ast.StringConcatOpExpr:
		return f.mixed(x)
	case *ast.FuncCallExpr:
		if x.Method == "format" {
			return true
		}
		m := f.meaning(x.Func)
		return m.of != nil && m.of.name == "string" && m.member == "format"
	}
	return false
}

// mixed reports whether a concatenation has parts that are no literals.
func (f *fileLinter) mixed(e ast.Expr) bool {
	switch x := f.scalar(e).(type) {
	case *ast.StringExpr:
		return false
	case *ast.StringConcatOpExpr:
		return f.mixed(x.Lhs) || f.mixed(x.Rhs)
	}
	return true
}

// scalarText is scalar for a variable that holds a text put together.
func (f *fileLinter) scalarText(e ast.Expr) ast.Expr {
	if name, ok := e.(*ast.IdentExpr); ok {
		if v := f.locals[name]; v != nil && !v.set && v.value != nil {
			return v.value
		}
	}
	return e
}

// sqlVerbs are the methods that take SQL, of databases and transactions, whatever variable holds them.
var sqlVerbs = []string{"query", "one", "value", "exec"}

// askedDirectly looks at the SQL of crm:query(…) and tx:exec(…).
func (f *fileLinter) askedDirectly(c *ast.FuncCallExpr, lib *library) {
	if lib != nil || !slices.Contains(sqlVerbs, c.Method) || len(c.Args) == 0 {
		return
	}
	if first := f.leftmost(f.scalarText(c.Args[0])); isSQL(first) {
		f.builtSQL(c.Args[0])
	}
}

// leftmost is the literal that a text begins with, as far as that shows.
func (f *fileLinter) leftmost(e ast.Expr) string {
	switch x := f.scalar(e).(type) {
	case *ast.StringExpr:
		return x.Value
	case *ast.StringConcatOpExpr:
		return f.leftmost(x.Lhs)
	case *ast.FuncCallExpr:
		if x.Receiver != nil {
			return f.leftmost(x.Receiver)
		}
		if len(x.Args) > 0 {
			return f.leftmost(x.Args[0])
		}
	}
	return ""
}

func isSQL(text string) bool {
	words := strings.Fields(strings.ToLower(text))
	return len(words) > 0 && slices.Contains([]string{"select", "insert", "update", "delete", "with", "replace"}, words[0])
}
