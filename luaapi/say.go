package luaapi

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/say"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// promptModule is what makes prompts that are no sound files.
var promptModule = bind.Module{
	Doc:   "Functions that stand by themselves. What they return goes where a prompt goes.",
	Funcs: []bind.Func{silence, tone, recording, speak},
}

type silenceArgs struct {
	Seconds time.Duration `lua:"seconds" doc:"How long, such as 0.5."`
}

var silence = bind.Func{
	Name:    "silence",
	Doc:     "A pause between prompts.",
	Example: `call:play { "one-moment", silence(0.5), "thank-you" }`,
	Impl: bind.Pure(func(_ *engine.Call, a silenceArgs) (engine.Prompts, error) {
		return engine.Prompts{engine.Silence(a.Seconds)}, nil
	}),
}

type toneArgs struct {
	Tone    string        `lua:"tone" doc:"A tone of the country's indications (dial, busy, ring, congestion), or frequencies as in indications.conf, such as \"425/500,0/500\"."`
	Seconds time.Duration `lua:"seconds" default:"1" doc:"How long."`
}

var tone = bind.Func{
	Name:    "tone",
	Doc:     "A tone.",
	Example: `call:play(tone("ring", 3))`,
	Impl: bind.Pure(func(_ *engine.Call, a toneArgs) (engine.Prompts, error) {
		const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789+*!/,_"
		if a.Tone == "" || strings.Trim(a.Tone, alphabet) != "" {
			return nil, fmt.Errorf("%q is no tone; use a name such as \"busy\" or frequencies such as \"425/500,0/500\"", a.Tone)
		}
		return engine.Prompts{{Kind: engine.TonePrompt, Text: a.Tone, For: a.Seconds}}, nil
	}),
}

// sayModule is values read out in the call's language.
var sayModule = bind.Module{
	Name: "say",
	Doc: "Values as prompts, said in the language of the call when they are played: " + spokenLanguages() + ". Amounts may be numbers or text such as \"1250.40\". Moments are seconds since 1970, text such as " +
		"\"2026-11-28 14:30\", or what time.now returns.",
	Funcs: []bind.Func{sayNumber, sayOrdinal, sayDigits, sayCharacters, saySpell, sayMoney, sayPercent, sayCount, sayDate, sayTime,
		sayDateTime, sayDuration, sayPhone},
}

// spokenLanguages are the built-in languages, by their codes and their own names.
func spokenLanguages() string {
	all, err := say.Builtin()
	if err != nil {
		panic(err) // which a test of package say would have found
	}
	var names []string
	for _, code := range all.Codes() {
		l, _ := all.Lookup(code)
		names = append(names, code+" ("+l.Name()+")")
	}
	return strings.Join(names, ", ")
}

// said is a prompt, once it is known that the call's language can say it.
func said(c *engine.Call, p engine.Prompt) (engine.Prompts, error) {
	if err := c.CheckPrompt(p); err != nil {
		return nil, err
	}
	return engine.Prompts{p}, nil
}

type sayDigitsArgs struct {
	Digits string `lua:"digits" doc:"Digits, * and #. A string, so that zeros in front stay."`
}

var sayDigits = bind.Func{
	Name:    "digits",
	Doc:     "Digits one by one: \"12\" is \"one two\".",
	Example: `call:play { "your-code-is", say.digits("0012") }`,
	Impl: bind.Pure(func(_ *engine.Call, a sayDigitsArgs) (engine.Prompts, error) {
		if a.Digits == "" || strings.Trim(a.Digits, "0123456789*#") != "" {
			return nil, fmt.Errorf("%q is not digits; say.characters reads anything", a.Digits)
		}
		return engine.Prompts{{Kind: engine.DigitsPrompt, Text: a.Digits}}, nil
	}),
}

type sayNumberArgs struct {
	Number  say.Decimal  `lua:"number" doc:"A number, whole or with decimals."`
	Options sayAgreement `lua:"options,optional" doc:"What it agrees with."`
}

