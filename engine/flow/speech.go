package flow

import (
	"context"
	"maps"
	"slices"
	"time"
)

// speechTime is how long a reload waits for texts to be spoken. What takes longer is spoken while callers get
// the new flows already.
const speechTime = 5 * time.Second

// Spoken is every text that calls of the set may have spoken, as far as that stands in its files: each once.
func (s *Set) Spoken() []Text {
	o := s.prompts.o
	if o.Speech == nil {
		return nil
	}
	languages := append(s.Languages(), o.Speech.Languages()...)
	slices.Sort(languages)
	languages = slices.Compact(languages)
	var all []Text
	seen := map[Text]bool{}
	add := func(language, words string) {
		if t := (Text{language, words}); !seen[t] && o.speaks(language) {
			seen[t] = true
			all = append(all, t)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Texts())) {
		for _, language := range languages {
			if c := s.prompts.choose(name, language); c.spoken != "" {
				add(c.spoken, c.words)
			}
		}
	}
	for _, code := range s.Code() {
		for _, t := range code.Texts {
			if t.Language != "" {
				add(t.Language, t.Words)
				continue
			}
			for _, language := range languages {
				add(language, t.Words)
			}
		}
	}
	return all
}

// prepare has the texts of a set spoken, for a time that has a bound.
func (o *Options) prepare(ctx context.Context, s *Set) {
	if o.Speech == nil {
		return
	}
	ctx, stop := context.WithTimeout(ctx, speechTime)
	defer stop()
	o.Speech.Prepare(ctx, s.Spoken())
}
