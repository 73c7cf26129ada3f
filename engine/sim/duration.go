package sim

import (
	"time"
	"unicode/utf8"

	"github.com/ivrd/ivrd/engine"
)

// Speech at a calm pace: about 150 words a minute. Only the order of magnitude matters, and that it is
// the same each time.
const (
	perLetter = 65 * time.Millisecond
	perDigit  = 500 * time.Millisecond
	breath    = 300 * time.Millisecond
)

// Duration is how long a prompt takes: what is known of it, or else an estimate from its words or its name.
func Duration(p engine.Prompt) time.Duration {
	switch p.Kind {
	case engine.SilencePrompt, engine.TonePrompt:
		return p.For
	case engine.SoundPrompt, engine.RecordingPrompt, engine.SpeechPrompt:
	default:
		return time.Duration(utf8.RuneCountInString(p.Text)) * perDigit
	}
	if p.Sound.Duration > 0 {
		return p.Sound.Duration
	}
	words := p.Sound.Text
	if words == "" {
		words = p.Text
	}
	return breath + time.Duration(utf8.RuneCountInString(words))*perLetter
}
