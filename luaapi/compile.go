package luaapi

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
	"github.com/yuin/gopher-lua/parse"
)

// What a file may be. gopher-lua's compiler is quadratic in several of these and cannot be interrupted, so
// it never sees a file that goes beyond.
const (
	maxSource    = 256 << 10   // bytes
	maxNesting   = 200         // blocks, functions and tables within each other
	maxChain     = 1000        // operators, indexes or calls in one expression; elseif in one if
	maxJumps     = 1000        // goto statements and labels
	maxConstWork = 200_000_000 // uses of names and values × distinct ones
)

// Compile parses and compiles one Lua file. file is its path as messages show it. A fault in the source
// is a *CompileError.
func Compile(file string, source []byte) (*Code, error) {
	configure()
	if len(source) > maxSource {
		return nil, &CompileError{File: file, Line: 1, Text: fmt.Sprintf(
			"the file is %d KB; a flow file may have %d KB. Data belongs in a database or in files read through the library",
			len(source)>>10, maxSource>>10)}
	}
	text := plain(source)
	chunk, err := parseChunk(file, text)
	if err != nil {
		return nil, err
	}
	w := walker{scope: &scope{}}
	w.list(chunk)
	if w.fault != nil {
		w.fault.File, w.fault.Source = file, sourceLine(source, w.fault.Line)
		return nil, w.fault
	}
	c := &Code{File: file, Source: source, Chunk: chunk, Requires: w.requires, Texts: w.texts, tree: treeOf(chunk)}
	if err := c.compile(text, len(w.nodes)); err != nil {
		return nil, err
	}
	return c, nil
}

// plain is source as gopher-lua's scanner understands it: without a byte order mark, and with a first
// line meant for a shell left empty.
func plain(source []byte) []byte {
	source = bytes.TrimPrefix(source, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(source, []byte("#")) {
		if i := bytes.IndexByte(source, '\n'); i >= 0 {
			return source[i:]
		}
		return nil
	}
	return source
}

func parseChunk(file string, text []byte) ([]ast.Stmt, error) {
	chunk, err := parse.Parse(bytes.NewReader(text), file)
	if err == nil {
		return chunk, nil
	}
	fault := &CompileError{File: file, Line: 1, Text: err.Error()}
	if p, ok := errors.AsType[*parse.Error](err); ok {
		fault = explain(text, p)
		fault.File = file
	}
	fault.Source = sourceLine(text, fault.Line)
	return nil, fault
}

// compile makes the Proto. It works on a second parse of the same text: every node's line is replaced by
// its number, the rewrites are done, and afterwards each instruction's number is turned back into a line.
func (c *Code) compile(text []byte, nodes int) error {
	chunk, err := parseChunk(c.File, text)
	if err != nil {
		return err
	}
	w := walker{}
	w.list(chunk)
	lines := make([]int, len(w.nodes))
	for i, n := range w.nodes {
		lines[i] = n.Line()
		n.SetLine(numbered + i)
	}
	proto, err := compileProto(rewrite(chunk), c.File)
	if err != nil {
		return c.compileFault(text, err, lines)
	}
	c.sites = map[*lua.FunctionProto][]int32{}
	restoreLines(proto, lines, c.sites)
	proto.LastLineDefined = bytes.Count(text, []byte{'\n'}) + 1
	c.Proto = proto
	return nil
}

// numbered is added to the number of a node where its line is expected. No line is as large.
const numbered = 1 << 30

func lineOf(n int, lines []int) (line int, site int32) {
	if i := n - numbered; i >= 0 && i < len(lines) {
		return lines[i], int32(i)
	}
	return n, -1
}

func restoreLines(p *lua.FunctionProto, lines []int, sites map[*lua.FunctionProto][]int32) {
	site := make([]int32, len(p.DbgSourcePositions))
	positions := make([]int, len(p.DbgSourcePositions))
	for pc, n := range p.DbgSourcePositions {
		positions[pc], site[pc] = lineOf(n, lines)
	}
	p.LineDefined, _ = lineOf(p.LineDefined, lines)
	p.LastLineDefined, _ = lineOf(p.LastLineDefined, lines)
	sites[p] = site
	// The compiler leaves room for a thousand instructions in each; a process holds many of them.
	p.DbgSourcePositions = positions
	p.Code = slices.Clone(p.Code)
	p.Constants = slices.Clone(p.Constants)
	p.DbgLocals = slices.Clone(p.DbgLocals)
	p.DbgCalls = slices.Clone(p.DbgCalls)
	p.DbgUpvalues = slices.Clone(p.DbgUpvalues)
	for _, child := range p.FunctionPrototypes {
		restoreLines(child, lines, sites)
	}
}

// compileProto is lua.Compile, whose panics over odd input become errors.
func compileProto(chunk []ast.Stmt, file string) (p *lua.FunctionProto, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the compiler gave up: %v", r)
		}
	}()
	return lua.Compile(chunk, file)
}

var lineNumber = regexp.MustCompile(`\d{10,}`)

// compileFault tells of what parses and still is no program, such as break outside a loop. The untouched
// file gives the better message; only what the rewriting made too large is told from the rewritten one.
func (c *Code) compileFault(text []byte, err error, lines []int) error {
	if chunk, perr := parseChunk(c.File, text); perr == nil {
		if _, plainErr := compileProto(chunk, c.File); plainErr != nil {
			err, lines = plainErr, nil
		}
	}
	fault := &CompileError{File: c.File, Line: 1, Text: err.Error()}
	if e, ok := errors.AsType[*lua.CompileError](err); ok {
		fault.Line, _ = lineOf(e.Line, lines)
		fault.Text = lineNumber.ReplaceAllStringFunc(e.Message, func(s string) string {
			n, _ := strconv.Atoi(s)
			line, _ := lineOf(n, lines)
			return strconv.Itoa(line)
		})
		fault.Line = max(1, fault.Line)
		improveFault(fault)
	}
	fault.Source = sourceLine(text, fault.Line)
	return fault
}
