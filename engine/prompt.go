package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Prompt is something to play. Its String is how journals and transcripts write it: a sound is its
// bare name, everything else is kind:text.
type Prompt struct {
	Kind  PromptKind
	Text  string        // the sound's name, the digits, the number …, as its kind has it
	For   time.Duration // how long a tone or a silence lasts
	In    string        // the language of a text that is spoken; "" is that of the call
	Hold  bool          // digits do not interrupt it; they count for what comes after it
	Barge Digits        // only these interrupt it, and others are forgotten; "" means all can, unless Hold
	Sound Sound         // what is known of a sound or a text, filled in when it is played
}

// PromptKind says how a prompt's Text is to be understood.
type PromptKind string

const (
	SoundPrompt      PromptKind = ""           // a sound file, by name
	RecordingPrompt  PromptKind = "recording"  // what a call has recorded, by the name it was given then
	DigitsPrompt     PromptKind = "digits"     // one by one: "12" is "one two"
	NumberPrompt     PromptKind = "number"     // a whole number: "12" is "twelve"
	CharactersPrompt PromptKind = "characters" // letters, digits and punctuation, spelled
	SpellPrompt      PromptKind = "spell"      // the same, by words that begin with them
	OrdinalPrompt    PromptKind = "ordinal"    // "3" is "third"
	PercentPrompt    PromptKind = "percent"    // "12.5" is "twelve point five percent"
	MoneyPrompt      PromptKind = "money"      // "12.50:BRL"
	CountPrompt      PromptKind = "count"      // "2:message" is "two messages"
	DatePrompt       PromptKind = "date"       // "2026-11-28" or "2026-11-28:short"
	TimePrompt       PromptKind = "time"       // "14:05" or "14:05:30:12h"
	DateTimePrompt   PromptKind = "datetime"   // "2026-11-27T22:30:-1d": as seen a day later
	DurationPrompt   PromptKind = "duration"   // "2h5m0s" or "2h5m0s:minute"
	PhonePrompt      PromptKind = "phone"      // "+5511987654321" or "11987654321:BR"
	TonePrompt       PromptKind = "tone"       // a tone of indications.conf, or frequencies such as "425/500,0/500"
	SilencePrompt    PromptKind = "silence"
	SpeechPrompt     PromptKind = "tts" // any text, by a text-to-speech engine
)

// spoken reports whether p is a value that is said in a language, not just played.
func (p Prompt) spoken() bool {
	return !p.FromFile() && p.Kind != TonePrompt && p.Kind != SilencePrompt
}

// FromFile reports whether p is one file that is played: a sound, what a call recorded, or a text that was spoken.
func (p Prompt) FromFile() bool {
	return p.Kind == SoundPrompt || p.Kind == RecordingPrompt || p.Kind == SpeechPrompt
}

// A Sound is what the flows folder knows of a sound's recording and wording.
type Sound struct {
	Media    string        // what Asterisk is told to play; "" means the prompt's own name
	Text     string        // its words, "" if unknown
	Spoken   string        // the language in which Text is spoken, unless that fails and there is Media; "" is not at all
	Duration time.Duration // its length, 0 if unknown
}

// Prompts is a list of prompts played as one.
type Prompts []Prompt

// NewSound is the prompt of a recording, by its name. Names are what Asterisk calls file names without
// extension; anything it would read as more than one file, or that could leave the sounds folder, is refused.
func NewSound(name string) (Prompt, error) {
	switch {
	case name == "":
		return Prompt{}, fmt.Errorf("a prompt's name is empty")
	case len(name) > 200:
		return Prompt{}, fmt.Errorf("a prompt's name has %d bytes; 200 is the most", len(name))
	case strings.Contains(name, ".."):
		return Prompt{}, fmt.Errorf("prompt %q: a name cannot contain \"..\"", name)
	}
	if i := strings.IndexFunc(name, notInName); i >= 0 {
		r, _ := utf8.DecodeRuneInString(name[i:])
		return Prompt{}, fmt.Errorf("prompt %q: %q cannot be part of a name; a prompt is one name such as \"main-menu\", several are a list", name, r)
	}
	return Prompt{Text: name}, nil
}

// notInName reports whether Asterisk would take r for more than a part of a file's name.
func notInName(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune("\"'\\&|,:;$()[]{}", r)
}

// Silence is a pause of length d.
func Silence(d time.Duration) Prompt { return Prompt{Kind: SilencePrompt, For: d} }

func (p Prompt) String() string {
	switch p.Kind {
	case SoundPrompt:
		return p.Text
	case SilencePrompt:
		return "silence:" + Seconds(p.For)
	case TonePrompt:
		return "tone:" + p.Text + ":" + Seconds(p.For)
	}
	text := string(p.Kind) + ":" + p.Text
	if p.In != "" {
		text = string(p.Kind) + "/" + p.In + ":" + p.Text
	}
	if strings.ContainsAny(text, " \t\n\"") {
		return strconv.Quote(text)
	}
	return text
}

// FirstPrompt is the first of prompts as String writes them.
func FirstPrompt(list string) string {
	if quoted, err := strconv.QuotedPrefix(list); err == nil {
		return quoted
	}
	first, _, _ := strings.Cut(list, " ")
	return first
}

func (ps Prompts) String() string {
	if len(ps) == 1 {
		return ps[0].String()
	}
	words := make([]string, len(ps))
	for i, p := range ps {
		words[i] = p.String()
	}
	return strings.Join(words, " ")
}

// Seconds writes d as flows and transcripts do: "2s", "0.5s".
func Seconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Second), 'f', -1, 64) + "s"
}
