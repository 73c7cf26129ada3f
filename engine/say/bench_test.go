package say

import (
	"testing"
	"time"
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
			b.ReportMetric(float64(sounds)/b.Elapsed().Seconds(), "prompts/s")
		})
	}
}

func BenchmarkMoney(b *testing.B) {
	l := language(b, "pt_BR")
	amount := dec(b, "1250.40")
	b.ReportAllocs()
	sounds := 0
	for b.Loop() {
		names, err := l.Money(amount, "BRL")
		if err != nil {
			b.Fatal(err)
		}
		sounds += len(names)
	}
	b.ReportMetric(float64(sounds)/b.Elapsed().Seconds(), "prompts/s")
}

func BenchmarkDateTime(b *testing.B) {
	l := language(b, "en")
	now := time.Date(2025, 3, 5, 14, 5, 0, 0, time.UTC)
	then := now.AddDate(0, -1, 0)
	b.ReportAllocs()
	sounds := 0
	for b.Loop() {
		names, err := l.DateTime(then, now, 0)
		if err != nil {
			b.Fatal(err)
		}
		sounds += len(names)
	}
	b.ReportMetric(float64(sounds)/b.Elapsed().Seconds(), "prompts/s")
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
