package luaapi

import (
	"maps"
	"sync"

	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// Removed says of each function of Lua's own library that flows do not have, such as os.exit, what to use
// instead; "" if nothing does the same.
func Removed() map[string]string { return maps.Clone(removed) }

var argumentChecker = sync.OnceValue(func() bind.Checker { return types.Checker(modules()) })

// CheckArgument says what is wrong with v as an argument of a function of ours, as a call would.
func CheckArgument(function string, path []string, v lua.LValue) error {
	return argumentChecker().Check(function, path, v)
}
