package say

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

// small is a whole language of few words, for the tests to break.
const small = `name: Small
forms: m f
plurals:
  one: i = 1 and v = 0
rules:
  cardinal:
    0..9: n/#
    10: <times> n/ten <rest>
    100: <times> (one? n/hundred | n/hundreds) <rest>
  ordinal:
    0: (f? o/f | o/m) <all:cardinal>
negative: n/minus <number>
decimal: <whole> n/point <fraction>
count: <number> <noun>
nouns:
  day: {one: day, other: days}
  hour: {gender: f, one: hour, other: hours}
  minute: minute
  second: second
  percent: percent
  coin: coin
money: <major> n/and <minor>
currencies:
  EUR: coin
dates:
  long: <weekday> <day:ordinal.m> <month> <year>
  short: <day> <month>
  weekday: <weekday>
days:
  today: today
  yesterday: yesterday
  tomorrow: tomorrow
  other: <day> <month>
clock: 24
times:
  12h: <hour> <minute>
  24h: <hour> <minute>
  12h-seconds: <hour> <minute> <second>
  24h-seconds: <hour> <minute> <second>
  at-12h: at <hour> <minute>
  at-24h: at <hour> <minute>
datetime: <day> <time>
duration:
  join: <first> <next>
words:
  n/ten: ten
`

// folderOf is a folder with the files of that name and text in turn.
func folderOf(files ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		fsys[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return fsys
}

func TestLoad(t *testing.T) {
	all, err := Load(folderOf("xx.yaml", small, "README.md", "not read"), nil)
	if err != nil {
		t.Fatal(err)
	}
	l, ok := all.Lookup("xx_YY")
	if !ok {
		t.Fatal("xx is not there")
	}
	for n, want := range map[int64]string{
		7: "n/7", 30: "n/3 n/ten", 42: "n/4 n/ten n/2", 101: "n/1 n/hundred n/1", 250: "n/2 n/hundreds n/5 n/ten",
	} {
		got, err := l.Number(Int(n), "")
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%d: got %v %v, want %s", n, got, err, want)
		}
	}
	if fallback, known := all.Lookup("en"); known || fallback.Code() != "xx" {
		t.Errorf("got %s for a language that is not there, want xx, the only one", fallback.Code())
	}
}

func TestOperatorsFiles(t *testing.T) {
	base, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	all, err := Load(folderOf(
		"en.yaml", "name: English with hours\nparent: en\nnouns:\n  parcel: {one: shop/parcel, other: shop/parcels}\nwords:\n  shop/parcels: parcels\n",
		"en_CA.yaml", "name: Canadian English\nparent: en\nphone: {region: CA, read: digits}\n",
		"xx.yaml", small), base)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"en", "en_CA"} {
		l, _ := all.Lookup(code)
		got, err := l.Count(Int(2), "parcel")
		if got := l.Text(got); err != nil || got != "two parcels" {
			t.Errorf("%s: got %s %v, want two parcels", code, got, err)
		}
	}
	if _, err := language(t, "en").Count(Int(2), "parcel"); err == nil {
		t.Error("the built-in English has parcels, want it as it was")
	}
	if _, ok := all.Lookup("pt_BR"); !ok {
		t.Error("pt_BR is gone, want it still there")
	}
}

