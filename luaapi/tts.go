package luaapi

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
)

// Speak is what the function is called that has a text spoken.
const Speak = "tts"

type speakArgs struct {
	Text    string       `lua:"text" doc:"The words."`
	Options speakOptions `lua:"options,optional" doc:"How to say them."`
}

type speakOptions struct {
	Language string `lua:"language,optional" doc:"Asterisk's code of the language they are in, such as \"pt_BR\". Nothing means that of the call."`
}

var speak = bind.Func{
	Name: Speak,
	Doc: "A text, spoken by the text-to-speech engine that ivrd.yaml names. Texts that stand in the flow as they are, are " +
		"made before a call needs them; for others the caller waits while they are made, the first time.",
	Example: `call:play { "welcome", tts "Thank you for calling." }
call:play(tts("Obrigado por ligar.", { language = "pt_BR" }))`,
	Impl: bind.Pure(func(c *engine.Call, a speakArgs) (engine.Prompts, error) {
		const longest = 4000
		p := engine.Prompt{Kind: engine.SpeechPrompt, Text: spokenText(a.Text), In: a.Options.Language}
		switch {
		case p.Text == "":
			return nil, fmt.Errorf("there is nothing to speak")
		case len(p.Text) > longest:
			return nil, fmt.Errorf("a text of %d bytes; %d are the most", len(p.Text), longest)
		case strings.ContainsAny(p.In, " ,:/\\\"'()"):
			return nil, fmt.Errorf("%q is no language code; use one such as \"en\" or \"pt_BR\"", p.In)
		}
		return engine.Prompts{p}, c.CheckPrompt(p)
	}),
}

// spokenText is a text on one line, without what cannot be spoken.
func spokenText(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.Join(strings.Fields(text), " ")
}
