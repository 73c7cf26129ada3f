package luaapi

import (
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// modules is everything a flow can call, in the order of the reference.
var modules = []*bind.Module{
	&callModule,
	&promptModule,
	&sayModule,
	&logModule,
	&jsonModule,
}

// binder makes the modules callable.
var binder = bind.Binder{
	Types: types,
	Host: func(L *lua.LState) any {
		rt := runtimeOf(L)
		rt.thread = L
		return rt.call
	},
	Rest:  func(L *lua.LState) { runtimeOf(L).rest() },
	Raise: func(L *lua.LState, err error) { runtimeOf(L).noteFault(L, err) },
}

// API is everything a flow can call, as data.
func API() bind.API { return types.Describe(modules) }