type sayAgreement struct {
	Gender string `lua:"gender,optional" one:"masculine feminine neuter" doc:"The gender of what is counted, in languages that make a difference."`
}

func (a sayAgreement) gender() say.Gender {
	return map[string]say.Gender{"masculine": say.Masculine, "feminine": say.Feminine, "neuter": say.Neuter}[a.Gender]
}

var sayNumber = bind.Func{
	Name:    "number",
	Doc:     "A number: 12 is \"twelve\", 12.5 \"twelve point five\".",
	Example: `call:play { "you-have", say.number(12), "new-messages" }`,
	Impl: bind.Pure(func(c *engine.Call, a sayNumberArgs) (engine.Prompts, error) {
		return said(c, say.NumberPrompt(a.Number, a.Options.gender()))
	}),
}

type sayOrdinalArgs struct {
	Number  int64        `lua:"number" min:"0" max:"999999999999" doc:"A whole number."`
	Options sayAgreement `lua:"options,optional" doc:"What it agrees with."`
}

var sayOrdinal = bind.Func{
	Name:    "ordinal",
	Doc:     "Which in a row: 3 is \"third\".",
	Example: `call:play { "you-are", say.ordinal(3), "in-line" }`,
	Impl: bind.Pure(func(c *engine.Call, a sayOrdinalArgs) (engine.Prompts, error) {
		return said(c, say.OrdinalPrompt(a.Number, a.Options.gender()))
	}),
}

type sayTextArgs struct {
	Text string `lua:"text" doc:"Letters, digits and punctuation."`
}

var sayCharacters = textFunc("characters", engine.CharactersPrompt, "A text character by character: \"ab1\" is \"a b one\".")

var saySpell = textFunc("spell", engine.SpellPrompt, "A text by words that begin with its letters: \"ab1\" is \"alpha bravo one\".")

func textFunc(name string, kind engine.PromptKind, doc string) bind.Func {
	return bind.Func{
		Name: name, Doc: doc, Example: "call:play(say." + name + `("AB12"))`,
		Impl: bind.Pure(func(c *engine.Call, a sayTextArgs) (engine.Prompts, error) {
			if strings.TrimSpace(a.Text) == "" {
				return nil, fmt.Errorf("there is nothing to spell")
			}
			if i := strings.IndexFunc(a.Text, unicode.IsControl); i >= 0 {
				return nil, fmt.Errorf("%q cannot be spelled", a.Text[i:i+1])
			}
			return said(c, engine.Prompt{Kind: kind, Text: a.Text})
		}),
	}
}

type sayMoneyArgs struct {
	Amount   say.Decimal `lua:"amount" doc:"How much, in units of the currency; rounded to its smallest coin."`
	Currency string      `lua:"currency" doc:"ISO 4217 code, such as \"BRL\"."`
}

var sayMoney = bind.Func{
	Name:    "money",
	Doc:     "An amount of money.",
	Example: `call:play { "your-balance-is", say.money("1250.40", "USD") }`,
	Impl: bind.Pure(func(c *engine.Call, a sayMoneyArgs) (engine.Prompts, error) {
		return said(c, say.MoneyPrompt(a.Amount, a.Currency))
	}),
}

type sayPercentArgs struct {
	Number say.Decimal `lua:"number" doc:"How many of a hundred."`
}

var sayPercent = bind.Func{
	Name:    "percent",
	Doc:     "A share of a hundred: 12.5 is \"twelve point five percent\".",
	Example: `call:play { "your-battery-is-at", say.percent(80) }`,
	Impl: bind.Pure(func(c *engine.Call, a sayPercentArgs) (engine.Prompts, error) {
		return said(c, say.PercentPrompt(a.Number))
	}),
}

type sayCountArgs struct {
	Number say.Decimal `lua:"number" doc:"How many."`
	Noun   string      `lua:"noun" doc:"Of what: a noun that the language knows in all its forms, such as \"message\", \"minute\" or \"euro\"."`
}

