package luaapi

import (
	"math/rand/v2"
	"sync"

	lua "github.com/yuin/gopher-lua"
)

// A sandbox is what makes a Lua state safe to run a stranger's code in. Each runtime has one.
type sandbox struct {
	main      *lua.LState
	spare     *spare // what main came from
	quota     *quota
	heap      heap
	made      []made             // globals made for this state
	lookups   int                // of those
	modules   map[string]*module // by path
	requiring []string           // modules being loaded, outermost first
	threads   []*lua.LState      // coroutines that have not ended
	forked    bool               // there was a coroutine
	random    *rand.Rand
	guarded   []*lua.LState // those whose errors something catches, outermost first
	raising   bool          // an error is on its way to what catches it
	raised    raised        // the last error and where it came from
	broken    error         // a Go panic: ours, whatever the flow did
}

var configured sync.Once

// configure sets what gopher-lua keeps in package variables. It must precede any use of gopher-lua.
func configure() {
	configured.Do(func() {
		lua.MaxArrayIndex = maxList + 1 // keys beyond go into a map: t[5551234] = x costs no array
		lua.CompatVarArg = false        // no table "arg" for each call of a vararg function
		peek = layoutNow()
		theShelf = newShelf(libraries(), objects())
		theShelf.classes = classes()
	})
}

// Stacks grow from small: a call needs 5 KB at rest and may nest 1000 deep.
var stateOptions = lua.Options{
	CallStackSize:       1000,
	MinimizeStackMemory: true,
	RegistrySize:        255, // 4 KB with what Go adds to it
	RegistryMaxSize:     32 << 10,
	RegistryGrowStep:    1024,
	SkipOpenLibs:        true,
	IncludeGoStackTrace: true,
}

// newState makes the fresh, isolated state of one call. Its globals are found when they are used: Go functions,
// which states share, and tables that belong to this state alone.
func newState(rt *runtime) *lua.LState {
	configure()
	return rt.open(takeSpare())
}

func (rt *runtime) open(s *spare) *lua.LState {
	L := s.L
	globals := &lua.LTable{Metatable: theShelf.globals}
	L.G.Global, L.Env = globals, globals
	L.G.Registry = &lua.LTable{Metatable: lua.LNil}
	rt.spare, rt.main = s, L
	rt.heap.next = weighStep
	rt.setQuota(rt.call.Context())
	return L
}

// current is the coroutine that runs now.
func (rt *runtime) current() *lua.LState {
	if th := rt.main.G.CurrentThread; th != nil {
		return th
	}
	return rt.main
}

// A shelf holds what all states share and none can write to. A name that _G, or the table of a library, does not
// have itself is found in a table behind it, which Lua cannot reach, because the metatable between is locked.
type shelf struct {
	entries map[string]entry        // globals
	tables  map[string]*drawer      // libraries by name
	drawers map[*lua.LTable]*drawer // by the metatable of their tables
	globals *lua.LTable             // metatable of _G
	strings *lua.LTable             // metatable of all strings
	classes map[string]*lua.LTable  // metatables of what functions return
}

// theShelf is set by configure and never written again.
var theShelf *shelf

// An entry is a global: a value that states share, or the making of one for each.
type entry struct {
	value lua.LValue
	make  func(rt *runtime, L *lua.LState) lua.LValue
}

// A drawer is one library.
type drawer struct {
	name   string
	values map[string]lua.LValue
	shared *lua.LTable // the same, for the VM
	meta   *lua.LTable // metatable of the library's table in every state
}

func newShelf(libs []library, objects map[string]lua.LValue) *shelf {
	s := &shelf{entries: map[string]entry{}, tables: map[string]*drawer{}, drawers: map[*lua.LTable]*drawer{}}
	s.strings = lockedTable(goFunction(stringIndex))
	for event, f := range stringArithmetic {
		s.strings.RawSetString(event, goFunction(f))
	}
	for _, lib := range libs {
		s.add(lib)
	}
	s.entries["_G"] = entry{make: func(_ *runtime, L *lua.LState) lua.LValue { return L.G.Global }}
	for name, v := range objects {
		s.entries[name] = entry{value: v}
	}
	shared := &lua.LTable{Metatable: lockedTable(goFunction(globalIndex))}
	for name, e := range s.entries {
		if e.make == nil {
			shared.RawSetString(name, e.value)
		}
	}
	s.globals = lockedTable(shared)
	return s
}

