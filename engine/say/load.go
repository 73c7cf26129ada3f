package say

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// languageCode is what language files are called: en, pt_BR.
var languageCode = regexp.MustCompile(`^[a-z]{2,3}(_[A-Za-z0-9]+)*$`)

func subFolder(fsys fs.FS, name string) (fs.FS, error) {
	sub, err := fs.Sub(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	return sub, nil
}

// Load reads the language files of a folder, CODE.yaml each, on top of other languages; base can be nil. A
// file replaces the base's language of that code, or adds to it if it names it as its own parent; languages
// of the base that build upon it stay as they are. What is wrong in the files is returned as Problems.
func Load(fsys fs.FS, base *Languages) (*Languages, error) {
	names, err := fs.Glob(fsys, "*.y*ml")
	if err != nil {
		return nil, fmt.Errorf("list language files: %w", err)
	}
	l := &loader{fsys: fsys, files: map[string]*reader{}, done: map[string]*Language{}, base: map[string]*Language{}}
	if base != nil {
		l.base = base.byCode
	}
	for _, name := range names {
		if err := l.open(name); err != nil {
			return nil, err
		}
	}
	for _, code := range slices.Sorted(maps.Keys(l.files)) {
		l.language(code, nil)
	}
	if len(l.problems) > 0 {
		slices.SortStableFunc(l.problems, func(a, b Problem) int { return strings.Compare(a.File, b.File) })
		return nil, l.problems
	}
	all := &Languages{byCode: maps.Clone(l.base)}
	maps.Copy(all.byCode, l.done)
	if len(all.byCode) == 0 {
		return nil, errors.New("there is no language file CODE.yaml")
	}
	return all, nil
}

// A loader reads the files of a folder, parents before children.
type loader struct {
	fsys     fs.FS
	files    map[string]*reader // by code
	base     map[string]*Language
	done     map[string]*Language // nil while it is read, or if it is broken
	problems Problems
}

func (l *loader) open(name string) error {
	code, ok := strings.CutSuffix(path.Base(name), ".yaml")
	if !ok || !languageCode.MatchString(code) {
		l.problems = append(l.problems, Problem{File: name, Text: "the name is no language code with .yaml", Hint: "such as en.yaml or pt_BR.yaml"})
		return nil
	}
	source, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		return fmt.Errorf("read language file: %w", err)
	}
	l.files[code] = &reader{file: name, source: source}
	return nil
}

// language reads a language and before it its parents. above is those that wait for it.
func (l *loader) language(code string, above []string) *Language {
	r := l.files[code]
	if r == nil {
		return l.base[code]
	}
	if done, ok := l.done[code]; ok {
		return done
	}
	l.done[code] = nil
	doc, ok := r.document()
	if ok {
		l.read(r, code, doc, append(above, code))
	}
	l.problems = append(l.problems, r.problems...)
	if len(r.problems) > 0 {
		l.done[code] = nil
	}
	return l.done[code]
}

// read fills a language from its file.
func (l *loader) read(r *reader, code string, doc at, above []string) {
	parent, whole := l.parent(r, code, doc, above)
	if !whole {
		return
	}
	if parent == nil {
		r.lang = newLanguage()
	} else {
		r.lang = parent.clone()
	}
	r.lang.code = code
	r.sections(doc)
	l.done[code] = r.lang
}

// parent finds the language that a file builds upon. whole is false if it is not to be had.
func (l *loader) parent(r *reader, code string, doc at, above []string) (parent *Language, whole bool) {
	n, ok := doc.find("parent")
	if !ok {
		return nil, true
	}
	name := r.text(n)
	switch {
	case name == "":
		return nil, false
	case name == code:
		if parent = l.base[code]; parent == nil {
			r.wrong(n, "", "there is no other %s to build upon", name)
		}
		return parent, parent != nil
	case slices.Contains(above, name):
		r.wrong(n, "", "%s is a parent of itself", strings.Join(append(above, name), ", "))
		return nil, false
	default:
		parent = l.language(name, above)
	}
	if parent == nil {
		l.noParent(r, n, name)
	}
	return parent, parent != nil
}

// noParent says why a parent is not to be had, unless its own file says so.
func (l *loader) noParent(r *reader, n at, name string) {
	known := slices.Sorted(maps.Keys(l.base))
	for code := range l.files {
		if code == name {
			r.wrong(n, "", "%s has problems itself", name)
			return
		}
		known = append(known, code)
	}
	r.wrong(n, oneOf(name, known), "there is no language %s", name)
}
