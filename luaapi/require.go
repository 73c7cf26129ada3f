package luaapi

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// moduleName is the path, below the flows folder and without .lua, of the module that require calls name:
// "lib.menu", "lib/menu" and "lib/menu.lua" are the same.
func moduleName(name string) (string, error) {
	path := strings.TrimSuffix(name, ".lua")
	if strings.ContainsAny(path, `\:`) || strings.HasPrefix(path, "/") || strings.Contains(path, "..") {
		return "", fmt.Errorf("require %q leads outside the flows folder; modules are named from there, such as require \"lib.menu\"", name)
	}
	path = strings.ReplaceAll(path, ".", "/")
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || strings.ContainsAny(part, "\x00 \t\r\n*?\"<>|") {
			return "", fmt.Errorf("require %q names no module; write it as require \"lib.menu\"", name)
		}
	}
	return path, nil
}

// A module is one that this call has required. Each call has its own, made from the shared code.
type module struct {
	value   lua.LValue
	loading bool
}

func baseRequire(L *lua.LState) int {
	rt := runtimeOf(L)
	path, err := moduleName(checkString(L, 1))
	if err != nil {
		L.RaiseError("%v", err)
	}
	if m, ok := rt.modules[path]; ok {
		if m.loading {
			L.RaiseError("modules require each other in a circle: %s", circle(rt.requiring, path))
		}
		L.Push(m.value)
		return 1
	}
	L.Push(rt.load(L, path))
	return 1
}

func (rt *runtime) load(L *lua.LState, path string) lua.LValue {
	var code *Code
	if rt.program != nil {
		code = rt.program.Modules[path]
	}
	if code == nil {
		L.RaiseError("there is no module %s in this version of the flow (%s.lua below the flows folder)", path, path)
	}
	if rt.modules == nil {
		rt.modules = map[string]*module{}
	}
	m := &module{loading: true}
	rt.modules[path] = m
	rt.requiring = append(rt.requiring, path)
	loaded := false
	defer func() {
		rt.requiring = rt.requiring[:len(rt.requiring)-1]
		if !loaded { // the next require shows the same error again
			delete(rt.modules, path)
		}
	}()
	L.Push(L.NewFunctionFromProto(code.Proto))
	L.Push(lua.LString(path))
	L.Call(1, 1)
	m.value, m.loading, loaded = L.Get(-1), false, true
	L.Pop(1)
	if m.value == lua.LNil {
		m.value = lua.LTrue
	}
	return m.value
}

// circle shows how the modules being loaded lead back to path.
func circle(requiring []string, path string) string {
	for i, name := range requiring {
		if name == path {
			requiring = requiring[i:]
			break
		}
	}
	return strings.Join(append(requiring[:len(requiring):len(requiring)], path), " → ")
}
