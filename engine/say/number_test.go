package say

import (
	"strings"
	"testing"
)

func TestSoundsOfNumbers(t *testing.T) {
	for _, c := range []said{
		{"en", "0", "digits/0"},
		{"en", "42", "digits/40 digits/2"},
		{"en", "-1100", "digits/minus digits/1 digits/thousand digits/1 digits/hundred"},
		{"en", "2.05", "digits/2 letters/dot digits/0 digits/5"},
		{"en_GB", "101", "digits/1 digits/hundred vm-and digits/1"},
		{"pt_BR", "100", "digits/100"},
		{"pt_BR", "121", "digits/100E digits/20 digits/pt-e digits/1"},
		{"pt_BR", "2001000", "digits/2 digits/1000000S digits/pt-e digits/1000"},
		{"pt_BR", "1000000000", "digits/1 digits/1000000000"},
		{"pt", "1000000000", "digits/1000 digits/1000000S"},
		{"es", "100", "digits/hundred"},
		{"es", "131", "digits/100-and digits/30 digits/and digits/1"},
		{"fr", "71", "digits/60 digits/et digits/11"},
		{"fr", "70", "digits/70"},
		{"fr", "99", "digits/80 digits/19"},
		{"it", "28", "digits/28"},
		{"it", "2000000", "digits/2 digits/millions"},
		{"it", "1000000", "digits/million"},
		{"de", "21", "digits/1-and digits/20"},
		{"de", "1001", "digits/1N digits/thousand digits/1"},
		{"ru", "2000", "digits/2f digits/thousands-i"},
		{"ru", "5000000", "digits/5 digits/millions"},
	} {
		got, err := language(t, c.code).Number(dec(t, c.input), "")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.code, c.input, got, c.want)
		}
	}
}

func TestGender(t *testing.T) {
	for _, c := range []struct {
		code    string
		n       int64
		genders string // alone, m, f, n
	}{
		{"en", 1, "one, one, one, one"},
		{"pt", 2, "dois, dois, duas, dois"},
		{"pt", 200, "duzentos, duzentos, duzentas, duzentos"},
		{"es", 1, "uno, un, una, uno"},
		{"es", 21, "veintiuno, veintiun, veintiuna, veintiuno"},
		{"es", 500, "quinientos, quinientos, quinientas, quinientos"},
		{"es", 200021, "doscientos mil veintiuno, doscientos mil veintiun, doscientas mil veintiuna, doscientos mil veintiuno"},
		{"fr", 1, "un, un, une, un"},
		{"fr", 81, "quatre-vingt un, quatre-vingt un, quatre-vingt une, quatre-vingt un"},
		{"it", 1, "uno, un, una, uno"},
		{"it", 21, "ventuno, ventuno, ventuno, ventuno"},
		{"de", 1, "eins, ein, eine, ein"},
		{"de", 101, "ein hundert eins, ein hundert ein, ein hundert eine, ein hundert ein"},
		{"ru", 1, "один, один, одна, одно"},
		{"ru", 2, "два, два, две, два"},
		{"ru", 1002, "одна тысяча два, одна тысяча два, одна тысяча две, одна тысяча два"},
	} {
		l := language(t, c.code)
		var got []string
		for _, g := range []Gender{"", Masculine, Feminine, Neuter} {
			names, err := l.Number(Int(c.n), g)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, l.Text(names))
		}
		if got := strings.Join(got, ", "); got != c.genders {
			t.Errorf("%s %d: got %s, want %s", c.code, c.n, got, c.genders)
		}
	}
}

func TestOrdinal(t *testing.T) {
	check(t, []said{
		{"en", "121", "one hundred twenty first"},
		{"pt", "22", "vigésimo segundo"},
		{"es", "11", "undécimo"},
		{"fr", "1", "premier"},
		{"it", "28", "venti ottesimo"},
		{"de", "31", "einunddreißigster"},
		{"ru", "40", "сороковой"},
		{"ru", "1000000", "один миллионный"},
		{"en", "-3", "minus third"},
	}, func(l *Language, input string) (Sounds, error) { return l.Ordinal(whole(input), "") })
}

func TestDigits(t *testing.T) {
	got, err := language(t, "en").Digits("10*#Ad")
	if want := "digits/1 digits/0 digits/star digits/pound letters/a letters/d"; err != nil || strings.Join(got, " ") != want {
		t.Errorf("got %v %v, want %s", got, err, want)
	}
}