func (s *shelf) add(lib library) {
	values := map[string]lua.LValue{}
	for name, f := range lib.Funcs {
		values[name] = goFunction(f)
	}
	for name, v := range lib.Values {
		values[name] = v
	}
	if lib.Name == "" {
		for name, v := range values {
			s.entries[name] = entry{value: v}
		}
		return
	}
	d := s.tables[lib.Name]
	if d == nil {
		d = &drawer{name: lib.Name, values: map[string]lua.LValue{}, shared: &lua.LTable{Metatable: lua.LNil}}
		d.meta = lockedTable(d.shared)
		s.tables[lib.Name], s.drawers[d.meta] = d, d
		s.entries[lib.Name] = entry{make: func(*runtime, *lua.LState) lua.LValue {
			return &lua.LTable{Metatable: d.meta}
		}}
	}
	for name, v := range values {
		d.values[name] = v
		d.shared.RawSetString(name, v)
	}
}

// lockedTable is a metatable that Lua can neither see nor replace, so that states may share it.
func lockedTable(index lua.LValue) *lua.LTable {
	t := &lua.LTable{Metatable: lua.LNil}
	t.RawSetString("__metatable", lua.LFalse)
	if index != nil {
		t.RawSetString("__index", index)
	}
	return t
}

func goFunction(f lua.LGFunction) *lua.LFunction { return &lua.LFunction{IsG: true, GFunction: f} }

// globalIndex finds a global that is made for each state.
func globalIndex(L *lua.LState) int {
	name, ok := L.Get(2).(lua.LString)
	if !ok {
		return 0
	}
	L.Push(theShelf.fetch(L, L.G.Global, string(name), runtimeOf(L).busy()))
	return 1
}

// fetch finds a global. To keep it in _G costs more than to look it up a few times, so that is done only for
// flows that do so often.
func (s *shelf) fetch(L *lua.LState, globals *lua.LTable, name string, keep bool) lua.LValue {
	e, ok := s.entries[name]
	if !ok {
		return lua.LNil
	}
	v := e.value
	if e.make != nil {
		v = runtimeOf(L).own(L, name, e.make)
	}
	if keep && removed[name] == "" { // what only explains its absence stays out of sight
		globals.RawSetString(name, v)
	}
	return v
}

// A made is a global that was made for one state.
type made struct {
	name  string
	value lua.LValue
}

// own is this state's value of a global that is made, which is done once.
func (rt *runtime) own(L *lua.LState, name string, make func(*runtime, *lua.LState) lua.LValue) lua.LValue {
	for _, m := range rt.made {
		if m.name == name {
			return m.value
		}
	}
	v := make(rt, L)
	rt.made = append(rt.made, made{name, v})
	return v
}

// busy reports whether the flow has looked up so many libraries that it pays to keep them.
func (rt *runtime) busy() bool {
	const few = 40
	rt.lookups++
	return rt.lookups > few
}

// stringIndex finds the methods of strings in the state's own table string.
func stringIndex(L *lua.LState) int {
	L.Push(L.GetTable(L.GetGlobal("string"), L.Get(2)))
	return 1
}

// fill brings everything into t that a state would find there, so that pairs shows it.
func (s *shelf) fill(L *lua.LState, t *lua.LTable) {
	if t.Metatable == s.globals {
		for _, name := range sortedKeys(s.entries) {
			if t.RawGetString(name) == lua.LNil && listed(name) {
				s.fetch(L, t, name, true)
			}
		}
		return
	}
	meta, _ := t.Metatable.(*lua.LTable)
	d := s.drawers[meta]
	if d == nil {
		return
	}
	for _, name := range sortedKeys(d.values) {
		if t.RawGetString(name) == lua.LNil && listed(d.name+"."+name) {
			t.RawSetString(name, d.values[name])
		}
	}
}

// listed says whether pairs shows a name: not the hidden functions, nor those that only explain why they are
// not there.
func listed(name string) bool {
	_, gone := removed[name]
	return !gone && name[0] != 0
}
