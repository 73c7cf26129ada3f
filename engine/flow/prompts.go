package flow

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"gopkg.in/yaml.v3"
)

// A Prompt is one recording beside the flows.
type Prompt struct {
	Name     string // as flows say it, such as "main-menu"
	Language string // Asterisk's code; "" is for all languages
	File     string // below the flows folder
	Hash     string // of its content
	WAV      WAV
}

// prompts is what the folder holds besides flows and routes. It does not change.
type prompts struct {
	sounds   map[soundKey]*Prompt
	texts    map[string]map[string]string // by name and language
	digests  map[string]hash              // of all that is known of a name
	list     []Prompt
	byFile   map[string]*Prompt
	whole    hash // of all files as they are, broken ones included
	problems []Problem
	language string
	media    func(file, hash string) string
}

type soundKey struct{ language, name string }

// sound finds the recording and the words of a prompt.
func (p *prompts) sound(name, language string) (engine.Sound, bool) {
	var s engine.Sound
	var found *Prompt
	for l := range p.languages(language) {
		if found == nil {
			found = p.sounds[soundKey{l, name}]
		}
		if s.Text == "" {
			s.Text = p.texts[name][l]
		}
	}
	if found != nil {
		s.Duration = found.WAV.Duration
		if p.media != nil {
			s.Media = p.media(found.File, found.Hash)
		}
	}
	return s, found != nil || s.Text != ""
}

// languages goes from the language asked for to those that stand in for it: en_AU_f, en_AU, en, the
// default, and last what is for all.
func (p *prompts) languages(asked string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, l := range [...]string{strings.ReplaceAll(asked, "-", "_"), p.language} {
			for l != "" {
				if !yield(l) {
					return
				}
				l = l[:max(strings.LastIndexByte(l, '_'), 0)]
			}
		}
		yield("")
	}
}

// readPrompts makes the set's prompts, unless they are the same as before.
func (b *builder) readPrompts() {
	whole := b.promptsHash()
	if b.prev.prompts.whole == whole {
		b.set.prompts = b.prev.prompts
	} else {
		b.set.prompts = b.newPrompts(whole)
	}
	b.set.problems = append(b.set.problems, b.set.prompts.problems...)
}

// promptsHash is the hash of all files that prompts are made of.
func (b *builder) promptsHash() hash {
	sum := sha256.New()
	for _, at := range b.promptFiles() {
		f := b.found.files[at]
		fmt.Fprintf(sum, "%s\x00%x\x00%s\n", at, f.hash, reason(f.err))
	}
	return hash(sum.Sum(nil))
}

func (b *builder) promptFiles() []string {
	var all []string
	for at := range b.found.files {
		if path.Ext(at) == ".wav" || at == textsFile {
			all = append(all, at)
		}
	}
	slices.Sort(all)
	return all
}

func (b *builder) newPrompts(whole hash) *prompts {
	p := &prompts{
		sounds: map[soundKey]*Prompt{}, digests: map[string]hash{}, byFile: map[string]*Prompt{},
		whole: whole, language: b.o.Language, media: b.o.Media,
	}
	for _, at := range b.promptFiles() {
		if f := b.found.files[at]; at == textsFile {
			p.readTexts(f, b.prev.prompts.texts)
		} else {
			p.add(f, b.prev.prompts.byFile[at])
		}
	}
	for _, one := range p.byFile {
		p.list = append(p.list, *one)
	}
	slices.SortFunc(p.list, func(x, y Prompt) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Language, y.Language), cmp.Compare(x.File, y.File))
	})
	return p
}

// languageFolder is what the folder of a language is called: en, pt_BR, en_AU_f.
var languageFolder = regexp.MustCompile(`^[a-z]{2}(_[A-Za-z0-9]+)*$`)

// add takes a recording in: as it was before, if it is broken.
func (p *prompts) add(f *file, old *Prompt) {
	within := strings.TrimSuffix(strings.TrimPrefix(f.path, promptsPath), ".wav")
	one := &Prompt{Name: within, File: f.path, Hash: f.hash.String(), WAV: f.wav}
	folder, rest, ok := strings.Cut(within, "/")
	if ok && (languageFolder.MatchString(folder) || folder == p.language) {
		one.Language, one.Name = folder, rest
	}
	if problem := wavProblem(f); problem != nil {
		kept := Kept{Name: f.path}
		if old != nil {
			one, kept.Version = old, old.Hash
		}
		problem.Keeps = []Kept{kept}
		p.problems = append(p.problems, *problem)
		if old == nil {
			return
		}
	}
	p.byFile[f.path] = one
	p.index(soundKey{one.Language, one.Name}, one)
	if one.Language != "" {
		p.index(soundKey{"", within}, one) // a name can say its language: "en/welcome"
	} else if ok {
		p.index(soundKey{folder, rest}, one) // a language we do not know as one
	}
}

func (p *prompts) index(key soundKey, one *Prompt) {
	p.sounds[key] = one
	p.digest(key.name, one.File+"\x00"+one.Hash)
}

// digest adds something known of a name to its digest. It is called in a fixed order.
func (p *prompts) digest(name, known string) {
	before := p.digests[name]
	p.digests[name] = sha256.Sum256(append(before[:], known...))
}

func wavProblem(f *file) *Problem {
	switch {
	case f.err != nil:
		return f.fault()
	case f.wavErr != nil:
		return &Problem{File: f.path, Text: f.wavErr.Error()}
	}
	return nil
}

// readTexts reads prompts.yaml; if it is broken, old stays.
func (p *prompts) readTexts(f *file, old map[string]map[string]string) {
	texts, problems := parseTexts(f)
	if len(problems) > 0 {
		texts = old
		p.problems = append(p.problems, problems...)
	}
	p.texts = texts
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		for _, language := range slices.Sorted(maps.Keys(texts[name])) {
			p.digest(name, language+"\x00"+texts[name][language])
		}
	}
}

// parseTexts reads the words of prompts: name: text, or name: {en: text, pt_BR: text}.
func parseTexts(f *file) (map[string]map[string]string, []Problem) {
	if p := f.fault(); p != nil {
		return nil, []Problem{*p}
	}
	y := &yamlFile{name: f.path, source: f.content}
	doc := y.document()
	texts := map[string]map[string]string{}
	if doc != nil {
		y.each(doc, textsFile, func(key, value *yaml.Node) {
			if _, err := engine.NewSound(key.Value); err != nil {
				y.wrong(key, "", "%s", err)
			}
			texts[key.Value] = y.wording(key.Value, value)
		})
	}
	return texts, y.problems
}

func (y *yamlFile) wording(name string, n *yaml.Node) map[string]string {
	if n.Kind != yaml.MappingNode {
		return map[string]string{"": y.text(n, "the text of "+name)}
	}
	words := map[string]string{}
	y.each(n, "prompt "+name, func(key, value *yaml.Node) {
		language := strings.ReplaceAll(key.Value, "-", "_")
		if !languageFolder.MatchString(language) {
			y.wrong(key, "languages are written like en or pt_BR", "%s is no language", key.Value)
			return
		}
		words[language] = y.text(value, "the text of "+name+" in "+key.Value)
	})
	return words
}
