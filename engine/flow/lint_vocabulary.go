package flow

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ivrd/ivrd/luaapi"
	"github.com/ivrd/ivrd/luaapi/bind"
	"github.com/yuin/gopher-lua/ast"
)

// A vocabulary is what a flow finds without defining it, as luaapi declares it.
type vocabulary struct {
	libraries map[string]*library
	functions map[string]*bind.Signature // globals that are functions of ours
	standard  map[string]bool            // globals of Lua's own
	removed   map[string]string          // by full name: what to use instead
	names     []string                   // of all globals
	written   map[string]string          // bare name of a function → how it is called: answer → call:answer
}

// A library is a global with fields.
type library struct {
	name    string
	ours    bool
	object  bool // its functions are methods
	members map[string]*bind.Signature
	names   []string // of its members
}

var theVocabulary = sync.OnceValue(func() *vocabulary {
	v := &vocabulary{
		libraries: map[string]*library{}, functions: map[string]*bind.Signature{}, standard: map[string]bool{},
		removed: luaapi.Removed(), written: map[string]string{},
	}
	v.addStandard(luaapi.Globals())
	for full := range v.removed {
		if lib, _, ok := strings.Cut(full, "."); ok {
			v.library(lib)
		}
	}
	api := luaapi.API()
	for i := range api.Modules {
		if !api.Modules[i].Class { // of a local variable nobody knows for certain what it holds
			v.addModule(&api.Modules[i])
		}
	}
	for _, lib := range v.libraries {
		lib.names = slices.Sorted(maps.Keys(lib.members))
		v.names = append(v.names, lib.name)
	}
	v.names = slices.AppendSeq(v.names, maps.Keys(v.functions))
	v.names = slices.AppendSeq(v.names, maps.Keys(v.standard))
	slices.Sort(v.names)
	return v
})

func (v *vocabulary) library(name string) *library {
	lib := v.libraries[name]
	if lib == nil {
		lib = &library{name: name, members: map[string]*bind.Signature{}}
		v.libraries[name] = lib
	}
	return lib
}

func (v *vocabulary) addStandard(names map[string][]string) {
	for name, members := range names {
		if members == nil {
			v.standard[name] = true
			continue
		}
		lib := v.library(name)
		for _, m := range members {
			if _, gone := v.removed[name+"."+m]; !gone {
				lib.members[m] = nil
			}
		}
	}
}

func (v *vocabulary) addModule(m *bind.ModuleAPI) {
	for i := range m.Funcs {
		f := &m.Funcs[i]
		if v.written[f.Name] == "" {
			v.written[f.Name] = f.Call
		}
		if m.Name == "" {
			v.functions[f.Name] = f
		}
	}
	if m.Name == "" {
		return
	}
	lib := v.library(m.Name)
	lib.ours, lib.object = true, m.Object
	for i := range m.Funcs {
		lib.members[m.Funcs[i].Name] = &m.Funcs[i]
	}
	for i := range m.Fields {
		lib.members[m.Fields[i].Name] = &m.Fields[i]
	}
}

func (v *vocabulary) known(name string) bool {
	return v.standard[name] || v.libraries[name] != nil || v.functions[name] != nil
}

// ours reports whether a global is declared by ivrd.
func (v *vocabulary) ours(name string) bool {
	lib := v.libraries[name]
	return lib != nil && lib.ours || v.functions[name] != nil
}

// write is how a member of a library is written: call:play, call.dialed, say.number.
func (lib *library) write(member string) string {
	if s := lib.members[member]; lib.object && s != nil && !s.Field {
		return lib.name + ":" + member
	}
	return lib.name + "." + member
}

// A meaning is what an expression certainly stands for: a library, or one member of it. The zero meaning
// is anything.
type meaning struct {
	lib    *library        // the library itself
	of     *library        // the library it is a member of
	member string          // its name there
	sig    *bind.Signature // what is declared of a function or field of ours
}

// meaning finds what e stands for, through locals that stand for the same all the time.
func (f *fileLinter) meaning(e ast.Expr) meaning {
	for range 20 { // a = b, b = c, …
		name, ok := e.(*ast.IdentExpr)
		if !ok {
			break
		}
		v := f.locals[name]
		if v == nil {
			return f.globalMeaning(name.Value)
		}
		if v.set || v.value == nil {
			return meaning{}
		}
		e = v.value
	}
	field, ok := e.(*ast.AttrGetExpr)
	if !ok {
		return meaning{}
	}
	key, ok := field.Key.(*ast.StringExpr)
	if !ok {
		return meaning{}
	}
	lib := f.meaning(field.Object).lib
	if lib == nil || f.program.fields[lib.name+"."+key.Value] {
		return meaning{}
	}
	// kv.shared and the like
	if within := f.libraries[lib.name+"."+key.Value]; within != nil {
		return meaning{lib: within}
	}
	sig, ok := lib.members[key.Value]
	if !ok {
		return meaning{}
	}
	return meaning{of: lib, member: key.Value, sig: sig}
}

func (f *fileLinter) globalMeaning(name string) meaning {
	if f.program.has(name) {
		return meaning{}
	}
	return meaning{lib: f.libraries[name], sig: f.functions[name]}
}

// scalar is the literal that e stands for, if e is a local variable that always has the same value and no
// code can change what is in it; else it is e.
func (f *fileLinter) scalar(e ast.Expr) ast.Expr {
	at := e
	for range 20 {
		switch x := at.(type) {
		case *ast.StringExpr, *ast.NumberExpr, *ast.TrueExpr, *ast.FalseExpr, *ast.NilExpr, *ast.FunctionExpr:
			return at
		case *ast.IdentExpr:
			v := f.locals[x]
			if v == nil || v.set || v.value == nil {
				return e
			}
			at = v.value
		default:
			return e
		}
	}
	return e
}
