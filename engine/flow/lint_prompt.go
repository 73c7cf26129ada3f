package flow

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine/say"
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

// missingPrompts looks for the recordings of all that is played.
func (l *linter) missingPrompts() {
	languages := l.languages()
	for _, p := range l.played {
		lacking, text := l.lacking(p.name, languages)
		switch {
		case lacking == nil || strings.HasPrefix(p.name, "/") || l.elsewhere(p.name):
		case len(lacking) < len(languages):
			p.in.doubtful(p.line, p.name, "record it, or record it in the default language, which stands in for all",
				"prompt %s is missing in %s", p.name, strings.Join(lacking, ", "))
		case text:
			p.in.doubtful(p.line, p.name, "", "prompt %s has a text and no recording yet", p.name)
		default:
			p.in.amiss(p.line, p.name, l.likePrompt(p.name), "there is no prompt %s", p.name)
		}
	}
}

// languages are those that the folder has recordings for, the default among them.
func (l *linter) languages() []string {
	all := map[string]bool{l.set.language: true}
	for _, p := range l.set.Prompts() {
		if p.Language != "" {
			all[p.Language] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// lacking are the languages in which a prompt has no recording in the folder, and whether it has words.
func (l *linter) lacking(name string, languages []string) (lacking []string, text bool) {
	p := l.set.prompts
	for _, language := range languages {
		found := false
		for standIn := range p.languages(language) {
			found = found || p.sounds[soundKey{standIn, name}] != nil
			text = text || p.texts[name][standIn] != ""
		}
		if !found {
			lacking = append(lacking, language)
		}
	}
	return lacking, text || len(p.texts[name]) > 0
}

// elsewhere reports whether a prompt is there without being in the folder.
func (l *linter) elsewhere(name string) bool {
	if asteriskSounds().Has(name) || l.recorded[name] {
		return true
	}
	return slices.ContainsFunc(l.options.Sounds, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil || pattern == name
	})
}

// likePrompt is a hint for a prompt that there is not.
func (l *linter) likePrompt(name string) string {
	names := slices.Concat(l.options.Sounds, slices.Collect(maps.Keys(l.recorded)), slices.Collect(maps.Keys(l.set.Texts())))
	for _, p := range l.set.Prompts() {
		names = append(names, p.Name)
	}
	if hint := l.near(name, names); hint != "" {
		return hint
	}
	if hint := l.near(name, asteriskSounds().Names()); hint != "" {
		return hint
	}
	return "it would be the file " + promptsPath + l.set.language + "/" + name + ".wav"
}

// asteriskSounds are the names of Asterisk's own sounds.
func asteriskSounds() say.Set {
	set, _ := say.Packaged("en")
	return set
}
