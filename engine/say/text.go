package say

import (
	"slices"
	"strings"
)

// Text is the words of sounds, for people to read. A sound without words stands in brackets.
func (l *Language) Text(names Sounds) string {
	var b strings.Builder
	joined := true // nothing stands before the first word
	for _, name := range names {
		if name == Pause {
			b.WriteString(",")
			continue
		}
		word := l.word(name)
		rest, before := strings.CutPrefix(word, "+")
		rest, behind := strings.CutSuffix(rest, "+")
		if !joined && !before {
			b.WriteByte(' ')
		}
		b.WriteString(rest)
		joined = behind
	}
	return b.String()
}

// word is the words of one sound. A + at its beginning or end joins it to its neighbour.
func (l *Language) word(name string) string {
	if word, ok := l.words[name]; ok {
		return word
	}
	if word := plainWord(name); word != "" {
		return word
	}
	return "[" + name + "]"
}

// plainWord is the words of a sound that needs none in the file: a letter, or a currency's code.
func plainWord(name string) string {
	folder, rest, _ := strings.Cut(name, "/")
	switch {
	case folder == "letters" && len(rest) == 1:
		return rest
	case folder == "money" && len(rest) == 3:
		return strings.ToUpper(rest)
	}
	return ""
}

// Wordless is the sounds of the language that its file gives no words.
func (l *Language) Wordless() []string {
	return slices.DeleteFunc(l.Sounds(), func(name string) bool {
		return l.words[name] != "" || plainWord(name) != ""
	})
}
