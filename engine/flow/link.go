package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/internal/spell"
	"github.com/ivrd/ivrd/luaapi"
)

// A node is a Lua file among those it requires.
type node struct {
	*unit
	at     string
	needs  map[string]*node // by luaapi.Require.Name
	state  visitState
	blames []int // the problems that hold it back
}

type visitState int

const (
	unvisited visitState = iota
	visiting
	visited
)

// link makes a flow of every file: the file with everything it requires, and that with what it
// requires. A file that cannot be had whole stays as it was.
func (b *builder) link() {
	b.nodes = make(map[string]*node, len(b.set.units))
	for at, u := range b.set.units {
		b.nodes[at] = &node{unit: u, at: at}
	}
	for _, at := range slices.Sorted(maps.Keys(b.nodes)) {
		n := b.nodes[at]
		b.visit(n, nil)
		name := strings.TrimSuffix(at, ".lua")
		if len(n.blames) == 0 {
			b.set.flows[name] = b.flow(name, n)
		} else {
			b.holdBack(name, n)
		}
	}
}

// holdBack keeps a flow in its last good version.
func (b *builder) holdBack(name string, n *node) {
	kept := Kept{Name: name}
	if old := b.prev.flows[name]; old != nil {
		b.set.flows[name] = old
		kept.Version = old.Version()
	}
	for _, i := range n.blames {
		p := &b.set.problems[i]
		p.Keeps = append(p.Keeps, kept)
	}
}

// visit finds what n requires, and what is wrong with that. chain is how we got here.
func (b *builder) visit(n *node, chain []*node) {
	if n.state != unvisited {
		return
	}
	n.state = visiting
	defer func() { n.state = visited }()
	if n.problem != nil {
		n.blame(b.problem(*n.problem))
		return
	}
	chain = append(chain, n)
	n.needs = make(map[string]*node, len(n.code.Requires))
	for _, r := range n.code.Requires {
		need, p := b.find(r)
		if p == nil && need.state == visiting {
			p = cycle(chain, need)
		}
		if p != nil {
			p.File, p.Line, p.Source = n.at, r.Line, sourceLine(n.code.Source, r.Line)
			n.blame(b.problem(*p))
			continue
		}
		b.visit(need, chain)
		n.needs[r.Name] = need
		n.blame(need.blames...)
	}
}

func (n *node) blame(problems ...int) {
	for _, p := range problems {
		if !slices.Contains(n.blames, p) {
			n.blames = append(n.blames, p)
		}
	}
}

// find finds the file that a require names.
func (b *builder) find(r luaapi.Require) (*node, *Problem) {
	at := r.Name + ".lua"
	if n := b.nodes[at]; n != nil {
		return n, nil
	}
	p := &Problem{Text: "there is no module " + r.Name, Hint: spell.Hint(r.Name, slices.Collect(b.moduleNames()))}
	if p.Hint == "" {
		p.Hint = "it would be the file " + at
	}
	return nil, p
}

func (b *builder) moduleNames() iter.Seq[string] {
	return func(yield func(string) bool) {
		for at := range b.nodes {
			if !yield(strings.TrimSuffix(at, ".lua")) {
				return
			}
		}
	}
}

// cycle is the problem of a chain whose last file requires back again.
func cycle(chain []*node, back *node) *Problem {
	var names []string
	for _, n := range chain[slices.Index(chain, back):] {
		names = append(names, strings.TrimSuffix(n.at, ".lua"))
	}
	if len(names) == 1 {
		return &Problem{Text: "this file requires itself"}
	}
	return &Problem{
		Text: fmt.Sprintf("these files require each other: %s → %s", strings.Join(names, " → "), names[0]),
		Hint: "move what they share into a third",
	}
}

// flow is the flow that begins with n: the one there was, if nothing has changed.
func (b *builder) flow(name string, n *node) *flow {
	modules, closure := n.closure()
	old := b.prev.flows[name]
	if old != nil && old.program.Main == n.code && maps.Equal(old.program.Modules, modules) {
		if old.prompts == b.set.prompts && b.prev.hours.whole == b.set.hours.whole && b.prev.settings.hash == b.set.settings.hash {
			return old
		}
	}
	version := b.version(closure)
	if old != nil && old.Version() == version && old.program.Main == n.code {
		return &flow{old.program, b.set.prompts, b.set.hours, b.set.settings}
	}
	p := &luaapi.Program{Name: name, Version: version, Main: n.code, Modules: modules}
	return &flow{p, b.set.prompts, b.set.hours, b.set.settings}
}

// closure is everything n requires, as luaapi.Program wants it, and all files of it with n's own.
func (n *node) closure() (map[string]*luaapi.Code, []*node) {
	modules := map[string]*luaapi.Code{}
	all := []*node{n}
	for i := 0; i < len(all); i++ {
		for name, need := range all[i].needs {
			modules[name] = need.code
			if !slices.Contains(all, need) {
				all = append(all, need)
			}
		}
	}
	return modules, all
}

// version is the hash of the files, their names included, of the prompts they name, and of the schedules and settings
// if they ask for these.
func (b *builder) version(files []*node) string {
	slices.SortFunc(files[1:], func(x, y *node) int { return strings.Compare(x.at, y.at) })
	sum := sha256.New()
	named := map[string]bool{}
	for _, n := range files {
		fmt.Fprintf(sum, "%s\x00%x\n", n.at, n.file.hash)
		for _, w := range n.words {
			switch w { // the names of libraries stand among the words
			case "hours":
				named[hoursFile] = true
			case "config":
				named[configFile] = true
			}
			if _, ok := b.set.prompts.digests[w]; ok {
				named[w] = true
			}
		}
	}
	digests := map[string]hash{hoursFile: b.set.hours.whole, configFile: b.set.settings.hash}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		digest, ok := digests[name]
		if !ok {
			digest = b.set.prompts.digests[name]
		}
		fmt.Fprintf(sum, "%s\x00%x\n", name, digest)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}
