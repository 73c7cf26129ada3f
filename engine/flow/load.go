package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/ivrd/ivrd/luaapi"
	lua "github.com/yuin/gopher-lua"
)

// Load reads a folder. What is broken is left out, and said in the problems.
func Load(fsys fs.FS, o Options) (*Set, []Problem) {
	s := o.filled().load(scan(fsys, nil, o))
	return s, s.problems
}

// LoadDir is Load for a folder on disk, out of which no link leads.
func LoadDir(dir string, o Options) (*Set, []Problem) {
	s := o.filled().load(scanDir(dir, nil, o))
	return s, s.problems
}

// load is the first set there is.
func (o Options) load(found *snapshot) *Set {
	return o.Gate.open(context.Background(), build(nil, found, o))
}

// nothing is the set before the first one.
func nothing() *Set {
	return &Set{prompts: &prompts{o: &Options{}}, hours: &Timetable{}, settings: &settings{}, router: &router{}}
}

// build makes a set of what was found. What is broken stays as it is in prev, which may be nil.
func build(prev *Set, found *snapshot, o Options) *Set {
	if prev == nil {
		prev = nothing()
	}
	if p := lost(prev, found); p != nil {
		kept := *prev
		kept.problems, kept.lost = []Problem{*p}, true
		return &kept
	}
	b := &builder{prev: prev, found: found, o: o, set: &Set{
		flows: map[string]*flow{}, units: map[string]*unit{}, language: o.Language,
	}}
	b.set.problems = append(b.set.problems, found.problems...)
	b.compile()
	b.readPrompts()
	b.readHours()
	b.readSettings()
	b.link()
	b.misnamed()
	b.set.gated = b.gateFiles()
	b.set.spared = prev.stillSpared(b.set)
	b.set.found = b.set.problems
	b.readRoutes()
	b.finish()
	return b.set
}

// finish finds the routes' flows, and puts all problems together.
func (b *builder) finish() {
	b.set.problems = slices.Clone(b.set.found)
	b.tellGated()
	b.newRouter()
	sortProblems(b.set.problems)
}

// lost is the problem if there is nothing to build from. An empty folder that was not empty before is
// rather a disk that is not mounted than the wish to answer no calls any more.
func lost(prev *Set, found *snapshot) *Problem {
	var p Problem
	switch {
	case errors.Is(found.err, fs.ErrNotExist):
		p.Text = "it does not exist"
	case found.err != nil:
		p.Text = "it cannot be read: " + reason(found.err)
	case len(found.files) == 0 && len(prev.flows) > 0:
		p.Text = "it is empty; is its disk mounted?"
	default:
		return nil
	}
	for _, name := range prev.Names() {
		p.Keeps = append(p.Keeps, Kept{name, prev.flows[name].Version()})
	}
	return &p
}

type builder struct {
	prev  *Set
	found *snapshot
	o     Options
	set   *Set
	nodes map[string]*node // by path

	missing int // flows that routes lead to in vain
}

// A unit is one Lua file. It does not change, and is shared by all sets in which the file is the same.
type unit struct {
	file    *file
	code    *luaapi.Code // nil if it cannot be used
	problem *Problem     // why
	words   []string     // its string constants; some of them name prompts

	gathering sync.Once
	globals   *globals // for the linter: those it assigns
}

// compile compiles the files that are new.
func (b *builder) compile() {
	var fresh []*unit
	for at, f := range b.found.files {
		if path.Ext(at) != ".lua" {
			continue
		}
		u := b.prev.units[at]
		if u == nil || u.file.hash != f.hash || u.file.err != nil || f.err != nil {
			u = &unit{file: f}
			fresh = append(fresh, u)
		}
		b.set.units[at] = u
	}
	inParallel(len(fresh), func(i int) { fresh[i].compile() })
}

func (u *unit) compile() {
	if u.problem = u.file.fault(); u.problem != nil {
		return
	}
	code, err := compileGuarded(u.file.path, u.file.content)
	if err != nil {
		u.problem = compileProblem(u.file.path, u.file.content, err)
		return
	}
	u.code, u.words = code, words(code.Proto)
}

// compileGuarded compiles so that a fault of the compiler is that file's problem only.
func compileGuarded(file string, source []byte) (code *luaapi.Code, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the compiler failed on this file: %v", p)
		}
	}()
	return luaapi.Compile(file, source)
}

func compileProblem(file string, source []byte, err error) *Problem {
	var fault *luaapi.CompileError
	if !errors.As(err, &fault) {
		return &Problem{File: file, Text: err.Error()}
	}
	p := &Problem{File: file, Line: fault.Line, Column: fault.Column, Text: fault.Text, Source: fault.Source}
	if p.Source == "" {
		p.Source = sourceLine(source, p.Line)
	}
	return p
}

// words are the strings that stand in a chunk and the functions in it.
func words(chunk *lua.FunctionProto) []string {
	var all []string
	for _, c := range chunk.Constants {
		if s, ok := c.(lua.LString); ok {
			all = append(all, string(s))
		}
	}
	for _, f := range chunk.FunctionPrototypes {
		all = append(all, words(f)...)
	}
	return all
}

// misnamed warns of files that look as if they should be read.
func (b *builder) misnamed() {
	for _, at := range []string{"routes.yml", "prompts.yml", "hours.yml", "config.yml"} {
		if b.found.files[at] != nil {
			b.problem(Problem{File: at, Text: "this file is not read",
				Hint: "name it " + strings.TrimSuffix(at, ".yml") + ".yaml", Warning: true})
		}
	}
}

// problem adds a problem and returns its index.
func (b *builder) problem(p Problem) int {
	b.set.problems = append(b.set.problems, p)
	return len(b.set.problems) - 1
}