var sayCount = bind.Func{
	Name:    "count",
	Doc:     "So many of something, with the plural and the gender that the language wants.",
	Example: `call:play { "you-have", say.count(2, "message") }`,
	Impl: bind.Pure(func(c *engine.Call, a sayCountArgs) (engine.Prompts, error) {
		return said(c, say.CountPrompt(a.Number, a.Noun))
	}),
}

type sayDateArgs struct {
	When    instant     `lua:"when" doc:"A moment."`
	Options dateOptions `lua:"options,optional" doc:"How to say it."`
}

type dateOptions struct {
	Form string `lua:"form" default:"\"long\"" doc:"long (weekday, day, month and year), short (day and month) or weekday; a language may have more."`
	Zone string `lua:"zone,optional" doc:"A zone's name. Nothing means that of the machine."`
}

var sayDate = bind.Func{
	Name:    "date",
	Doc:     "A day.",
	Example: `call:play { "your-appointment-is-on", say.date("2026-12-24", { form = "short" }) }`,
	Impl: bind.Pure(func(c *engine.Call, a sayDateArgs) (engine.Prompts, error) {
		t, err := a.When.in(c, a.Options.Zone)
		if err != nil {
			return nil, err
		}
		return said(c, say.DatePrompt(t, a.Options.Form))
	}),
}

type sayTimeArgs struct {
	When    instant     `lua:"when" doc:"A moment, or a time of day such as \"14:30\"."`
	Options timeOptions `lua:"options,optional" doc:"How to say it."`
}

type timeOptions struct {
	Clock   string `lua:"clock,optional" one:"12 24" doc:"Hours of a day. Nothing means what is usual in the language."`
	Seconds bool   `lua:"seconds,optional" doc:"Says the seconds too."`
	Zone    string `lua:"zone,optional" doc:"A zone's name. Nothing means that of the machine."`
}

func clockOf(text string) say.Clock {
	return map[string]say.Clock{"12": say.Clock12, "24": say.Clock24}[text]
}

var sayTime = bind.Func{
	Name:    "time",
	Doc:     "A time of day.",
	Example: `call:play { "we-close-at", say.time("18:30") }`,
	Impl: bind.Pure(func(c *engine.Call, a sayTimeArgs) (engine.Prompts, error) {
		t, err := a.When.timeIn(c, a.Options.Zone)
		if err != nil {
			return nil, err
		}
		return said(c, say.TimePrompt(t, say.TimeOptions{Clock: clockOf(a.Options.Clock), Seconds: a.Options.Seconds}))
	}),
}

type sayDateTimeArgs struct {
	When    instant         `lua:"when" doc:"A moment."`
	Options dateTimeOptions `lua:"options,optional" doc:"How to say it."`
}

type dateTimeOptions struct {
	Clock string `lua:"clock,optional" one:"12 24" doc:"Hours of a day. Nothing means what is usual in the language."`
	Zone  string `lua:"zone,optional" doc:"A zone's name. Nothing means that of the machine."`
}

var sayDateTime = bind.Func{
	Name:    "datetime",
	Doc:     "A moment as seen from now: \"yesterday at ten thirty\", or with its date if it is further away.",
	Example: `call:play { "message-received", say.datetime(os.time() - 86400) }`,
	Impl: bind.Act(func(c *engine.Call, a sayDateTimeArgs) (engine.Prompts, error) {
		t, err := a.When.in(c, a.Options.Zone)
		if err != nil {
			return nil, err
		}
		return said(c, say.DateTimePrompt(t, c.Now(), clockOf(a.Options.Clock)))
	}),
}

type sayDurationArgs struct {
	Seconds float64         `lua:"seconds" min:"0" max:"3155760000" doc:"How long."`
	Options durationOptions `lua:"options,optional" doc:"How to say it."`
}

