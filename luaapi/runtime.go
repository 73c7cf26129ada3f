package luaapi

import (
	"context"
	"log/slog"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// A runtime is what one Lua state knows of the call it runs for. It is reached from any of the state's
// coroutines through runtimeOf.
type runtime struct {
	call    *engine.Call
	program *Program
	limits  engine.Limits     // with all defaults filled in
	thread  *lua.LState       // the coroutine that called a binding last
	onEnd   []*lua.LFunction  // in the order they were given
	print   func(text string) // where print writes; nil: nowhere

	sandbox
}

// runtimeOf is the runtime of the state that L belongs to.
func runtimeOf(L *lua.LState) *runtime { return L.Context().(*quota).rt }

// Run runs p for c in a Lua state of its own and returns what ended it, as engine.Flow.Run does. The
// functions given to call:on_end have run when it returns.
func Run(p *Program, c *engine.Call) error {
	rt := &runtime{call: c, program: p, limits: c.Limits()}
	rt.print = func(text string) { _ = writeLog(c, slog.LevelInfo, []lua.LValue{lua.LString(text)}) }
	L := newState(rt)
	before := c.SetWhere(rt.where)
	defer c.SetWhere(before)
	_, err := rt.run(L, L.NewFunctionFromProto(p.Main.Proto), 0)
	if len(rt.onEnd) > 0 {
		c.AtEnd(err, rt.runOnEnd)
	}
	rt.giveBack(err)
	return err
}

// runOnEnd calls what the flow gave to call:on_end. One that fails does not keep the others from running.
func (rt *runtime) runOnEnd(ctx context.Context, why engine.Why) {
	rt.setQuota(ctx)
	for _, fn := range rt.onEnd {
		if _, err := rt.run(rt.main, fn, 0, lua.LString(why)); err != nil {
			rt.call.Log(ctx, slog.LevelError, "on_end: "+err.Error())
		}
	}
}

// where is the flow's file and line that called the binding that runs now.
func (rt *runtime) where() (string, int) {
	if rt.thread != nil {
		if file, line := frameOf(rt.thread).lua().line(); line > 0 {
			return file, line
		}
	}
	return rt.program.Main.File, 0
}

// rest is told that a step is over: time the flow spent waiting is not time it spent running.
func (rt *runtime) rest() { rt.quota.rest() }

// settle is asked when a binding fails: if the call is over, nothing in the flow outlives that.
func (rt *runtime) settle() bool {
	ctx := rt.call.Context()
	if ctx.Err() == nil {
		return false
	}
	rt.quota.end(context.Cause(ctx))
	return true
}

// invoke calls a Lua function that a binding was given and returns its first n results. Its error, raised
// again, is the one that Lua raised. What the binding waited for before, such as digits, is not time the function
// runs.
func invoke(fn bind.Callback, n int, args ...lua.LValue) ([]lua.LValue, error) {
	L := fn.State()
	runtimeOf(L).rest()
	base := L.GetTop()
	defer L.SetTop(base)
	L.Push(fn.Function())
	for _, a := range args {
		L.Push(a)
	}
	if err, _ := runtimeOf(L).protect(L, trampolineFunction, len(args), n); err != nil {
		return nil, err
	}
	results := make([]lua.LValue, n)
	for i := range results {
		results[i] = L.Get(base + 1 + i)
	}
	return results, nil
}
