package luaapi

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// A Program is one version of a flow, compiled: its main file and every module it can require. It never
// changes, and any number of calls run it at once.
type Program struct {
	Name    string           // the flow's name, such as "sales"
	Version string           // hash of everything it consists of
	Main    *Code            // the flow's own file
	Modules map[string]*Code // by Require.Name, such as "lib/menu"
}

// Code is one Lua file, compiled.
type Code struct {
	File     string             // path as messages show it, below the flows folder, such as "lib/menu.lua"
	Source   []byte             // for the line shown in messages
	Proto    *lua.FunctionProto // shared by all calls, read-only
	Chunk    []ast.Stmt         // as parsed and not rewritten, for the linter
	Requires []Require          // the modules it names in require "…", in order of appearance
	Texts    []Text             // what it has spoken by tts "…", in order of appearance

	// sites says for every instruction which node of Chunk it came from, so that an error can name the
	// variable it is about.
	sites map[*lua.FunctionProto][]int32
	tree  func() tree
}

// A Require is one require "name" with a literal name.
type Require struct {
	Name string // as a path below the flows folder without .lua: require "lib.menu" is "lib/menu"
	Line int
}

// A Text is one tts "text" with a literal text.
type Text struct {
	Words    string
	Language string // "" is that of the call
	Line     int
}

// A CompileError is a Lua file that does not compile.
type CompileError struct {
	File   string
	Line   int
	Column int    // 0 if unknown
	Text   string // what is wrong and what to do
	Source string // the line itself
}

func (e *CompileError) Error() string {
	if e.Column > 0 {
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// Line is the text of line n of file, empty if p has no such line.
func (p *Program) Line(file string, n int) string {
	if c := p.code(file); c != nil {
		return c.Line(n)
	}
	return ""
}

// code finds the file of p that messages call file.
func (p *Program) code(file string) *Code {
	if p == nil {
		return nil
	}
	if p.Main != nil && p.Main.File == file {
		return p.Main
	}
	for _, c := range p.Modules {
		if c.File == file {
			return c
		}
	}
	return nil
}

// Line is the text of line n, counted from 1, without surrounding blanks.
func (c *Code) Line(n int) string { return sourceLine(c.Source, n) }

func sourceLine(source []byte, n int) string {
	for ; n > 1; n-- {
		_, rest, ok := bytes.Cut(source, []byte{'\n'})
		if !ok {
			return ""
		}
		source = rest
	}
	line, _, _ := bytes.Cut(source, []byte{'\n'})
	const longest = 200
	s := strings.TrimSpace(string(line))
	if len(s) > longest {
		s = s[:longest] + "…"
	}
	return s
}

// A tree is what error messages need of a syntax tree.
type tree struct {
	nodes  []node // by number
	locals map[*ast.IdentExpr]bool
}

// treeOf is made on first use; a file that never fails never pays for it.
func treeOf(chunk []ast.Stmt) func() tree {
	return sync.OnceValue(func() tree {
		w := walker{scope: &scope{}, locals: map[*ast.IdentExpr]bool{}}
		w.list(chunk)
		return tree{w.nodes, w.locals}
	})
}
