package say

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have no zones
)

func TestDate(t *testing.T) {
	check(t, []said{
		{"en", "2025-03-05 ", "Wednesday March fifth twenty twenty five"},
		{"en", "1905-12-31 date", "December thirty first nineteen oh five"},
		{"en", "2000-01-01 date", "January first two thousand"},
		{"en", "2025-03-05 short", "March fifth"},
		{"en", "2025-03-05 weekday", "Wednesday"},
		{"en_GB", "2025-03-05 ", "Wednesday fifth March twenty twenty five"},
		{"pt_BR", "2025-03-01 ", "sábado primeiro de março de dois mil e vinte e cinco"},
		{"pt", "2025-03-01 short", "um de março"},
		{"es", "2025-05-02 ", "viernes dos de mayo de dos mil veinticinco"},
		{"fr", "2025-05-01 ", "jeudi premier mai deux mille vingt cinq"},
		{"it", "1999-08-11 ", "mercoledì undici agosto millenovecento novanta nove"},
		{"de", "1999-08-11 ", "Mittwoch elfter August neunzehn hundert neunundneunzig"},
		{"ru", "2025-03-05 ", "среда пятое марта две тысячи двадцать пятого года"},
		{"ru", "2000-03-03 date", "третье марта двухтысячного года"},
		{"tr", "2026-11-28 ", "yirmi sekiz Kasım iki bin yirmi altı Cumartesi"},
	}, func(l *Language, input string) (Sounds, error) {
		day, form, _ := strings.Cut(input, " ")
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return nil, err
		}
		return l.Date(at, form)
	})
}

func TestTime(t *testing.T) {
	check(t, []said{
		{"en", "00:00", "twelve o'clock a.m., zero hundred"},
		{"en", "12:05", "twelve oh five p.m., twelve oh five"},
		{"en", "15:30", "three thirty p.m., fifteen thirty"},
		{"pt_BR", "00:00", "meia-noite, zero hora"},
		{"pt_BR", "12:01", "meio-dia e um, doze horas e um minuto"},
		{"pt_BR", "13:30", "uma e trinta da tarde, treze horas e trinta minutos"},
		{"pt", "13:30", "uma e trinta da tarde, treze horas e trinta"},
		{"es", "13:00", "una en punto p.m., trece horas"},
		{"es", "21:15", "nueve y quince p.m., veintiuna horas y quince minutos"},
		{"fr", "21:21", "neuf heures vingt et une p.m., vingt et une heures vingt et une"},
		{"it", "01:15", "una e quindici antimeridiane, una e quindici"},
		{"de", "13:05", "ein Uhr fünf nachmittags, dreizehn Uhr fünf"},
		{"de", "21:00", "neun Uhr abends, einundzwanzig Uhr"},
		{"ru", "22:01", "десять часов одна минута после полудня, двадцать два часа одна минута"},
		{"ru", "13:00", "один час после полудня, тринадцать часов"},
		{"tr", "00:05", "gece on iki sıfır beş, saat sıfır sıfır beş"},
		{"tr", "14:00", "öğleden sonra iki, saat on dört"},
	}, func(l *Language, input string) (Sounds, error) {
		at, err := time.Parse("15:04", input)
		if err != nil {
			return nil, err
		}
		half, err1 := l.Time(at, TimeOptions{Clock: Clock12})
		full, err2 := l.Time(at, TimeOptions{Clock: Clock24})
		return slices.Concat(half, Sounds{Pause}, full), errors.Join(err1, err2)
	})
}

func TestTimeOfTheLanguage(t *testing.T) {
	at := time.Date(2025, 3, 5, 15, 4, 9, 0, time.UTC)
	for code, want := range map[string]string{
		"en": "three oh four and nine seconds p.m.", "de": "fünfzehn Uhr vier Minuten und neun Sekunden",
		"ru": "пятнадцать часов четыре минуты девять секунд", "es_MX": "tres y cuatro y nueve segundos p.m.",
	} {
		l := language(t, code)
		got, err := l.Time(at, TimeOptions{Seconds: true})
		if got := l.Text(got); err != nil || got != want {
			t.Errorf("%s: got %s %v, want %s", code, got, err, want)
		}
	}
}

func TestDateTime(t *testing.T) {
	saoPaulo := time.FixedZone("-03", -3*60*60)
	now := time.Date(2025, 3, 5, 1, 30, 0, 0, time.UTC) // still the 4th in São Paulo
	check(t, []said{
		{"en", "2025-03-04 10:00", "today at ten o'clock a.m."},
		{"en", "2025-03-05 00:01", "tomorrow at twelve oh one a.m."},
		{"en", "2025-03-03 23:59", "yesterday at eleven fifty nine p.m."},
		{"en", "2025-02-27 09:00", "Thursday at nine o'clock a.m."},
		{"en", "2025-03-09 09:00", "Sunday March ninth at nine o'clock a.m."},
		{"en", "2024-03-04 09:00", "March fourth twenty twenty four at nine o'clock a.m."},
		{"pt_BR", "2025-03-04 13:00", "hoje às treze horas"},
		{"pt_BR", "2025-03-03 01:00", "ontem à uma hora"},
		{"it", "2025-03-03 01:00", "ieri a una"},
		{"es", "2025-02-10 13:05", "el lunes diez de febrero a la una y cinco p.m."},
		{"ru", "2025-03-05 10:10", "завтра в десять часов десять минут"},
		{"tr", "2025-03-03 23:59", "dün saat yirmi üç elli dokuz"},
	}, func(l *Language, input string) (Sounds, error) {
		at, err := time.ParseInLocation("2006-01-02 15:04", input, saoPaulo)
		if err != nil {
			return nil, err
		}
		return l.DateTime(at, now, 0)
	})
}

func TestDayAcrossASavedHour(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2025, 3, 10, 0, 30, 0, 0, zone) // the day before had 23 hours
	got, err := language(t, "en").Day(time.Date(2025, 3, 9, 0, 10, 0, 0, zone), now)
	if want := (Sounds{"digits/yesterday"}); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v %v, want %v", got, err, want)
	}
}

func TestDuration(t *testing.T) {
	check(t, []said{
		{"en", "2h5m 1s", "two hours and five minutes"},
		{"en", "49h1m1s 1s", "two days one hour one minute and one second"},
		{"en", "0s 1s", "zero seconds"},
		{"en", "89s 1m", "one minute"},
		{"en", "10s 1m", "zero minutes"},
		{"en", "90m 1h", "two hours"},
		{"en", "-1m 1s", "minus one minute"},
		{"en", "1499ms 1s", "one second"},
		{"pt_BR", "2h1m 1s", "duas horas e um minuto"},
		{"ru", "2h22m 1s", "два часа двадцать две минуты"},
		{"de", "1h1m1s 1s", "eine Stunde eine Minute und eine Sekunde"},
		{"tr", "49h1m 1s", "iki gün bir saat ve bir dakika"},
	}, func(l *Language, input string) (Sounds, error) {
		length, smallest, _ := strings.Cut(input, " ")
		d, err := time.ParseDuration(length)
		if err != nil {
			return nil, err
		}
		s, err := time.ParseDuration(smallest)
		if err != nil {
			return nil, err
		}
		return l.Duration(d, s)
	})
}
