package bind

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ivrd/ivrd/internal/spell"
	lua "github.com/yuin/gopher-lua"
)

// Types tells how to convert types of the host's own, by their Go type.
type Types map[reflect.Type]Type

// A Type converts values of one Go type.
type Type struct {
	Name   string                                                  // as the stubs write it, such as "prompt|prompt[]"
	Decode func(L *lua.LState, v lua.LValue) (any, error)          // nil if it cannot be an argument
	Within func(t Types, L *lua.LState, v lua.LValue) (any, error) // in place of Decode, for what holds options of its own
	Encode func(L *lua.LState, value any) (lua.LValue, error)      // nil if it cannot be a result
}

// A Callback is a Lua function given as an argument.
type Callback struct {
	state *lua.LState
	fn    *lua.LFunction
}

// NewCallback makes a Callback of a function found inside another argument.
func NewCallback(L *lua.LState, fn *lua.LFunction) Callback { return Callback{L, fn} }

// State is the Lua state the function came from.
func (c Callback) State() *lua.LState { return c.state }

// Function is the function itself, nil if there is none.
func (c Callback) Function() *lua.LFunction { return c.fn }

// Given reports whether there is a function at all.
func (c Callback) Given() bool { return c.fn != nil }

// plan is how a Lua argument list, or a table of options, becomes a struct.
type plan struct {
	first  int // stack index of the first argument
	params []param
	byName map[string]int // for options
	names  []string
}

// param is one parameter or option.
type param struct {
	name, doc, def, needs string
	optional              bool
	field                 []int
	options               *plan // for a struct: a table of named options
	typeName              string
	decode                decoder
	absent                reflect.Value // the default, decoded; invalid if there is none
	rest                  bool          // a final slice of LValue takes all further arguments
}

type decoder func(L *lua.LState, v lua.LValue, dst reflect.Value) error

func (t Types) plan(args reflect.Type, first int) (*plan, error) {
	if args.Kind() != reflect.Struct {
		return nil, fmt.Errorf("arguments are a %s, not a struct", args)
	}
	p := &plan{first: first, byName: map[string]int{}}
	return p, t.addFields(p, args, nil)
}

// addFields adds the parameters of a struct to p. Those of an embedded struct stand in its place; at is where
// the struct itself is.
func (t Types) addFields(p *plan, args reflect.Type, at []int) error {
	for i := range args.NumField() {
		f := args.Field(i)
		field := append(slices.Clone(at), i)
		if f.Anonymous {
			if err := t.addFields(p, f.Type, field); err != nil {
				return err
			}
			continue
		}
		tag, ok := f.Tag.Lookup("lua")
		if !ok {
			return fmt.Errorf("field %s has no lua tag", f.Name)
		}
		one, err := t.param(f, tag)
		if err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		if _, twice := p.byName[one.name]; twice {
			return fmt.Errorf("field %s: there is another %s", f.Name, one.name)
		}
		one.field = field
		p.byName[one.name] = len(p.params)
		p.names = append(p.names, one.name)
		p.params = append(p.params, one)
	}
	return nil
}

// Options fills dst, a pointer to a struct of options, from a table found inside another argument. name is what
// messages call it.
func (t Types) Options(L *lua.LState, name string, v lua.LValue, dst any) error {
	at := reflect.ValueOf(dst).Elem()
	key := optionsOf{reflect.ValueOf(t).Pointer(), at.Type()}
	cached, ok := optionPlans.Load(key)
	if !ok {
		p, err := t.plan(at.Type(), 0)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", name, err))
		}
		cached, _ = optionPlans.LoadOrStore(key, p)
	}
	return cached.(*plan).decodeTable(L, name, &param{name: "options"}, v, at)
}

// optionPlans are those of Options.
var optionPlans sync.Map // optionsOf → *plan

type optionsOf struct {
	types   uintptr // which Types
	options reflect.Type
}

func (t Types) param(f reflect.StructField, tag string) (param, error) {
	name, flags, _ := strings.Cut(tag, ",")
	p := param{name: name, doc: f.Tag.Get("doc"), def: f.Tag.Get("default"), needs: f.Tag.Get("needs")}
	p.optional = flags == "optional" || p.def != ""
	p.rest = flags == "rest"
	if p.doc == "" {
		return p, fmt.Errorf("has no doc tag")
	}
	typ, known := t[f.Type]
	switch {
	case known:
		p.typeName, p.decode = typ.Name, t.decodeCustom(typ)
	case p.rest:
		p.typeName, p.optional = "any", true
	case f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[Callback]():
		options, err := t.plan(f.Type, 0)
		if err != nil {
			return p, err
		}
		p.options, p.typeName = options, "table"
	default:
		var err error
		if p.typeName, p.decode, err = builtin(f.Type, f.Tag); err != nil {
			return p, err
		}
	}
	return p, p.setDefault(f.Type)
}

