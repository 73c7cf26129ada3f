package say

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// FuzzLoad feeds language files. Whatever is in them, reading ends, problems are told as Problems with
// their place, and a language that was taken says everything or an error, within bounds.
func FuzzLoad(f *testing.F) {
	f.Add(small)
	for _, name := range []string{"en", "en_GB", "ru", "nl"} {
		source, err := languageFiles.ReadFile("languages/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source))
	}
	f.Add(strings.Replace(small, "0..9: n/#", "0..9: (m? f? <all:ordinal.f> | rest? , | one? (rest? n/#))", 1))
	base, err := Builtin()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Load(fstest.MapFS{"xx.yaml": &fstest.MapFile{Data: []byte(text)}}, base)
		var ps Problems
		switch {
		case errors.As(err, &ps):
			for _, p := range ps {
				if p.File != "xx.yaml" || p.Text == "" || p.Line < 0 || p.Line > strings.Count(text, "\n")+2 {
					t.Errorf("got the problem %+v", p)
				}
			}
			return
		case err != nil:
			t.Fatal(err)
		}
		l, _ := all.Lookup("xx")
		sayAll(t, l, 1234567, "-12.05")
	})
}

// sayAll says a bit of everything; errors are fine, endlessness is not.
func sayAll(t *testing.T, l *Language, n int64, amount string) {
	t.Helper()
	d, err := ParseDecimal(amount)
	if err != nil {
		d = Int(n)
	}
	at := time.Unix(n%1e10, 0).UTC()
	say := func(names Sounds, err error) {
		if len(names) > 3*maxSounds { // number, noun and what the pattern puts between
			t.Errorf("got %d sounds", len(names))
		}
		if err == nil {
			l.Text(names)
			names.Prompts()
		}
	}
	for _, g := range []Gender{"", Masculine, Feminine, Neuter, "x"} {
		say(l.Number(d, g))
		say(l.Ordinal(n, g))
	}
	say(l.Money(d, "EUR"))
	say(l.Money(d, "KWD"))
	say(l.Percent(d))
	say(l.Date(at, ""))
	say(l.Time(at, TimeOptions{Seconds: true}))
	say(l.DateTime(at, at.Add(36*time.Hour), Clock12))
	say(l.Duration(time.Duration(n), 0))
	l.Sounds()
	l.Wordless()
}

// FuzzNumber says numbers in every language: what it says must be sounds the language admits to, and have
// words for all of them.
func FuzzNumber(f *testing.F) {
	for _, n := range []int64{0, 1, -1, 21, 100, 1000, 80000, 1e6, 999_999_999_999, -1 << 63, 1<<63 - 1} {
		f.Add(n, "f")
	}
	known := map[string]Set{}
	for _, code := range builtins(f) {
		known[code] = NewSet(language(f, code).Sounds()...)
	}
	f.Fuzz(func(t *testing.T, n int64, gender string) {
		for code, sounds := range known {
			l := language(t, code)
			for _, say := range []func() (Sounds, error){
				func() (Sounds, error) { return l.Number(Int(n), Gender(gender)) },
				func() (Sounds, error) { return l.Ordinal(n, Gender(gender)) },
				func() (Sounds, error) { return l.Count(Int(n), "hour") },
			} {
				names, err := say()
				if err != nil && l.checkGender(Gender(gender)) == nil {
					t.Errorf("%s %d: %v", code, n, err)
				}
				if missing := Missing(names, sounds.Has); len(missing) > 0 || len(names) > 200 {
					t.Errorf("%s %d: got %v", code, n, names)
				}
			}
		}
	})
}

// FuzzMoney reads amounts as they come from a database or an HTTP answer.
func FuzzMoney(f *testing.F) {
	for _, s := range []string{"12.50", "-0.001", "0.999999999999999999999", "999999999999999999.995", "1e9", "", "١٢", "1.2.3"} {
		f.Add(s, 12.5, "BRL")
	}
	f.Add("1", 1e300, "XXX")
	f.Fuzz(func(t *testing.T, amount string, number float64, currency string) {
		for _, code := range []string{"en", "pt_BR", "ru"} {
			l := language(t, code)
			if d, err := ParseDecimal(amount); err == nil {
				names, err := l.Money(d, currency)
				if _, unknown := currencyOf(currency); (err == nil) != (unknown == nil) || len(names) > 200 {
					t.Errorf("%s %q %q: got %v %v", code, amount, currency, names, err)
				}
			}
			if d, err := Float(number); err == nil {
				if names, _ := l.Money(d, "EUR"); len(names) == 0 || len(names) > 200 {
					t.Errorf("%s %v: got %v", code, number, names)
				}
			}
		}
	})
}

// FuzzDigits reads what callers, flows and directories hold for digits, text and telephone numbers.
func FuzzDigits(f *testing.F) {
	for _, s := range []string{"0123456789*#ABCD", "+55 (11) 98765-4321", "Zoë", "\xff", "", "++1", "5511"} {
		f.Add(s, "BR")
	}
	f.Fuzz(func(t *testing.T, s, region string) {
		for _, code := range []string{"en", "fr", "ru"} {
			l := language(t, code)
			for _, say := range []func() (Sounds, error){
				func() (Sounds, error) { return l.Digits(s) },
				func() (Sounds, error) { return l.Characters(s) },
				func() (Sounds, error) { return l.Spell(s) },
				func() (Sounds, error) { return l.Phone(s, region) },
				func() (Sounds, error) { return l.Phone(s, "") },
			} {
				if names, err := say(); (len(names) == 0) != (err != nil) || len(names) > maxSounds {
					t.Errorf("%s %q %q: got %d sounds, %v", code, s, region, len(names), err)
				}
			}
		}
	})
}
