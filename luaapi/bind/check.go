package bind

import (
	"reflect"

	lua "github.com/yuin/gopher-lua"
)

// A Checker judges single arguments as a call would, without calling anything.
type Checker map[string]checked

type checked struct {
	args reflect.Type
	plan *plan
}

// Checker knows every function of modules by how it is called, such as call:play. It panics when a
// declaration is wrong, as Library does.
func (t Types) Checker(modules []*Module) Checker {
	c := Checker{}
	for _, m := range modules {
		for _, f := range m.Funcs {
			p, err := t.plan(f.Impl.args, 1)
			if err != nil {
				panic(m.call(f.Name) + ": " + err.Error())
			}
			c[m.call(f.Name)] = checked{f.Impl.args, p}
		}
	}
	return c
}

// Check says what is wrong with v as a parameter of that function. path is the parameter's name, and for
// an option the names that lead to it. What it does not know, and tables of options, are not judged.
func (c Checker) Check(function string, path []string, v lua.LValue) error {
	in, ok := c[function]
	for i, name := range path {
		if !ok || in.plan == nil {
			return nil
		}
		n, known := in.plan.byName[name]
		if !known {
			return nil
		}
		one := &in.plan.params[n]
		field := in.args.FieldByIndex(one.field).Type
		if i == len(path)-1 && one.decode != nil && one.options == nil {
			return one.judge(v, field)
		}
		in = checked{field, one.options}
	}
	return nil
}

// judge decodes v without a state. A decoder that needs one panics, which says nothing about v.
func (p *param) judge(v lua.LValue, field reflect.Type) (err error) {
	defer func() {
		if recover() != nil {
			err = nil
		}
	}()
	return p.decode(nil, v, reflect.New(field).Elem())
}