// TestBadFiles replaces a piece of the small language and reads what is said about it.
func TestBadFiles(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"10: <times> n/ten <rest>", "10: <tims> n/ten", "xx.yaml:8:9: rules.cardinal.10: there is no <tims> here; did you mean times?"},
		{"10: <times> n/ten <rest>", "10: <times:cardnal> n/ten", "xx.yaml:8:9: rules.cardinal.10: there is no rule set cardnal; did you mean cardinal?"},
		{"10: <times> n/ten <rest>", "10: n/ten <rest.x>", "xx.yaml:8:15: rules.cardinal.10: the language has no form x; there is m, f"},
		{"10: <times> n/ten <rest>", "10: n/ten <rest", "xx.yaml:8:15: rules.cardinal.10: <rest lacks its >; such as <hour>"},
		{"10: <times> n/ten <rest>", "10: n/ten <rest:>", "xx.yaml:8:15: rules.cardinal.10: <rest:> lacks a name behind its : or .; such as <day:ordinal.f>"},
		{"10: <times> n/ten <rest>", "10: n/ten <rest.>", "xx.yaml:8:15: rules.cardinal.10: <rest.> lacks a name behind its : or .; such as <day:ordinal.f>"},
		{"10: <times> n/ten <rest>", `10: n/ten "x`, `xx.yaml:8:15: rules.cardinal.10: prompt "\"x": '"' cannot be part of a name; a prompt is one name such as "main-menu", several are a list`},
		{"10: <times> n/ten <rest>", "10:", `xx.yaml:8:8: rules.cardinal.10: there is nothing behind the key; write "" if it is to be empty`},
		{"10: <times> n/ten <rest>", "ten: n/ten", `xx.yaml:8:5: rules.cardinal.ten: "ten" is no beginning of a rule; a rule begins at a number, such as 20, 20..90 by 10, or 60 / 20`},
		{"10: <times> n/ten <rest>", "10 / 20: n/ten", "xx.yaml:8:5: rules.cardinal.10 / 20: what stands behind / must be from 1 to 10; a rule begins at a number, such as 20, 20..90 by 10, or 60 / 20"},
		{"10: <times> n/ten <rest>", "90..20 by 10: n/ten", `xx.yaml:8:5: rules.cardinal.90..20 by 10: "90..20 by 10" runs backwards; a rule begins at a number, such as 20, 20..90 by 10, or 60 / 20`},
		{"10: <times> n/ten <rest>", "10..9000: n/ten", `xx.yaml:8:5: rules.cardinal.10..9000: "10..9000" is more than 2000 rules; a rule begins at a number, such as 20, 20..90 by 10, or 60 / 20`},
		{"10: <times> n/ten <rest>", "5..20 by 5: n/ten", "xx.yaml:8:5: rules.cardinal.5..20 by 5: there are two rules that begin at 5; line 7 has it already"},
		{"10: <times> n/ten <rest>", "99999999999999999999: n/ten", `xx.yaml:8:5: rules.cardinal.99999999999999999999: "99999999999999999999" is too large; a rule begins at a number, such as 20, 20..90 by 10, or 60 / 20`},
		{"10: <times> n/ten <rest>", "10: <all> n/ten", "xx.yaml:8:9: rules: the rule sets cardinal, cardinal say a number by each other and never end; <all> must lead to another set in the end"},
		{"0..9: n/#", "0..9: <times:ordinal> n/#", "xx.yaml:11:23: rules: the rule sets cardinal, ordinal, cardinal say a number by each other and never end; <all> must lead to another set in the end"},
		{"(f? o/f | o/m)", "(g? o/f | o/m)", "xx.yaml:11:9: rules.ordinal.0: g? is no condition; there is rest, m, f, one"},
		{"(f? o/f | o/m)", "(few? o/f | o/m)", "xx.yaml:11:9: rules.ordinal.0: the language has no plural category few"},
		{"(f? o/f | o/m)", "(o/f | o/m)", "xx.yaml:11:8: rules.ordinal.0: what stands behind an alternative without a condition is never said; write conditions such as one? before all alternatives but the last"},
		{"(f? o/f | o/m)", "(o/f)", "xx.yaml:11:8: rules.ordinal.0: there is nothing to choose from; write a condition such as one? or rest?"},
		{"(f? o/f | o/m)", "(f? o/f | o/m", "xx.yaml:11:8: rules.ordinal.0: ( has no ) behind it"},
		{"(f? o/f | o/m)", "f? o/f )", "xx.yaml:11:8: rules.ordinal.0: condition f? stands outside a choice; a choice is written (one? digits/million | digits/millions)"},
		{"(f? o/f | o/m)", "o/f )", `xx.yaml:11:12: rules.ordinal.0: ")" has no ( before it`},
		{"(f? o/f | o/m)", strings.Repeat("(f? ", 9), "xx.yaml:11:40: rules.ordinal.0: parentheses are nested more than 8 deep"},
		{"<number> <noun>", "<number:cardinal> <noun>", "xx.yaml:14:8: count: <number> is sounds already, no rule can say it; write <number>"},
		{"<number> <noun>", "(one? <noun>)", "xx.yaml:14:8: count: only rules can choose; write a rule set and have it said, such as <hour:hours>"},
		{"<number> <noun>", "n/# <noun>", "xx.yaml:14:8: count: # stands for a rule's number, and this is no rule"},
		{"count: <number> <noun>", "count: {few: <noun>}", "xx.yaml:14:9: count.few: the language has no plural category few; it stands under plurals, with its condition"},
		{"i = 1 and v = 0", "i is 1", `xx.yaml:4:8: plurals.one: "is 1" is no comparison; a condition is written like i % 10 = 2..4`},
		{"i = 1 and v = 0", "x = 1", `xx.yaml:4:8: plurals.one: "x" is no operand; there is n, i, v, w, f, t and e`},
		{"i = 1 and v = 0", "i % 0 = 1", `xx.yaml:4:8: plurals.one: "0" is nothing to divide by`},
		{"i = 1 and v = 0", "i = 4..2", `xx.yaml:4:8: plurals.one: "4..2" is neither a number nor a range such as 2..4`},
		{"i = 1 and v = 0", "i", `xx.yaml:4:8: plurals.one: "i" is no condition; a condition is written like i % 10 = 2..4`},
		{"  one: i = 1", "  on: i = 1", "xx.yaml:4:3: plurals.on: on is no plural category with a condition; did you mean one?"},
		{"forms: m f", "forms: m one", "xx.yaml:2:8: forms: one cannot be the name of a form; use small letters, and none of the plural categories"},
		{"gender: f", "gender: feminine", "xx.yaml:17:18: nouns.hour.gender: the language has no form feminine; there is m, f"},
		{"{one: day, other: days}", "{one: day}", "xx.yaml:16:8: nouns.day: the noun lacks other; other is what is said when no other form fits"},
		{"{one: day, other: days}", "{one: day, othr: days, other: days}", "xx.yaml:16:19: nouns.day.othr: othr is no plural category; did you mean other?"},
		{"EUR: coin", "EUR: coyn", "xx.yaml:24:8: currencies.EUR: there is no noun coyn; did you mean coin?"},
		{"EUR: coin", "EURO: coin", `xx.yaml:24:3: currencies.EURO: "EURO" is no currency of ISO 4217; did you mean EUR?`},
		{"EUR: coin", "EUR: coin coin coin", "xx.yaml:24:8: currencies.EUR: write one noun, or two: of the unit and of its part"},
		{"  long: <weekday>", "  Long: <weekday>", "xx.yaml:26:3: dates.Long: Long cannot be the name of a form of dates; use small letters, digits and -"},
		{"  today: today\n", "", "xx.yaml:1: the file lacks days.today; languages/README.md tells what belongs there"},
		{"  today: today", "  toady: today", "xx.yaml:30:3: days.toady: there is no such key; did you mean today?"},
		{"clock: 24", "clock: 13", `xx.yaml:34:8: clock: a clock has 12 or 24 hours, not "13"`},
		{"name: Small\n", "", "xx.yaml:1: the file lacks name; languages/README.md tells what belongs there"},
		{"name: Small", "name: Small\nname: Small", "xx.yaml:2:1: name: it is there twice; line 1 has it already"},
		{"name: Small", "nam: Small", "xx.yaml:1:1: nam: there is no such key; did you mean name?"},
		{"name: Small", "name: [Small]", "xx.yaml:1:7: name: this must be one text, not a list"},
		{"name: Small", "parent: yy", "xx.yaml:1:9: parent: there is no language yy; there is xx"},
		{"name: Small", "parent: xx", "xx.yaml:1:9: parent: there is no other xx to build upon"},
		{"  n/ten: ten", "  n/ten: ten\n  \"a b\": c", `xx.yaml:47:3: words.a b: prompt "a b": ' ' cannot be part of a name; a prompt is one name such as "main-menu", several are a list`},
		{"words:", "phone: {region: QQ, read: aloud}\nwords:", `xx.yaml:45:17: phone.region: there is no region "QQ" of telephone numbers; there is BR, CA, DE, ES, FR, GB, IT, MX, NL, PT, RU, TR, US`},
		{"words:", "phone: {read: aloud}\nwords:", "xx.yaml:45:15: phone.read: aloud is no way to read; there is digits, numbers"},
		{"words:", "characters: {ab: n/1}\nwords:", `xx.yaml:45:14: characters.ab: the key must be one character, not "ab"`},
		{"decimal: ", "decimal:\n  x: <whole>\n  other: ", "xx.yaml:14:3: decimal.x: the key must be a count of digits, or other"},
		{"rules:", "rules:\n  Cardinal: {0: a}", "xx.yaml:6:3: rules.Cardinal: this cannot be the name of a rule set; use small letters, digits and -"},
		{"rules:", "rules: 1\nrules2:", "xx.yaml:6:1: rules2: there is no such key; did you mean rules?"},
		{"name: Small", "name: *small", "xx.yaml: unknown anchor 'small' referenced"},
		{"negative: n/minus", "negative: a: b", "xx.yaml:12: mapping values are not allowed in this context; what has : or begins with a sign of YAML's needs quotes"},
		{"n/ten: ten", "n/ten: 's tien\n  n/1: 'een'", `xx.yaml:46: did not find expected key; what begins with a quote needs other quotes around it, such as "'s nachts"`},
		{small, "", "xx.yaml:1: the file must be written as key: value"},
		{small, "- a", "xx.yaml:1: the file must be written as key: value"},
		{small, "a: 1\n---\nb: 2", "xx.yaml:2: a second document begins here; there can be one only"},
		{small, "name: x\n# " + strings.Repeat("x", maxFile), "xx.yaml: the file has 1048586 bytes; 1048576 is the most"},
	} {
		if !strings.Contains(small, c.old) {
			t.Fatalf("the small language has no %q", c.old)
		}
		_, err := Load(folderOf("xx.yaml", strings.Replace(small, c.old, c.new, 1)), nil)
		if got := firstProblem(err); got != c.want {
			t.Errorf("%.40q:\n got %s\nwant %s", c.new, got, c.want)
		}
	}
}

