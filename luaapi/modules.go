package luaapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/internal/spell"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// modules is everything of ours a flow can call, in the order of the reference.
func modules() []*bind.Module {
	return []*bind.Module{&callModule, &promptModule, &sayModule, &logModule, &jsonModule, &timeModule,
		&httpModule, &responseClass, &requestClass, &serviceClass,
		&dbModule, &databaseClass, &transactionClass, &redisModule, &redisServerClass, &kvModule, &kvSharedModule,
		&recordingsModule, &deviceModule, &ariModule,
		&hoursModule, &configModule, &limitModule, &metricsModule, &timerClass, &secretsModule, &cryptoModule, &regexModule, &urlModule, &phoneModule}
}

// API is everything of ours a flow can call, as data.
func API() bind.API {
	api := types.Describe(modules())
	api.Aliases = aliases
	return api
}

// Globals are the names of Lua's own library that a flow finds: nil for a function or a value, the names of
// its fields for a table.
func Globals() map[string][]string {
	out := map[string][]string{"_G": nil}
	add := func(lib, name string) {
		_, hidden := removed[strings.TrimPrefix(lib+"."+name, ".")]
		switch {
		case hidden, name[0] == 0:
		case lib == "":
			out[name] = nil
		default:
			out[lib] = append(out[lib], name)
		}
	}
	for _, lib := range stdlib() {
		for name := range lib.Funcs {
			add(lib.Name, name)
		}
		for name := range lib.Values {
			add(lib.Name, name)
		}
	}
	return out
}

// binder makes the modules callable.
func binder() *bind.Binder {
	return &bind.Binder{
		Types: types,
		Host: func(L *lua.LState) any {
			rt := runtimeOf(L)
			rt.thread = L
			return rt.call
		},
		Rest:  func(L *lua.LState) { runtimeOf(L).rest() },
		Ended: func(L *lua.LState) bool { return runtimeOf(L).settle() },
		Grow:  func(L *lua.LState, bytes int) { runtimeOf(L).charge(bytes) },
	}
}

// A library is a group of functions that Lua finds by name: globals if Name is empty, else the fields of
// a global table. Its functions are shared by all states and never hold state of their own.
type library struct {
	Name   string
	Funcs  map[string]lua.LGFunction
	Values map[string]lua.LValue // constants that cannot be written to
}

// libraries are all that a flow finds by name: Lua's own and ours.
func libraries() []library {
	libs := stdlib()
	for _, m := range modules() {
		if m.Object || m.Class {
			continue
		}
		values := map[string]lua.LValue{}
		for _, c := range m.Consts {
			values[c.Name] = c.Value
		}
		lib := library{Name: m.Name, Funcs: binder().Library(m).Funcs, Values: values}
		if parent, field, nested := strings.Cut(m.Name, "."); nested {
			i := slices.IndexFunc(libs, func(l library) bool { return l.Name == parent })
			libs[i].Values[field] = &lua.LUserData{Metatable: lockedTable(lockedFuncs(lib.Funcs))}
			continue
		}
		libs = append(libs, lib)
	}
	return libs
}

// lockedFuncs is a table of functions behind a value that states share. It says what a misspelt one was meant to be.
func lockedFuncs(funcs map[string]lua.LGFunction) *lua.LTable {
	t := lockedTable(nil)
	var known []string
	for name, fn := range funcs {
		t.RawSetString(name, goFunction(fn))
		known = append(known, name)
	}
	t.Metatable = lockedTable(goFunction(func(L *lua.LState) int {
		key := L.Get(2).String()
		L.Error(lua.LString(fmt.Sprintf("there is no %s here%s", key, spell.Suffix(key, known))), 1)
		return 0
	}))
	return t
}

// objects are the modules whose functions are methods. States share them: they hold nothing.
func objects() map[string]lua.LValue {
	out := map[string]lua.LValue{}
	for _, m := range modules() {
		if m.Object {
			out[m.Name] = &lua.LUserData{Metatable: objectMeta(binder().Library(m))}
		}
	}
	return out
}

// classes are the metatables of values that functions return, by the name of their class.
func classes() map[string]*lua.LTable {
	out := map[string]*lua.LTable{}
	for _, m := range modules() {
		if m.Class {
			out[m.Name] = classMeta(binder().Library(m))
		}
	}
	return out
}

// classMeta is the metatable of all values of a class.
func classMeta(lib bind.Library) *lua.LTable {
	name := lib.Module.Name
	methods := map[string]*lua.LFunction{}
	for method, fn := range lib.Funcs {
		methods[method] = goFunction(fn)
	}
	known := append(sortedKeys(lib.Funcs), sortedKeys(lib.Fields)...)
	meta := lockedTable(goFunction(func(L *lua.LState) int {
		key := L.Get(2).String()
		if field, ok := lib.Fields[key]; ok {
			L.SetTop(1)
			return field(L)
		}
		if method, ok := methods[key]; ok {
			L.Push(method)
			return 1
		}
		L.Error(lua.LString(fmt.Sprintf("a %s has no %s%s", name, key, spell.Suffix(key, known))), 1)
		return 0
	}))
	meta.RawSetString("__newindex", unwritable(name))
	return meta
}

// unwritable raises an error for whoever sets a field.
func unwritable(name string) *lua.LFunction {
	return goFunction(func(L *lua.LState) int {
		L.Error(lua.LString(fmt.Sprintf("%s.%s cannot be set; keep values in local variables", name, L.Get(2))), 1)
		return 0
	})
}

// objectMeta is the metatable of an object: methods are found in a table, everything else by a function
// behind it that computes fields and knows what was probably meant.
func objectMeta(lib bind.Library) *lua.LTable {
	name := lib.Module.Name
	var known []string
	methods := &lua.LTable{}
	for method, fn := range lib.Funcs {
		methods.RawSetString(method, goFunction(fn))
		known = append(known, method)
	}
	for field := range lib.Fields {
		known = append(known, field)
	}
	slices.Sort(known)
	methods.Metatable = lockedTable(goFunction(func(L *lua.LState) int {
		key := L.Get(2).String()
		if field, ok := lib.Fields[key]; ok {
			L.SetTop(0)
			return field(L)
		}
		L.Error(lua.LString(fmt.Sprintf("no method %s:%s%s", name, key, spell.Suffix(key, known))), 1)
		return 0
	}))
	meta := lockedTable(methods)
	meta.RawSetString("__newindex", unwritable(name))
	return meta
}
