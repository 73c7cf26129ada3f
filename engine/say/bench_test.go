package say

import (
	"strings"
	"testing"

	"github.com/ivrd/ivrd/engine"
)

func BenchmarkNumber(b *testing.B) {
	for _, code := range []string{"en", "pt_BR", "de", "ru"} {
		b.Run(code, func(b *testing.B) {
			l := language(b, code)
			b.ReportAllocs()
			sounds := 0
			for b.Loop() {
				names, err := l.Number(Int(1_234_567), Feminine)
				if err != nil {
					b.Fatal(err)
				}
				sounds += len(names)
			}
			b.ReportMetric(float64(sounds)/b.Elapsed().Seconds(), "sounds/s")
		})
	}
}

// BenchmarkSay makes recordings of prompts, one of each kind, as a flow plays them.
func BenchmarkSay(b *testing.B) {
	all, err := Builtin()
	if err != nil {
		b.Fatal(err)
	}
	for _, text := range []string{
		"number:1234567", "ordinal:42", "digits:52998224725", "characters:ab12", "spell:ab12", "money:1250.40:BRL", "percent:12.5",
		"count:2:message", "date:2026-11-28:long", "time:14:05", "datetime:2026-11-27T22:30:-1d", "duration:2h5m0s", "phone:11987654321:BR",
	} {
		kind, value, _ := strings.Cut(text, ":")
		p := engine.Prompt{Kind: engine.PromptKind(kind), Text: value}
		for _, code := range []string{"en", "pt_BR"} {
			b.Run(kind+"/"+code, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if said, err := all.Say(p, code); err != nil || len(said) == 0 {
						b.Fatal(said, err)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "prompts/s")
			})
		}
	}
}

// BenchmarkLoad reads all built-in languages, which a process does once.
func BenchmarkLoad(b *testing.B) {
	sub, err := subFolder(languageFiles, "languages")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(sub, nil); err != nil {
			b.Fatal(err)
		}
	}
}
