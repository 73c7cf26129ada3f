package say

import (
	"cmp"
	"fmt"
)

// Nothing anybody says comes near these. They bound what a strange file can make of a number.
const (
	maxSounds = 1000
	maxSteps  = 20000
)

// A field is a value that a pattern speaks of by name.
type field struct {
	name   string
	number uint64
	said   Sounds // the value as sounds; nil if it is a number yet
}

// A speaker turns patterns into sounds.
type speaker struct {
	lang  *Language
	out   Sounds
	steps int
	err   error
}

// A frame is where a pattern is said.
type frame struct {
	set    string
	rule   *rule  // nil outside rules
	number uint64 // what the rule says
	form   string
	fields []field
}

// say turns a pattern with its fields into sounds.
func (l *Language) say(p pattern, form Gender, fields ...field) (Sounds, error) {
	s := speaker{lang: l}
	s.pattern(p, frame{form: string(form), fields: fields})
	return s.result()
}

// sayBy turns a number into sounds by a rule set.
func (l *Language) sayBy(set string, form Gender, n uint64) (Sounds, error) {
	s := speaker{lang: l, out: make(Sounds, 0, 8)}
	s.number(set, string(form), n)
	return s.result()
}

func (s *speaker) result() (Sounds, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.out, nil
}

// number says n by a rule set.
func (s *speaker) number(set, form string, n uint64) {
	rules, ok := s.lang.sets[set]
	if !ok {
		s.err = fmt.Errorf("language %s has no rule set %s", s.lang.code, set)
		return
	}
	rule := rules.find(n)
	if rule == nil {
		s.err = fmt.Errorf("language %s: rule set %s says nothing for %d", s.lang.code, set, n)
		return
	}
	s.pattern(rule.says, frame{set: set, rule: rule, number: n, form: form})
}

func (s *speaker) pattern(p pattern, f frame) {
	for i := range p {
		if s.steps++; s.steps > maxSteps && s.err == nil {
			s.err = fmt.Errorf("language %s: saying this takes more than %d steps", s.lang.code, maxSteps)
		}
		if s.err != nil {
			return
		}
		switch it := &p[i]; {
		case it.sound != "":
			s.add(it.sound)
		case it.ref != nil:
			s.reference(it.ref, f)
		default:
			s.choice(it.choice, f)
		}
	}
}

func (s *speaker) add(names ...string) {
	if len(s.out)+len(names) > maxSounds {
		s.err = fmt.Errorf("language %s: that is more than %d sounds", s.lang.code, maxSounds)
		return
	}
	s.out = append(s.out, names...)
}

func (s *speaker) reference(ref *reference, f frame) {
	form := cmp.Or(ref.form, f.form)
	if f.rule == nil {
		s.field(ref, form, f.fields)
		return
	}
	set := cmp.Or(ref.set, f.set)
	switch ref.value {
	case "times":
		s.number(set, form, f.number/f.rule.divisor)
	case "all":
		s.number(set, form, f.number)
	default:
		if rest := f.number % f.rule.divisor; rest != 0 {
			s.number(set, form, rest)
		}
	}
}

func (s *speaker) field(ref *reference, form string, fields []field) {
	for _, f := range fields {
		if f.name != ref.value {
			continue
		}
		if f.said != nil && ref.set == "" {
			s.add(f.said...)
		} else {
			s.number(cmp.Or(ref.set, s.lang.setOf(ref.value)), form, f.number)
		}
		return
	}
}

// choice says the first alternative of which a condition holds.
func (s *speaker) choice(all []alternative, f frame) {
	for _, a := range all {
		if s.chosen(a, f) {
			s.pattern(a.then, f)
			return
		}
	}
}

func (s *speaker) chosen(a alternative, f frame) bool {
	for _, condition := range a.conditions {
		switch {
		case condition == restWord:
			if f.number%f.rule.divisor != 0 {
				return true
			}
		case isPlural(condition):
			if s.lang.Plural(Decimal{whole: f.number / f.rule.divisor}) == Plural(condition) {
				return true
			}
		case condition == f.form:
			return true
		}
	}
	return len(a.conditions) == 0
}

// setOf is the rule set that says a field unless the pattern names one: its own, or else cardinal.
func (l *Language) setOf(field string) string {
	if _, ok := l.sets[field]; ok {
		return field
	}
	return "cardinal"
}
