package luaapi

import (
	"bytes"
	"fmt"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"
)

// A Program is one version of a flow, compiled: its main file and every module it can require. It never
// changes, and any number of calls run it at once.
type Program struct {
	Name    string           // the flow's name, such as "sales"
	Version string           // hash of everything it consists of
	Main    *Code            // the flow's own file
	Modules map[string]*Code // by the name given to require
}

// Code is one Lua file, compiled.
type Code struct {
	File     string             // path as messages show it, below the flows folder, such as "lib/menu.lua"
	Source   []byte             // for the line shown in messages
	Proto    *lua.FunctionProto // shared by all calls, read-only
	Chunk    []ast.Stmt         // as parsed and not rewritten, for the linter
	Requires []Require          // the modules it names in require "…", in order of appearance
}

// A Require is one require "name" with a literal name.
type Require struct {
	Name string
	Line int
}

// A CompileError is a Lua file that does not compile.
type CompileError struct {
	File   string
	Line   int
	Column int    // 0 if unknown
	Text   string // what is wrong and what to do
	Source string // the line itself
}

func (e *CompileError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text) }

// Compile parses and compiles one Lua file. file is its path as messages show it. A fault in the source
// is a *CompileError.
func Compile(file string, source []byte) (*Code, error) {
	chunk, err := parse.Parse(bytes.NewReader(source), file)
	if err != nil {
		return nil, &CompileError{File: file, Text: err.Error()}
	}
	proto, err := lua.Compile(chunk, file)
	if err != nil {
		return nil, &CompileError{File: file, Text: err.Error()}
	}
	return &Code{File: file, Source: source, Proto: proto, Chunk: chunk}, nil
}
