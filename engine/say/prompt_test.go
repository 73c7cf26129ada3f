package say

import (
	"testing"

	"github.com/ivrd/ivrd/engine"
)

func TestSay(t *testing.T) {
	all, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		prompt engine.Prompt
		code   string
		want   string
		ok     bool
	}{
		{engine.Prompt{Kind: engine.NumberPrompt, Text: "42"}, "en", "digits/40 digits/2", true},
		{engine.Prompt{Kind: engine.NumberPrompt, Text: "-1"}, "en", "digits/minus digits/1", true},
		{engine.Prompt{Kind: engine.NumberPrompt, Text: "21"}, "de_AT", "digits/1-and digits/20", true},
		{engine.Prompt{Kind: engine.DigitsPrompt, Text: "0*#"}, "en", "digits/0 digits/star digits/pound", true},
		{engine.Prompt{Kind: engine.CharactersPrompt, Text: "aB1"}, "en", "letters/a letters/b digits/1", true},
		{engine.Prompt{Kind: engine.NumberPrompt, Text: "42"}, "he", "", false},
		{engine.Prompt{Kind: engine.NumberPrompt, Text: "x"}, "en", "", false},
	} {
		got, ok := all.Say(tt.prompt, tt.code)
		if got.String() != tt.want || ok != tt.ok {
			t.Errorf("%s in %s: got %q, %v, want %q, %v", tt.prompt, tt.code, got, ok, tt.want, tt.ok)
		}
	}
}
