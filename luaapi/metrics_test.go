package luaapi

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
)

// keptMetrics writes down what leaves a call.
type keptMetrics struct{ lines []string }

func (k *keptMetrics) keep(flow string, m engine.Metric, n float64) {
	line := fmt.Sprintf("%s %s", flow, m.Name)
	for _, l := range m.Labels {
		line += fmt.Sprintf(" %s=%q", l.Name, l.Value)
	}
	k.lines = append(k.lines, fmt.Sprintf("%s: %v", line, n))
}

func (k *keptMetrics) Count(flow string, m engine.Metric, by float64)     { k.keep(flow, m, by) }
func (k *keptMetrics) Time(flow string, m engine.Metric, seconds float64) { k.keep(flow, m, seconds) }

// metricsCall runs source for a caller who presses keys, and returns what left the call and its journal.
func metricsCall(t testing.TB, source, keys string) (out, journal []string, err error) {
	t.Helper()
	p := program(t, "flow.lua", source)
	kept := &keptMetrics{}
	flow := testFlow(func(c *engine.Call) error {
		_, err = runIn(c, p)
		for _, s := range c.Journal() {
			if s.Kind == engine.StepMetrics {
				journal = append(journal, strings.TrimSpace(s.Args+" "+s.Result))
			}
		}
		return err
	})
	e := engine.Engine{
		Flows: func() engine.Flows { return flow }, Metrics: kept, Log: slog.New(slog.DiscardHandler),
		Secrets: func(name string) (string, error) { return "value of " + name, nil },
	}
	ch := sim.New(sim.Call{})
	ch.Phone().Press(0, keys)
	e.Handle(context.Background(), ch)
	return kept.lines, journal, err
}

func TestMetricsInLua(t *testing.T) {
	long := strings.Repeat("ü", 100)
	for _, tt := range []struct{ source, out, journal string }{
		{`metrics.count("a")`, `test a: 1`, `count a 1`},
		{`metrics.count("a", 0) metrics.count("a", "2.5") metrics.count("a", nil, { z = 1, b = true, a = "x" })`,
			`test a: 0; test a: 2.5; test a a="x" b="true" z="1": 1`, `count a 0; count a 2.5; count a 1 a=x b=true z=1`},
		{`metrics.count("a", 1, { empty = "", b = " ", c = "x\ny", d = 'say "no"', e = "a=b" })`,
			`test a b=" " c="x\ny" d="say \"no\"" e="a=b": 1`, `count a 1 b=" " c="x\ny" d="say \"no\"" e=a=b`},
		{`metrics.count("a", 1, { b = ("ü"):rep(100), c = ("ü"):rep(101), d = "\255!" })`,
			`test a b="` + long + `" c="` + long + `…" d="�!": 1`, `count a 1 b=` + long + ` c=` + long + `… d=�!`},
		{`metrics.time("a", 0.25) metrics.time("a", 86400 * 2, { b = 1 })`, `test a: 0.25; test a b="1": 172800`, `time a 0.25s; time a b=1 172800s`},
		{`local t = metrics.timer("a", { b = 1 }) local u = metrics.timer("u") call:wait(1.5) t:stop() metrics.timer("never") u:stop()`,
			`test a b="1": 1.5; test u: 1.5`, `time a b=1 1.5s; time u 1.5s`},
		{`local pin = call:ask { prompt = "pin", digits = 4, secret = true, wait = 1 }
			metrics.count("a", 1, { pin = pin, long = ("x"):rep(98) .. " " .. pin, path = "/" .. pin .. "/" }) metrics.time("a", 1, { pin = pin })`,
			`test a long="` + strings.Repeat("x", 98) + ` ?…" path="/????/" pin="????": 1; test a pin="????": 1`,
			`count a 1 long="` + strings.Repeat("x", 98) + ` ?…" path=/????/ pin=????; time a pin=???? 1s`},
		{`metrics.count("a", 1, { key = "x " .. secrets.get("core") })`, `test a key="x core": 1`, `count a 1 key="x core"`},
		{`metrics.count(("a"):rep(60)) metrics.count("a_1__")`, `test ` + strings.Repeat("a", 60) + `: 1; test a_1__: 1`, `count ` + strings.Repeat("a", 60) + ` 1; count a_1__ 1`},
	} {
		out, journal, err := metricsCall(t, tt.source, "4711")
		if got := strings.Join(out, "; "); got != tt.out || err != nil {
			t.Errorf("%s\ngot  %s, %v\nwant %s", tt.source, got, err, tt.out)
		}
		if got := strings.Join(journal, "; "); got != tt.journal {
			t.Errorf("%s: the journal\ngot  %s\nwant %s", tt.source, got, tt.journal)
		}
	}
}

