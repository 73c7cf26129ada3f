package luaapi

import (
	"github.com/ivrd/ivrd/engine"
	lua "github.com/yuin/gopher-lua"
)

// A runtime is what one Lua state knows of the call it runs for. It is reached from any of the state's
// coroutines through runtimeOf.
type runtime struct {
	call    *engine.Call
	program *Program
	limits  engine.Limits // with all defaults filled in
}

// A library is a group of functions that Lua finds by name: globals if Name is empty, else the fields of
// a global table. Its functions are shared by all states and never hold state of their own.
type library struct {
	Name   string
	Funcs  map[string]lua.LGFunction
	Values map[string]lua.LValue // constants: strings, numbers, booleans only
}

// runtimeOf is the runtime of the state that L belongs to.
func runtimeOf(L *lua.LState) *runtime { return L.Context().(*quota).rt }

// Run runs p for c and returns what ended it, as engine.Flow.Run does.
func Run(p *Program, c *engine.Call) error { panic("to be written") }
