package tts

import "strings"

// Places in the settings of an engine that a request fills.
const (
	textPlace     = "{text}"
	voicePlace    = "{voice}"
	languagePlace = "{language}"
	filePlace     = "{file}" // of a command: where it writes the recording
)

// fill puts a request into its places; escape makes a value fit where it stands.
func (r Request) fill(template string, escape func(string) string) string {
	return strings.NewReplacer(
		textPlace, escape(r.Words), voicePlace, escape(r.Voice), languagePlace, escape(r.Language),
	).Replace(template)
}

func asIs(s string) string { return s }

// brief is the first line with anything in it, for an error.
func brief(text []byte) string {
	const longest = 200
	for line := range strings.Lines(strings.ToValidUTF8(string(text), "?")) {
		if line = strings.TrimSpace(line); line != "" {
			if runes := []rune(line); len(runes) > longest {
				line = string(runes[:longest]) + "…"
			}
			return line
		}
	}
	return ""
}
