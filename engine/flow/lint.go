package flow

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ivrd/ivrd/internal/spell"
	"github.com/yuin/gopher-lua/ast"
)

// LintOptions say what the linter cannot see in the folder. The zero value works.
type LintOptions struct {
	// Flows are those to look at, with what they require; nil means every file. Which flows nobody leads to
	// can be told of all together only.
	Flows []string
	// Backends are the ways in which calls come in; of what one of them cannot do there is a warning.
	Backends []Backend
	// Names are what flows reach outside.
	Names Names
	// Certain leaves what cannot be meant, wherever the flow runs: nearly all of it ends a call that gets to
	// the line with an error. It is what may hold back a save:
	//
	//   - functions, methods and keys of libraries that do not exist, or are not available in flows, where
	//     they are used;
	//   - global variables that nothing in the flow sets, where they are used;
	//   - arguments and options that are unknown, missing, too many or of the wrong type;
	//   - flows that are run or offered in a menu and do not exist;
	//   - texts to be spoken where there is no text-to-speech engine, or none with a voice for their language;
	//   - databases, Redis servers, services and secrets that are not configured, schedules that are not in hours.yaml, and
	//     settings without a default that are not in config.yaml.
	//
	// It is not: a prompt that has no recording here, because Asterisk may have one; a missing name that is
	// only kept in a local variable (local bit = bit32), asked for, or compared, because whoever does that
	// reckons with nil; and no warning.
	Certain bool
}

// Names are those that ivrd.yaml has for what flows reach outside; nil is any.
type Names struct {
	Databases []string
	Redis     []string
	Services  []string
	Secrets   []string
}

// Lint finds what compiles and still is wrong or suspicious: names, arguments and options that do not
// exist, flows that lead nowhere, prompts that are missing. What Problems has already is not repeated.
func (s *Set) Lint(o LintOptions) []Problem {
	l := s.linter(o)
	l.look()
	if !o.Certain {
		l.missingPrompts()
	}
	if !o.Certain && o.Flows == nil {
		l.unreached()
	}
	sortProblems(l.problems)
	return slices.CompactFunc(l.problems, func(a, b Problem) bool { return a.Error() == b.Error() })
}

func (s *Set) linter(o LintOptions) *linter {
	return &linter{set: s, vocabulary: theVocabulary(), options: o, recorded: map[string]bool{}}
}

// look goes through the files.
func (l *linter) look() {
	l.readFiles()
	l.shareGlobals()
	for _, f := range l.files {
		c := &fileLinter{linter: l, source: f}
		c.names()
		c.fieldUses()
		c.callsMade()
		c.blocksLeft()
		c.repeatedKeys()
		c.voices()
	}
}

type linter struct {
	*vocabulary
	set      *Set
	options  LintOptions
	files    []*source
	sources  map[string]*source // the same by path
	problems []Problem

	played   []namedAt       // every literal name of a prompt
	said     []saidAt        // every value that is said
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
	call *ast.FuncCallExpr // being looked at
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

// amiss reports what is wrong and does not have to end a call.
func (f *fileLinter) amiss(line int, word, hint, format string, args ...any) {
	if !f.linter.options.Certain {
		f.wrong(line, word, hint, format, args...)
	}
}

// nothing reports the use of a name that stands for nothing.
func (f *fileLinter) nothing(u use, line int, word, hint, format string, args ...any) {
	if u == useKept {
		f.amiss(line, word, hint, format, args...)
	} else {
		f.wrong(line, word, hint, format, args...)
	}
}

// doubtful reports what works and may not be meant.
func (f *fileLinter) doubtful(line int, word, hint, format string, args ...any) {
	if f.linter.options.Certain {
		return
	}
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
