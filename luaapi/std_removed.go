package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// removed says of each function that flows do not have what to use instead.
var removed = map[string]string{
	"dofile":             `use require "name"`,
	"loadfile":           `use require "name"`,
	"load":               "flows are loaded as a whole, checked before the first caller hears them",
	"loadstring":         "flows are loaded as a whole, checked before the first caller hears them",
	"module":             "return a table at the end of the module",
	"getfenv":            "use a table",
	"setfenv":            "use a table",
	"newproxy":           "use setmetatable with a table",
	"collectgarbage":     "memory is freed by itself",
	"os.execute":         "use http, db or another library of ivrd",
	"os.exit":            "use call:hangup(), or return",
	"os.getenv":          "flows do not see the environment of ivrd",
	"os.remove":          "flows have no files",
	"os.rename":          "flows have no files",
	"os.setlocale":       "use call:language",
	"os.tmpname":         "flows have no files",
	"os.setenv":          "use a variable, or call:set for one of the channel",
	"string.dump":        "",
	"string.gfind":       "use string.gmatch",
	"table.foreach":      "use for … in pairs(t)",
	"table.foreachi":     "use for … in ipairs(t)",
	"table.setn":         "a list is as long as its items",
	"debug.debug":        "",
	"debug.getinfo":      "use debug.traceback",
	"debug.getlocal":     "",
	"debug.sethook":      "",
	"debug.getupvalue":   "",
	"debug.setupvalue":   "",
	"debug.getregistry":  "",
	"debug.getmetatable": "use getmetatable",
	"debug.setmetatable": "use setmetatable",
	"io.open":            "flows have no files; data comes through the library, such as db and http",
	"io.close":           "flows have no files",
	"io.read":            "flows have no terminal; call:ask reads digits",
	"io.write":           "flows have no terminal; use log.info or print",
	"io.lines":           "flows have no files; data comes through the library, such as db and http",
	"io.input":           "flows have no files",
	"io.output":          "flows have no files",
	"io.popen":           "flows cannot run programs",
	"io.tmpfile":         "flows have no files",
	"io.type":            "flows have no files",
	"package.loadlib":    `use require "name"`,
	"package.seeall":     "return a table at the end of the module",
}

// removedLibraries make those functions say so when they are called.
func removedLibraries() []library {
	byName := map[string]library{}
	for full, instead := range removed {
		lib, name, ok := strings.Cut(full, ".")
		if !ok {
			lib, name = "", full
		}
		l, ok := byName[lib]
		if !ok {
			l = library{Name: lib, Funcs: map[string]lua.LGFunction{}}
			byName[lib] = l
		}
		l.Funcs[name] = refuse(full, instead)
	}
	var libs []library
	for _, name := range sortedKeys(byName) {
		libs = append(libs, byName[name])
	}
	return libs
}

func refuse(name, instead string) lua.LGFunction {
	text := name + " is not available in flows"
	if instead != "" {
		text += "; " + instead
	}
	return func(L *lua.LState) int {
		L.RaiseError("%s", text)
		return 0
	}
}
