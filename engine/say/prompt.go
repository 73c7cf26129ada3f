package say

import (
	"strconv"

	"github.com/ivrd/ivrd/engine"
)

// Say is an engine.Engine's Say: digits, numbers and characters as recordings, if the language is one of ls.
func (ls *Languages) Say(p engine.Prompt, code string) (engine.Prompts, bool) {
	l, known := ls.Lookup(code)
	if !known {
		return nil, false
	}
	said, err := l.prompt(p)
	if err != nil { // what the language has no sounds for is left to Asterisk
		return nil, false
	}
	return said.Prompts(), true
}

func (l *Language) prompt(p engine.Prompt) (Sounds, error) {
	switch p.Kind {
	case engine.DigitsPrompt:
		return l.Digits(p.Text)
	case engine.CharactersPrompt:
		return l.Characters(p.Text)
	}
	n, err := strconv.ParseInt(p.Text, 10, 64)
	if err != nil {
		return nil, err
	}
	return l.Number(Int(n), "")
}
