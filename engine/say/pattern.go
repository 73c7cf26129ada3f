package say

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/spell"
)

// A pattern is what is said for something, in order. languages/README.md explains how it is written.
type pattern []item

// An item is exactly one of its fields.
type item struct {
	sound  string // a sound's name, or Pause
	ref    *reference
	choice []alternative
}

// A reference has a value said: <hour>, <day:ordinal.f>.
type reference struct {
	value string // times, rest or all in a rule; elsewhere a field such as hour
	set   string // the rule set that says it; "" is the set the rule is in, or for a field its own
	form  string // "" is the form asked for so far
	at    place
}

// An alternative of a choice; the first one of which a condition holds is said.
type alternative struct {
	conditions []string // forms, plural categories, or rest; none holds always
	then       pattern
}

// restWord is the condition that something is left to be said.
const restWord = "rest"

// A scope is what a pattern can speak of at its place.
type scope struct {
	numbers []string // values that a rule set says
	lists   []string // what is sounds already
	rule    bool     // a rule: it has choices, and # in names
}

var ruleScope = scope{numbers: []string{"times", restWord, "all"}, rule: true}

// maxNesting is more than anybody can read.
const maxNesting = 8

// A patternParser reads one pattern. Problems go to the reader, at their place.
type patternParser struct {
	r     *reader
	node  at
	scope scope
	text  string
	pos   int
	depth int
}

// pattern reads what is said from a scalar.
func (r *reader) pattern(n at, s scope) pattern {
	text, ok := r.scalar(n)
	if !ok {
		return nil
	}
	p := &patternParser{r: r, node: n, scope: s, text: text}
	items := p.sequence()
	if p.pos < len(p.text) {
		p.wrong(p.pos, "", "%q has no ( before it", p.text[p.pos:p.pos+1])
	}
	return items
}

func (p *patternParser) wrong(offset int, hint, format string, args ...any) {
	p.r.wrong(p.node.moved(offset), hint, format, args...)
}

// sequence reads items up to the end, or a | or ) that belongs to a choice outside.
func (p *patternParser) sequence() pattern {
	items := pattern{}
	for {
		word, start := p.next()
		switch word {
		case "", "|", ")":
			p.pos = start
			return items
		case "(":
			items = append(items, item{choice: p.choice(start)})
		case Pause:
			items = append(items, item{sound: Pause})
		default:
			if it, ok := p.item(word, start); ok {
				items = append(items, it)
			}
		}
	}
}

