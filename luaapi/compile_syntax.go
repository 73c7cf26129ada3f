package luaapi

import (
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"
)

// explain makes of a parse error a text that helps a designer.
func explain(text []byte, e *parse.Error) *CompileError {
	return &CompileError{Line: max(1, e.Pos.Line), Column: e.Pos.Column, Text: e.Message + " near '" + e.Token + "'"}
}

func improveFault(fault *CompileError, chunk []ast.Stmt) {}
