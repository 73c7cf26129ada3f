package luaapi

import (
	"bytes"
	"slices"
	"strconv"
	"sync"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"
)

// maxThreads is how many coroutines of a flow may be unfinished at once. Each may take as much stack as the flow.
const maxThreads = 64

// coroutineFuncs are gopher-lua's, with the quota handed on, a cap, and errors where it would lose its way.
func coroutineFuncs() map[string]lua.LGFunction {
	donor := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer donor.Close()
	lua.OpenCoroutine(donor)
	theirs := donor.Get(-1).(*lua.LTable)
	get := func(name string) lua.LGFunction { return theirs.RawGetString(name).(*lua.LFunction).GFunction }
	c := coroutines{create: get("create"), resume: get("resume")}
	return map[string]lua.LGFunction{
		"create":  c.newThread,
		"resume":  c.resumeThread,
		"running": get("running"),
		"status":  coroutineStatus,
		"wrap":    c.wrap,
		"yield":   coroutineYield,
	}
}

type coroutines struct{ create, resume lua.LGFunction }

// newThread takes the context away while gopher-lua makes the thread: with one it would give the thread a
// context of its own, whose instructions nobody counts.
func (c coroutines) newThread(L *lua.LState) int {
	fn := checkFunction(L, 1)
	rt := runtimeOf(L)
	rt.forked = true
	rt.makeRoom(L)
	L.Replace(1, watched(L, fn))
	L.SetTop(1)
	q := L.RemoveContext()
	c.create(L)
	L.SetContext(q)
	th := L.Get(-1).(*lua.LState)
	th.SetContext(q)
	rt.threads = append(rt.threads, th)
	rt.charge(8 << 10)
	return 1
}

// makeRoom forgets coroutines that the flow has lost sight of.
func (rt *runtime) makeRoom(L *lua.LState) {
	if len(rt.threads) < maxThreads {
		return
	}
	reached := rt.heap.reach(rt)
	rt.threads = slices.DeleteFunc(rt.threads, func(th *lua.LState) bool { return !reached(th) })
	if len(rt.threads) >= maxThreads {
		L.RaiseError("too many coroutines: %d have not ended", maxThreads)
	}
}

var watchProto = sync.OnceValue(func() *lua.FunctionProto {
	chunk, err := parse.Parse(bytes.NewReader([]byte("local watch, fn = ... return function(...) watch() return fn(...) end")), "coroutine")
	if err != nil {
		panic(err)
	}
	proto, err := lua.Compile(chunk, "coroutine")
	if err != nil {
		panic(err)
	}
	return proto
})

// watch makes errors of a coroutine pass through raise; gopher-lua resets Panic when a thread starts.
var watch = goFunction(func(L *lua.LState) int {
	L.Panic = raise
	keepUpvalues(L)
	return 0
})

// watched is fn with watch called before it. It is a Lua function, since a coroutine cannot yield across a Go one.
func watched(L *lua.LState, fn *lua.LFunction) lua.LValue {
	L.Push(L.NewFunctionFromProto(watchProto()))
	L.Push(watch)
	L.Push(fn)
	L.Call(2, 1)
	v := L.Get(-1)
	L.Pop(1)
	return v
}

func (c coroutines) resumeThread(L *lua.LState) int {
	th, ok := L.Get(1).(*lua.LState)
	if !ok {
		typeError(L, 1, "coroutine")
	}
	if why := cannotResume(L, th); why != "" {
		L.Push(lua.LFalse)
		L.Push(lua.LString(why))
		return 2
	}
	rt := runtimeOf(L)
	n := c.resume(L)
	rt.resumed(L, th, n)
	return n
}

// resumed ends what caught an error that must not be caught: the end of the call, or a Go panic, which
// gopher-lua hands on as an error that nobody raised.
func (rt *runtime) resumed(L, th *lua.LState, n int) {
	if L.Get(-n) == lua.LFalse && !rt.raising && rt.quota.err == nil {
		rt.panicked(&lua.ApiError{Type: lua.ApiErrorPanic, Object: L.Get(-1)})
	}
	rt.raising = false
	if th.Dead {
		rt.threads = slices.DeleteFunc(rt.threads, func(t *lua.LState) bool { return t == th })
	}
	if rt.quota.err != nil {
		L.RaiseError("%v", rt.quota.err)
	}
}

// cannotResume also knows coroutines that wait for the one they resumed, which gopher-lua would run twice.
func cannotResume(L, th *lua.LState) string {
	if th.Dead {
		return "cannot resume a coroutine that has ended"
	}
	for ; L != nil; L = L.Parent {
		if L == th {
			return "cannot resume a coroutine that is running"
		}
	}
	return ""
}

func (c coroutines) wrap(L *lua.LState) int {
	c.newThread(L)
	L.Push(L.NewClosure(c.resumeWrapped, L.Get(-1)))
	return 1
}

// resumeWrapped raises the coroutine's error in the caller. gopher-lua's own leaves the thread running then.
func (c coroutines) resumeWrapped(L *lua.LState) int {
	th := L.Get(lua.UpvalueIndex(1)).(*lua.LState)
	if why := cannotResume(L, th); why != "" {
		L.RaiseError("%s", why)
	}
	L.Insert(th, 1)
	n := c.resume(L)
	runtimeOf(L).resumed(L, th, n)
	if L.Get(-n) == lua.LTrue {
		return n - 1
	}
	L.Error(L.Get(-1), 0)
	return 0
}

func coroutineStatus(L *lua.LState) int {
	th, ok := L.Get(1).(*lua.LState)
	if !ok {
		typeError(L, 1, "coroutine")
	}
	status := "suspended"
	switch {
	case th.Dead:
		status = "dead"
	case th == L:
		status = "running"
	case cannotResume(L, th) != "":
		status = "normal"
	}
	L.Push(lua.LString(status))
	return 1
}

// coroutineYield refuses where gopher-lua would lose the Go function or the instruction that waits for a result.
func coroutineYield(L *lua.LState) int {
	if L.Parent == nil {
		L.RaiseError("attempt to yield outside of a coroutine")
	}
	for f := frameOf(L).Parent; f != nil; f = f.Parent {
		if f.Fn.IsG {
			L.RaiseError("attempt to yield across a function of ivrd, such as pcall, table.sort or a callback")
		}
		if op := opcode(f.instruction()); op != lua.OP_CALL && op != lua.OP_TAILCALL {
			L.RaiseError("attempt to yield inside a metamethod or the iterator of a for loop (line %s)", strconv.Itoa(f.Fn.Proto.DbgSourcePositions[f.Pc-1]))
		}
	}
	return -1
}
