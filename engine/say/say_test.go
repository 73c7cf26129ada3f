package say

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A said is one value in one language; want is its words.
type said struct{ code, input, want string }

func check(t *testing.T, tests []said, say func(l *Language, input string) (Sounds, error)) {
	t.Helper()
	for _, c := range tests {
		t.Run(c.code+" "+c.input, func(t *testing.T) {
			l := language(t, c.code)
			got, err := say(l, c.input)
			if err != nil {
				t.Fatal(err)
			}
			if got := l.Text(got); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func dec(t testing.TB, s string) Decimal {
	t.Helper()
	d, err := ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// builtins is the codes of the built-in languages.
func builtins(t testing.TB) []string {
	t.Helper()
	all, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return all.Codes()
}

func TestMisuse(t *testing.T) {
	l := language(t, "en")
	day := time.Date(2025, 3, 5, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		say  func() (Sounds, error)
		want string
	}{
		{func() (Sounds, error) { return l.Money(Int(1), "BLR") }, `"BLR" is no currency of ISO 4217; did you mean BRL?`},
		{func() (Sounds, error) { return l.Count(Int(1), "mesage") }, `language en has no noun "mesage"; did you mean message?`},
		{func() (Sounds, error) { return l.Date(day, "lnog") }, `language en has no form "lnog" of dates; did you mean long?`},
		{func() (Sounds, error) { return l.Date(day.AddDate(-3000, 0, 0), "") }, `the year -975 cannot be said`},
		{func() (Sounds, error) { return l.Number(Int(1), "feminine") }, `language en has no gender or form "feminine"`},
		{func() (Sounds, error) { return l.Ordinal(1, "x") }, `language en has no gender or form "x"`},
		{func() (Sounds, error) { return l.Digits("12a3x") }, `"12a3x" is not digits; there are 0-9, *, # and A-D`},
		{func() (Sounds, error) { return l.Digits("") }, `"" is not digits; there are 0-9, *, # and A-D`},
		{func() (Sounds, error) { return l.Digits(strings.Repeat("1", 1001)) }, `1001 digits are more than anybody listens to; 1000 are the most`},
		{func() (Sounds, error) { return l.Characters("") }, `there is nothing to spell`},
		{func() (Sounds, error) { return l.Characters("a…") }, `'…' has no sound in language en; a language file can name one under characters`},
		{func() (Sounds, error) { return l.Spell("a\n") }, `'\n' has no sound in language en; a language file can name one under characters`},
		{func() (Sounds, error) { return l.Phone("1-800-FLOWERS", "US") }, `"1-800-FLOWERS" is no telephone number`},
		{func() (Sounds, error) { return l.Phone("123", "UK") }, `there is no region "UK" of telephone numbers; there is BR, CA, DE, ES, FR, GB, IT, MX, NL, PT, RU, TR, US`},
		{func() (Sounds, error) { return l.Duration(time.Hour, 7*time.Second) }, `7s is no unit of durations; there is a second, a minute, an hour and a day`},
	} {
		got, err := c.say()
		if err == nil || err.Error() != c.want {
			t.Errorf("got %v %v, want %s", got, err, c.want)
		}
	}
}

func TestLookup(t *testing.T) {
	all, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		asked, want string
		known       bool
	}{
		{"en", "en", true}, {"pt_BR", "pt_BR", true}, {"pt-BR", "pt_BR", true}, {"pt_AO", "pt", true},
		{"es_MX", "es_MX", true}, {"es_AR", "es", true}, {"en_US_f_Allison", "en", true}, {"xx", "en", false}, {"", "en", false},
	} {
		l, known := all.Lookup(c.asked)
		if l.Code() != c.want || known != c.known {
			t.Errorf("%s: got %s %v, want %s %v", c.asked, l.Code(), known, c.want, c.known)
		}
	}
}

func TestText(t *testing.T) {
	l := language(t, "de")
	for _, c := range []struct {
		names Sounds
		want  string
	}{
		{nil, ""},
		{Sounds{"digits/1-and", "digits/20"}, "einundzwanzig"},
		{Sounds{"digits/1", Pause, "digits/2"}, "eins, zwei"},
		{Sounds{"your-balance-is", "letters/q"}, "[your-balance-is] q"},
		{Sounds{"money/kes"}, "KES"},
	} {
		if got := l.Text(c.names); got != c.want {
			t.Errorf("%v: got %q, want %q", c.names, got, c.want)
		}
	}
	if got, want := language(t, "pt").Text(Sounds{"digits/pt-hora", "digits/pt-sss"}), "horas"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPrompts(t *testing.T) {
	got := Sounds{"digits/1", Pause, "digits/2"}.Prompts().String()
	if want := "digits/1 silence:0.3s digits/2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := (Sounds{"digits/1"}).Prompts(); got[0].Kind != engine.SoundPrompt {
		t.Errorf("got kind %q, want a sound", got[0].Kind)
	}
}

func TestMissing(t *testing.T) {
	set, ok := Packaged("es_MX")
	if !ok || set.Len() != 527 {
		t.Fatalf("got %d sounds %v, want the 527 of es", set.Len(), ok)
	}
	names, err := language(t, "es").Number(Int(200_200), Feminine)
	if err != nil {
		t.Fatal(err)
	}
	got := Missing(append(names, Pause), set.Has)
	if want := []string{"digits/200F"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, ok := Packaged("de"); ok {
		t.Error("there is a packaged set of German sounds, want none")
	}
	if own := NewSet("digits/200F"); len(Missing(Sounds{"digits/200F"}, own.Has)) > 0 {
		t.Error("a set of one's own lacks what it was made of")
	}
}
