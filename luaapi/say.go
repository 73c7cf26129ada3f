package luaapi

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
)

// promptModule is what makes prompts that are no recordings.
var promptModule = bind.Module{
	Doc:   "Functions that stand by themselves. What they return goes where a prompt goes.",
	Funcs: []bind.Func{silence, tone},
}

type silenceArgs struct {
	Seconds time.Duration `lua:"seconds" doc:"How long, such as 0.5."`
}

var silence = bind.Func{
	Name:    "silence",
	Doc:     "A pause between prompts.",
	Example: `call:play { "one-moment", silence(0.5), "thank-you" }`,
	Impl: bind.Pure(func(_ *engine.Call, a silenceArgs) (engine.Prompts, error) {
		return engine.Prompts{engine.Silence(a.Seconds)}, nil
	}),
}

type toneArgs struct {
	Tone    string        `lua:"tone" doc:"A tone of the country's indications (dial, busy, ring, congestion), or frequencies as in indications.conf, such as \"425/500,0/500\"."`
	Seconds time.Duration `lua:"seconds" default:"1" doc:"How long."`
}

var tone = bind.Func{
	Name:    "tone",
	Doc:     "A tone.",
	Example: `call:play(tone("ring", 3))`,
	Impl: bind.Pure(func(_ *engine.Call, a toneArgs) (engine.Prompts, error) {
		const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789+*!/,_"
		if a.Tone == "" || strings.Trim(a.Tone, alphabet) != "" {
			return nil, fmt.Errorf("%q is no tone; use a name such as \"busy\" or frequencies such as \"425/500,0/500\"", a.Tone)
		}
		return engine.Prompts{{Kind: engine.TonePrompt, Text: a.Tone, For: a.Seconds}}, nil
	}),
}

// sayModule is values read out in the call's language.
var sayModule = bind.Module{
	Name:  "say",
	Doc:   "Values as prompts, in the call's language.",
	Funcs: []bind.Func{sayDigits, sayNumber, sayCharacters},
}

type sayDigitsArgs struct {
	Digits string `lua:"digits" doc:"Digits, * and #. A string, so that zeros in front stay."`
}

var sayDigits = bind.Func{
	Name:    "digits",
	Doc:     "Digits one by one: \"12\" is \"one two\".",
	Example: `call:play { "your-code-is", say.digits("0012") }`,
	Impl: bind.Pure(func(_ *engine.Call, a sayDigitsArgs) (engine.Prompts, error) {
		if a.Digits == "" || strings.Trim(a.Digits, "0123456789*#") != "" {
			return nil, fmt.Errorf("%q is not digits; say.characters reads anything", a.Digits)
		}
		return engine.Prompts{{Kind: engine.DigitsPrompt, Text: a.Digits}}, nil
	}),
}

type sayNumberArgs struct {
	Number int64 `lua:"number" min:"-2147483647" max:"2147483647" doc:"A whole number."`
}

var sayNumber = bind.Func{
	Name:    "number",
	Doc:     "A whole number: 12 is \"twelve\".",
	Example: `call:play { "you-have", say.number(12), "new-messages" }`,
	Impl: bind.Pure(func(_ *engine.Call, a sayNumberArgs) (engine.Prompts, error) {
		return engine.Prompts{{Kind: engine.NumberPrompt, Text: strconv.FormatInt(a.Number, 10)}}, nil
	}),
}

type sayCharactersArgs struct {
	Text string `lua:"text" doc:"Letters, digits and punctuation."`
}

var sayCharacters = bind.Func{
	Name:    "characters",
	Doc:     "A text spelled: \"ab1\" is \"a b one\".",
	Example: `call:play(say.characters("AB12"))`,
	Impl: bind.Pure(func(_ *engine.Call, a sayCharactersArgs) (engine.Prompts, error) {
		for _, r := range a.Text {
			if r < ' ' || r > '~' {
				return nil, fmt.Errorf("%q has no sound in Asterisk; letters, digits and punctuation of ASCII do", r)
			}
		}
		if strings.TrimSpace(a.Text) == "" {
			return nil, fmt.Errorf("there is nothing to spell")
		}
		return engine.Prompts{{Kind: engine.CharactersPrompt, Text: a.Text}}, nil
	}),
}
