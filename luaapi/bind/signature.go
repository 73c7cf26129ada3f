package bind

import "fmt"

// A Signature is what is known of one function or field without running it.
type Signature struct {
	Name    string // bare
	Call    string // as written in Lua: call:play, say.digits, silence
	Doc     string
	Example string
	Acts    bool   // it acts on the world
	Ends    bool   // a flow does not go on after it
	Field   bool   // read with a dot, not called
	Like    string // the function whose options it has too
	Needs   string
	Where   string // where it works, if that is not everywhere; filled in by who knows
	Params  []Param
	Results []Param
	Multi   bool // results are separate values, not one
}

// A Param is one parameter, option, result or key of a returned table.
type Param struct {
	Name     string
	Type     string // in the notation of LuaLS
	Doc      string
	Default  string
	Needs    string
	Where    string
	Optional bool
	Rest     bool    // takes all further arguments
	Options  []Param // of a table of named options, or keys of a returned table
}

// An API is everything a flow can call, as data.
type API struct {
	Modules []ModuleAPI
	Aliases []Alias
}

// An Alias is a type name that parameters and results use.
type Alias struct {
	Name string // such as "ivrd.digits"
	Type string // in the notation of LuaLS
	Doc  string
}

// A ModuleAPI is one module as data.
type ModuleAPI struct {
	Name   string
	Doc    string
	Object bool
	Class  bool // not a global: what functions return
	Funcs  []Signature
	Fields []Signature
}

// Describe is what modules declare. It panics when a declaration is wrong, as Library does.
func (t Types) Describe(modules []*Module) API {
	var api API
	for _, m := range modules {
		one := ModuleAPI{Name: m.Name, Doc: m.Doc, Object: m.Object, Class: m.Class}
		for _, f := range m.Funcs {
			s := t.signature(m.call(f.Name), f.Name, f.Doc, f.Example, f.Impl)
			s.Ends, s.Needs, s.Like = f.Ends, f.Needs, f.Like
			one.Funcs = append(one.Funcs, s)
		}
		for _, f := range m.Fields {
			s := t.signature(m.Name+"."+f.Name, f.Name, f.Doc, "", f.Impl)
			s.Field = true
			one.Fields = append(one.Fields, s)
		}
		for _, c := range m.Consts {
			one.Fields = append(one.Fields, Signature{Name: c.Name, Call: m.Name + "." + c.Name, Doc: c.Doc, Field: true,
				Results: []Param{{Type: c.Value.Type().String()}}})
		}
		api.Modules = append(api.Modules, one)
	}
	return api
}

func (t Types) signature(call, name, doc, example string, impl Impl) Signature {
	s := Signature{Name: name, Call: call, Doc: doc, Example: example, Acts: impl.acts}
	p, err := t.plan(impl.args, 1)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", call, err))
	}
	r, err := t.resultPlan(impl.result)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", call, err))
	}
	s.Params, s.Results, s.Multi = p.describe(), r.describe(), r.multi
	return s
}

func (p *plan) describe() []Param {
	var out []Param
	for _, one := range p.params {
		d := Param{Name: one.name, Type: one.typeName, Doc: one.doc, Default: one.def, Needs: one.needs, Optional: one.optional, Rest: one.rest}
		if one.options != nil {
			d.Options = one.options.describe()
		}
		out = append(out, d)
	}
	return out
}

func (r *resultPlan) describe() []Param {
	var out []Param
	for _, one := range r.values {
		d := Param{Name: one.name, Type: one.typeName, Doc: one.doc}
		if one.fields != nil {
			d.Options = one.fields.describe()
		}
		out = append(out, d)
	}
	return out
}
