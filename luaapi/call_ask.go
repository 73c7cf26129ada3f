package luaapi

import (
	"fmt"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// callInput is what takes something from the caller.
var callInput = []bind.Func{callAsk, callAskYesNo, callAskDate, callAskTime, callAskMoney, callMenu, callRecord}

// asking are the options of everything that asks for digits.
type asking struct {
	Prompt       engine.Prompts `lua:"prompt,optional" doc:"The question."`
	Again        engine.Prompts `lua:"again,optional" doc:"The question from the second attempt on; {} asks nothing. Without it, prompt."`
	Stop         engine.Digits  `lua:"stop,optional" doc:"Digits that end the entry; they are not part of it."`
	Cancel       engine.Digits  `lua:"cancel,optional" doc:"Digits that give up."`
	Wait         time.Duration  `lua:"wait" default:"5" doc:"Seconds to wait for the first digit."`
	Between      time.Duration  `lua:"between" default:"3" doc:"Seconds to wait for each further digit."`
	Tries        int            `lua:"tries" min:"1" max:"100" default:"3" doc:"Attempts in all."`
	NoInputTries int            `lua:"no_input_tries,optional" min:"1" max:"100" doc:"Attempts without any digit after which to give up, if that is earlier."`
	InvalidTries int            `lua:"invalid_tries,optional" min:"1" max:"100" doc:"Invalid attempts after which to give up, if that is earlier."`
	NoInput      escalation     `lua:"no_input,optional" doc:"Said when nothing was pressed: one prompt, or a list by how often that happened."`
	Invalid      escalation     `lua:"invalid,optional" doc:"Said when the entry was not valid: one prompt, or a list by how often that happened."`
	Failed       engine.Prompts `lua:"failed,optional" doc:"Said when the attempts are used up."`
	Hold         bool           `lua:"hold,optional" doc:"Prompts cannot be interrupted; digits pressed meanwhile count afterwards. For one prompt of several: { \"terms\", hold = true }."`
	Flush        bool           `lua:"flush,optional" doc:"Digits pressed before the question do not count."`
}

// request is a as the engine has it.
func (a *asking) request() engine.Asking {
	return engine.Asking{
		Prompt: a.Prompt, Again: a.Again, Stop: a.Stop, Cancel: a.Cancel, Wait: a.Wait, Between: a.Between, Hold: a.Hold,
		Flush: a.Flush, Tries: a.Tries, NoInputTries: a.NoInputTries, InvalidTries: a.InvalidTries, NoInput: a.NoInput,
		Invalid: a.Invalid, Failed: a.Failed,
	}
}

// judging are the options of what is asked for and has to be right.
type judging struct {
	Check   checks       `lua:"check,optional" doc:"Judges an entry: a function that gets it and returns true, or false and why. Or a list of these and of { pattern = …, invalid = … } and { check = …, invalid = … }, of which each has a prompt of its own."`
	Confirm confirmation `lua:"confirm,optional" doc:"Has the caller confirm an entry: a function that gets it and returns what to say, such as \"you entered …, press 1 if that is right\". Or { prompt = that function, yes = \"1\", no = \"2\" }. Whoever declines is asked again."`
	Secret  bool         `lua:"secret,optional" doc:"The digits stay out of journals, logs and transcripts, also where later steps use them, if there are three or more."`
}

type askArgs struct {
	Options askOptions `lua:"options" doc:"What to ask and how."`
}

type askOptions struct {
	asking
	Min      int           `lua:"min" min:"0" max:"128" default:"1" doc:"Fewest digits."`
	Max      int           `lua:"max" min:"1" max:"128" default:"128" doc:"Most digits; the entry ends with the last one."`
	Digits   int           `lua:"digits,optional" min:"1" max:"128" doc:"So many digits, in place of min and max."`
	Term     time.Duration `lua:"term,optional" doc:"Seconds to wait for a stop digit behind a full entry. Without it, one that comes then is part of what follows."`
	NeedStop bool          `lua:"stop_required,optional" doc:"An entry counts only if a stop digit ended it; one that does not come in time makes it invalid."`
	Pattern  patterns      `lua:"pattern,optional" doc:"What an entry may be: a pattern such as \"[2-9]XXX\", or a list of them. It ends when nothing longer could fit; one that cannot fit any more, when the caller stops typing."`
	Match    string        `lua:"match" one:"longest first timer" default:"\"longest\"" doc:"If an entry fits a pattern and could go on: wait for more digits as long as for a first one, take it at once, or wait only the time between digits."`
	judging
}

type askResult struct {
	bind.Multi
	Digits *string `lua:"digits" doc:"What was entered; nil if nothing valid was."`
	Why    *string `lua:"why" doc:"If digits is nil: no_input, invalid or cancel."`
	Key    *string `lua:"key" doc:"The stop or cancel digit that ended it; nil if none did."`
}

var callAsk = bind.Func{
	Name: "ask",
	Doc: "Asks for digits until they are valid, cancelled, or the attempts are used up. A digit pressed during the question " +
		"interrupts it and counts. Silence and invalid entries are counted apart, each with prompts of its own.",
	Example: `local account, why = call:ask {
  prompt = "enter-account", min = 5, max = 8, stop = "#", cancel = "*",
  no_input = { "please-type", "still-there" }, invalid = "not-an-account",
  check = function(d) return #d % 2 == 0, "odd number" end,
  confirm = function(d) return { "you-entered", say.digits(d), "press-1-if-right" } end,
}
if not account then return call:continue { context = "operators", exten = "s" } end`,
	Impl: bind.Act(func(c *engine.Call, a askArgs) (askResult, error) {
		o := &a.Options
		if o.Digits > 0 {
			o.Min, o.Max = o.Digits, o.Digits
		}
		if o.Min > o.Max {
			return askResult{}, fmt.Errorf("min is %d and max only %d: nothing can be both", o.Min, o.Max)
		}
		if o.NeedStop && o.Stop == "" {
			return askResult{}, fmt.Errorf("stop_required wants stop, the digits that end an entry")
		}
		r := engine.AskRequest{Asking: o.request(), Min: o.Min, Max: o.Max, Term: o.Term, NeedStop: o.NeedStop, Patterns: o.Pattern}
		r.Match = engine.MatchMode(o.Match)
		o.judge(&r, func(digits string) (lua.LValue, error) { return lua.LString(digits), nil })
		answer, err := c.Ask(r)
		var result askResult
		if answer.Stop != engine.NoDigit {
			key := answer.Stop.String()
			result.Key = &key
		}
		if err != nil || answer.Why == engine.Match {
			result.Digits = &answer.Digits
			return result, err
		}
		why := string(answer.Why)
		result.Why = &why
		return result, nil
	}),
}

// judge fills in how r is judged. meant is what an entry stands for, which checks and confirmations get.
func (j *judging) judge(r *engine.AskRequest, meant func(digits string) (lua.LValue, error)) {
	r.Secret = j.Secret
	for _, check := range j.Check {
		r.Checks = append(r.Checks, check.engine(meant))
	}
	if j.Confirm.prompt == nil {
		return
	}
	r.Confirm = &engine.Confirmation{Yes: j.Confirm.yes, No: j.Confirm.no, Prompt: func(digits string) (engine.Prompts, error) {
		v, err := meant(digits)
		if err != nil {
			return nil, err
		}
		return j.Confirm.prompt(v)
	}}
}

// patterns are what an entry may be.
type patterns []engine.Pattern

func toPatterns(v lua.LValue) (patterns, error) {
	if t, ok := v.(*lua.LTable); ok {
		n, err := listLen(t, "patterns")
		if err != nil {
			return nil, err
		}
		var out patterns
		for i := 1; i <= n; i++ {
			one, err := toPatterns(t.RawGetInt(i))
			if err != nil {
				return nil, fmt.Errorf("item %d: %w", i, err)
			}
			out = append(out, one...)
		}
		return out, nil
	}
	s, ok := bind.Text(v)
	if !ok {
		return nil, fmt.Errorf("want a pattern such as \"[2-9]XXX\", or a list of them, got %s", bind.Describe(v))
	}
	p, err := engine.ParsePattern(s)
	return patterns{p}, err
}

// checks are what an entry has to stand up to.
type checks []check

// A check is one of them: a function or patterns.
type check struct {
	fn       bind.Callback
	patterns patterns
	invalid  engine.Prompts
}

type checkOptions struct {
	Check   bind.Callback  `lua:"check,optional" doc:"A function that judges."`
	Pattern patterns       `lua:"pattern,optional" doc:"What an entry may be."`
	Invalid engine.Prompts `lua:"invalid,optional" doc:"What is said if it is not."`
}

func toChecks(t bind.Types, L *lua.LState, v lua.LValue) (any, error) {
	if fn, ok := v.(*lua.LFunction); ok {
		return checks{{fn: bind.NewCallback(L, fn)}}, nil
	}
	list, ok := v.(*lua.LTable)
	if !ok {
		return nil, fmt.Errorf("want a function, or a list of functions and of { pattern = …, invalid = … }, got %s", bind.Describe(v))
	}
	n, err := listLen(list, "checks")
	if err != nil {
		return nil, err
	}
	out := make(checks, 0, n)
	for i := 1; i <= n; i++ {
		one, err := toCheck(t, L, list.RawGetInt(i))
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		out = append(out, one)
	}
	return out, nil
}

func toCheck(t bind.Types, L *lua.LState, v lua.LValue) (check, error) {
	if fn, ok := v.(*lua.LFunction); ok {
		return check{fn: bind.NewCallback(L, fn)}, nil
	}
	var o checkOptions
	if err := t.Options(L, "check", v, &o); err != nil {
		return check{}, err
	}
	if o.Check.Given() == (len(o.Pattern) > 0) {
		return check{}, fmt.Errorf("want either check or pattern")
	}
	return check{o.Check, o.Pattern, o.Invalid}, nil
}

// engine is the check as the engine makes it.
func (c check) engine(meant func(string) (lua.LValue, error)) engine.Check {
	if !c.fn.Given() {
		return engine.Check{Invalid: c.invalid, Test: func(digits string) (bool, string, error) {
			return engine.AnyMatches(c.patterns, digits), "fits no pattern", nil
		}}
	}
	return engine.Check{Invalid: c.invalid, Test: func(digits string) (bool, string, error) {
		v, err := meant(digits)
		if err != nil {
			return false, "", err
		}
		results, err := invoke(c.fn, 2, v)
		if err != nil {
			return false, "", err
		}
		why, _ := bind.Text(results[1])
		return lua.LVAsBool(results[0]), why, nil
	}}
}

// confirmation is how an entry is confirmed.
type confirmation struct {
	prompt  func(v lua.LValue) (engine.Prompts, error)
	yes, no engine.Digits
}

type confirmOptions struct {
	Prompt lua.LValue    `lua:"prompt" doc:"What to say, or a function that gets the entry and returns it."`
	Yes    engine.Digits `lua:"yes" default:"\"1\"" doc:"Digits that confirm."`
	No     engine.Digits `lua:"no" default:"\"2\"" doc:"Digits that decline."`
}

func toConfirmation(t bind.Types, L *lua.LState, v lua.LValue) (any, error) {
	o := confirmOptions{Prompt: v, Yes: "1", No: "2"}
	if table, ok := v.(*lua.LTable); ok && table.RawGetString("prompt") != lua.LNil {
		if err := t.Options(L, "confirm", v, &o); err != nil {
			return nil, err
		}
	}
	out := confirmation{yes: o.Yes, no: o.No}
	if o.Yes == "" {
		return nil, fmt.Errorf("yes: nothing would confirm")
	}
	fn, ok := o.Prompt.(*lua.LFunction)
	if !ok {
		p, err := toPrompts(o.Prompt)
		out.prompt = func(lua.LValue) (engine.Prompts, error) { return p, nil }
		return out, err
	}
	callback := bind.NewCallback(L, fn)
	out.prompt = func(v lua.LValue) (engine.Prompts, error) {
		results, err := invoke(callback, 1, v)
		if err != nil {
			return nil, err
		}
		p, err := toPrompts(results[0])
		if err != nil {
			return nil, fmt.Errorf("confirm: its function returned no prompt: %w", err)
		}
		return p, nil
	}
	return out, nil
}
