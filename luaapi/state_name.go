package luaapi

import lua "github.com/yuin/gopher-lua"

func improve(L *lua.LState, s lua.LString) lua.LValue { return s }
