package enginetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

// lead is the silence a prompt starts with, and slack what a loaded machine takes longer.
const (
	lead  = 100 * time.Millisecond
	slack = 250 * time.Millisecond
)

// unheard compares what was played with what the caller heard, and says what is wrong.
func unheard(journal []engine.Step, heard []asterisk.Segment) string {
	for i := range journal {
		s := &journal[i]
		if s.Kind == engine.StepControl { // in as many pieces as the caller likes
			for len(heard) > 0 && heard[0].Name == s.Args {
				heard = heard[1:]
			}
		}
		if s.Kind != engine.StepPlay {
			continue
		}
		var problem string
		if heard, problem = consume(s, heard); problem != "" {
			return fmt.Sprintf("> %s took %v, but %s; then the caller heard %v", s, s.Took.Round(time.Millisecond), problem, heard)
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
func consume(s *engine.Step, heard []asterisk.Segment) ([]asterisk.Segment, string) {
	left := s.Took
	for _, name := range names(s.Args) {
		if s.Err != nil && name == Missing {
			return heard, ""
		}
		length := promptLength
		if strings.Contains(name, "/") {
			length = digitLength
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

// names are the recordings a list of prompts consists of. Tones and silence have none.
func names(list string) []string {
	var all []string
	for _, p := range strings.Fields(list) {
		kind, text, ok := strings.Cut(p, ":")
		switch {
		case !ok:
			all = append(all, p)
		case kind == "number":
			all = append(all, "digits/"+text)
		case kind == "digits", kind == "characters":
			for _, r := range text {
				all = append(all, spelled(r))
			}
		}
	}
	return all
}

func spelled(r rune) string {
	switch {
	case r == '?': // part of a secret entry, which transcripts have pressed as zeros
		return "digits/0"
	case r == '*':
		return "digits/star"
	case r == '#':
		return "digits/pound"
	case r >= 'a' && r <= 'z':
		return "letters/" + string(r)
	}
	return "digits/" + string(r)
}
