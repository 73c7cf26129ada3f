package luaapi

import (
	"errors"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// A runtime is what one Lua state knows of the call it runs for. It is reached from any of the state's
// coroutines through runtimeOf.
type runtime struct {
	call    *engine.Call
	program *Program
	limits  engine.Limits // with all defaults filled in
	thread  *lua.LState   // the coroutine that called a binding last
	onEnd   []bind.Callback
	fault   *lua.ApiError // the first error a callback ended with, for its trace
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

// where is the flow's file and line that called the binding that runs now.
func (rt *runtime) where() (string, int) {
	if rt.thread == nil {
		return rt.program.Name, 0
	}
	d, ok := rt.thread.GetStack(1)
	if !ok {
		return rt.program.Name, 0
	}
	if _, err := rt.thread.GetInfo("Sl", d, lua.LNil); err != nil || d.CurrentLine < 0 {
		return rt.program.Name, 0
	}
	return d.Source, d.CurrentLine
}

// noteFault keeps the trace of an error that a callback ended with, which is lost when it is raised again.
func (rt *runtime) noteFault(_ *lua.LState, err error) {
	var api *lua.ApiError
	if rt.fault == nil && errors.As(err, &api) {
		rt.fault = api
	}
}

// rest is told that a step is over: time the flow spent waiting is not time it spent running.
func (rt *runtime) rest() {}
