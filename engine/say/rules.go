package say

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A ruleSet says whole numbers. The rule for a number is the one with the greatest base that is not above
// it, as in CLDR's rule-based number formats.
type ruleSet struct {
	rules []rule // by base
}

// A rule says the numbers from its base up to the next rule.
type rule struct {
	base    uint64
	divisor uint64 // <times> is the number divided by it, <rest> what is left
	says    pattern
}

// find is the rule for n, nil if all begin above it.
func (s *ruleSet) find(n uint64) *rule {
	i, found := slices.BinarySearchFunc(s.rules, n, func(r rule, n uint64) int { return cmp.Compare(r.base, n) })
	if !found {
		i--
	}
	if i < 0 {
		return nil
	}
	return &s.rules[i]
}

// maxRules is how many rules the ranges of one set may make.
const maxRules = 2000

// rules reads the rule sets.
func (r *reader) rules(n at) {
	r.each(n, func(name string, sub at) {
		if !setName.MatchString(name) {
			r.wrong(sub.byKey(), "use small letters, digits and -", "this cannot be the name of a rule set")
			return
		}
		r.lang.sets[name] = r.ruleSet(sub)
	})
}

var setName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (r *reader) ruleSet(n at) *ruleSet {
	s := &ruleSet{}
	lines := map[uint64]int{}
	r.each(n, func(key string, sub at) {
		bases, divisor, err := parseRuleKey(key)
		if err != nil {
			r.wrong(sub.byKey(), "a rule begins at a number, such as 20, 20..90 by 10, or 60 / 20", "%s", err)
			return
		}
		if len(s.rules)+len(bases) > maxRules {
			r.wrong(sub.byKey(), "", "the set has more than %d rules", maxRules)
			return
		}
		says := r.pattern(sub, ruleScope)
		for _, base := range bases {
			if first, ok := lines[base]; ok {
				r.wrong(sub.byKey(), fmt.Sprintf("line %d has it already", first), "there are two rules that begin at %d", base)
				return
			}
			lines[base] = sub.Line
			s.rules = append(s.rules, newRule(base, divisor, says))
		}
	})
	slices.SortFunc(s.rules, func(a, b rule) int { return cmp.Compare(a.base, b.base) })
	return s
}

func newRule(base, divisor uint64, says pattern) rule {
	if divisor == 0 {
		divisor = 1
		for base/divisor >= 10 {
			divisor *= 10
		}
	}
	return rule{base, divisor, says.with(base)}
}

var ruleKey = regexp.MustCompile(`^([0-9_]+)(?:\.\.([0-9_]+)(?: by ([0-9_]+))?)?(?: / ([0-9_]+))?$`)

// parseRuleKey reads where rules begin: "20", "20..90 by 10", either with " / 20" for the divisor.
func parseRuleKey(key string) (bases []uint64, divisor uint64, err error) {
	m := ruleKey.FindStringSubmatch(key)
	if m == nil {
		return nil, 0, fmt.Errorf("%q is no beginning of a rule", shorten(key))
	}
	var numbers [5]uint64
	for i := 1; i < len(m); i++ {
		if m[i] == "" {
			continue
		}
		numbers[i], err = strconv.ParseUint(strings.ReplaceAll(m[i], "_", ""), 10, 63)
		if err != nil {
			return nil, 0, fmt.Errorf("%q is too large", m[i])
		}
	}
	first, last, step := numbers[1], max(numbers[1], numbers[2]), max(numbers[3], 1)
	divisor = numbers[4]
	switch {
	case m[2] != "" && numbers[2] < first:
		return nil, 0, fmt.Errorf("%q runs backwards", key)
	case (last-first)/step >= maxRules:
		return nil, 0, fmt.Errorf("%q is more than %d rules", key, maxRules)
	case m[4] != "" && (divisor == 0 || divisor > first && divisor > 1):
		return nil, 0, fmt.Errorf("what stands behind / must be from 1 to %d", max(first, 1))
	}
	for base := first; base <= last; base += step {
		bases = append(bases, base)
	}
	return bases, divisor, nil
}

// checkReferences finds references to sets that are not there, and those that would never end.
func (r *reader) checkReferences() {
	l := r.lang
	for _, ref := range r.references {
		set := ref.set
		if set == "" && !slices.Contains(ruleScope.numbers, ref.value) {
			set = l.setOf(ref.value)
		}
		if _, ok := l.sets[set]; !ok && set != "" {
			r.wrongAt(ref.at, ref.key, oneOf(set, l.setNames()), "there is no rule set %s", set)
		}
	}
	if loop := l.loop(); loop != nil {
		r.wrongAt(r.placeOf(loop.through), "rules", "<all> must lead to another set in the end", "the rule sets %s say a number by each other and never end", loop.names)
	}
}

// placeOf is where a reference stands, unless that is in a parent's file.
func (r *reader) placeOf(ref *reference) place {
	for _, own := range r.references {
		if own.at == ref.at {
			return ref.at
		}
	}
	return place{}
}

type setLoop struct {
	names   string
	through *reference
}

// loop finds sets that hand the number they say round in a circle. <times> of a divisor 1 is the number
// itself; every other reference makes it smaller.
func (l *Language) loop() *setLoop {
	state := map[string]int{} // 1 on the way, 2 done
	var visit func(name string, path []string) *setLoop
	visit = func(name string, path []string) *setLoop {
		state[name] = 1
		path = append(path, name)
		for _, ref := range l.handsOn(name) {
			next := cmp.Or(ref.set, name)
			if state[next] == 1 {
				return &setLoop{strings.Join(append(path, next), ", "), ref}
			}
			if state[next] == 0 {
				if found := visit(next, path); found != nil {
					return found
				}
			}
		}
		state[name] = 2
		return nil
	}
	for _, name := range l.setNames() {
		if state[name] == 0 {
			if found := visit(name, nil); found != nil {
				return found
			}
		}
	}
	return nil
}

// handsOn is the references of a set that have the number itself said.
func (l *Language) handsOn(name string) []*reference {
	set, ok := l.sets[name]
	if !ok {
		return nil
	}
	var refs []*reference
	for _, rule := range set.rules {
		rule.says.each(func(it item) {
			if it.ref != nil && (it.ref.value == "all" || it.ref.value == "times" && rule.divisor == 1) {
				refs = append(refs, it.ref)
			}
		})
	}
	return refs
}
