package say

import (
	"slices"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// Sounds is a list of sound names in the order they are played, with a Pause between some of them.
type Sounds []string

// Pause stands between sounds where a speaker would take breath. It is no name of a sound.
const Pause = ","

// pauseLength is a breath; Asterisk's own shortest silence is a whole second.
const pauseLength = 300 * time.Millisecond

// Prompts is the list as prompts to be played.
func (s Sounds) Prompts() engine.Prompts {
	prompts := make(engine.Prompts, len(s))
	for i, name := range s {
		if name == Pause {
			prompts[i] = engine.Silence(pauseLength)
		} else {
			prompts[i] = engine.Prompt{Text: name}
		}
	}
	return prompts
}

// Missing is the names that has does not know, each once, in the order of names.
func Missing(names Sounds, has func(name string) bool) []string {
	var missing []string
	for _, name := range names {
		if name != Pause && !has(name) && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	return missing
}
