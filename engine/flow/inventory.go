package flow

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine/say"
)

// An Inventory is what callers hear of all prompts, in all languages.
type Inventory struct {
	Languages []string
	Played    []Item   // what flows play by name
	Said      []Item   // the recordings that say.number and the like ask for
	Unused    []string // files of recordings, and names of texts, that no flow names
}

// An Item is a prompt with what there is of it.
type Item struct {
	Name  string
	Where string           // the first place in a flow; "" of what is said
	In    map[string]Heard // by language
}

// A Heard is what a caller hears of a prompt in a language.
type Heard struct {
	State
	Instead string // the language of what is heard in place of something missing; "" if nothing is
	Words   string // its words in the language, "" if unknown
	File    string // of its recording in the language, or where that would be
}

// A State says where a prompt comes from.
type State string

const (
	Recorded  State = "recording" // beside the flows
	Spoken    State = "spoken"    // its text, by the text-to-speech engine
	Asterisks State = "Asterisk"  // one of Asterisk's own sounds
	Worded    State = "text"      // there is nothing but its text
	Missing   State = "missing"
)

// Lacks reports whether somebody has to record it, or to have it spoken.
func (h Heard) Lacks() bool { return h.State == Worded || h.State == Missing }

// Languages are those that the folder has recordings or texts in, the default among them.
func (s *Set) Languages() []string {
	all := map[string]bool{s.language: true}
	for _, p := range s.Prompts() {
		all[p.Language] = true
	}
	for _, words := range s.Texts() {
		for language := range words {
			all[language] = true
		}
	}
	delete(all, "")
	return slices.Sorted(maps.Keys(all))
}

// A Listed is a prompt in one language.
type Listed struct {
	Name, Where string
	Heard
}

// In lists what callers hear in one language: what is played, then what is said.
func (i *Inventory) In(language string) []Listed {
	var all []Listed
	seen := map[string]bool{}
	for _, item := range slices.Concat(i.Played, i.Said) {
		if h, ok := item.In[language]; ok && !seen[item.Name] {
			seen[item.Name] = true
			all = append(all, Listed{item.Name, item.Where, h})
		}
	}
	return all
}

// Inventory looks at every prompt that the flows name, in those languages; without any in those of the folder.
func (s *Set) Inventory(languages ...string) Inventory {
	if len(languages) == 0 {
		languages = s.Languages()
	}
	l := s.linter(LintOptions{})
	l.look()
	inv := Inventory{Languages: languages, Played: l.items(languages)}
	named := map[string]bool{}
	for _, item := range inv.Played {
		named[item.Name] = true
	}
	inv.Said = l.saidItems(inv.Languages)
	for _, item := range inv.Said {
		named[item.Name] = true
	}
	for _, u := range s.units {
		for _, w := range u.words {
			named[w] = true
		}
	}
	inv.Unused = s.unused(named)
	return inv
}

// unused are the recordings and texts that nothing names.
func (s *Set) unused(named map[string]bool) []string {
	var all []string
	for _, p := range s.Prompts() {
		if !named[p.Name] && !named[p.Language+"/"+p.Name] {
			all = append(all, p.File)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Texts())) {
		if !named[name] {
			all = append(all, textsFile+": "+name)
		}
	}
	return all
}

// items are the prompts that are played, by name.
func (l *linter) items(languages []string) []Item {
	items := map[string]*Item{}
	for _, p := range l.played {
		where := fmt.Sprintf("%s:%d", p.in.code.File, p.line)
		if item := items[p.name]; item != nil {
			item.Where = min(item.Where, where)
			continue
		}
		items[p.name] = &Item{Name: p.name, Where: where, In: map[string]Heard{}}
	}
	var all []Item
	for _, name := range slices.Sorted(maps.Keys(items)) {
		item := items[name]
		for _, language := range languages {
			item.In[language] = l.heard(name, language)
		}
		all = append(all, *item)
	}
	return all
}

// heard is what is heard of a name in one language. What flows record is there in all.
func (l *linter) heard(name, language string) Heard {
	h := l.set.prompts.heard(name, language)
	if h.Lacks() && l.recorded[name] {
		h.State = Recorded
	}
	return h
}

// heard is what there is of a prompt in one language.
func (p *prompts) heard(name, language string) Heard {
	c := p.choose(name, language)
	h := Heard{State: Missing, Words: p.wordsIn(name, language), File: recordingFile(language, name)}
	if c.recording != nil && c.spoken == "" && standsFor(c.at, language) {
		h.File = c.recording.File
	}
	switch {
	case c.spoken != "" && standsFor(c.spoken, language):
		h.State = Spoken
	case c.recording != nil && standsFor(c.at, language):
		h.State = Recorded
	case p.o.asteriskHas(name, language):
		h.State = Asterisks
	case h.Words != "":
		h.State = Worded
	}
	if h.Lacks() {
		h.Instead = cmp.Or(c.spoken, c.at)
	}
	if h.Lacks() && h.Instead == "" && p.o.asteriskHas(name, usualLanguage) {
		h.Instead = usualLanguage
	}
	return h
}

// standsFor reports whether what is in one language is meant for those who ask for another: itself, or a
// variety of it. What is for all languages is.
func standsFor(l, asked string) bool {
	return l == "" || l == asked || strings.HasPrefix(asked, l+"_")
}

// wordsIn are the words of a prompt in a language, or else those for all languages.
func (p *prompts) wordsIn(name, language string) string {
	for l := language; l != ""; l = l[:max(strings.LastIndexByte(l, '_'), 0)] {
		if words := p.texts[name][l]; words != "" {
			return words
		}
	}
	return p.texts[name][""]
}

// saidItems are the recordings that values consist of which flows say, in the languages that ivrd can say them
// in.
func (l *linter) saidItems(languages []string) []Item {
	known := l.set.prompts.o.Values
	if known == nil {
		return nil
	}
	items := map[string]*Item{}
	for _, language := range languages {
		speaker, ok := known.Lookup(language)
		if !ok {
			continue
		}
		for _, name := range l.soundsSaid(speaker) {
			item := items[name]
			if item == nil {
				item = &Item{Name: name, In: map[string]Heard{}}
				items[name] = item
			}
			h := l.set.prompts.heard(name, language)
			h.Words = cmp.Or(h.Words, speaker.Word(name))
			if h.State == Missing && h.Words != "" {
				h.State = Worded
			}
			item.In[language] = h
		}
	}
	var all []Item
	for _, name := range slices.Sorted(maps.Keys(items)) {
		all = append(all, *items[name])
	}
	return all
}

// soundsSaid are the sounds that a language says the flows' values with.
func (l *linter) soundsSaid(speaker *say.Language) []string {
	all := map[string]bool{}
	done := map[saidAt]bool{}
	for _, one := range l.said {
		if done[one] {
			continue
		}
		done[one] = true
		for _, name := range speaker.SoundsOf(one.kind, one.of) {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
