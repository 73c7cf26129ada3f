package luaapi

import "context"

// A quota is the context of a call's Lua states (placeholder shape).
type quota struct {
	context.Context
	rt *runtime
}
