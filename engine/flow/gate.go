package flow

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// A Gate looks at flows before they answer calls. The zero Gate lets everything through.
type Gate struct {
	// Judge says what is wrong with flows that are new or changed. They are part of candidate, which is
	// what callers would get. A problem holds back the flows that its Keeps names (by name; versions are
	// filled in), else those that its File is a part of, else, so that nothing slips through, all that are
	// changed. These stay as they were, or are left out if there is nothing to stay; those of the first
	// set answer all the same, see open. A Warning holds nothing back.
	//
	// It is asked on a goroutine of its own, and asked again if something was held back, because the others
	// then answer in that company. When the folder changes while it is at work ctx ends, and what it says
	// does not count. A panic counts as a problem of the flow that causes it.
	Judge func(ctx context.Context, candidate *Set, changed []string) []Problem

	// Reads is how names of further files end that Judge goes by, such as ".call".
	Reads []string
}

// A verdict is a problem that the gate found, and the flows it holds back.
type verdict struct {
	problem Problem
	flows   []string
}

// A spared is a problem that holds nothing back, since it was there when the folder was first read.
type spared struct {
	problem  Problem
	versions map[string]string // of the flows it is about
}

// open is the first set, when it is about to answer calls. A flow that the gate objects to would as a rule
// serve most of its callers, and a daemon that starts has no better version of it: not to answer at all would
// harm more of them. So it answers, and the problem is told for as long as the flow stays as it is.
func (g Gate) open(ctx context.Context, first *Set) *Set {
	names := changedFlows(nothing(), first)
	if g.Judge == nil || len(names) == 0 {
		return first
	}
	found, doubts := g.ask(ctx, first, names)
	first.doubts = doubts
	for _, v := range found {
		first.spared = append(first.spared, first.spare(v))
	}
	b := &builder{prev: nothing(), set: first}
	b.finish()
	return first
}

// spare makes a verdict of the first set a mere problem.
func (s *Set) spare(v verdict) spared {
	const anyway = "until then it answers calls as it is"
	p := v.problem
	p.Hint = strings.TrimPrefix(p.Hint+"; "+anyway, "; ")
	versions := map[string]string{}
	for _, name := range v.flows {
		versions[name] = s.flows[name].Version()
	}
	return spared{p, versions}
}

// stillSpared are the problems of s that next has too, since it has a flow in the same version.
func (s *Set) stillSpared(next *Set) []spared {
	var all []spared
	for _, one := range s.spared {
		for name, version := range one.versions {
			if f := next.flows[name]; f != nil && f.Version() == version {
				all = append(all, one)
				break
			}
		}
	}
	return all
}

// GateFiles are the files that Gate.Reads asks for, in order of their path.
func (s *Set) GateFiles() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, f := range s.gated {
			if !yield(f.path, f.content) {
				return
			}
		}
	}
}

