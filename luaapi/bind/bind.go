package bind

import (
	"errors"
	"fmt"
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// A Module is a group of functions under one name.
type Module struct {
	Name   string  // the global they are found under; "" makes them globals themselves
	Doc    string  // one paragraph
	Object bool    // its functions are methods, called with a colon
	Class  bool    // the same, but of values that functions return; there is no such global
	Funcs  []Func  // in the order of the reference
	Fields []Field // values read with a dot, computed each time
	Consts []Const // values that never change
}

// A Func is one function, declared once.
type Func struct {
	Name    string
	Doc     string
	Example string // Lua that runs as it stands
	Ends    bool   // a flow does not go on after it
	Like    string // a function, as it is called, whose options this one has too: the reference lists them there only
	Needs   string // what the host must be able to do for it; "" is nothing special
	Impl    Impl
}

// A Field is one value of a module, computed each time it is read.
type Field struct {
	Name string
	Doc  string
	Impl Impl
}

// A Const is a value of a module that never changes. States share it, so it cannot be a table.
type Const struct {
	Name  string
	Doc   string
	Value lua.LValue
}

// An Impl is an implementation with what is known of its types. Pure, Act and Value make one.
type Impl struct {
	args, result reflect.Type
	acts         bool
	method       bool // it gets the value it is called on
	make         func(b *Binder, name string, p *plan, r *resultPlan) lua.LGFunction
}

// Pure implements a function that only computes.
func Pure[H, A, R any](fn func(H, A) (R, error)) Impl { return newImpl(fn, false) }

// Act implements a function that acts on the world.
func Act[H, A, R any](fn func(H, A) (R, error)) Impl { return newImpl(fn, true) }

// Value implements a field.
func Value[H, R any](fn func(H) R) Impl {
	return newImpl(func(h H, _ struct{}) (R, error) { return fn(h), nil }, false)
}

// Method implements a function of a class that acts on the world. S is what the value holds.
func Method[H, S, A, R any](fn func(H, S, A) (R, error)) Impl { return newMethod(fn, true) }

// PureMethod implements a function of a class that only computes.
func PureMethod[H, S, A, R any](fn func(H, S, A) (R, error)) Impl { return newMethod(fn, false) }

// ValueOf implements a field of a class.
func ValueOf[S, R any](fn func(S) R) Impl {
	return newMethod(func(_ any, s S, _ struct{}) (R, error) { return fn(s), nil }, false)
}

// None is the result of a function that returns nothing.
type None struct{}

// Multi, embedded in a result struct, makes its fields separate return values.
type Multi struct{}

// A Failure is a fault outside of the flow, such as a service that does not answer. Lua sees nil and the
// reason; any other error is raised.
type Failure struct{ Err error }

func (f *Failure) Error() string { return f.Err.Error() }
func (f *Failure) Unwrap() error { return f.Err }

func newImpl[H, A, R any](fn func(H, A) (R, error), acts bool) Impl {
	return Impl{
		args: reflect.TypeFor[A](), result: reflect.TypeFor[R](), acts: acts,
		make: func(b *Binder, name string, p *plan, r *resultPlan) lua.LGFunction {
			return func(L *lua.LState) int {
				var args A
				if err := p.decode(L, name, reflect.ValueOf(&args).Elem()); err != nil {
					return raise(L, err)
				}
				result, err := fn(b.Host(L).(H), args)
				return finish(L, b, name, r, acts, &result, err)
			}
		},
	}
}

func newMethod[H, S, A, R any](fn func(H, S, A) (R, error), acts bool) Impl {
	return Impl{
		args: reflect.TypeFor[A](), result: reflect.TypeFor[R](), acts: acts, method: true,
		make: func(b *Binder, name string, p *plan, r *resultPlan) lua.LGFunction {
			return func(L *lua.LState) int {
				self, ok := selfOf[S](L)
				if !ok {
					return raise(L, fmt.Errorf("%s: use a colon, not a dot", name))
				}
				var args A
				if err := p.decode(L, name, reflect.ValueOf(&args).Elem()); err != nil {
					return raise(L, err)
				}
				result, err := fn(b.Host(L).(H), self, args)
				return finish(L, b, name, r, acts, &result, err)
			}
		},
	}
}

// selfOf is what the value holds that a method is called on.
func selfOf[S any](L *lua.LState) (self S, ok bool) {
	u, ok := L.Get(1).(*lua.LUserData)
	if ok {
		self, ok = u.Value.(S)
	}
	return self, ok
}

// finish hands Lua what came of a function.
func finish[R any](L *lua.LState, b *Binder, name string, r *resultPlan, acts bool, result *R, err error) int {
	if acts && b.Rest != nil {
		b.Rest(L)
	}
	if err != nil {
		return b.fail(L, name, err)
	}
	return b.push(L, r, reflect.ValueOf(result).Elem())
}

// A Binder makes modules callable.
type Binder struct {
	Types Types                          // types of the host's own
	Host  func(L *lua.LState) any        // what implementations get; the other functions may be nil
	Rest  func(L *lua.LState)            // called after each function that acts
	Ended func(L *lua.LState) bool       // asked when a function fails: whether nobody will read the message
	Grow  func(L *lua.LState, bytes int) // told of the memory of long strings handed to Lua
}

// A Library is a module made callable.
type Library struct {
	Module *Module
	Funcs  map[string]lua.LGFunction // with a colon's self as first argument if Module.Object
	Fields map[string]lua.LGFunction // take nothing, return the value
}

// Library makes m callable. It panics when a declaration is wrong, which a test that calls it notices.
func (b *Binder) Library(m *Module) Library {
	lib := Library{Module: m, Funcs: map[string]lua.LGFunction{}, Fields: map[string]lua.LGFunction{}}
	for _, f := range m.Funcs {
		lib.Funcs[f.Name] = b.function(m, f.Name, f.Impl)
	}
	for _, f := range m.Fields {
		lib.Fields[f.Name] = b.function(&Module{Name: m.Name, Class: m.Class}, f.Name, f.Impl)
	}
	return lib
}

func (b *Binder) function(m *Module, name string, impl Impl) lua.LGFunction {
	full := m.call(name)
	first := 1
	if m.Object || m.Class {
		first = 2
	}
	if m.Class != impl.method {
		panic(full + ": methods are of classes, and classes have methods only")
	}
	p, err := b.Types.plan(impl.args, first)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", full, err))
	}
	r, err := b.Types.resultPlan(impl.result)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", full, err))
	}
	fn := impl.make(b, full, p, r)
	if !m.Object {
		return fn
	}
	return func(L *lua.LState) int {
		if _, ok := L.Get(1).(*lua.LUserData); !ok {
			return raise(L, fmt.Errorf("use a colon: %s(…), not %s.%s(…)", full, m.Name, name))
		}
		return fn(L)
	}
}

// call is how a function is written in Lua: call:play, say.digits, silence.
func (m *Module) call(name string) string {
	switch {
	case m.Name == "":
		return name
	case m.Object, m.Class:
		return m.Name + ":" + name
	}
	return m.Name + "." + name
}

// fail turns a Go error into what Lua sees of it.
func (b *Binder) fail(L *lua.LState, name string, err error) int {
	var failure *Failure
	if errors.As(err, &failure) {
		L.Push(lua.LNil)
		L.Push(lua.LString(failure.Error()))
		return 2
	}
	if b.Ended != nil && b.Ended(L) {
		L.Error(lua.LString(err.Error()), 0)
		return 0
	}
	var api *lua.ApiError
	if errors.As(err, &api) { // raised in a Lua function we called: its message says where already
		L.Error(api.Object, 0)
		return 0
	}
	return raise(L, fmt.Errorf("%s: %w", name, err))
}

// raise ends the Lua function with a message that names the line it was called from.
func raise(L *lua.LState, err error) int {
	L.Error(lua.LString(err.Error()), 1)
	return 0
}