// next is the next word and where it begins; "" is the end.
func (p *patternParser) next() (word string, start int) {
	const single = "()|,"
	for p.pos < len(p.text) && strings.IndexByte(" \t\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
	start = p.pos
	if start == len(p.text) {
		return "", start
	}
	length := 1
	if strings.IndexByte(single, p.text[start]) < 0 {
		length = strings.IndexAny(p.text[start:]+" ", single+" \t\n")
	}
	p.pos += length
	return p.text[start:p.pos], start
}

func (p *patternParser) item(word string, start int) (item, bool) {
	if strings.HasPrefix(word, "<") {
		return p.reference(word, start)
	}
	if strings.HasSuffix(word, "?") {
		p.wrong(start, "a choice is written (one? digits/million | digits/millions)", "condition %s stands outside a choice", word)
		return item{}, false
	}
	if _, err := engine.NewSound(strings.ReplaceAll(word, "#", "0")); err != nil {
		p.wrong(start, "", "%s", err)
		return item{}, false
	}
	if strings.Contains(word, "#") && !p.scope.rule {
		p.wrong(start, "", "# stands for a rule's number, and this is no rule")
		return item{}, false
	}
	return item{sound: word}, true
}

// reference reads <value>, <value:set>, <value.form> or <value:set.form>.
func (p *patternParser) reference(word string, start int) (item, bool) {
	body, closed := strings.CutSuffix(word[1:], ">")
	if !closed {
		p.wrong(start, "such as <hour>", "%s lacks its >", word)
		return item{}, false
	}
	named, form, formed := strings.Cut(body, ".")
	value, set, said := strings.Cut(named, ":")
	list := slices.Contains(p.scope.lists, value)
	switch known := slices.Concat(p.scope.numbers, p.scope.lists); {
	case !slices.Contains(known, value):
		p.wrong(start, oneOf(value, known), "there is no <%s> here", value)
		return item{}, false
	case list && (said || form != ""):
		p.wrong(start, "write <"+value+">", "<%s> is sounds already, no rule can say it", value)
		return item{}, false
	case form != "" && !slices.Contains(p.r.lang.forms, form):
		p.wrong(start, oneOf(form, p.r.lang.forms), "the language has no form %s", form)
		return item{}, false
	case said && set == "" || formed && form == "":
		p.wrong(start, "such as <day:ordinal.f>", "<%s> lacks a name behind its : or .", body)
		return item{}, false
	}
	ref := &reference{value: value, set: set, form: form, at: p.r.place(p.node.moved(start))}
	if !list {
		p.r.references = append(p.r.references, namedReference{ref, p.node.key})
	}
	return item{ref: ref}, true
}

// choice reads what is between parentheses.
func (p *patternParser) choice(start int) []alternative {
	if p.depth++; p.depth > maxNesting {
		p.wrong(start, "", "parentheses are nested more than %d deep", maxNesting)
		p.pos = len(p.text)
		return nil
	}
	defer func() { p.depth-- }()
	if !p.scope.rule {
		p.wrong(start, "write a rule set and have it said, such as <hour:hours>", "only rules can choose")
	}
	var all []alternative
	for {
		all = append(all, alternative{conditions: p.conditions(), then: p.sequence()})
		switch word, _ := p.next(); word {
		case "|":
		case ")":
			p.checkChoice(all, start)
			return all
		default:
			p.wrong(start, "", "( has no ) behind it")
			return all
		}
	}
}

// checkChoice finds alternatives that can never be said.
func (p *patternParser) checkChoice(all []alternative, start int) {
	for _, a := range all[:len(all)-1] {
		if len(a.conditions) == 0 {
			p.wrong(start, "write conditions such as one? before all alternatives but the last", "what stands behind an alternative without a condition is never said")
			return
		}
	}
	if len(all) == 1 && len(all[0].conditions) == 0 {
		p.wrong(start, "write a condition such as one? or rest?", "there is nothing to choose from")
	}
}

// conditions reads such as: one? two?
func (p *patternParser) conditions() []string {
	var words []string
	for {
		word, start := p.next()
		name, is := strings.CutSuffix(word, "?")
		if !is {
			p.pos = start
			return words
		}
		p.checkCondition(name, start)
		words = append(words, name)
	}
}

func (p *patternParser) checkCondition(name string, start int) {
	l := p.r.lang
	switch {
	case name == restWord, slices.Contains(l.forms, name), isPlural(name) && l.hasPlural(Plural(name)):
		return
	case isPlural(name):
		p.wrong(start, "", "the language has no plural category %s", name)
		return
	}
	known := append([]string{restWord}, l.forms...)
	for _, r := range l.plurals {
		known = append(known, string(r.category))
	}
	p.wrong(start, oneOf(name, known), "%s? is no condition", name)
}

// with is the pattern for a rule that begins at n: # becomes n.
func (p pattern) with(n uint64) pattern {
	number := strconv.FormatUint(n, 10)
	filled := make(pattern, len(p))
	for i, it := range p {
		it.sound = strings.ReplaceAll(it.sound, "#", number)
		if it.choice != nil {
			choice := make([]alternative, len(it.choice))
			for j, a := range it.choice {
				choice[j] = alternative{a.conditions, a.then.with(n)}
			}
			it.choice = choice
		}
		filled[i] = it
	}
	return filled
}

// each calls do with every item, those inside choices included.
func (p pattern) each(do func(item)) {
	for _, it := range p {
		do(it)
		for _, a := range it.choice {
			a.then.each(do)
		}
	}
}

// oneOf is a hint: the name that was probably meant, or all there are.
func oneOf(name string, known []string) string {
	if hint := spell.Hint(name, known); hint != "" && len(name) > 2 { // any short name is near any other
		return hint
	}
	if len(known) == 0 {
		return ""
	}
	const most = 20
	if len(known) > most {
		return fmt.Sprintf("there is %s and %d more", strings.Join(known[:most], ", "), len(known)-most)
	}
	return "there is " + strings.Join(known, ", ")
}