// setDefault decodes the default tag, a Lua number, string or boolean.
func (p *param) setDefault(t reflect.Type) error {
	if p.def == "" {
		return nil
	}
	var v lua.LValue = lua.LBool(p.def == "true")
	if n, err := strconv.ParseFloat(p.def, 64); err == nil {
		v = lua.LNumber(n)
	} else if s, err := strconv.Unquote(p.def); err == nil {
		v = lua.LString(s)
	}
	p.absent = reflect.New(t).Elem()
	if err := p.decode(nil, v, p.absent); err != nil {
		return fmt.Errorf("default %s: %w", p.def, err)
	}
	return nil
}

// omit sets what an absent parameter means.
func (p *param) omit(dst reflect.Value) {
	if p.absent.IsValid() {
		dst.FieldByIndex(p.field).Set(p.absent)
	}
}

// decode fills dst from the arguments on the stack.
func (p *plan) decode(L *lua.LState, name string, dst reflect.Value) error {
	given := L.GetTop() - p.first + 1
	for i := range p.params {
		one := &p.params[i]
		if one.rest {
			return decodeRest(L, p.first+i, dst.FieldByIndex(one.field))
		}
		v := L.Get(p.first + i)
		if one.options != nil {
			if err := one.options.decodeTable(L, name, one, v, dst.FieldByIndex(one.field)); err != nil {
				return err
			}
			continue
		}
		if v == lua.LNil {
			if one.optional {
				one.omit(dst)
				continue
			}
			return fmt.Errorf("%s: %s is missing: %s", name, one.name, one.doc)
		}
		if err := one.decode(L, v, dst.FieldByIndex(one.field)); err != nil {
			return fmt.Errorf("%s: %s: %w", name, one.name, err)
		}
	}
	if given > len(p.params) {
		return fmt.Errorf("%s takes %s, got %d", name, count(len(p.params), "argument"), given)
	}
	return nil
}

func decodeRest(L *lua.LState, from int, dst reflect.Value) error {
	var values []lua.LValue
	for i := from; i <= L.GetTop(); i++ {
		values = append(values, L.Get(i))
	}
	dst.Set(reflect.ValueOf(values))
	return nil
}

// decodeTable fills dst from a table of named options. Every key must be declared.
func (p *plan) decodeTable(L *lua.LState, name string, of *param, v lua.LValue, dst reflect.Value) error {
	table, ok := v.(*lua.LTable)
	if !ok && v != lua.LNil {
		return fmt.Errorf("%s: %s: want a table of options such as { %s = … }, got %s", name, of.name, p.names[0], Describe(v))
	}
	var seen uint64
	var fault error
	if ok {
		table.ForEach(func(k, v lua.LValue) {
			if fault == nil {
				fault = p.option(L, name, k, v, dst, &seen)
			}
		})
	}
	if fault != nil {
		return fault
	}
	for i := range p.params {
		one := &p.params[i]
		switch {
		case seen&(1<<i) != 0:
		case one.optional:
			one.omit(dst)
		case !ok && of.optional: // no table at all
		default:
			return fmt.Errorf("%s: option %s is missing: %s", name, one.name, one.doc)
		}
	}
	return nil
}

func (p *plan) option(L *lua.LState, name string, k, v lua.LValue, dst reflect.Value, seen *uint64) error {
	key, ok := k.(lua.LString)
	if !ok {
		return fmt.Errorf("%s: options have names, such as %s = …; got a value without one (%s)", name, p.names[0], Describe(v))
	}
	i, ok := p.byName[string(key)]
	if !ok {
		return fmt.Errorf("%s: no option %s%s", name, key, spell.Suffix(string(key), p.names))
	}
	*seen |= 1 << i
	one := &p.params[i]
	if one.options != nil {
		return one.options.decodeTable(L, name, one, v, dst.FieldByIndex(one.field))
	}
	if err := one.decode(L, v, dst.FieldByIndex(one.field)); err != nil {
		return fmt.Errorf("%s: %s: %w", name, one.name, err)
	}
	return nil
}

func (t Types) decodeCustom(typ Type) decoder {
	decode := typ.Decode
	if decode == nil {
		decode = func(L *lua.LState, v lua.LValue) (any, error) { return typ.Within(t, L, v) }
	}
	return func(L *lua.LState, v lua.LValue, dst reflect.Value) error {
		value, err := decode(L, v)
		if err != nil {
			return err
		}
		dst.Set(reflect.ValueOf(value))
		return nil
	}
}

// builtin knows the types that need no help from the host.
func builtin(t reflect.Type, tag reflect.StructTag) (string, decoder, error) {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return "number", decodeSeconds, nil
	case reflect.TypeFor[Callback]():
		return "function", decodeCallback, nil
	case reflect.TypeFor[lua.LValue]():
		return "any", func(_ *lua.LState, v lua.LValue, dst reflect.Value) error {
			dst.Set(reflect.ValueOf(&v).Elem())
			return nil
		}, nil
	case reflect.TypeFor[map[string]string]():
		return "table<string, string>", decodeStrings, nil
	}
	switch t.Kind() {
	case reflect.String:
		return stringDecoder(strings.Fields(tag.Get("one")))
	case reflect.Bool:
		return "boolean", decodeBool, nil
	case reflect.Int, reflect.Int64:
		low, high, err := bounds(tag)
		return "integer", intDecoder(low, high), err
	case reflect.Float64:
		low, high, err := bounds(tag)
		return "number", floatDecoder(low, high), err
	}
	return "", nil, fmt.Errorf("type %s cannot be an argument", t)
}

