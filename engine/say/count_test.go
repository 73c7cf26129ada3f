package say

import (
	"slices"
	"strings"
	"testing"
)

func TestMoney(t *testing.T) {
	check(t, []said{
		{"en", "12.50 USD", "twelve dollars and fifty cents"},
		{"en", "1 USD", "one dollar"},
		{"en", "0.01 USD", "one cent"},
		{"en", "0 USD", "zero dollars"},
		{"en", "-3.25 EUR", "minus three euros and twenty five cents"},
		{"en", "1.005 GBP", "one pound and one penny"},
		{"en", "0.999 USD", "one dollar"},
		{"en", "-0.001 USD", "zero dollars"},
		{"en", "1250.4 JPY", "one thousand two hundred fifty yen"},
		{"en", "12.5 KES", "twelve dot five KES"},
		{"en", "12 KES", "twelve KES"},
		{"en", "1.2345 KWD", "one dot two three five KWD"},
		{"pt_BR", "1250.40 BRL", "mil duzentos e cinquenta reais e quarenta centavos"},
		{"pt_BR", "1000000 BRL", "um milhão de reais"},
		{"pt_BR", "1000001 BRL", "um milhão e um reais"},
		{"pt", "2 GBP", "duas libras"},
		{"es", "21 MXN", "veintiun pesos"},
		{"es", "2000000 EUR", "dos millones de euros"},
		{"fr", "0.5 EUR", "cinquante centimes"},
		{"fr", "1000 XOF", "mille francs"},
		{"it", "1.01 EUR", "un euro e un centesimo"},
		{"de", "1 CHF", "ein Franken"},
		{"de", "1.01 RUB", "ein Rubel und eine Kopeke"},
		{"ru", "1 RUB", "один рубль"},
		{"ru", "2.02 RUB", "два рубля две копейки"},
		{"ru", "5.11 RUB", "пять рублей одиннадцать копеек"},
		{"ru", "21.21 RUB", "двадцать один рубль двадцать одна копейка"},
		{"tr", "1250.40 TRY", "bin iki yüz elli lira kırk kuruş"},
	}, func(l *Language, input string) (Sounds, error) {
		amount, currency, _ := strings.Cut(input, " ")
		return l.Money(dec(t, amount), currency)
	})
}

func TestEveryCurrencyCanBeSaid(t *testing.T) {
	for _, code := range builtins(t) {
		l := language(t, code)
		for currency := range currencyDigits() {
			if _, err := l.Money(dec(t, "1234.56"), currency); err != nil {
				t.Errorf("%s %s: %v", code, currency, err)
			}
		}
	}
}

func TestCount(t *testing.T) {
	check(t, []said{
		{"en", "0 message", "zero messages"},
		{"en", "1 message", "one message"},
		{"en", "1.0 hour", "one dot zero hours"},
		{"pt", "0 hour", "zero horas"},
		{"pt_BR", "0 hour", "zero hora"},
		{"pt_BR", "2 message", "duas mensagens"},
		{"es", "1 message", "un mensaje"},
		{"es", "21 hour", "veintiuna horas"},
		{"fr", "1.5 hour", "une virgule cinq heure"},
		{"it", "1 message", "un messaggio"},
		{"de", "1 message", "eine Nachricht"},
		{"ru", "1 message", "одно сообщение"},
		{"ru", "2 minute", "две минуты"},
		{"ru", "11 day", "одиннадцать дней"},
		{"ru", "102 second", "сто две секунды"},
		{"ru", "1.5 hour", "одна целая пять десятых часа"},
		{"tr", "2 message", "iki mesaj"},
		{"tr", "12.5 percent", "yüzde on iki virgül beş"},
	}, func(l *Language, input string) (Sounds, error) {
		n, noun, _ := strings.Cut(input, " ")
		return l.Count(dec(t, n), noun)
	})
}

func TestCountNoun(t *testing.T) {
	apple := Noun{Gender: Neuter, Forms: map[Plural]string{One: "fruit/apple", Few: "fruit/apple-a", Other: "fruit/apples"}}
	got, err := language(t, "ru").CountNoun(Int(3), apple)
	if want := (Sounds{"digits/3", "fruit/apple-a"}); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v %v, want %v", got, err, want)
	}
	for _, c := range []struct {
		noun Noun
		want string
	}{
		{Noun{}, "the noun lacks the form other"},
		{Noun{Forms: map[Plural]string{Other: "a&b"}}, `prompt "a&b": '&' cannot be part of a name; a prompt is one name such as "main-menu", several are a list`},
		{Noun{Forms: map[Plural]string{Other: "a", "som": "b"}}, `"som" is no plural category; there is zero, one, two, few, many, other`},
		{Noun{Gender: "femnine", Forms: map[Plural]string{Other: "a"}}, `language ru has no gender or form "femnine"`},
	} {
		if _, err := language(t, "ru").CountNoun(Int(3), c.noun); err == nil || err.Error() != c.want {
			t.Errorf("%v: got %v, want %s", c.noun, err, c.want)
		}
	}
}

func TestPercent(t *testing.T) {
	check(t, []said{
		{"en", "12.5", "twelve dot five percent"},
		{"ru", "1", "один процент"},
		{"ru", "3", "три процента"},
		{"ru", "100", "сто процентов"},
		{"de", "-1", "minus ein Prozent"},
	}, func(l *Language, input string) (Sounds, error) { return l.Percent(dec(t, input)) })
}
