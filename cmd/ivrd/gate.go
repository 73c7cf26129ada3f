package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/transcript"
)

// What a changed flow must pass before callers get it.
const (
	gateNone  = "none"  // it compiles
	gateCheck = "check" // and the linter is certain of no mistake
	gateTest  = "test"  // and its transcripts go as written
)

var gates = []string{gateNone, gateCheck, gateTest}

// gateTime is how long all transcripts of one save may take.
const gateTime = time.Minute

// gate holds back what the configuration wants held back.
//
// With check these findings of ivrd check hold a flow back: functions, methods and options that do not
// exist or are not available in flows, names that nothing defines, arguments that are missing, too many or
// of the wrong type, flows that do not exist, databases and the like that are not configured, and texts that nobody
// can speak. Each means that a call which gets there ends in the fallback. These do not: prompts without a
// recording, which Asterisk may have; names that are only asked for or kept in a local variable, where nil may
// be what is expected; and warnings. flow.LintOptions has the list.
func (c config) gate() (flow.Gate, error) {
	switch c.Gate {
	case gateCheck:
		names := c.names()
		return flow.Gate{Judge: func(_ context.Context, set *flow.Set, changed []string) []flow.Problem {
			return checkChanged(set, changed, names)
		}}, nil
	case gateTest:
		r, err := c.rehearsal()
		return flow.Gate{Judge: flowTester{r, gateTime}.judge, Reads: []string{transcript.Extension}}, err
	}
	return flow.Gate{}, nil
}

func checkChanged(set *flow.Set, changed []string, names flow.Names) []flow.Problem {
	return set.Lint(flow.LintOptions{Flows: changed, Names: names, Certain: true})
}

// A flowTester runs the transcripts of flows that have changed.
type flowTester struct {
	rehearsal
	most time.Duration // for all of them
}

// judge runs what passes the linter; what does not is held back, and the gate asked about the others.
func (f flowTester) judge(ctx context.Context, set *flow.Set, changed []string) []flow.Problem {
	if problems := checkChanged(set, changed, f.names); len(problems) > 0 {
		return problems
	}
	tooLong := errors.New("too long")
	ctx, stop := context.WithTimeoutCause(ctx, f.most, tooLong)
	defer stop()
	t := &tester{rehearsal: f.rehearsal, set: set}
	var problems []flow.Problem
	for name, text := range set.GateFiles() {
		file, err := transcript.Parse(name, string(text))
		if err != nil {
			problems = append(problems, unreadable(name, err))
			continue
		}
		problems = append(problems, t.changed(ctx, file, changed)...)
	}
	if context.Cause(ctx) == tooLong {
		return []flow.Problem{{Text: fmt.Sprintf("the transcripts of what was saved take longer than %s", f.most),
			Hint: "look for a flow that loops"}}
	}
	return problems
}

// changed runs the calls of a file that go to one of those flows.
func (t *tester) changed(ctx context.Context, file *transcript.File, flows []string) []flow.Problem {
	var problems []flow.Problem
	for _, c := range file.Calls {
		r, err := t.set.Route(c.Info())
		if err != nil || r.Flow == nil || !slices.Contains(flows, r.Flow.Name()) || ctx.Err() != nil {
			continue
		}
		one := &transcript.File{Name: file.Name, Calls: []*transcript.Call{c}}
		for _, result := range t.stage().Run(ctx, one) {
			if result.Diff != nil {
				problems = append(problems, failed(result, r.Flow.Name()))
			}
		}
	}
	return problems
}

// failed is a call that went another way than it is written.
func failed(r transcript.Result, flowName string) flow.Problem {
	return flow.Problem{
		File: r.Diff.File, Line: r.Diff.Line, Detail: r.Diff.Hunk,
		Text:  fmt.Sprintf("%s (%s)", r.Diff.What, cmp.Or(r.Diff.Title, strings.TrimSpace(r.Call.Ring.String()))),
		Hint:  cmp.Or(r.Diff.Hint, "put the flow right, or the transcript if the flow is as it should be"),
		Keeps: []flow.Kept{{Name: flowName}},
	}
}

// unreadable is a transcript of which nobody knows whom it calls.
func unreadable(name string, err error) flow.Problem {
	p := flow.Problem{File: name, Text: err.Error(), Hint: "it was not run", Warning: true}
	if parse := (*transcript.ParseError)(nil); errors.As(err, &parse) {
		p.Line, p.Column, p.Text = parse.Line, parse.Column, parse.Text
		p.Hint = cmp.Or(parse.Hint, p.Hint)
	}
	return p
}
