package flow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Report tells what a reload changed.
type Report struct {
	Flows    []Change      // by name
	Prompts  []string      // prompt files that came, went or changed, and prompts.yaml
	Routes   bool          // routes.yaml came, went or changed
	Problems []Problem     // all there are now
	Fixed    int           // how many of those there were before are gone
	Took     time.Duration // from the first sign of a change until callers get it
	Set      *Set          // what callers get now
}

// A Change is a flow in another version than before.
type Change struct {
	Flow string
	From string // "" if the flow is new
	To   string // "" if it is gone
}

func (c Change) String() string {
	switch {
	case c.From == "":
		return fmt.Sprintf("%s is new (%s)", c.Flow, c.To)
	case c.To == "":
		return fmt.Sprintf("%s is gone (%s)", c.Flow, c.From)
	}
	return fmt.Sprintf("%s changed (%s → %s)", c.Flow, c.From, c.To)
}

// Activated reports whether callers get something else than before.
func (r Report) Activated() bool { return len(r.Flows) > 0 || len(r.Prompts) > 0 || r.Routes }

// String is the report in a few words, without the problems.
func (r Report) String() string {
	var parts []string
	const most = 3
	for i, c := range r.Flows {
		if i == most {
			parts = append(parts, fmt.Sprintf("%d more flows changed", len(r.Flows)-most))
			break
		}
		parts = append(parts, c.String())
	}
	if r.Routes {
		parts = append(parts, "routes changed")
	}
	if n := len(r.Prompts); n > 0 {
		parts = append(parts, fmt.Sprintf("%d prompt files changed", n))
	}
	if len(parts) == 0 {
		parts = []string{"nothing changed for callers"}
	}
	return fmt.Sprintf("%s in %s", strings.Join(parts, ", "), r.Took.Round(time.Millisecond))
}

// compare reports what is different in next.
func compare(prev, next *Set) Report {
	r := Report{Problems: next.problems, Set: next}
	for name, f := range next.flows {
		if old := prev.flows[name]; old == nil {
			r.Flows = append(r.Flows, Change{Flow: name, To: f.Version()})
		} else if old.Version() != f.Version() {
			r.Flows = append(r.Flows, Change{name, old.Version(), f.Version()})
		}
	}
	for name, f := range prev.flows {
		if next.flows[name] == nil {
			r.Flows = append(r.Flows, Change{Flow: name, From: f.Version()})
		}
	}
	slices.SortFunc(r.Flows, func(a, b Change) int { return strings.Compare(a.Flow, b.Flow) })
	r.Prompts = comparePrompts(prev.prompts, next.prompts)
	r.Routes = prev.routes.version() != next.routes.version()
	for _, p := range prev.problems {
		if !slices.ContainsFunc(next.problems, func(q Problem) bool { return p.Error() == q.Error() }) {
			r.Fixed++
		}
	}
	return r
}

func comparePrompts(prev, next *prompts) []string {
	if prev == next {
		return nil
	}
	var changed []string
	for at, p := range next.byFile {
		if old := prev.byFile[at]; old == nil || old.Hash != p.Hash {
			changed = append(changed, at)
		}
	}
	for at := range prev.byFile {
		if next.byFile[at] == nil {
			changed = append(changed, at)
		}
	}
	if !maps.EqualFunc(prev.texts, next.texts, maps.Equal[map[string]string, map[string]string]) {
		changed = append(changed, textsFile)
	}
	slices.Sort(changed)
	return changed
}

// version is that of the routes in force.
func (r *routesRead) version() string {
	if r.good == nil {
		return ""
	}
	return r.good.version
}