// What is wrong is said, and counts nothing.
func TestMetricsRefused(t *testing.T) {
	eleven := "{ l0 = 0"
	for i := range 10 {
		eleven += fmt.Sprintf(", l%d = 0", i+1)
	}
	for _, tt := range []struct{ source, want string }{
		{`metrics.count()`, `metrics.count: name is missing`},
		{`metrics.count("")`, `metrics.count: name: a name cannot be empty`},
		{`metrics.count("Card payments")`, `"Card payments" cannot be a name: a name has small letters, digits and _, and begins with a letter, such as "card_payments"`},
		{`metrics.count("ação")`, `such as "a__o"`},
		{`metrics.count("2nd")`, `"2nd" cannot be a name: a name has small letters, digits and _, and begins with a letter, such as "nd"`},
		{`metrics.count("_a")`, `begins with a letter, such as "a"`},
		{`metrics.count("42")`, `"42" cannot be a name: a name has small letters, digits and _, and begins with a letter`},
		{`metrics.count("payments_total")`, `write "payments" without _total, with which it is exported anyway`},
		{`metrics.timer("lookup_seconds")`, `write "lookup" without _seconds`},
		{`metrics.count("_total")`, `cannot be a name`},
		{`metrics.count(("a"):rep(61))`, `a name has 60 characters at most, this one has 61`},
		{`metrics.count(5)`, `want a name such as "payments", got the number 5`},
		{`metrics.count("a", -1)`, `metrics.count: by: -1 is too small; 0 is the least`},
		{`metrics.count("a", 0/0)`, `one that is not a number`},
		{`metrics.count("a", math.huge)`, `is too large`},
		{`metrics.count("a", "many")`, `want a number, got the string "many"`},
		{`metrics.count("a", { method = "card" })`, `by: want a number, got a table`},
		{`metrics.count("a", 1, "card")`, `labels: want a table such as { method = "card" }, got the string "card"`},
		{`metrics.count("a", 1, { "card" })`, `labels have names, as in { method = "card" }; got a value without one (the string "card")`},
		{`metrics.count("a", 1, { Method = "card" })`, `"Method" cannot be a name: a name has small letters, digits and _, and begins with a letter, such as "method"`},
		{`metrics.count("a", 1, { flow = "x" })`, `flow is a label of every metric already`},
		{`metrics.time("a", 1, { le = "x" })`, `le is a label of every timer already`},
		{`metrics.count("a", 1, { b = {} })`, `b: want a string, a number, true or false, got a table`},
		{`metrics.count("a", 1, ` + eleven + ` })`, `a metric has 10 labels at most, this one has 11`},
		{`metrics.time("a")`, `metrics.time: seconds is missing`},
		{`metrics.time("a", -0.1)`, `seconds: -0.1 is too small`},
		{`metrics.time("a", 1/0)`, `is too large; 31622400 is the most`},
		{`local t = metrics.timer("a") t:stop() t:stop()`, `timer:stop: a was stopped before; start another timer`},
		{`metrics.timer("a"):stopp()`, `a timer has no stopp; did you mean stop?`},
		{`local t = metrics.timer("a") t.stop()`, `timer:stop: use a colon`},
		{`metrics.cuont("a")`, `did you mean`},
	} {
		out, _, err := metricsCall(t, tt.source, "")
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\ngot  %v\nwant %s", tt.source, err, tt.want)
		}
		if want := []string{"test a: 0"}; len(out) > 0 && !slices.Equal(out, want) {
			t.Errorf("%s: %q", tt.source, out)
		}
	}
}

// A flow cannot hold more memory in timers than in anything else.
func TestTimersAreWeighed(t *testing.T) {
	_, _, err := metricsCall(t, `local all, long = {}, ("x"):rep(1000000)
for i = 1, 500 do all[i] = metrics.timer("a", { b = i .. long }) end`, "")
	if err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("got %v", err)
	}
}
