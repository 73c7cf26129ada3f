package luaapi

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// A value is asked for by digits that stand for something else: a date, an amount.
type value struct {
	min, max int
	stop     engine.Digits // unless the flow says otherwise

	// meant is what digits stand for; ok is false if they are not a value of that kind.
	meant func(digits string) (v lua.LValue, ok bool, err error)
}

// ask asks for it. What is returned is nil if there is none, and why says why.
func (v *value) ask(c *engine.Call, a *asking, j *judging) (entered lua.LValue, why *string, err error) {
	r := engine.AskRequest{Asking: a.request(), Min: v.min, Max: v.max}
	if r.Stop == "" {
		r.Stop = v.stop
	}
	r.Checks = []engine.Check{{Test: func(digits string) (ok bool, _ string, err error) {
		entered, ok, err = v.meant(digits)
		if ok && j.Secret {
			c.KeepSecret(entered.String())
		}
		return ok, "no such value", err
	}}}
	j.judge(&r, func(string) (lua.LValue, error) { return entered, nil }) // known since the first check
	answer, err := c.Ask(r)
	if err != nil || answer.Why == engine.Match {
		return entered, nil, err
	}
	text := string(answer.Why)
	return lua.LNil, &text, nil
}

type yesNoArgs struct {
	Options yesNoOptions `lua:"options" doc:"What to ask and how."`
}

type yesNoOptions struct {
	asking
	Yes engine.Digits `lua:"yes" default:"\"1\"" doc:"Digits that mean yes."`
	No  engine.Digits `lua:"no" default:"\"2\"" doc:"Digits that mean no."`
}

type yesNoResult struct {
	bind.Multi
	Yes *bool   `lua:"yes" doc:"true or false; nil if there was no answer."`
	Why *string `lua:"why" doc:"If there was none: no_input, invalid or cancel."`
}

var callAskYesNo = bind.Func{
	Name: "ask_yes_no",
	Doc:  "Asks a question that one key answers.",
	Example: `local repeat_it = call:ask_yes_no { prompt = "hear-it-again", no_input = "press-1-or-2", invalid = "press-1-or-2" }
if repeat_it then call:play("opening-hours") end`,
	Impl: bind.Act(func(c *engine.Call, a yesNoArgs) (yesNoResult, error) {
		o := &a.Options
		yes, why, err := askKey(c, o.request(), o.Yes, o.No)
		return yesNoResult{Yes: yes, Why: why}, err
	}),
}

// askKey asks for one of two kinds of keys: true is one in yes, nil is none of them.
func askKey(c *engine.Call, a engine.Asking, yes, no engine.Digits) (*bool, *string, error) {
	if yes == "" || no == "" || strings.ContainsAny(string(yes), string(no)) {
		return nil, nil, fmt.Errorf("yes is %q and no is %q: want keys for each, and different ones", yes, no)
	}
	m := engine.MenuRequest{Asking: a}
	for _, key := range yes + no {
		p, err := engine.ParseLiteral(string(key))
		if err != nil {
			return nil, nil, err
		}
		m.Choices = append(m.Choices, p)
	}
	_, answer, err := c.Menu(m)
	if err != nil {
		return nil, nil, err
	}
	if answer.Why != engine.Match {
		why := string(answer.Why)
		return nil, &why, nil
	}
	is := yes.Has(engine.Digit(answer.Digits[0]))
	return &is, nil, nil
}

type askDateArgs struct {
	Options askDateOptions `lua:"options" doc:"What to ask and how."`
}

type askDateOptions struct {
	asking
	Format string `lua:"format" one:"DDMMYYYY MMDDYYYY YYYYMMDD DDMMYY MMDDYY YYMMDD" doc:"The order in which the caller is asked to enter it. A year of two digits is the one nearest to today."`
	judging
}

type askTextResult struct {
	bind.Multi
	Value lua.LValue `lua:"value" doc:"What was entered, or nil."`
	Why   *string    `lua:"why" doc:"If it is nil: no_input, invalid or cancel."`
}

var callAskDate = bind.Func{
	Name: "ask_date",
	Doc: "Asks for a date. There must be such a day; check can ask for more. The result, and what check and confirm get, is text " +
		"such as \"2026-11-28\", which say.date takes.",
	Example: `local birthday = call:ask_date {
  prompt = "enter-birthday", format = "DDMMYYYY", invalid = "no-such-day",
  confirm = function(date) return { "you-entered", say.date(date), "press-1-if-right" } end,
}`,
	Impl: bind.Act(func(c *engine.Call, a askDateArgs) (askTextResult, error) {
		o := &a.Options
		asked := value{min: len(o.Format), max: len(o.Format), meant: func(digits string) (lua.LValue, bool, error) {
			text, ok := readDate(o.Format, digits, c.Now())
			return lua.LString(text), ok, nil
		}}
		v, why, err := asked.ask(c, &o.asking, &o.judging)
		return askTextResult{Value: v, Why: why}, err
	}),
}

