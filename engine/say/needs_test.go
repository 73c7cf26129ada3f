package say

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// What a language says of any value is among the sounds that it is said to need.
func TestSoundsOf(t *testing.T) {
	for _, code := range builtins(t) {
		l := language(t, code)
		random := rand.New(rand.NewPCG(1, 2))
		needs := map[engine.PromptKind]Set{}
		check := func(kind engine.PromptKind, value any) func(said Sounds, err error) {
			return func(said Sounds, err error) {
				if err != nil {
					return
				}
				if _, ok := needs[kind]; !ok {
					of := map[engine.PromptKind]string{
						engine.NumberPrompt: AllForms, engine.OrdinalPrompt: AllForms, engine.MoneyPrompt: "EUR",
					}[kind]
					needs[kind] = NewSet(l.SoundsOf(kind, of)...)
				}
				for _, name := range said {
					if name != Pause && !needs[kind].Has(name) {
						t.Errorf("%s: %s %v needs %s", code, kind, value, name)
					}
				}
			}
		}
		for range 300 {
			n := random.Int64N([]int64{100, 10_000, 1_000_000, 1_000_000_000}[random.IntN(4)])
			at := time.Unix(random.Int64N(2_000_000_000), 0).UTC()
			check(engine.NumberPrompt, n)(l.Number(Int(n), ""))
			check(engine.OrdinalPrompt, n+1)(l.Ordinal(n+1, ""))
			check(engine.MoneyPrompt, n)(l.Money(Int(n), "EUR"))
			check(engine.DurationPrompt, n)(l.Duration(time.Duration(n%1_000_000)*time.Second, 0))
			check(engine.TimePrompt, at)(l.Time(at, TimeOptions{}))
			check(engine.DatePrompt, at)(l.Date(at, ""))
			for _, noun := range l.Nouns() {
				check(engine.CountPrompt, n)(l.Count(Int(n), noun))
			}
		}
		for _, kind := range []engine.PromptKind{engine.DigitsPrompt, engine.CharactersPrompt, engine.SpellPrompt, engine.PercentPrompt, engine.PhonePrompt} {
			if len(l.SoundsOf(kind, "")) == 0 {
				t.Errorf("%s needs nothing for %s", code, kind)
			}
		}
		if none := l.SoundsOf(engine.TonePrompt, ""); len(none) > 0 {
			t.Errorf("%s: tones need %v", code, none)
		}
	}
}
