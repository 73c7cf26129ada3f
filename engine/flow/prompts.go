package flow

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sound"
)

// A Prompt is one recording beside the flows.
type Prompt struct {
	Name     string // as flows say it, such as "main-menu"
	Language string // Asterisk's code; "" is for all languages
	File     string // below the flows folder
	Hash     string // of what Asterisk gets
	Duration time.Duration
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
	o        *Options
}

type soundKey struct{ language, name string }

// A choice is what the folder has for a prompt in a language.
type choice struct {
	recording *Prompt // nil if there is none
	at        string  // the language it is there for
	words     string  // "" if they are not known
	spoken    string  // the language in which the words are spoken for want of a recording; "" is not at all
}

// choose finds the recording and the words of a prompt. Words are spoken that are nearer to the language asked
// for than any recording, beside the flows or of Asterisk's own.
func (p *prompts) choose(name, asked string) choice {
	var c choice
	decided := p.sounds[soundKey{"", name}] != nil
	for l := range p.languages(asked) {
		words, own := p.texts[name][l], p.sounds[soundKey{l, name}]
		decided = decided || own != nil || p.o.asteriskHas(name, l)
		if c.recording == nil {
			c.recording, c.at = own, l
		}
		if voice := p.voice(l, asked); !decided && words != "" && voice != "" {
			c.words, c.spoken, decided = words, voice, true
		}
		if c.words == "" {
			c.words = words
		}
	}
	return c
}

// voice is the language in which words are spoken that are in language l; those for all languages are spoken in
// the one asked for. It is "" if nobody can.
func (p *prompts) voice(l, asked string) string {
	candidates := []string{l}
	if l == "" {
		candidates = []string{asked, p.o.Language}
	}
	for _, one := range candidates {
		if one != "" && p.o.speaks(one) {
			return one
		}
	}
	return ""
}

// sound is what a call is told of a prompt.
func (p *prompts) sound(name, language string) (engine.Sound, bool) {
	c := p.choose(name, language)
	s := engine.Sound{Text: c.words, Spoken: c.spoken}
	switch {
	case c.recording != nil:
		s.Duration = c.recording.Duration
		if p.o.Media != nil {
			s.Media = p.o.Media(c.recording.File, c.recording.Hash)
		}
	case c.spoken != "" && p.o.asteriskHas(name, usualLanguage):
		s.Media = name
	}
	return s, c.recording != nil || c.words != ""
}

// languages goes from the language asked for to those that stand in for it: en_AU_f, en_AU, en, the
// default, and last what is for all.
func (p *prompts) languages(asked string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, l := range [...]string{strings.ReplaceAll(asked, "-", "_"), p.o.Language} {
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
		fmt.Fprintf(sum, "%s\x00%x\x00%s\x00%s\n", at, f.hash, reason(f.err), reason(f.sound.err))
	}
	return hash(sum.Sum(nil))
}

// promptFiles are those that prompts are made of; of recordings with the same name the best is last.
func (b *builder) promptFiles() []string {
	var all []string
	for at := range b.found.files {
		if _, ok := recordingName(at); ok || at == textsFile {
			all = append(all, at)
		}
	}
	slices.SortFunc(all, func(x, y string) int {
		nameX, _ := recordingName(x)
		nameY, _ := recordingName(y)
		return cmp.Or(cmp.Compare(nameX, nameY), cmp.Compare(rank(y), rank(x)), cmp.Compare(x, y))
	})
	return all
}

// rank is how good the kind of a recording is; 0 is the best.
func rank(at string) int { return slices.Index(sound.Extensions(), strings.ToLower(path.Ext(at))) }

func (b *builder) newPrompts(whole hash) *prompts {
	p := &prompts{sounds: map[soundKey]*Prompt{}, digests: map[string]hash{}, byFile: map[string]*Prompt{}, whole: whole, o: &b.o}
	all := b.promptFiles()
	for i, at := range all {
		f := b.found.files[at]
		switch bare, _ := recordingName(at); {
		case at == textsFile:
			p.readTexts(f, b.prev.prompts.texts)
		case i+1 < len(all) && sameName(bare, all[i+1]):
			p.problems = append(p.problems, Problem{File: at, Text: "this recording is not used: there is " + path.Base(all[i+1]) + " too",
				Hint: "remove one of them", Warning: true})
		default:
			p.add(f, bare, b.prev.prompts.byFile[at])
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

func sameName(bare, other string) bool {
	name, ok := recordingName(other)
	return ok && name == bare
}

// languageFolder is what the folder of a language is called: en, pt_BR, en_AU_f.
var languageFolder = regexp.MustCompile(`^[a-z]{2}(_[A-Za-z0-9]+)*$`)

// add takes a recording in: as it was before, if it is broken. bare is its path without the ending.
func (p *prompts) add(f *file, bare string, old *Prompt) {
	within := strings.TrimPrefix(bare, promptsPath)
	one := &Prompt{Name: within, File: f.path, Hash: f.sound.hash, Duration: f.sound.duration}
	folder, rest, ok := strings.Cut(within, "/")
	if ok && (languageFolder.MatchString(folder) || folder == p.o.Language) {
		one.Language, one.Name = folder, rest
	}
	if problem := recordingProblem(f); problem != nil {
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

func recordingProblem(f *file) *Problem {
	switch {
	case f.err != nil:
		return f.fault()
	case f.sound.err != nil:
		return &Problem{File: f.path, Text: reason(f.sound.err)}
	}
	return nil
}