func stringDecoder(one []string) (string, decoder, error) {
	name := "string"
	if len(one) > 0 {
		name = `"` + strings.Join(one, `"|"`) + `"`
	}
	return name, func(_ *lua.LState, v lua.LValue, dst reflect.Value) error {
		s, ok := Text(v)
		if !ok {
			return fmt.Errorf("want a string, got %s", Describe(v))
		}
		if len(one) > 0 && !slices.Contains(one, s) {
			return fmt.Errorf("want %s, got %q%s", strings.Join(one, " or "), s, spell.Suffix(s, one))
		}
		dst.SetString(s)
		return nil
	}, nil
}

// Text reads a string, or a number as Lua would write it.
func Text(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return v.String(), true
	}
	return "", false
}

func decodeBool(_ *lua.LState, v lua.LValue, dst reflect.Value) error {
	b, ok := v.(lua.LBool)
	if !ok {
		return fmt.Errorf("want true or false, got %s", Describe(v))
	}
	dst.SetBool(bool(b))
	return nil
}

func bounds(tag reflect.StructTag) (low, high float64, err error) {
	low, high = math.Inf(-1), math.Inf(1)
	if s := tag.Get("min"); s != "" {
		if low, err = strconv.ParseFloat(s, 64); err != nil {
			return
		}
	}
	if s := tag.Get("max"); s != "" {
		high, err = strconv.ParseFloat(s, 64)
	}
	return
}

func number(v lua.LValue, low, high float64) (float64, error) {
	n, ok := v.(lua.LNumber)
	if text, isText := v.(lua.LString); isText { // a digit entry or a variable, as Lua's own arithmetic takes it
		f, err := strconv.ParseFloat(string(text), 64)
		n, ok = lua.LNumber(f), err == nil
	}
	f := float64(n)
	switch {
	case !ok:
		return 0, fmt.Errorf("want a number, got %s", Describe(v))
	case math.IsNaN(f):
		return 0, fmt.Errorf("want a number, got one that is not a number (0/0)")
	case f < low:
		return 0, fmt.Errorf("%s is too small; %s is the least", n, lua.LNumber(low))
	case f > high:
		return 0, fmt.Errorf("%s is too large; %s is the most", n, lua.LNumber(high))
	}
	return f, nil
}

func floatDecoder(low, high float64) decoder {
	return func(_ *lua.LState, v lua.LValue, dst reflect.Value) error {
		f, err := number(v, low, high)
		dst.SetFloat(f)
		return err
	}
}

func intDecoder(low, high float64) decoder {
	const exact = 1 << 53 // beyond it Lua's numbers have gaps
	low, high = max(low, -exact), min(high, exact)
	return func(_ *lua.LState, v lua.LValue, dst reflect.Value) error {
		f, err := number(v, low, high)
		if err != nil {
			return err
		}
		if f != math.Trunc(f) {
			return fmt.Errorf("want a whole number, got %s", v)
		}
		dst.SetInt(int64(f))
		return nil
	}
}

// longest is the longest time a flow can ask for, in seconds: a day.
const longest = 24 * 60 * 60

func decodeSeconds(_ *lua.LState, v lua.LValue, dst reflect.Value) error {
	f, err := number(v, 0, longest)
	if err != nil {
		return fmt.Errorf("seconds: %w", err)
	}
	dst.SetInt(int64(math.Round(f * float64(time.Second))))
	return nil
}

func decodeCallback(L *lua.LState, v lua.LValue, dst reflect.Value) error {
	fn, ok := v.(*lua.LFunction)
	if !ok {
		return fmt.Errorf("want a function, got %s", Describe(v))
	}
	dst.Set(reflect.ValueOf(Callback{L, fn}))
	return nil
}

func decodeStrings(_ *lua.LState, v lua.LValue, dst reflect.Value) error {
	table, ok := v.(*lua.LTable)
	if !ok {
		return fmt.Errorf("want a table, got %s", Describe(v))
	}
	out := map[string]string{}
	var fault error
	table.ForEach(func(k, v lua.LValue) {
		key, isName := k.(lua.LString)
		text, isText := Text(v)
		if !isName || !isText {
			fault = fmt.Errorf("want names with strings, got %s = %s", k, Describe(v))
			return
		}
		out[string(key)] = text
	})
	dst.Set(reflect.ValueOf(out))
	return fault
}

// Describe names a value in a message: its type, and the value where that helps.
func Describe(v lua.LValue) string {
	switch v := v.(type) {
	case *lua.LNilType:
		return "nil"
	case lua.LBool:
		return v.String()
	case lua.LNumber:
		return "the number " + v.String()
	case lua.LString:
		if len(v) > 40 {
			v = v[:40] + "…"
		}
		return "the string " + strconv.Quote(string(v))
	}
	return "a " + v.Type().String()
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
