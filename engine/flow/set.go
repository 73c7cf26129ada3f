package flow

import (
	"maps"
	"slices"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi"
)

// A Set is all flows at one moment, with the routes and prompts that go with them. It never changes.
type Set struct {
	flows    map[string]*flow // by name; those that are held back in their last good version
	units    map[string]*unit // every Lua file as it is now, by path
	prompts  *prompts
	hours    *Timetable
	settings *settings
	routes   routesRead
	router   *router
	problems []Problem
	found    []Problem // of problems, those that neither the gate nor the routes have
	language string
	lost     bool // there was nothing to build it from: it is the one before

	gated    []*file         // what only the gate reads
	verdicts []verdict       // what it holds back
	judged   map[string]hash // the flows it holds back, and what that depends on
	doubts   []Problem       // what else it said when it was last asked
	spared   []spared        // what it would hold back if there were anything in its place
}

var (
	_ engine.Flows = (*Set)(nil)
	_ engine.Flow  = (*flow)(nil)
)

// Flow finds a flow by name.
func (s *Set) Flow(name string) (engine.Flow, bool) {
	f, ok := s.flows[name]
	if !ok {
		return nil, false
	}
	return f, true
}

// Names are the names of all flows that can answer, in order.
func (s *Set) Names() []string { return slices.Sorted(maps.Keys(s.flows)) }

// Problems is everything that has to be put right, by file and line.
func (s *Set) Problems() []Problem { return s.problems }

// Prompts is every prompt file, in order.
func (s *Set) Prompts() []Prompt { return s.prompts.list }

// Texts are the words of prompts by name and language; those for any language stand under "".
func (s *Set) Texts() map[string]map[string]string { return s.prompts.texts }

// Language is that of prompts which are missing in the caller's.
func (s *Set) Language() string { return s.language }

// Program is what the flow of that name consists of.
func (s *Set) Program(name string) (*luaapi.Program, bool) {
	f, ok := s.flows[name]
	if !ok {
		return nil, false
	}
	return f.program, true
}

// Code is every Lua file that compiles, as it is now, in order of its path.
func (s *Set) Code() []*luaapi.Code {
	var all []*luaapi.Code
	for _, at := range slices.Sorted(maps.Keys(s.units)) {
		if code := s.units[at].code; code != nil {
			all = append(all, code)
		}
	}
	return all
}

// A flow is one version of one flow.
type flow struct {
	program  *luaapi.Program
	prompts  *prompts
	hours    *Timetable
	settings *settings
}

func (f *flow) Name() string    { return f.program.Name }
func (f *flow) Version() string { return f.program.Version }

func (f *flow) Run(c *engine.Call) error { return luaapi.Run(f.program, c) }

func (f *flow) Sound(name, language string) (engine.Sound, bool) {
	return f.prompts.sound(name, language)
}