func firstProblem(err error) string {
	var ps Problems
	if !errors.As(err, &ps) {
		return "no problems"
	}
	return ps[0].Error()
}

func TestBadFolders(t *testing.T) {
	for _, c := range []struct {
		files []string
		want  string
	}{
		{nil, "there is no language file CODE.yaml"},
		{[]string{"English.yaml", small}, "English.yaml: the name is no language code with .yaml; such as en.yaml or pt_BR.yaml"},
		{[]string{"xx.yml", small}, "xx.yml: the name is no language code with .yaml; such as en.yaml or pt_BR.yaml"},
		{
			[]string{"xx.yaml", "parent: yy", "yy.yaml", "parent: xx"},
			"xx.yaml:1:9: parent: yy has problems itself\nyy.yaml:1:9: parent: xx, yy, xx is a parent of itself",
		},
		{
			[]string{"xx.yaml", "parent: yy\nname: X", "yy.yaml", "nam: Y"},
			"xx.yaml:1:9: parent: yy has problems itself\nyy.yaml:1:1: nam: there is no such key; did you mean name?\nyy.yaml:1: the file lacks name, rules.cardinal, ",
		},
	} {
		_, err := Load(folderOf(c.files...), nil)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%.40q: got %v, want %s", c.files, err, c.want)
		}
	}
}

