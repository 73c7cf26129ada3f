package flow

import (
	"maps"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"gopkg.in/yaml.v3"
)

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
