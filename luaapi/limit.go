package luaapi

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// limitModule is rates and locks, kept where kv is.
var limitModule = bind.Module{
	Name: "limit",
	Doc: "Rates and locks for all calls of a flow, or of all flows with shared = true. They are remembered as kv is, survive a restart, and " +
		"stand in transcripts as steps of kv. If they cannot be remembered, functions give nil and the reason: say which is meant then.",
	Funcs: []bind.Func{limitPer, limitLock, limitUnlock},
}

// A period is a time that designers may write as text.
type period time.Duration

func toPeriod(v lua.LValue) (period, error) {
	const longest = 366 * 24 * time.Hour
	var d time.Duration
	switch v := v.(type) {
	case lua.LNumber:
		d = time.Duration(float64(v) * float64(time.Second))
	case lua.LString:
		text := string(v)
		if days, ok := strings.CutSuffix(text, "d"); ok {
			n, err := strconv.Atoi(days)
			if err != nil || n > 366 {
				return 0, fmt.Errorf("%q is no time such as \"30s\", \"5m\", \"1h\" or \"2d\"", text)
			}
			d = time.Duration(n) * 24 * time.Hour
			break
		}
		var err error
		if d, err = time.ParseDuration(text); err != nil {
			return 0, fmt.Errorf("%q is no time such as \"30s\", \"5m\", \"1h\" or \"2d\"", text)
		}
	default:
		return 0, fmt.Errorf("want seconds or text such as \"1h\", got %s", bind.Describe(v))
	}
	if d < time.Second || d > longest {
		return 0, fmt.Errorf("a second is the least and a year the most, got %s", v)
	}
	return period(d), nil
}

type limitOptions struct {
	Shared bool `lua:"shared,optional" doc:"It counts the calls of all flows, not of this one only."`
}

// limitKey is where a limit is remembered.
func limitKey(kind, key string, o limitOptions) engine.Remembered {
	return engine.Remembered{Key: kind + ":" + key, Shared: o.Shared}
}

type limitPerArgs struct {
	Key     string       `lua:"key" doc:"Who or what is limited, such as call.caller.number."`
	Most    int64        `lua:"most" doc:"How often."`
	Period  period       `lua:"period" doc:"In what time, from the first time on: seconds, or text such as \"1h\" or \"2d\"."`
	Options limitOptions `lua:"options,optional" doc:"For whom it holds."`
}

type limitPerResult struct {
	bind.Multi
	Allowed bool  `lua:"allowed" doc:"Whether this time is within the limit; nil and the reason if nobody knows."`
	Left    int64 `lua:"left" doc:"How many more times are."`
}

var limitPer = bind.Func{
	Name: "per",
	Doc:  "Counts, and says whether that is within a limit.",
	Example: `local allowed, why = limit.per(call.caller.number, 3, "1h")
if allowed == false then
  call:play("please-call-later")
  call:hangup()
end`,
	Impl: bind.Act(func(c *engine.Call, a limitPerArgs) (limitPerResult, error) {
		if a.Most < 1 {
			return limitPerResult{}, fmt.Errorf("most is %d; it must be 1 or more", a.Most)
		}
		n, err := c.Count(limitKey("limit", a.Key, a.Options), 1, time.Duration(a.Period))
		if err != nil {
			return limitPerResult{}, outside(err)
		}
		return limitPerResult{Allowed: n <= a.Most, Left: max(a.Most-n, 0)}, nil
	}),
}

type limitLockArgs struct {
	Key     string       `lua:"key" doc:"What one call at a time may have."`
	Period  period       `lua:"period" doc:"For how long at most, in case the call never gives it back: seconds, or text such as \"10m\"."`
	Options limitOptions `lua:"options,optional" doc:"For whom it holds."`
}

type limitLockResult struct {
	bind.Multi
	Got bool `lua:"got" doc:"Whether this call has it now; nil and the reason if nobody knows."`
}

var limitLock = bind.Func{
	Name: "lock",
	Doc:  "Takes something that one call at a time may have. Give it back with limit.unlock, best in call:on_end.",
	Example: `if not limit.lock("recording-the-greeting", "10m") then
  call:play("somebody-else-is-at-it")
  call:hangup()
end
call:on_end(function() limit.unlock("recording-the-greeting") end)`,
	Impl: bind.Act(func(c *engine.Call, a limitLockArgs) (limitLockResult, error) {
		got, err := c.Swap(limitKey("lock", a.Key, a.Options), "", strconv.Quote(c.Info().ID), time.Duration(a.Period))
		return limitLockResult{Got: got}, outside(err)
	}),
}

type limitUnlockArgs struct {
	Key     string       `lua:"key" doc:"What was taken."`
	Options limitOptions `lua:"options,optional" doc:"As with limit.lock."`
}

var limitUnlock = bind.Func{
	Name:    "unlock",
	Doc:     "Gives back what this call has taken. What another call has by now stays with that one, and the answer is false.",
	Example: `limit.unlock("recording-the-greeting")`,
	Impl: bind.Act(func(c *engine.Call, a limitUnlockArgs) (kvDidResult, error) {
		did, err := c.Swap(limitKey("lock", a.Key, a.Options), strconv.Quote(c.Info().ID), "", 0)
		return kvDidResult{Did: did}, outside(err)
	}),
}