func TestProblemsShowTheLine(t *testing.T) {
	_, err := Load(folderOf("xx.yaml", strings.Replace(small, "n/ten <rest>", "n/ten <rst>", 1)), nil)
	var ps Problems
	if !errors.As(err, &ps) || len(ps) != 1 {
		t.Fatalf("got %v, want one problem", err)
	}
	if got, want := ps[0].Source, "    10: <times> n/ten <rst>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestRehearsal has rules that say too much, go on for ever, or lack a number: found before a call does.
func TestRehearsal(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"10: <times> n/ten", "10: " + strings.Repeat("n/ten ", 1001), "xx.yaml:5:1: rules: language xx: that is more than 1000 sounds"},
		{"100: <times> (one?", "100: " + strings.Repeat("<times> ", 20) + "(one?", "xx.yaml:5:1: rules: language xx: that is more than 1000 sounds"},
		{"0..9: n/#\n    10: <times> n/ten <rest>\n    100:", "0..9: \"\"\n    10: " + strings.Repeat("<times> ", 20) + "\n    99_000_000_000_000_000:", "xx.yaml:5:1: rules: language xx: saying this takes more than 20000 steps"},
		{"    0..9: n/#", "    1..9: n/#", "xx.yaml:5:1: rules: language xx: rule set cardinal says nothing for 0"},
		{"    0: (f?", "    1: (f?", "xx.yaml:5:1: rules: language xx: rule set ordinal says nothing for 0"},
		{"  ordinal:", "  month: {1..12: m/#}\n  ordinal:", "xx.yaml:26:1: dates: language xx: rule set month says nothing for 0"},
		{"  ordinal:", "  hour: {1..12: h/#}\n  ordinal:", "xx.yaml:36:1: times: language xx: rule set hour says nothing for 0"},
		{"decimal: <whole>", "decimal: <whole:late>", "xx.yaml:15:1: count: language xx: rule set late says nothing for 0"},
	} {
		text := strings.Replace(small, c.old, c.new, 1)
		if strings.Contains(c.new, "late") {
			text = strings.Replace(text, "  ordinal:", "  late: {100: n/late}\n  ordinal:", 1)
		}
		_, err := Load(folderOf("xx.yaml", text), nil)
		if got := firstProblem(err); got != c.want {
			t.Errorf("%.40q:\n got %s\nwant %s", c.new, got, c.want)
		}
	}
}
