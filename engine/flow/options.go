package flow

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine/say"
	"github.com/ivrd/ivrd/engine/sound"
)

// Options say how a folder is read and watched. The zero value works.
type Options struct {
	Language string // of prompts that are missing in the caller's; "" means English

	// Converted keeps what became of recordings that Asterisk would not play as they are; nil keeps nothing, and
	// each of them is converted whenever it is read.
	Converted *sound.Store

	// Media is what Asterisk is told to play for a recording, given its path below the flows folder and the
	// hash of what it became. nil, or "", leaves it to the prompt's name.
	Media func(file, hash string) string

	// Spool is a folder that gets every recording as Asterisk plays it best, named HASH.wav, before a flow can
	// name it, so that what a call has yet to hear outlives its replacement. "" keeps none.
	Spool string

	// Sounds are the names of prompts that Asterisk has besides those that come with it, such as "acme/welcome"; *
	// stands for any text without a slash, as in "acme/*".
	Sounds []string

	// Values are the languages in which values are said; the inventory has what they say with. nil are none.
	Values *say.Languages

	// Speech speaks what nobody recorded; nil speaks nothing.
	Speech Speech

	// Gate has the last word on changed flows.
	Gate Gate

	// OnReload hears of every reload that changed something, problems included. It is called on the
	// goroutine that watches: it must not call Reload or Close.
	OnReload func(Report)
	// Poll is how often the folder is looked through for changes nobody notified; 0 means 2 seconds.
	Poll time.Duration
	// NoNotify leaves noticing changes to Poll.
	NoNotify bool

	doubt time.Duration // how long something must be broken or gone to be believed; another one in tests
}

// usualLanguage is Asterisk's own, in which it has all of its sounds.
const usualLanguage = "en"

// A Speech turns texts into sounds for calls.
type Speech interface {
	// Speaks reports whether there is a voice for a language.
	Speaks(language string) bool
	// Languages are those that have a voice of their own.
	Languages() []string
	// Prepare has the sounds of all texts made that a set can need. It returns when those are there that were not
	// asked for before, or when ctx ends; what is missing then is made in the background.
	Prepare(ctx context.Context, texts []Text)
}

// A Text is to be spoken in a language.
type Text struct{ Language, Words string }

func (o *Options) speaks(language string) bool { return o.Speech != nil && o.Speech.Speaks(language) }

// asteriskHas reports whether Asterisk has a sound of its own in a language, as far as anybody can tell.
func (o *Options) asteriskHas(name, language string) bool {
	if set, ok := say.Packaged(language); strings.HasPrefix(name, "/") || ok && set.Has(name) {
		return true
	}
	return slices.ContainsFunc(o.Sounds, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil || pattern == name
	})
}

func (o Options) filled() Options {
	if o.Language == "" {
		o.Language = usualLanguage
	}
	if o.Poll == 0 {
		o.Poll = 2 * time.Second
	}
	if o.doubt == 0 {
		o.doubt = usualDoubt
	}
	return o
}