// gateFiles are those that can be read whole.
func (b *builder) gateFiles() []*file {
	var all []*file
	for at, f := range b.found.files {
		switch p := f.fault(); {
		case ours(at):
		case p != nil:
			p.Warning = true
			b.problem(*p)
		default:
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(x, y *file) int { return strings.Compare(x.path, y.path) })
	return all
}

// admit is candidate with those flows as they are in prev that the gate holds back. What it held back
// before is not asked about again as long as nothing has changed that the flow depends on.
func (g Gate) admit(ctx context.Context, prev, candidate *Set) *Set {
	changed := changedFlows(prev, candidate)
	switch {
	case candidate.lost:
		return candidate
	case g.Judge == nil || len(changed) == 0:
		return candidate.admitted(prev, nil, prev.doubts)
	}
	old, fresh := candidate.remembered(prev, changed)
	set := candidate.admitted(prev, old, prev.doubts)
	for verdicts := old; len(fresh) > 0 && ctx.Err() == nil; {
		found, doubts := g.ask(ctx, set, fresh)
		verdicts = merge(verdicts, found)
		set = candidate.admitted(prev, verdicts, doubts)
		if len(found) == 0 {
			break
		}
		fresh = slices.DeleteFunc(fresh, func(name string) bool { return set.holds(name) })
	}
	return set
}

// changedFlows are the flows of next that are new or have another version.
func changedFlows(prev, next *Set) []string {
	var changed []string
	for name, f := range next.flows {
		if old := prev.flows[name]; old == nil || old.Version() != f.Version() {
			changed = append(changed, name)
		}
	}
	slices.Sort(changed)
	return changed
}

// remembered are the verdicts on those flows of changed for which they still hold; fresh are the others.
func (s *Set) remembered(prev *Set, changed []string) (old []verdict, fresh []string) {
	if len(prev.judged) == 0 {
		return nil, changed
	}
	around := s.around()
	for _, name := range changed {
		if key, ok := prev.judged[name]; !ok || key != s.dependsOn(name, around) {
			fresh = append(fresh, name)
		}
	}
	for _, v := range prev.verdicts {
		v.flows = slices.DeleteFunc(slices.Clone(v.flows), func(name string) bool {
			_, kept := slices.BinarySearch(changed, name)
			return !kept || slices.Contains(fresh, name)
		})
		if len(v.flows) > 0 {
			old = append(old, v)
		}
	}
	return old, fresh
}

// ask asks the gate about flows.
func (g Gate) ask(ctx context.Context, s *Set, names []string) (found []verdict, doubts []Problem) {
	for _, p := range g.judge(ctx, s, names) {
		if p.Warning {
			doubts = append(doubts, p)
			continue
		}
		v := verdict{p, s.meant(p, names)}
		v.problem.Keeps = nil
		found = append(found, v)
	}
	return found, doubts
}

// judge is Judge without its panics. So that a fault of the gate harms no more than it must, it is then
// asked about one flow after the other.
func (g Gate) judge(ctx context.Context, s *Set, names []string) []Problem {
	problems, err := g.guarded(ctx, s, names)
	switch {
	case err == nil:
		return problems
	case len(names) == 1:
		return []Problem{{File: names[0] + ".lua", Text: "this flow cannot be checked: " + err.Error(),
			Hint: "this is a fault of ivrd; please report it"}}
	}
	for _, name := range names {
		problems = append(problems, g.judge(ctx, s, []string{name})...)
	}
	return problems
}

func (g Gate) guarded(ctx context.Context, s *Set, names []string) (problems []Problem, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return g.Judge(ctx, s, slices.Clone(names)), nil
}

// meant are the flows that a problem holds back.
func (s *Set) meant(p Problem, changed []string) []string {
	var named, part []string
	for _, name := range changed {
		if slices.ContainsFunc(p.Keeps, func(k Kept) bool { return k.Name == name }) {
			named = append(named, name)
		}
		if s.flows[name].has(p.File) {
			part = append(part, name)
		}
	}
	switch {
	case len(named) > 0:
		return named
	case len(part) > 0:
		return part
	}
	return slices.Clone(changed)
}

// has reports whether a file is part of f.
func (f *flow) has(file string) bool {
	if f.program.Main.File == file {
		return true
	}
	for _, m := range f.program.Modules {
		if m.File == file {
			return true
		}
	}
	return false
}

// merge adds verdicts; the same problem is told once.
func merge(old, more []verdict) []verdict {
	all := slices.Clone(old)
	for _, v := range more {
		i := slices.IndexFunc(all, func(o verdict) bool { return o.problem.Error() == v.problem.Error() })
		if i < 0 {
			all = append(all, v)
			continue
		}
		flows := slices.Concat(all[i].flows, v.flows)
		slices.Sort(flows)
		all[i] = verdict{v.problem, slices.Compact(flows)}
	}
	return all
}

// admitted is s without what verdicts hold back.
func (s *Set) admitted(prev *Set, verdicts []verdict, doubts []Problem) *Set {
	if len(verdicts) == 0 && len(doubts) == 0 {
		return s
	}
	next := *s
	next.flows, next.verdicts, next.doubts = maps.Clone(s.flows), verdicts, doubts
	next.judged = map[string]hash{}
	around := s.around()
	for _, v := range verdicts {
		for _, name := range v.flows {
			next.judged[name] = s.dependsOn(name, around)
			if old := prev.flows[name]; old != nil {
				next.flows[name] = old
			} else {
				delete(next.flows, name)
			}
		}
	}
	b := &builder{prev: prev, set: &next}
	b.finish()
	return &next
}

func (s *Set) holds(name string) bool {
	_, held := s.judged[name]
	return held
}

// tellGated adds what the gate said.
func (b *builder) tellGated() {
	for _, v := range b.set.verdicts {
		p := v.problem
		for _, name := range v.flows {
			kept := Kept{Name: name}
			if old := b.prev.flows[name]; old != nil {
				kept.Version = old.Version()
			}
			p.Keeps = append(p.Keeps, kept)
		}
		b.problem(p)
	}
	for _, one := range b.set.spared {
		b.problem(one.problem)
	}
	b.set.problems = append(b.set.problems, b.set.doubts...)
}

// around is what the verdict on any flow may depend on: which flows there are, routes, prompts, and what
// only the gate reads.
func (s *Set) around() hash {
	sum := sha256.New()
	for _, at := range slices.Sorted(maps.Keys(s.units)) {
		fmt.Fprintf(sum, "%s\n", at)
	}
	fmt.Fprintf(sum, "%x%x%x%x\n", s.routes.hash, s.prompts.whole, s.hours.whole, s.settings.hash)
	for _, f := range s.gated {
		fmt.Fprintf(sum, "%s\x00%x\n", f.path, f.hash)
	}
	return hash(sum.Sum(nil))
}

// dependsOn is the hash of all that the verdict on a flow depends on: its files, those of the flows that
// it names, and so on, and what is around.
func (s *Set) dependsOn(name string, around hash) hash {
	sum := sha256.New()
	sum.Write(around[:])
	all, seen := []string{name + ".lua"}, map[string]bool{name + ".lua": true}
	for i := 0; i < len(all); i++ {
		u := s.units[all[i]]
		if u == nil || u.file == nil {
			continue
		}
		fmt.Fprintf(sum, "%s\x00%x\n", all[i], u.file.hash)
		for _, at := range s.namedIn(u) {
			if !seen[at] {
				seen[at] = true
				all = append(all, at)
			}
		}
	}
	return hash(sum.Sum(nil))
}

// namedIn are the Lua files that a file requires or has among its strings: as a whole, or the folder they
// are in.
func (s *Set) namedIn(u *unit) []string {
	var all []string
	if u.code != nil {
		for _, r := range u.code.Requires {
			all = append(all, r.Name+".lua")
		}
	}
	for _, w := range u.words {
		if s.units[w+".lua"] != nil {
			all = append(all, w+".lua")
		}
		if !strings.HasSuffix(w, "/") {
			continue
		}
		for _, at := range slices.Sorted(maps.Keys(s.units)) {
			if strings.HasPrefix(at, w) {
				all = append(all, at)
			}
		}
	}
	return all
}
