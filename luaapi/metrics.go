package luaapi

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// metricsModule is what flows count and time for the operator.
var metricsModule = bind.Module{
	Name: "metrics",
	Doc: "Counters and timers of the designer's own, for the dashboards of the operator. Names and labels are words of small letters, digits and _; " +
		"labels tell apart what one metric counts. Let them have few values, such as a method or a queue: a caller's number belongs in a database. " +
		"The flow is a label by itself. A call never waits or fails because of them.",
	Funcs: []bind.Func{metricsCount, metricsTime, metricsTimer},
}

const timerName = "timer"

// timerClass is what metrics.timer returns.
var timerClass = bind.Module{
	Name: timerName, Class: true,
	Doc:   "A timer that runs, of metrics.timer. One that is never stopped records nothing.",
	Funcs: []bind.Func{timerStop},
}

// metricName is the name of a metric.
type metricName string

func toMetricName(v lua.LValue) (metricName, error) {
	text, ok := v.(lua.LString)
	if !ok {
		return "", fmt.Errorf("want a name such as \"payments\", got %s", bind.Describe(v))
	}
	return metricName(text), engine.CheckMetricName(string(text))
}

// metricLabels are the labels of a metric, in the order of their names.
type metricLabels []engine.Label

func toMetricLabels(v lua.LValue) (metricLabels, error) {
	const most = 10
	t, ok := v.(*lua.LTable)
	if !ok {
		return nil, fmt.Errorf("want a table such as { method = \"card\" }, got %s", bind.Describe(v))
	}
	var out metricLabels
	var fault error
	t.ForEach(func(k, v lua.LValue) {
		label, err := toMetricLabel(k, v)
		if err != nil {
			fault = err
		}
		out = append(out, label)
	})
	if fault == nil && len(out) > most {
		fault = fmt.Errorf("a metric has %d labels at most, this one has %d", most, len(out))
	}
	slices.SortFunc(out, func(a, b engine.Label) int { return cmp.Compare(a.Name, b.Name) })
	return out, fault
}

func toMetricLabel(k, v lua.LValue) (engine.Label, error) {
	name, ok := k.(lua.LString)
	if !ok {
		return engine.Label{}, fmt.Errorf("labels have names, as in { method = \"card\" }; got a value without one (%s)", bind.Describe(v))
	}
	if err := engine.CheckLabel(string(name)); err != nil {
		return engine.Label{}, err
	}
	text, err := fieldValue(v)
	if err != nil {
		return engine.Label{}, fmt.Errorf("%s: %w", name, err)
	}
	return engine.Label{Name: string(name), Value: text}, nil
}

func (l metricLabels) of(name metricName) engine.Metric {
	return engine.Metric{Name: string(name), Labels: l}
}

func (l metricLabels) bytes() int {
	n := 100 // of the timer itself
	for _, label := range l {
		n += len(label.Name) + len(label.Value) + 32
	}
	return n
}

type metricsCountArgs struct {
	Name   metricName   `lua:"name" doc:"What is counted, such as \"payments\"."`
	By     float64      `lua:"by" default:"1" min:"0" max:"9007199254740992" doc:"How many, or how much. A counter only grows."`
	Labels metricLabels `lua:"labels,optional" doc:"What is counted apart: names with a string, a number or a boolean each."`
}

var metricsCount = bind.Func{
	Name: "count",
	Doc:  "Counts something. Operators find it as flow_NAME_total.",
	Example: `metrics.count("payments", 1, { method = "card" })
metrics.count("complaints")`,
	Impl: bind.Act(func(c *engine.Call, a metricsCountArgs) (bind.None, error) {
		return bind.None{}, c.CountMetric(a.Labels.of(a.Name), a.By)
	}),
}

type metricsTimeArgs struct {
	Name    metricName   `lua:"name" doc:"What took the time, such as \"message\"."`
	Seconds float64      `lua:"seconds" min:"0" max:"31622400" doc:"How long it took."`
	Labels  metricLabels `lua:"labels,optional" doc:"What is timed apart: names with a string, a number or a boolean each."`
}

var metricsTime = bind.Func{
	Name: "time",
	Doc:  "Records how long something took that was measured in another way; metrics.timer measures by itself. Operators find it as flow_NAME_seconds.",
	Example: `local message = call:record { name = "complaints/" .. call.id, max = 60 }
metrics.time("message", message.duration, { about = "complaints" })`,
	Impl: bind.Act(func(c *engine.Call, a metricsTimeArgs) (bind.None, error) {
		_, err := c.TimeMetric(a.Labels.of(a.Name), a.Seconds)
		return bind.None{}, err
	}),
}

type metricsTimerArgs struct {
	Name   metricName   `lua:"name" doc:"What is timed, such as \"lookup\"."`
	Labels metricLabels `lua:"labels,optional" doc:"What is timed apart: names with a string, a number or a boolean each."`
}

var metricsTimer = bind.Func{
	Name: "timer",
	Doc:  "Begins to measure how long something takes. Operators find it as flow_NAME_seconds.",
	Example: `local timer = metrics.timer("lookup", { system = "core" })
local response = http.get("https://core.example/accounts/" .. call.caller.number)
timer:stop()`,
	Impl: bind.Pure(func(c *engine.Call, a metricsTimerArgs) (*timer, error) {
		return &timer{c.StartWatch(a.Labels.of(a.Name)), a.Labels.bytes()}, nil
	}),
}

// A timer is what metrics.timer returns, with the memory it holds.
type timer struct {
	watch *engine.Stopwatch
	bytes int
}

func (t *timer) weight() int { return t.bytes }

type timerStopResult struct {
	bind.Multi
	Seconds float64 `lua:"seconds" doc:"How long it took."`
}

var timerStop = bind.Func{
	Name: "stop",
	Doc:  "Ends the measurement and records it. A timer can be stopped once.",
	Example: `local timer = metrics.timer("payment")
call:play("please-pay-now")
local seconds = timer:stop()
if seconds > 60 then log.warn("a slow payment", seconds) end`,
	Impl: bind.Method(func(c *engine.Call, t *timer, _ none) (timerStopResult, error) {
		seconds, err := c.StopWatch(t.watch)
		return timerStopResult{Seconds: seconds}, err
	}),
}