// readDate reads digits in an order such as DDMMYY.
func readDate(format, digits string, now time.Time) (string, bool) {
	part := func(letter string) int {
		i := strings.Index(format, letter)
		n, err := strconv.Atoi(digits[i : i+strings.Count(format, letter)])
		if err != nil {
			return -1
		}
		return n
	}
	year, month, day := part("Y"), part("M"), part("D")
	if !strings.Contains(format, "YYYY") && year >= 0 {
		year += (now.Year() - year + 50) / 100 * 100
	}
	if year < 1 || month < 1 || day < 1 {
		return "", false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t.Format(time.DateOnly), t.Day() == day && int(t.Month()) == month
}

type askTimeArgs struct {
	Options askTimeOptions `lua:"options" doc:"What to ask and how."`
}

type askTimeOptions struct {
	asking
	Clock string         `lua:"clock" one:"24h 12h" default:"\"24h\"" doc:"Whether the caller enters 14 30, or 2 30 and then says which half of the day."`
	Half  engine.Prompts `lua:"half,optional" doc:"With clock = \"12h\", the question whether it is before or after noon: 1 is before."`
	judging
}

var callAskTime = bind.Func{
	Name: "ask_time",
	Doc: "Asks for a time of day, hours and minutes in three or four digits; # ends three, unless stop says otherwise. The result, and " +
		"what check and confirm get, is text such as \"14:30\", which say.time takes.",
	Example: `local at = call:ask_time { prompt = "enter-time", invalid = "no-such-time" }`,
	Impl: bind.Act(func(c *engine.Call, a askTimeArgs) (askTextResult, error) {
		o := &a.Options
		if o.Clock == "12h" && len(o.Half) == 0 {
			return askTextResult{}, fmt.Errorf("clock = \"12h\" wants half, the question whether it is before or after noon")
		}
		asked := value{min: 3, max: 4, stop: "#", meant: func(digits string) (lua.LValue, bool, error) {
			return o.meant(c, digits)
		}}
		v, why, err := asked.ask(c, &o.asking, &o.judging)
		return askTextResult{Value: v, Why: why}, err
	}),
}

// meant reads a time, and asks for the half of the day if it has to.
func (o *askTimeOptions) meant(c *engine.Call, digits string) (lua.LValue, bool, error) {
	n, err := strconv.Atoi(digits)
	hour, minute := n/100, n%100
	if err != nil || minute > 59 || hour > 23 || o.Clock == "12h" && (hour < 1 || hour > 12) {
		return nil, false, nil
	}
	if o.Clock == "12h" {
		half := o.request()
		half.Prompt, half.Again, half.NoInput, half.Invalid, half.Failed = o.Half, nil, nil, nil, nil
		morning, _, err := askKey(c, half, "1", "2")
		if err != nil || morning == nil {
			return nil, false, err
		}
		if hour %= 12; !*morning {
			hour += 12
		}
	}
	return lua.LString(fmt.Sprintf("%02d:%02d", hour, minute)), true, nil
}

type askMoneyArgs struct {
	Options askMoneyOptions `lua:"options" doc:"What to ask and how."`
}

type askMoneyOptions struct {
	asking
	Decimals int           `lua:"decimals" min:"0" max:"4" default:"2" doc:"Digits behind the point."`
	Point    engine.Digits `lua:"point" default:"\"*\"" doc:"The key that stands for the point. \"\" means that the last digits are the decimals: 1250 is 12.50."`
	judging
}

type askMoneyResult struct {
	bind.Multi
	Amount lua.LValue `lua:"amount" doc:"What was entered, as a number, or nil."`
	Why    *string    `lua:"why" doc:"If it is nil: no_input, invalid or cancel."`
}

var callAskMoney = bind.Func{
	Name: "ask_money",
	Doc: "Asks for an amount, of up to twelve digits: \"12*5\" is 12.50. # ends it, unless stop says otherwise. Check and confirm get " +
		"it as a number, which say.money takes.",
	Example: `local amount = call:ask_money {
  prompt = "enter-amount", check = { { check = function(a) return a <= 500 end, invalid = "at-most-500" } },
  confirm = function(a) return { say.money(a, "USD"), "press-1-if-right" } end,
}`,
	Impl: bind.Act(func(c *engine.Call, a askMoneyArgs) (askMoneyResult, error) {
		o := &a.Options
		if len(o.Point) > 1 {
			return askMoneyResult{}, fmt.Errorf("point is %q: want one key", o.Point)
		}
		asked := value{min: 1, max: 13, stop: "#", meant: o.meant}
		v, why, err := asked.ask(c, &o.asking, &o.judging)
		return askMoneyResult{Amount: v, Why: why}, err
	}),
}

// meant reads an amount.
func (o *askMoneyOptions) meant(digits string) (lua.LValue, bool, error) {
	whole, fraction := digits, ""
	if o.Point != "" {
		whole, fraction, _ = strings.Cut(digits, string(o.Point))
	} else {
		digits = strings.Repeat("0", max(0, o.Decimals-len(digits))) + digits
		whole, fraction = digits[:len(digits)-o.Decimals], digits[len(digits)-o.Decimals:]
	}
	if len(fraction) > o.Decimals || len(whole) > 12 || whole+fraction == "" {
		return nil, false, nil
	}
	if strings.Trim(whole+fraction, "0123456789") != "" {
		return nil, false, nil
	}
	n, err := strconv.ParseFloat("0"+whole+"."+fraction+"0", 64)
	return lua.LNumber(n), err == nil, nil
}
