package enginetest

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/say"
	"github.com/ivrd/ivrd/test/asterisk"
)

// lead is the silence a prompt starts with, and slack what a loaded machine takes longer.
const (
	lead  = 100 * time.Millisecond
	slack = 250 * time.Millisecond
)

// unheard compares what was played with what the caller heard, and says what is wrong.
func unheard(journal []engine.Step, heard []asterisk.Segment) string {
	language := "en"
	for i := range journal {
		s := &journal[i]
		switch s.Kind {
		case engine.StepLanguage:
			language = s.Args
		case engine.StepControl: // in as many pieces as the caller likes
			name := s.Args
			if isRecording(name) {
				name = voice
			}
			for len(heard) > 0 && heard[0].Name == name {
				heard = heard[1:]
			}
		case engine.StepPlay:
			var problem string
			if heard, problem = consume(s, language, heard); problem != "" {
				return fmt.Sprintf("> %s took %v, but %s; then the caller heard %v", s, s.Took.Round(time.Millisecond), problem, heard)
			}
		}
	}
	if len(heard) > 0 {
		return fmt.Sprintf("the caller heard what was never played: %v", heard)
	}
	return ""
}

// consume takes what the caller heard of one step off heard. A prompt that was played whole must have been
// heard whole, maybe in pieces, since a key that nobody wants stops it for an instant; one that was cut
// no longer than the step took.
func consume(s *engine.Step, language string, heard []asterisk.Segment) ([]asterisk.Segment, string) {
	left := s.Took
	for _, recording := range recordings(s.Args, language) {
		name, length := recording.name, recording.length
		if s.Err != nil && (name == Missing || name == voice) {
			return heard, ""
		}
		if name == voice {
			length = spokenLength(heard)
			if length < promptLength || length > left {
				return heard, fmt.Sprintf("the caller's own voice was heard for %v", length.Round(time.Millisecond))
			}
		}
		whole := left >= length+lead/2
		var sum time.Duration
		for len(heard) > 0 && heard[0].Name == name && sum < length*85/100 && heard[0].Duration <= left+slack {
			sum += heard[0].Duration
			left -= heard[0].Duration
			heard = heard[1:]
		}
		if whole && (sum < length*85/100 || sum > length+slack) {
			return heard, fmt.Sprintf("%s was heard for %v of %v", name, sum.Round(time.Millisecond), length)
		}
		if !whole {
			return heard, ""
		}
		left -= lead
	}
	return heard, ""
}

// isRecording reports whether a prompt plays back what the caller said.
func isRecording(word string) bool {
	return strings.HasPrefix(word, string(engine.RecordingPrompt)+":")
}

// spokenLength is how long the caller's own voice is heard next.
func spokenLength(heard []asterisk.Segment) (sum time.Duration) {
	for _, s := range heard {
		if s.Name != voice {
			break
		}
		sum += s.Duration
	}
	return sum
}

// A recording has a name and a length.
type recording struct {
	name   string
	length time.Duration
}

// recordings are those that a list of prompts consists of. Tones and silence have none.
func recordings(list, language string) []recording {
	var all []recording
	for _, word := range words(list) {
		if isRecording(word) {
			all = append(all, recording{voice, 0})
			continue
		}
		if text, ok := speech(word); ok || !strings.Contains(word, ":") {
			all = append(all, recording{cmp.Or(text, word), promptLength})
			continue
		}
		for _, name := range said(word, language) {
			all = append(all, recording{name, digitLength})
		}
	}
	return all
}

// speech is the recording of a text that is spoken.
func speech(word string) (name string, ok bool) {
	kind, text, _ := strings.Cut(word, ":")
	kind, _, _ = strings.Cut(kind, "/")
	if engine.PromptKind(kind) != engine.SpeechPrompt {
		return "", false
	}
	return kind + ":" + text, true
}

// said are the recordings that a value to be said consists of.
func said(word, language string) []string {
	kind, text, _ := strings.Cut(word, ":")
	p := engine.Prompt{Kind: engine.PromptKind(kind), Text: text}
	switch {
	case p.Kind == engine.TonePrompt, p.Kind == engine.SilencePrompt, p.Kind == engine.RecordingPrompt:
		return nil
	case strings.Trim(text, "?") == "": // a secret entry, which transcripts have pressed as zeros
		p.Text = strings.ReplaceAll(text, "?", "0")
	}
	recordings, err := languages().Say(p, language)
	if err != nil {
		panic(fmt.Sprintf("%s in %s: %v", word, language, err))
	}
	var all []string
	for _, r := range recordings {
		if r.Kind != engine.SilencePrompt {
			all = append(all, r.Text)
		}
	}
	return all
}

// words are prompts as a step has them; what has blanks in it is quoted.
func words(list string) []string {
	var all []string
	for list = strings.TrimLeft(list, " "); list != ""; list = strings.TrimLeft(list, " ") {
		word, _, _ := strings.Cut(list, " ")
		text := word
		if quoted, err := strconv.QuotedPrefix(list); err == nil {
			word = quoted
			text, _ = strconv.Unquote(quoted)
		}
		all, list = append(all, text), list[len(word):]
	}
	return all
}

// languages are those that ivrd says things in.
var languages = sync.OnceValue(func() *say.Languages {
	l, err := say.Builtin()
	if err != nil {
		panic(err)
	}
	return l
})
