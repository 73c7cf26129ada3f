package say

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

func decimal(t *testing.T, s string) Decimal {
	t.Helper()
	d, err := ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A prompt's text says all that a language needs.
func TestSayPrompts(t *testing.T) {
	all, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, time.November, 27, 22, 30, 15, 0, time.UTC)
	for _, tt := range []struct {
		prompt engine.Prompt
		code   string
		text   string // as journals have it
		want   string // the words
	}{
		{NumberPrompt(Int(42), ""), "en", "number:42", "forty two"},
		{NumberPrompt(Int(21), Feminine), "pt_BR", "number:21:f", "vinte e uma"},
		{NumberPrompt(decimal(t, "-1.5"), ""), "en", "number:-1.5", "minus one dot five"},
		{OrdinalPrompt(3, ""), "en", "ordinal:3", "third"},
		{MoneyPrompt(decimal(t, "12.50"), "brl"), "pt_BR", "money:12.50:BRL", "doze reais e cinquenta centavos"},
		{PercentPrompt(Int(7)), "en", "percent:7", "seven percent"},
		{CountPrompt(Int(2), "message"), "en", "count:2:message", "two messages"},
		{DatePrompt(at, "short"), "en", "date:2026-11-27:short", "November twenty seventh"},
		{TimePrompt(at, TimeOptions{}), "en", "time:22:30", "ten thirty p.m."},
		{TimePrompt(at, TimeOptions{Clock: Clock24, Seconds: true}), "en", "time:22:30:15:24h", "twenty two thirty and fifteen seconds"},
		{DateTimePrompt(at, at.AddDate(0, 0, 1), 0), "en", "datetime:2026-11-27T22:30:-1d", "yesterday at ten thirty p.m."},
		{DateTimePrompt(at, at.Add(-time.Hour), Clock24), "en", "datetime:2026-11-27T22:30:+0d:24h", "today at twenty two thirty"},
		{DurationPrompt(2*time.Hour+5*time.Minute, 0), "en", "duration:2h5m0s", "two hours and five minutes"},
		{DurationPrompt(100*time.Second, time.Minute), "en", "duration:1m40s:minute", "two minutes"},
		{PhonePrompt("11987654321", "br"), "en", "phone:11987654321:BR", "one one nine eight seven six five four three two one"},
		{engine.Prompt{Kind: engine.SpellPrompt, Text: "ab"}, "en", "spell:ab", "alpha bravo"},
		{engine.Prompt{Kind: engine.DigitsPrompt, Text: "0*#"}, "en", "digits:0*#", "zero star pound"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			if got := tt.prompt.String(); got != tt.text {
				t.Errorf("the text is %q, want %q", got, tt.text)
			}
			said, err := all.Say(tt.prompt, tt.code)
			if err != nil {
				t.Fatal(err)
			}
			var names Sounds
			for _, p := range said {
				if p.Kind == engine.SoundPrompt {
					names = append(names, p.Text)
				}
			}
			l, _ := all.Lookup(tt.code)
			if got := strings.ToLower(l.Text(names)); got != strings.ToLower(tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// What a language cannot say is an error that names it, or left to Asterisk.
func TestPromptErrors(t *testing.T) {
	all, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		kind       engine.PromptKind
		text, code string
		want       string // "" is left to Asterisk
	}{
		{engine.NumberPrompt, "42", "he", ""},
		{engine.CharactersPrompt, "жук", "en", ""},
		{engine.MoneyPrompt, "1:XYZW", "en", "XYZW"},
		{engine.CountPrompt, "1:unicorn", "en", "unicorn"},
		{engine.DatePrompt, "2026-13-01", "en", "no day such as"},
		{engine.DatePrompt, "2026-12-01:roman", "en", "no form"},
		{engine.TimePrompt, "25:00", "en", "no time such as"},
		{engine.DateTimePrompt, "2026-12-01T10:00:xd", "en", "how many days"},
		{engine.DateTimePrompt, "now", "en", "no moment such as"},
		{engine.DurationPrompt, "long", "en", "no duration such as"},
		{engine.DurationPrompt, "1h:fortnight", "en", "no unit"},
		{engine.OrdinalPrompt, "1.5", "en", "no whole number"},
		{engine.PercentPrompt, "much", "en", "no number"},
		{engine.PhonePrompt, "call me", "en", "no telephone number"},
		{"colour", "1", "en", "no kind of prompt"},
	} {
		t.Run(string(tt.kind)+" "+tt.text, func(t *testing.T) {
			said, err := all.Say(engine.Prompt{Kind: tt.kind, Text: tt.text}, tt.code)
			switch {
			case err == nil:
				t.Errorf("it is said: %v", said)
			case tt.want == "" && !errors.Is(err, engine.ErrUnspoken), !strings.Contains(err.Error(), tt.want):
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// FuzzPrompt: no text of a prompt panics or takes long.
func FuzzPrompt(f *testing.F) {
	all, err := Builtin()
	if err != nil {
		f.Fatal(err)
	}
	for _, kind := range []engine.PromptKind{
		engine.NumberPrompt, engine.MoneyPrompt, engine.DatePrompt, engine.TimePrompt, engine.DateTimePrompt, engine.DurationPrompt, engine.PhonePrompt, engine.CountPrompt,
	} {
		for _, text := range []string{"1", "12.50:BRL", "2026-11-28:short", "14:05:30:12h", "2026-11-27T22:30:-1d", "2h5m0s:minute", "+5511987654321:BR", "2:message"} {
			f.Add(string(kind), text, "pt_BR")
		}
	}
	f.Fuzz(func(t *testing.T, kind, text, code string) {
		if said, err := all.Say(engine.Prompt{Kind: engine.PromptKind(kind), Text: text}, code); err == nil && len(said) > maxSounds {
			t.Errorf("%d sounds", len(said))
		}
	})
}
