package luaapi

import (
	"fmt"
	"math"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// kvModule is what a flow remembers from call to call.
var kvModule = bind.Module{
	Name: "kv",
	Doc: "Values that a flow remembers from call to call, also when ivrd is restarted: strings, numbers, true and false, and tables of them. " +
		"Each flow has its own; kv.shared has those of all flows. Keys are texts without blanks, of 200 bytes at most; a value has 64 KB at most, " +
		"and all values of a flow 16 MB, unless ivrd.yaml has them kept in Redis. If the disk is full, or the like, functions give nil and the reason.",
	Funcs:  kvFuncs("kv.", false),
	Consts: []bind.Const{{Name: "shared", Doc: "The same functions for values that all flows share: kv.shared.get and so on.", Value: &lua.LUserData{Metatable: lua.LNil}}},
}

// kvSharedModule is what all flows remember together.
var kvSharedModule = bind.Module{
	Name:  "kv.shared",
	Doc:   "Values as in kv that all flows share.",
	Funcs: kvFuncs("kv.shared.", true),
}

type kvKeyArgs struct {
	Key string `lua:"key" doc:"The key, such as \"visits:\" .. call.caller.number."`
}

type kvOptions struct {
	Expire lifetime `lua:"expire,optional" doc:"After so many seconds it is forgotten. Without it, never."`
}

type kvSetArgs struct {
	Key     string    `lua:"key" doc:"The key."`
	Value   kvValue   `lua:"value" doc:"The value."`
	Options kvOptions `lua:"options,optional" doc:"How long it is remembered."`
}

type kvIncrArgs struct {
	Key     string    `lua:"key" doc:"The key."`
	By      int64     `lua:"by" default:"1" doc:"What to add."`
	Options kvOptions `lua:"options,optional" doc:"How long it is remembered, from the first time on."`
}

type kvExpireArgs struct {
	Key     string   `lua:"key" doc:"The key."`
	Seconds lifetime `lua:"seconds" doc:"After how many seconds it is forgotten; 0 is never."`
}

type kvSwapArgs struct {
	Key     string    `lua:"key" doc:"The key."`
	Old     kvValue   `lua:"old,optional" doc:"What it must hold; nil is nothing."`
	Value   kvValue   `lua:"value,optional" doc:"What it holds then; nil is nothing."`
	Options kvOptions `lua:"options,optional" doc:"How long it is remembered."`
}

// kvValue is a value as JSON; "" is nothing.
type kvValue string

// kvAnswer is a value as the journal has it.
type kvAnswer string

type kvGetResult struct {
	bind.Multi
	Value kvAnswer `lua:"value" doc:"The value; nil if there is none, nil and the reason if it failed."`
}

type kvDoneResult struct {
	bind.Multi
	Done bool `lua:"done" doc:"true; nil and the reason if it failed."`
}

type kvDidResult struct {
	bind.Multi
	Did bool `lua:"did" doc:"Whether it did anything; nil and the reason if it failed."`
}

type kvCountResult struct {
	bind.Multi
	Count int64 `lua:"count" doc:"The sum; nil and the reason if it failed."`
}

func kvFuncs(prefix string, shared bool) []bind.Func {
	at := func(key string) engine.Remembered { return engine.Remembered{Key: key, Shared: shared} }
	return []bind.Func{
		{
			Name: "get", Doc: "The value of a key.",
			Example: `local language = ` + prefix + `get("language:" .. call.caller.number) or "en"`,
			Impl: bind.Act(func(c *engine.Call, a kvKeyArgs) (kvGetResult, error) {
				text, err := c.Recall(at(a.Key))
				return kvGetResult{Value: kvAnswer(text)}, outside(err)
			}),
		},
		{
			Name: "set", Doc: "Sets the value of a key.",
			Example: prefix + `set("language:" .. call.caller.number, "pt_BR", { expire = 30 * 24 * 60 * 60 })`,
			Impl: bind.Act(func(c *engine.Call, a kvSetArgs) (kvDoneResult, error) {
				return kvDoneResult{Done: true}, outside(c.Remember(at(a.Key), string(a.Value), time.Duration(a.Options.Expire)))
			}),
		},
		{
			Name: "incr", Doc: "Adds to a number, which is 0 if there is none, and gives the sum. No two calls get the same one.",
			Example: `local calls = ` + prefix + `incr("calls:" .. call.caller.number, 1, { expire = 3600 })
if calls and calls > 3 then call:play("you-called-before") end`,
			Impl: bind.Act(func(c *engine.Call, a kvIncrArgs) (kvCountResult, error) {
				n, err := c.Count(at(a.Key), a.By, time.Duration(a.Options.Expire))
				return kvCountResult{Count: n}, outside(err)
			}),
		},
		{
			Name: "delete", Doc: "Forgets a key.",
			Example: prefix + `delete("language:" .. call.caller.number)`,
			Impl: bind.Act(func(c *engine.Call, a kvKeyArgs) (kvDidResult, error) {
				did, err := c.Forget(at(a.Key))
				return kvDidResult{Did: did}, outside(err)
			}),
		},
		{
			Name: "expire", Doc: "Says when a key is forgotten.",
			Example: prefix + `expire("language:" .. call.caller.number, 60)`,
			Impl: bind.Act(func(c *engine.Call, a kvExpireArgs) (kvDidResult, error) {
				did, err := c.Keep(at(a.Key), time.Duration(a.Seconds))
				return kvDidResult{Did: did}, outside(err)
			}),
		},
		{
			Name: "compare_and_set", Doc: "Sets the value of a key if it still has the value it is thought to have. Of several calls that try, one does.",
			Example: `if ` + prefix + `compare_and_set("agent", nil, call.caller.number, { expire = 600 }) then
  call:play("you-are-the-agent-now")
end`,
			Impl: bind.Act(func(c *engine.Call, a kvSwapArgs) (kvDidResult, error) {
				did, err := c.Swap(at(a.Key), string(a.Old), string(a.Value), time.Duration(a.Options.Expire))
				return kvDidResult{Did: did}, outside(err)
			}),
		},
	}
}

// A lifetime is how long a value is remembered.
type lifetime time.Duration

func toLifetime(v lua.LValue) (lifetime, error) {
	const longest = 10 * 365 * 24 * 60 * 60
	n, ok := toNumber(v)
	if !ok || math.IsNaN(float64(n)) {
		return 0, fmt.Errorf("want seconds, got %s", bind.Describe(v))
	}
	if n < 0 || n > longest {
		return 0, fmt.Errorf("%s seconds; the most are ten years, and 0 is never", n)
	}
	return lifetime(float64(n) * float64(time.Second)), nil
}

func toKVValue(v lua.LValue) (kvValue, error) {
	if v == jsonNull {
		return "", fmt.Errorf("want a value, got json.null; nil is nothing")
	}
	text, err := encodeJSON(v)
	return kvValue(text), err
}

func fromKVAnswer(L *lua.LState, v any) (lua.LValue, error) {
	text := string(v.(kvAnswer))
	if text == "" {
		return lua.LNil, nil
	}
	runtimeOf(L).charge(rowGrowth * len(text))
	return plainValue(text), nil
}
