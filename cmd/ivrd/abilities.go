package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/agi"
	"github.com/ivrd/ivrd/engine/ari"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/luaapi/bind"
)

// allBackends are the ways in which calls can come in.
func allBackends() []flow.Backend {
	return []flow.Backend{{Name: "agi", Abilities: agi.Abilities()}, {Name: "ari", Abilities: ari.Abilities()}, {Name: "sim", Abilities: sim.Abilities()}}
}

// lintBackends are those in which calls do come in.
func (c config) lintBackends() []flow.Backend {
	used := map[string]bool{"agi": c.AGI.Listen != "", "ari": len(c.ARI) > 0}
	backends := slices.DeleteFunc(allBackends(), func(b flow.Backend) bool { return !used[b.Name] })
	for i := range backends {
		if lacks := &backends[i].Lacks; c.libraryForAGI() && backends[i].Name == "agi" {
			*lacks = maps.Clone(*lacks)
			maps.DeleteFunc(*lacks, func(d engine.Detail, _ string) bool {
				return strings.HasPrefix(string(d), string(engine.StepRecordings)+" ")
			})
		}
	}
	return backends
}

// sayWhere notes in the reference where each function and option works that does not work everywhere.
func sayWhere(api bind.API) {
	for _, m := range api.Modules {
		for i := range m.Funcs {
			f := &m.Funcs[i]
			f.Where = where(f.Needs)
			for _, p := range f.Params {
				for j := range p.Options {
					if o := &p.Options[j]; o.Needs != "" && where(o.Needs) != f.Where {
						o.Where = where(o.Needs)
					}
				}
			}
		}
	}
}

// where are the names of the backends that can do something, "" if all can.
func where(needs string) string {
	var can []string
	all := allBackends()
	for _, b := range all {
		if needs == "" || b.Missing(engine.Detail(needs)) == "" {
			can = append(can, b.Name)
		}
	}
	if len(can) == len(all) {
		return ""
	}
	return strings.Join(can, ", ")
}

// writeAbilities writes the table of what works where.
func writeAbilities(w io.Writer, api bind.API) error {
	out := &strings.Builder{}
	out.WriteString("# What works where\n\nCalls come in over FastAGI (`agi`) or ARI (`ari`), or are simulated (`sim`). What is not in this table works for all of them alike.\n" +
		"`ivrd check` warns of what a flow uses and the backends in ivrd.yaml cannot do; a call that gets there ends in the fallback.\n\n")
	backends := allBackends()
	row := func(cells ...string) { out.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	row("", "agi", "ari", "sim")
	row("---", "---", "---", "---")
	for _, m := range api.Modules {
		for _, f := range m.Funcs {
			if f.Needs != "" {
				row(append([]string{"`" + f.Call + "`"}, can(backends, engine.Detail(f.Needs))...)...)
			}
		}
	}
	for _, detail := range lackedDetails(backends) {
		row(append([]string{string(detail)}, can(backends, detail)...)...)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// can is one cell for each backend.
func can(backends []flow.Backend, detail engine.Detail) []string {
	var cells []string
	for _, b := range backends {
		cell := "yes"
		if why := b.Missing(detail); why != "" {
			cell = "no"
			if reason, ok := b.Lacks[detail]; ok {
				cell = fmt.Sprintf("no: %s", reason)
			}
		}
		cells = append(cells, cell)
	}
	return cells
}

// lackedDetails are all that some backend lacks of what it can do as a whole.
func lackedDetails(backends []flow.Backend) []engine.Detail {
	all := map[engine.Detail]bool{}
	for _, b := range backends {
		for detail := range b.Lacks {
			all[detail] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
