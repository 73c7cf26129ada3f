package say

import (
	_ "embed"
	"fmt"
	"iter"
	"maps"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// signs are the names Asterisk gives to signs (main/say.c, say_character_str_full). All other signs of
// ASCII have a number for a name there.
var signs = map[rune]string{
	' ': "letters/space", '!': "letters/exclaimation-point", '#': "digits/pound", '$': "letters/dollar",
	'*': "letters/asterisk", '+': "letters/plus", '-': "letters/dash", '.': "letters/dot",
	'/': "letters/slash", '=': "letters/equals", '@': "letters/at",
}

// character is the sound of a character, "" if there is none.
func (l *Language) character(c rune) string {
	c = unicode.ToLower(c)
	if name, ok := l.characters[c]; ok {
		return name
	}
	if name, ok := signs[c]; ok {
		return name
	}
	switch {
	case '0' <= c && c <= '9':
		return "digits/" + string(c)
	case 'a' <= c && c <= 'z':
		return "letters/" + string(c)
	case ' ' < c && c < 0x7f:
		return "letters/ascii" + strconv.Itoa(int(c))
	}
	return ""
}

// letter is the sound of a character by a word that begins with it.
func (l *Language) letter(c rune) string {
	c = unicode.ToLower(c)
	if name, ok := l.phonetic[c]; ok {
		return name
	}
	if 'a' <= c && c <= 'z' {
		return "phonetic/" + string(c) + "_p"
	}
	return l.character(c)
}

// spoken is every character the language has a sound for.
func (l *Language) spoken() iter.Seq[rune] {
	return func(yield func(rune) bool) {
		for c := ' '; c < 0x7f; c++ {
			if !yield(c) {
				return
			}
		}
		for c := range maps.Keys(l.characters) {
			if c >= 0x7f && !yield(c) {
				return
			}
		}
	}
}

// Characters says letters, digits and signs one by one.
func (l *Language) Characters(s string) (Sounds, error) { return l.spell(s, l.character) }

// Spell says letters by words that begin with them, as on bad lines: "alpha bravo".
func (l *Language) Spell(s string) (Sounds, error) { return l.spell(s, l.letter) }

func (l *Language) spell(s string, sound func(rune) string) (Sounds, error) {
	if s == "" {
		return nil, fmt.Errorf("there is nothing to spell")
	}
	if n := utf8.RuneCountInString(s); n > maxSounds {
		return nil, fmt.Errorf("%d characters are more than anybody listens to; %d are the most", n, maxSounds)
	}
	said := make(Sounds, 0, len(s))
	for _, c := range s {
		name := sound(c)
		if name == "" {
			return nil, fmt.Errorf("%q has no sound in language %s; a language file can name one under characters", c, l.code)
		}
		said = append(said, name)
	}
	return said, nil
}