type durationOptions struct {
	Smallest string `lua:"smallest" one:"second minute hour day" default:"\"second\"" doc:"What is shorter is rounded."`
}

var sayDuration = bind.Func{
	Name:    "duration",
	Doc:     "How long: 7500 is \"two hours and five minutes\".",
	Example: `call:play { "you-have-to-wait", say.duration(150, { smallest = "minute" }) }`,
	Impl: bind.Pure(func(c *engine.Call, a sayDurationArgs) (engine.Prompts, error) {
		smallest := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[a.Options.Smallest]
		return said(c, say.DurationPrompt(time.Duration(a.Seconds*float64(time.Second)).Round(time.Second), smallest))
	}),
}

type sayPhoneArgs struct {
	Number  string       `lua:"number" doc:"A telephone number, as it is dialed or with + and the country in front."`
	Options phoneOptions `lua:"options,optional" doc:"How to say it."`
}

type phoneOptions struct {
	Region string `lua:"region,optional" doc:"Where the number belongs, such as \"BR\". Nothing means where the language is spoken."`
}

var sayPhone = bind.Func{
	Name:    "phone",
	Doc:     "A telephone number, in the groups in which people say it.",
	Example: `call:play { "call-us-at", say.phone("11987654321", { region = "BR" }) }`,
	Impl: bind.Pure(func(c *engine.Call, a sayPhoneArgs) (engine.Prompts, error) {
		return said(c, say.PhonePrompt(a.Number, a.Options.Region))
	}),
}

// toDecimal reads an amount, as a number or as text, which keeps what a number cannot.
func toDecimal(v lua.LValue) (say.Decimal, error) {
	switch v := v.(type) {
	case lua.LNumber:
		return say.Float(float64(v))
	case lua.LString:
		return say.ParseDecimal(strings.TrimSpace(string(v)))
	}
	return say.Decimal{}, fmt.Errorf("want a number or text such as \"1250.40\", got %s", bind.Describe(v))
}

// An instant is a moment given in any of the ways that flows have: by its epoch, or by text that a zone makes a
// moment of.
type instant struct {
	epoch int64
	text  string
	clock bool // it is a time of day of no date
}

func toInstant(v lua.LValue) (instant, error) {
	switch v := v.(type) {
	case lua.LNumber:
		return instant{epoch: int64(v)}, nil
	case lua.LString:
		if _, err := parseClock(string(v)); err == nil {
			return instant{text: string(v), clock: true}, nil
		}
		if _, err := parseTime(string(v), time.UTC); err != nil {
			return instant{}, err
		}
		return instant{text: string(v)}, nil
	case *lua.LTable:
		if n, ok := v.RawGetString("epoch").(lua.LNumber); ok {
			return instant{epoch: int64(n)}, nil
		}
	}
	return instant{}, fmt.Errorf("want a moment: seconds since 1970, text such as \"2026-11-28 14:30\", or what time.now returns; got %s", bind.Describe(v))
}

// in is the moment in a zone.
func (i instant) in(c *engine.Call, name string) (time.Time, error) {
	l, err := zone(c, name)
	switch {
	case err != nil:
		return time.Time{}, err
	case i.clock:
		return time.Time{}, fmt.Errorf("%q is a time of day, and of which day?", i.text)
	case i.text == "":
		return time.Unix(i.epoch, 0).In(l), nil
	}
	t, err := parseTime(i.text, l)
	return t.In(l), err
}

// timeIn is the time of day in a zone; one that is given as such is that in every zone.
func (i instant) timeIn(c *engine.Call, name string) (time.Time, error) {
	if i.clock {
		return parseClock(i.text)
	}
	return i.in(c, name)
}

// parseClock reads a time of day.
func parseClock(text string) (t time.Time, err error) {
	for _, layout := range []string{time.TimeOnly, "15:04"} {
		if t, err = time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return t, nil
		}
	}
	return t, err
}
