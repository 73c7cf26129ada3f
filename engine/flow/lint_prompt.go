package flow

import (
	"maps"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/say"
	"github.com/ivrd/ivrd/luaapi"
	"github.com/ivrd/ivrd/luaapi/bind"
	"github.com/yuin/gopher-lua/ast"
)

// promptNames notes the names in a prompt, or in lists of them. In a table with named keys, as checks have, they
// stand under prompt and invalid.
func (f *fileLinter) promptNames(e ast.Expr) {
	switch x := e.(type) {
	case *ast.StringExpr:
		f.played = append(f.played, namedAt{f, x.Line(), x.Value})
	case *ast.TableExpr:
		for _, field := range x.Fields {
			if key, named := field.Key.(*ast.StringExpr); named && key.Value != "prompt" && key.Value != "invalid" {
				continue
			}
			for _, one := range f.alternatives(field.Value) {
				f.promptNames(one)
			}
		}
	}
}

// A saidAt is a value that a flow says.
type saidAt struct {
	kind engine.PromptKind
	of   string // the currency or the noun, if it stands there; forms if there are options
}

// speech notes what is said, and warns of a text that nobody can speak.
func (f *fileLinter) speech(line int, sig *bind.Signature, args []ast.Expr) {
	if kind, ok := strings.CutPrefix(sig.Call, "say."); ok {
		one := saidAt{kind: engine.PromptKind(kind)}
		if len(args) > 1 {
			switch x := f.scalar(args[1]).(type) {
			case *ast.StringExpr:
				one.of = x.Value
			case *ast.TableExpr:
				one.of = say.AllForms
			}
		}
		f.said = append(f.said, one)
	}
	if sig.Call == luaapi.Speak && f.set.prompts.o.Speech == nil {
		f.wrong(line, sig.Name, "a section tts in ivrd.yaml names one", "%s: there is no text-to-speech engine", sig.Call)
	}
}

// voices tells of texts in languages that have no voice.
func (f *fileLinter) voices() {
	speech := f.set.prompts.o.Speech
	if speech == nil {
		return
	}
	for _, t := range f.code.Texts {
		if t.Language != "" && !speech.Speaks(t.Language) {
			f.wrong(t.Line, t.Language, "tts.voices in ivrd.yaml names them", "%s: there is no voice for language %s", luaapi.Speak, t.Language)
		}
	}
}

// missingPrompts tells of what nothing is heard of, in each place, and once of each prompt that is still to be recorded.
func (l *linter) missingPrompts() {
	languages := l.set.Languages()
	seen := map[string]bool{}
	for _, p := range l.played {
		var lacking []string
		worded := false
		for _, language := range languages {
			h := l.heard(p.name, language)
			if h.Lacks() && h.Instead == "" {
				lacking = append(lacking, language)
			}
			worded = worded || h.State == Worded
		}
		switch {
		case len(lacking) == 0:
		case len(lacking) == len(languages) && !worded:
			p.in.amiss(p.line, p.name, l.likePrompt(p.name), "there is no prompt %s", p.name)
		case seen[p.name]: // one recording is for all places
		case len(lacking) < len(languages):
			p.in.doubtful(p.line, p.name, "record it, or record it in the default language, which stands in for all",
				"prompt %s is missing in %s", p.name, strings.Join(lacking, ", "))
		default:
			p.in.doubtful(p.line, p.name, "", "prompt %s has a text and no recording yet", p.name)
		}
		seen[p.name] = true
	}
}

// likePrompt is a hint for a prompt that there is not.
func (l *linter) likePrompt(name string) string {
	names := slices.Concat(l.set.prompts.o.Sounds, slices.Collect(maps.Keys(l.recorded)), slices.Collect(maps.Keys(l.set.Texts())))
	for _, p := range l.set.Prompts() {
		names = append(names, p.Name)
	}
	if hint := l.near(name, names); hint != "" {
		return hint
	}
	if set, ok := say.Packaged(usualLanguage); ok {
		if hint := l.near(name, set.Names()); hint != "" {
			return hint
		}
	}
	return "it would be the file " + recordingFile(l.set.language, name)
}

// recordingFile is where a recording is looked for first.
func recordingFile(language, name string) string { return promptsPath + language + "/" + name + ".wav" }
