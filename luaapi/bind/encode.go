package bind

import (
	"fmt"
	"reflect"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// resultPlan is how a Go result becomes Lua values.
type resultPlan struct {
	multi  bool
	values []resultValue
}

// resultValue is one return value, or one key of a returned table.
type resultValue struct {
	name, doc, typeName string
	field               int // -1: the result itself
	encode              encoder
	fields              *resultPlan // for a struct returned as a table
}

type encoder func(L *lua.LState, v reflect.Value) (lua.LValue, error)

func (t Types) resultPlan(r reflect.Type) (*resultPlan, error) {
	if r == reflect.TypeFor[None]() {
		return &resultPlan{}, nil
	}
	if isMulti(r) {
		fields, err := t.fields(r)
		if err != nil {
			return nil, err
		}
		fields.multi = true
		return fields, nil
	}
	one, err := t.resultValue(r)
	if err != nil {
		return nil, err
	}
	one.field = -1
	return &resultPlan{values: []resultValue{one}}, nil
}

func isMulti(r reflect.Type) bool {
	if r.Kind() != reflect.Struct {
		return false
	}
	f, ok := r.FieldByName("Multi")
	return ok && f.Type == reflect.TypeFor[Multi]()
}

func (t Types) fields(r reflect.Type) (*resultPlan, error) {
	p := &resultPlan{}
	for i := range r.NumField() {
		f := r.Field(i)
		if f.Type == reflect.TypeFor[Multi]() {
			continue
		}
		one, err := t.resultValue(f.Type)
		if err != nil {
			return nil, fmt.Errorf("result %s: %w", f.Name, err)
		}
		one.name, one.doc, one.field = f.Tag.Get("lua"), f.Tag.Get("doc"), i
		if one.name == "" || one.doc == "" {
			return nil, fmt.Errorf("result %s needs a lua and a doc tag", f.Name)
		}
		p.values = append(p.values, one)
	}
	return p, nil
}

func (t Types) resultValue(r reflect.Type) (resultValue, error) {
	if custom, ok := t[r]; ok {
		return resultValue{typeName: custom.Name, encode: func(L *lua.LState, v reflect.Value) (lua.LValue, error) {
			return custom.Encode(L, v.Interface())
		}}, nil
	}
	if r.Kind() == reflect.Pointer {
		inner, err := t.resultValue(r.Elem())
		if err != nil {
			return inner, err
		}
		encode := inner.encode
		inner.typeName += "?"
		inner.encode = func(L *lua.LState, v reflect.Value) (lua.LValue, error) {
			if v.IsNil() {
				return lua.LNil, nil
			}
			return encode(L, v.Elem())
		}
		return inner, nil
	}
	if r.Kind() == reflect.Struct {
		fields, err := t.fields(r)
		return resultValue{typeName: "table", fields: fields, encode: fields.table}, err
	}
	name := map[reflect.Kind]string{
		reflect.String: "string", reflect.Bool: "boolean", reflect.Float64: "number", reflect.Int: "integer",
		reflect.Int64: "integer", reflect.Map: "table", reflect.Slice: "table", reflect.Interface: "any",
	}[r.Kind()]
	if name == "" {
		return resultValue{}, fmt.Errorf("type %s cannot be a result", r)
	}
	return resultValue{typeName: name, encode: func(L *lua.LState, v reflect.Value) (lua.LValue, error) {
		if v.Kind() == reflect.String { // the most frequent; Interface would make a copy
			return lua.LString(v.String()), nil
		}
		return ToLua(L, v.Interface())
	}}, nil
}

// push puts the values of a result on the stack and returns how many there are.
func (b *Binder) push(L *lua.LState, p *resultPlan, result reflect.Value) int {
	for i := range p.values {
		v := result
		if p.values[i].field >= 0 {
			v = result.Field(p.values[i].field)
		}
		value, err := p.values[i].encode(L, v)
		if err != nil {
			return raise(L, err)
		}
		if s, ok := value.(lua.LString); ok && len(s) > 64 && b.Grow != nil {
			b.Grow(L, len(s))
		}
		L.Push(value)
	}
	return len(p.values)
}

// table is a struct as a Lua table.
func (p *resultPlan) table(L *lua.LState, result reflect.Value) (lua.LValue, error) {
	table := L.CreateTable(0, len(p.values))
	for i := range p.values {
		value, err := p.values[i].encode(L, result.Field(p.values[i].field))
		if err != nil {
			return nil, err
		}
		table.RawSetString(p.values[i].name, value)
	}
	return table, nil
}

// ToLua converts a plain Go value: nil, booleans, numbers, strings, durations (to seconds), Lua values,
// and slices and maps with string keys of these.
func ToLua(L *lua.LState, v any) (lua.LValue, error) {
	switch v := v.(type) {
	case nil:
		return lua.LNil, nil
	case lua.LValue:
		return v, nil
	case bool:
		return lua.LBool(v), nil
	case string:
		return lua.LString(v), nil
	case float64:
		return lua.LNumber(v), nil
	case int:
		return lua.LNumber(v), nil
	case int64:
		return lua.LNumber(v), nil
	case time.Duration:
		return lua.LNumber(v.Seconds()), nil
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.String:
		return lua.LString(r.String()), nil
	case reflect.Slice:
		table := L.CreateTable(r.Len(), 0)
		for i := range r.Len() {
			value, err := ToLua(L, r.Index(i).Interface())
			if err != nil {
				return nil, err
			}
			table.RawSetInt(i+1, value)
		}
		return table, nil
	case reflect.Map:
		table := L.CreateTable(0, r.Len())
		for it := r.MapRange(); it.Next(); {
			value, err := ToLua(L, it.Value().Interface())
			if err != nil {
				return nil, err
			}
			table.RawSetString(it.Key().String(), value)
		}
		return table, nil
	}
	return nil, fmt.Errorf("a %T has no Lua value", v)
}
