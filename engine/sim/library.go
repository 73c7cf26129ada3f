package sim

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Librarian = (*Channel)(nil)

// Place is nowhere: recordings are forgotten with the call.
func (ch *Channel) Place() string { return "sim" }

// Recordings looks after what the call has recorded. It works at all times.
func (ch *Channel) Recordings(_ context.Context, r engine.RecordingsRequest) ([]engine.StoredRecording, error) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	var found []engine.StoredRecording
	for _, one := range ch.library {
		if one.Name == r.Name || r.Do == engine.RecordingsList && strings.HasPrefix(one.Name, r.Name) {
			found = append(found, one)
		}
	}
	if r.Do == engine.RecordingsDelete {
		ch.forget(r.Name)
	}
	return found, nil
}

// keepRecording notes a recording, in place of what had that name.
func (ch *Channel) keepRecording(r engine.RecordRequest, length time.Duration) {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	ch.forget(r.Name)
	delete(ch.erased, r.Name)
	one := engine.StoredRecording{Name: r.Name, Format: r.Format, Length: length, Made: ch.clock()}
	if one.Format == "" {
		one.Format = engine.RecordingFormats[0].Name
	}
	ch.library = slices.Insert(ch.library, 0, one)
}

func (ch *Channel) forget(name string) {
	if ch.erased == nil {
		ch.erased = map[string]bool{}
	}
	ch.erased[name] = true
	ch.library = slices.DeleteFunc(ch.library, func(one engine.StoredRecording) bool { return one.Name == name })
}

// recorded is what the call has recorded under the name of a prompt, nil if it has not.
func (ch *Channel) recorded(p engine.Prompt) *engine.StoredRecording {
	for i := range ch.library {
		if ch.library[i].Name == p.Text && (p.Kind == engine.RecordingPrompt || p.Kind == engine.SoundPrompt) {
			return &ch.library[i]
		}
	}
	return nil
}

// missing reports whether Asterisk would not find a prompt.
func (ch *Channel) missing(p engine.Prompt, language string) bool {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	switch {
	case p.Kind != engine.SoundPrompt && p.Kind != engine.RecordingPrompt, ch.recorded(p) != nil:
		return false
	case p.Kind == engine.RecordingPrompt && ch.erased[p.Text]:
		return true
	}
	return ch.call.Missing != nil && ch.call.Missing(p, language)
}

// length is how long a prompt takes.
func (ch *Channel) length(p engine.Prompt) time.Duration {
	ch.mu.Lock()
	defer ch.mu.Unlock()
	if r := ch.recorded(p); r != nil && p.Sound.Duration == 0 {
		return r.Length
	}
	return Duration(p)
}
