package main

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/transcript"
)

// tried is a set with files, by name and content, for flowTester.
func tried(t *testing.T, files ...string) *flow.Set {
	t.Helper()
	folder := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		folder[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	set, problems := flow.Load(folder, flow.Options{Gate: flow.Gate{Reads: []string{transcript.Extension}}})
	for _, p := range problems {
		t.Error(p)
	}
	return set
}

// holding is where problems are, and what each holds back.
func holding(problems []flow.Problem) string {
	var all []string
	for _, p := range problems {
		all = append(all, p.Where()+" "+p.Keeps[0].Name)
	}
	return strings.Join(all, ", ")
}

// Only calls to what has changed are run, whatever they ask for it by, and each counts for its own flow.
func TestGateRunsCallsToChangedFlows(t *testing.T) {
	set := tried(t,
		"sales.lua", "call:answer()", "support.lua", "call:answer()", "night.lua", "call:answer()",
		"routes.yaml", "routes: {_1XX: sales, 200: support}\ndefault: night\n",
		"all.call", `
ring 100
> answer
> continue

ring 101
> hangup

ring 200
> hangup

ring 999
> hangup

ring 5 path "sales?x=1"
> hangup
`)
	tests := map[string]string{
		"sales":         "all.call:7 sales, all.call:16 sales",
		"support":       "all.call:10 support",
		"night support": "all.call:10 support, all.call:13 night",
	}
	for changed, want := range tests {
		got := holding(flowTester{most: gateTime}.judge(t.Context(), set, strings.Fields(changed)))
		if got != want {
			t.Errorf("%s changed: got %s, want %s", changed, got, want)
		}
	}
}

func TestGateTakesNoLonger(t *testing.T) {
	set := tried(t, "100.lua", "call:answer()", "100.call", "ring 100\n> answer\n> continue\n")
	problems := flowTester{most: time.Nanosecond}.judge(t.Context(), set, []string{"100"})
	if len(problems) != 1 || problems[0].File != "" || !strings.Contains(problems[0].Text, "take longer than 1ns") {
		t.Errorf("got %v", problems)
	}
}
