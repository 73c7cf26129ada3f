package luaapi

import (
	"fmt"
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// What gopher-lua keeps to itself and this package needs: where an instruction stands, to name what an error
// is about and to see whether a coroutine may yield; sizes, to weigh a flow's memory; and the open upvalues,
// to mend what an error does to them (see keepUpvalues). layoutNow checks that the fields are what they were in v1.1.2.
type layout struct {
	tableArray, tableDict, tableStrings, tableKeys, tableIndex []int
	frame, registry, upvalues, handled, stack                  uintptr // in LState
}

var peek layout

// frame is gopher-lua's callFrame.
type frame struct {
	Idx        int
	Fn         *lua.LFunction
	Parent     *frame
	Pc         int
	Base       int
	LocalBase  int
	ReturnBase int
	NArgs      int
	NRet       int
	TailCall   int
}

// registers is the beginning of gopher-lua's registry.
type registers struct {
	array []lua.LValue
	top   int
}

// upvalue is gopher-lua's Upvalue.
type upvalue struct {
	next   *upvalue
	reg    *registers
	index  int
	value  lua.LValue
	closed bool
}

// frames is gopher-lua's autoGrowingCallFrameStack.
type frames struct {
	segments []*[lua.FramesPerSegment]frame
	segment  uint16
	top      uint8 // in the segment
}

func layoutNow() layout {
	table, state := reflect.TypeFor[lua.LTable](), reflect.TypeFor[lua.LState]()
	l := layout{
		tableArray:   member(table, "array", "[]lua.LValue").Index,
		tableDict:    member(table, "dict", "map[lua.LValue]lua.LValue").Index,
		tableStrings: member(table, "strdict", "map[string]lua.LValue").Index,
		tableKeys:    member(table, "keys", "[]lua.LValue").Index,
		tableIndex:   member(table, "k2i", "map[lua.LValue]int").Index,
		frame:        member(state, "currentFrame", "*lua.callFrame").Offset,
		registry:     member(state, "reg", "*lua.registry").Offset,
		upvalues:     member(state, "uvcache", "*lua.Upvalue").Offset,
		handled:      member(state, "hasErrorFunc", "bool").Offset,
		stack:        member(state, "stack", "lua.callFrameStack").Offset,
	}
	sameFields(reflect.TypeFor[frame](), member(state, "currentFrame", "*lua.callFrame").Type.Elem())
	sameFields(reflect.TypeFor[upvalue](), reflect.TypeFor[lua.Upvalue]())
	reg := member(state, "reg", "*lua.registry").Type.Elem()
	if member(reg, "array", "[]lua.LValue").Offset != 0 || member(reg, "top", "int").Offset != unsafe.Offsetof(registers{}.top) {
		panic("gopher-lua: registry has another layout")
	}
	checkFrames()
	return l
}

func checkFrames() {
	L := lua.NewState(stateOptions)
	defer L.Close()
	stack := reflect.ValueOf(L).Elem().FieldByName("stack").Elem().Type().Elem()
	segments := member(stack, "segments", "[]*lua.callFrameStackSegment")
	segment := member(stack, "segIdx", "lua.segIdx")
	top := member(stack, "segSp", "uint8")
	if segments.Offset != 0 || segment.Offset != unsafe.Offsetof(frames{}.segment) || segment.Type.Kind() != reflect.Uint16 ||
		top.Offset != unsafe.Offsetof(frames{}.top) || segments.Type.Elem().Elem().Size() != unsafe.Sizeof([lua.FramesPerSegment]frame{}) {
		panic("gopher-lua: the stack of calls has another layout")
	}
}

func sameFields(ours, theirs reflect.Type) {
	for i := range ours.NumField() {
		f := member(theirs, ours.Field(i).Name, "")
		if f.Offset != ours.Field(i).Offset || f.Type.Kind() != ours.Field(i).Type.Kind() {
			panic(fmt.Sprintf("gopher-lua: %s.%s has moved", theirs, f.Name))
		}
	}
}

func member(t reflect.Type, name, kind string) reflect.StructField {
	f, ok := t.FieldByName(name)
	if !ok || kind != "" && f.Type.String() != kind {
		panic(fmt.Sprintf("gopher-lua: %s.%s is not a %s", t, name, kind))
	}
	return f
}

// frameOf is the call that L is in; nil if it runs none.
func frameOf(L *lua.LState) *frame {
	return *(**frame)(unsafe.Add(unsafe.Pointer(L), peek.frame))
}

// framesOf are the calls that L is in.
func framesOf(L *lua.LState) *frames {
	stack := (*struct{ _, data unsafe.Pointer })(unsafe.Add(unsafe.Pointer(L), peek.stack)) // an interface
	return (*frames)(stack.data)
}

// registersOf are the values on L's stack.
func registersOf(L *lua.LState) []lua.LValue {
	r := *(**registers)(unsafe.Add(unsafe.Pointer(L), peek.registry))
	return r.array[:r.top]
}

// keepUpvalues stops gopher-lua from cutting the ties between closures and variables of functions that go on
// after a caught error: it closes all upvalues at each error, not only those of the functions that end, so
// that a counter changed by a closure stands still after any pcall. A state with an error function is spared;
// dropUpvalues then does it right.
func keepUpvalues(L *lua.LState) {
	*(*bool)(unsafe.Add(unsafe.Pointer(L), peek.handled)) = true
}

// dropUpvalues closes the upvalues at and above register base, as a return of the functions there would.
func dropUpvalues(L *lua.LState, base int) {
	link := (**upvalue)(unsafe.Add(unsafe.Pointer(L), peek.upvalues))
	for *link != nil && (*link).index < base {
		link = &(*link).next
	}
	ended := *link
	*link = nil
	for ; ended != nil; ended = ended.next {
		(*lua.Upvalue)(unsafe.Pointer(ended)).Close()
	}
}

// lua returns the nearest Lua function at or below f.
func (f *frame) lua() *frame {
	for f != nil && f.Fn.IsG {
		f = f.Parent
	}
	return f
}

// line is where f stands.
func (f *frame) line() (file string, line int) {
	if f == nil || f.Fn.Proto == nil {
		return "", 0
	}
	return f.Fn.Proto.SourceName, f.Fn.Proto.DbgSourcePositions[max(0, f.Pc-1)]
}

func (f *frame) instruction() uint32 {
	return f.Fn.Proto.Code[max(0, f.Pc-1)]
}

// register is the value in register n of f, a frame of L.
func (f *frame) register(L *lua.LState, n int) lua.LValue {
	all := registersOf(L)
	if i := f.LocalBase + n; i < len(all) && all[i] != nil {
		return all[i]
	}
	return lua.LNil
}

func opcode(inst uint32) int   { return int(inst >> 26) }
func operandA(inst uint32) int { return int(inst>>18) & 0xff }

// line is file:line of what the call does now, empty if it does nothing.
func (rt *runtime) line() string {
	for th := rt.current(); th != nil; th = th.Parent {
		if file, n := frameOf(th).lua().line(); n > 0 {
			return place(file, n)
		}
	}
	return ""
}

func place(file string, line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", file, line)
}
