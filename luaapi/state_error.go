package luaapi

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/engine"
	lua "github.com/yuin/gopher-lua"
)

// raised is the last error value and the calls that led to it, so that what ends a flow can be traced
// although pcall or a coroutine handed it on.
type raised struct {
	value lua.LValue
	file  string
	line  int
	trace []string
	full  bool // the stack of values was near its end
}

// raise is the Panic function of all states: it runs where the error is, with the value on top of the stack.
func raise(L *lua.LState) {
	rt := runtimeOf(L)
	if L.Parent != nil && !slices.Contains(rt.guarded, L) {
		dropUpvalues(L, 0) // the coroutine ends
	}
	v := rt.note(L, L.Get(-1))
	rt.raising = true
	panic(&lua.ApiError{Type: lua.ApiErrorRun, Object: v, StackTrace: "-"})
}

// note remembers where v was raised, and names what it is about.
func (rt *runtime) note(L *lua.LState, v lua.LValue) lua.LValue {
	if rt.quota.err != nil { // nobody will read it: the flow only unwinds
		return v
	}
	if s, ok := v.(lua.LString); ok {
		if strings.HasSuffix(string(s), "registry overflow") {
			rt.endFull()
		}
		v = improve(L, s)
		rt.charge(len(s))
	}
	if v == rt.raised.value { // handed on by error(err, 0)
		return v
	}
	at := frameOf(L).lua()
	rt.raised = raised{value: v, trace: traceOf(L)}
	rt.raised.file, rt.raised.line = at.line()
	return v
}

func (rt *runtime) endFull() {
	rt.quota.endAtLimit("memory", strconv.Itoa(stateOptions.RegistryMaxSize)+" values at once", "a function gets too many values, or calls itself without end")
}

// traceOf lists the calls that led to where L is, innermost first.
func traceOf(L *lua.LState) []string {
	const most = 20
	var lines []string
	for th := L; th != nil; th = th.Parent {
		for f := frameOf(th); f != nil; f = f.Parent {
			if f.Fn.IsG {
				continue
			}
			if len(lines) == most {
				return append(lines, "…")
			}
			file, n := f.line()
			lines = append(lines, fmt.Sprintf("%s:%d in %s", file, n, f.name()))
		}
	}
	return lines
}

// name is what the caller of f called it.
func (f *frame) name() string {
	p := f.Fn.Proto
	if p.LineDefined == 0 {
		return "main chunk"
	}
	if from := f.Parent; from != nil && !from.Fn.IsG && f.TailCall == 0 {
		for _, call := range from.Fn.Proto.DbgCalls {
			if call.Pc == from.Pc-1 && call.Name != "?" && call.Name != "(anonymous)" && call.Name[0] != 0 {
				return "function '" + call.Name + "'"
			}
		}
	}
	return fmt.Sprintf("function <%s:%d>", p.SourceName, p.LineDefined)
}

// A guard is the Go function between PCall and what it calls. PCall has just put its own Panic function in
// place of ours.
func guard(L *lua.LState, raise func(*lua.LState)) int {
	L.Panic = raise
	keepUpvalues(L)
	rt := runtimeOf(L)
	base, returned, outer := frameOf(L).LocalBase, false, len(rt.guarded)
	rt.guarded = append(rt.guarded, L)
	defer func() {
		rt.guarded = rt.guarded[:outer]
		if !returned {
			dropUpvalues(L, base)
			rt.noteBreak(L)
		}
	}()
	L.Call(L.GetTop()-1, lua.MultRet)
	returned = true
	return L.GetTop()
}

var trampolineFunction = goFunction(func(L *lua.LState) int { return guard(L, raise) })

// noteBreak remembers where L was when a Go panic, not an error, ended what it ran.
func (rt *runtime) noteBreak(L *lua.LState) {
	if rt.raising {
		rt.raising = false
		return
	}
	rt.raised = raised{trace: traceOf(L), full: len(registersOf(L)) > stateOptions.RegistryMaxSize/4}
	rt.raised.file, rt.raised.line = frameOf(L).lua().line()
}

