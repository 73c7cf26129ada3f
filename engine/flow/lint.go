package flow

import (
	"fmt"
	"github.com/ivrd/ivrd/internal/spell"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/gopher-lua/ast"
)

// LintOptions say what the linter cannot see in the folder. The zero value works.
type LintOptions struct {
	// Sounds are the names of prompts that Asterisk has besides its own, such as "acme/welcome"; * stands
	// for any text without a slash, as in "acme/*".
	Sounds []string
}

// Lint finds what compiles and still is wrong or suspicious: names, arguments and options that do not
// exist, flows that lead nowhere, prompts that are missing. What Problems has already is not repeated.
func (s *Set) Lint(o LintOptions) []Problem {
	l := &linter{set: s, vocabulary: theVocabulary(), options: o, recorded: map[string]bool{}}
	for _, code := range s.Code() {
		l.files = append(l.files, resolve(code))
	}
	l.shareGlobals()
	for _, f := range l.files {
		c := &fileLinter{linter: l, source: f}
		c.names()
		c.fieldUses()
		c.callsMade()
		c.blocksLeft()
		c.repeatedKeys()
	}
	l.missingPrompts()
	l.unreached()
	sortProblems(l.problems)
	return slices.CompactFunc(l.problems, func(a, b Problem) bool { return a.Error() == b.Error() })
}

type linter struct {
	*vocabulary
	set      *Set
	options  LintOptions
	files    []*source
	problems []Problem

	played   []namedAt       // every literal name of a prompt
	recorded map[string]bool // names that flows record, and can play
	hints    int             // how often a hint was looked for
	dynamic  bool            // a flow is run whose name only the call shows
}

// A namedAt is a name in a file.
type namedAt struct {
	in   *fileLinter
	line int
	name string
}

// A fileLinter looks at one file.
type fileLinter struct {
	*linter
	*source
}

// report adds a problem at the place of word in line, as far as that can be told.
func (f *fileLinter) report(line int, word string, p Problem) {
	p.File, p.Line = f.code.File, max(line, 1)
	p.Source = sourceLine(f.code.Source, p.Line)
	p.Column = column(p.Source, word)
	f.problems = append(f.problems, p)
}

// wrong reports what cannot work; hint may be empty.
func (f *fileLinter) wrong(line int, word, hint, format string, args ...any) {
	f.report(line, word, Problem{Text: fmt.Sprintf(format, args...), Hint: hint})
}

// doubtful reports what works and may not be meant.
func (f *fileLinter) doubtful(line int, word, hint, format string, args ...any) {
	f.report(line, word, Problem{Text: fmt.Sprintf(format, args...), Hint: hint, Warning: true})
}

// column is where word stands in line, 0 if it does not stand there exactly once.
func column(line, word string) int {
	if word == "" {
		return 0
	}
	found := 0
	for from := 0; ; {
		i := strings.Index(line[from:], word)
		if i < 0 {
			return found
		}
		at := from + i
		from = at + len(word)
		before, _ := utf8.DecodeLastRuneInString(line[:at])
		after, _ := utf8.DecodeRuneInString(line[from:])
		if partOfName(before) && partOfName(rune(word[0])) || partOfName(after) && partOfName(rune(word[len(word)-1])) {
			continue
		}
		if found > 0 {
			return 0
		}
		found = utf8.RuneCountInString(line[:at]) + 1
	}
}

func partOfName(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// near is a hint for a misspelt name, "" if no name is near. The search takes its time, and whoever has as
// many problems as that does not read them all.
func (l *linter) near(name string, names []string) string {
	const most = 500
	if l.hints++; l.hints > most {
		return ""
	}
	return spell.Hint(name, names)
}

// globals are those that files assign which run together.
type globals struct {
	top    map[string]bool // at the top level of a file, or by _G
	nested map[string]bool // in functions
	fields map[string]bool // of libraries, such as string.trim
	open   bool            // there may be any others
}

func newGlobals() *globals {
	return &globals{top: map[string]bool{}, nested: map[string]bool{}, fields: map[string]bool{}}
}

func (g *globals) has(name string) bool { return g.top[name] || g.nested[name] }

// shareGlobals tells each file which globals there are: those of every flow it is part of.
func (l *linter) shareGlobals() {
	byPath := map[string]*source{}
	for _, f := range l.files {
		byPath[f.code.File] = f
		f.program = newGlobals()
	}
	for _, f := range l.files {
		all := withRequired(f, byPath)
		flow := newGlobals()
		for _, one := range all {
			flow.gather(one)
		}
		for _, one := range all {
			one.program.merge(flow)
		}
	}
}

// withRequired is f with everything it requires.
func withRequired(f *source, byPath map[string]*source) []*source {
	all, seen := []*source{f}, map[*source]bool{f: true}
	for i := 0; i < len(all); i++ {
		for _, r := range all[i].code.Requires {
			if need := byPath[r.Name+".lua"]; need != nil && !seen[need] {
				seen[need] = true
				all = append(all, need)
			}
		}
	}
	return all
}

func (g *globals) gather(f *source) {
	g.open = g.open || f.open
	for _, w := range f.writes {
		if w.nested {
			g.nested[w.name] = true
		} else {
			g.top[w.name] = true
		}
	}
	for _, u := range f.fields {
		if lib, key := libraryField(f, u); u.use == useSet && key != "" {
			g.fields[lib+"."+key] = true
		}
	}
}

func (g *globals) merge(other *globals) {
	g.open = g.open || other.open
	maps.Copy(g.top, other.top)
	maps.Copy(g.nested, other.nested)
	maps.Copy(g.fields, other.fields)
}

// libraryField is a field of a global: string and trim for string.trim.
func libraryField(f *source, u fieldUse) (lib, key string) {
	name, ok := u.expr.Key.(*ast.StringExpr)
	object, isName := u.expr.Object.(*ast.IdentExpr)
	for range 20 { // local s = string; function s.trim() …
		if !ok || !isName {
			return "", ""
		}
		v := f.locals[object]
		if v == nil {
			return object.Value, name.Value
		}
		object, isName = v.value.(*ast.IdentExpr)
	}
	return "", ""
}
