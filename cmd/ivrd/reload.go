package main

import (
	"log/slog"
	"slices"
	"time"

	"github.com/ivrd/ivrd/engine/flow"
)

// A reloadLog says what became of each save, and every problem once.
type reloadLog struct {
	log   *slog.Logger
	names flow.Names
	known map[string]bool // problems that have been told
}

// reload tells what callers get from now on, and what is broken since.
func (l *reloadLog) reload(r flow.Report) {
	if r.Activated() {
		l.log.Info("new calls get", "change", change{r})
		l.amiss(r)
	}
	l.problems(r.Problems)
	if r.Fixed > 0 && len(r.Problems) == 0 {
		l.log.Info("all problems are fixed")
	}
}

// mostAmiss is of how much one save is told: a folder whose recordings are all elsewhere would fill the log.
const mostAmiss = 5

// amiss tells what is wrong with the flows that callers get from now on, and holds nothing back: as a rule a prompt that
// is misspelt, which the caller is the next to notice.
func (l *reloadLog) amiss(r flow.Report) {
	var saved []string
	for _, c := range r.Flows {
		if c.To != "" {
			saved = append(saved, c.Flow)
		}
	}
	if saved == nil {
		return
	}
	found := r.Set.Lint(flow.LintOptions{Flows: saved, Names: l.names})
	found = slices.DeleteFunc(found, func(p flow.Problem) bool { return p.Warning })
	for _, p := range found[:min(len(found), mostAmiss)] {
		l.log.Warn("flows", "problem", problem{p})
	}
	if more := len(found) - mostAmiss; more > 0 {
		l.log.Warn("more is wrong with what was saved; ivrd check lists it", "more", more)
	}
}

// problems tells those that are new.
func (l *reloadLog) problems(now []flow.Problem) {
	told := make(map[string]bool, len(now))
	for _, p := range now {
		text := p.String()
		told[text] = true
		switch {
		case l.known[text]:
		case p.Warning:
			l.log.Warn("flows", "problem", problem{p})
		default:
			l.log.Error("flows", "problem", problem{p})
		}
	}
	l.known = told
}

// A problem is one of the flows', for the log.
type problem struct{ flow.Problem }

var _ told = problem{}

// LogValue is the problem as data.
func (p problem) LogValue() slog.Value {
	keeps := make([]string, len(p.Keeps))
	for i, k := range p.Keeps {
		keeps[i] = k.String()
	}
	return slog.GroupValue(slog.String("where", p.Where()), slog.String("text", p.Text), slog.String("hint", p.Hint),
		slog.String("source", p.Source), slog.String("detail", p.Detail), slog.Any("keeps", keeps))
}

// A change is what a reload did, for the log.
type change struct{ flow.Report }

var _ told = change{}

// LogValue is the change as data.
func (c change) LogValue() slog.Value {
	flows := make([]string, len(c.Flows))
	for i, f := range c.Flows {
		flows[i] = f.String()
	}
	return slog.GroupValue(slog.Any("flows", flows), slog.Any("prompts", c.Prompts), slog.Bool("routes", c.Routes),
		slog.Duration("took", c.Took.Round(time.Millisecond)))
}