// protect calls the function below the nargs values on top of L's stack, as PCall does. What it returns is
// nil, or the error value with whether Lua may see it: not if the call is over or ivrd is at fault.
func (rt *runtime) protect(L *lua.LState, call lua.LValue, nargs, nret int) (err *lua.ApiError, catchable bool) {
	defer func() {
		if r := recover(); r != nil { // PCall itself fails when the stack is full
			err, catchable = rt.panicked(&lua.ApiError{Type: lua.ApiErrorPanic, Object: lua.LString(fmt.Sprint(r))}), false
		}
	}()
	L.Insert(call, L.GetTop()-nargs)
	perr := L.PCall(nargs+1, nret, nil)
	keepUpvalues(L)
	if perr == nil {
		return nil, true
	}
	apiErr, ok := errors.AsType[*lua.ApiError](perr)
	if !ok {
		apiErr = &lua.ApiError{Type: lua.ApiErrorRun, Object: lua.LString(perr.Error())}
	}
	if apiErr.Type == lua.ApiErrorPanic {
		apiErr = rt.panicked(apiErr)
	}
	return apiErr, rt.quota.err == nil
}

// panicked ends the flow after a Go panic. One of them is the flow's doing: too many nested calls.
func (rt *runtime) panicked(err *lua.ApiError) *lua.ApiError {
	text := err.Object.String()
	switch {
	case rt.quota.err != nil:
	case strings.Contains(text, "callstack overflow"):
		rt.quota.endAtLimit("nested calls", strconv.Itoa(stateOptions.CallStackSize), "a function that calls itself without end? return f() needs no room")
		rt.quota.where = place(rt.raised.file, rt.raised.line)
	case rt.raised.full: // gopher-lua fails to report this in a tail call
		rt.endFull()
		rt.quota.where = place(rt.raised.file, rt.raised.line)
	default:
		rt.broken = fmt.Errorf("ivrd is at fault, not the flow: %s\n%s", text, err.StackTrace)
		rt.quota.end(rt.broken)
	}
	return err
}

// run calls fn with args in L, the state's main thread, and returns its first nret results. The error is what ended
// the flow: the reason of the call's end itself, a limit, or a FlowError.
func (rt *runtime) run(L *lua.LState, fn lua.LValue, nret int, args ...lua.LValue) ([]lua.LValue, error) {
	base := L.GetTop()
	defer L.SetTop(base)
	L.Push(fn)
	for _, a := range args {
		L.Push(a)
	}
	if err, _ := rt.protect(L, trampolineFunction, len(args), nret); err != nil {
		return nil, flowError(rt, err)
	}
	if err := rt.quota.ended(); err != nil {
		return nil, err
	}
	results := make([]lua.LValue, 0, max(nret, 0))
	for i := base + 1; i <= L.GetTop(); i++ {
		results = append(results, L.Get(i))
	}
	return results, nil
}

var position = regexp.MustCompile(`^([^\s:]+\.lua):(\d+): ?`)

// flowError says what err means for the flow that rt runs: what ended the call if that is the reason, else
// a *engine.FlowError with the place and the trace.
func flowError(rt *runtime, err error) error {
	if ended := rt.quota.ended(); ended != nil {
		if ended == rt.broken {
			return rt.flowFault(ended)
		}
		return ended
	}
	apiErr, ok := errors.AsType[*lua.ApiError](err)
	if !ok {
		return err
	}
	out := &engine.FlowError{Text: errorText(rt, apiErr.Object)}
	if rt.program != nil {
		out.Flow = rt.program.Name
	}
	if rt.raised.value == apiErr.Object {
		out.File, out.Line, out.Trace = rt.raised.file, rt.raised.line, strings.Join(rt.raised.trace, "\n")
	}
	if m := position.FindStringSubmatch(out.Text); m != nil {
		out.File, out.Text = m[1], out.Text[len(m[0]):]
		out.Line, _ = strconv.Atoi(m[2])
	}
	out.Source = rt.program.Line(out.File, out.Line)
	return out
}

func (rt *runtime) flowFault(fault error) error {
	text, stack, _ := strings.Cut(fault.Error(), "\n")
	out := &engine.FlowError{Text: text, Trace: stack}
	if rt.program != nil {
		out.Flow = rt.program.Name
	}
	return out
}

// errorText is an error value as a person reads it.
func errorText(rt *runtime, v lua.LValue) string {
	switch x := v.(type) {
	case lua.LString:
		return string(x)
	case *lua.LTable:
		for _, key := range []string{"message", "msg", "error", "reason", "code", "1"} {
			if s, ok := x.RawGetString(key).(lua.LString); ok {
				return string(s)
			}
			if n, ok := x.RawGetString(key).(lua.LNumber); ok {
				return "error with " + key + " " + numberText(n)
			}
		}
		return "error with a table that has no message"
	}
	return "error with " + v.String()
}
