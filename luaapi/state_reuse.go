package luaapi

import (
	"errors"
	"sync"
	"unsafe"

	"github.com/ivrd/ivrd/engine"
	lua "github.com/yuin/gopher-lua"
)

// A spare is a Lua state between two calls. Making one costs more than an ordinary flow does, so those of
// calls that ended in an ordinary way are used again. Nothing of a call is in it: what gopher-lua made is
// put back whole, field by field unseen, and the memory behind it is wiped; globals, libraries and strings'
// metatable are new for each call anyway. TestReusedState compares the outcome with a new state.
type spare struct {
	L      *lua.LState
	state  lua.LState // *L as it was made
	global lua.Global // *L.G as it was made
}

var spares sync.Pool

func takeSpare() *spare {
	if s, ok := spares.Get().(*spare); ok {
		return s
	}
	return newSpare()
}

func newSpare() *spare {
	L := lua.NewState(stateOptions)
	L.SetMetatable(lua.LString(""), theShelf.strings)
	L.G.Global, L.G.Registry, L.Env = nil, nil, nil // each call has its own
	return &spare{L, *L, *L.G}
}

// giveBack keeps rt's state for another call, unless anything unusual happened in this one. err is what ended
// the flow. No one must use the state any more.
func (rt *runtime) giveBack(err error) {
	s := rt.spare
	if rt.reusable(err) && s.wipe() {
		spares.Put(s)
	}
	rt.spare, rt.main = nil, nil
}

func (rt *runtime) reusable(err error) bool {
	return ordinary(err) && ordinary(rt.quota.err) && rt.broken == nil && !rt.forked
}

func ordinary(end error) bool {
	return end == nil || errors.Is(end, engine.ErrOver) || errors.Is(end, engine.ErrHangup)
}

// wipe makes the state what it was when it was new. It reports false, and the state is lost, if the flow did
// not leave it at rest, or if its stacks have grown.
func (s *spare) wipe() bool {
	L := s.L
	reg := *(**registers)(unsafe.Add(unsafe.Pointer(L), peek.registry))
	open := *(**upvalue)(unsafe.Add(unsafe.Pointer(L), peek.upvalues))
	frames := framesOf(L)
	if frameOf(L) != nil || open != nil || len(reg.array) != stateOptions.RegistrySize ||
		frames.segment != 0 || frames.top != 0 || frames.segments[1] != nil {
		return false
	}
	clear(reg.array)
	reg.top = 0
	*frames.segments[0] = [lua.FramesPerSegment]frame{}
	*L, *L.G = s.state, s.global
	return true
}
