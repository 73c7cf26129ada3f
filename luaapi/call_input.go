package luaapi

import (
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// callInput is what takes something from the caller.
var callInput = []bind.Func{callAsk, callMenu, callRecord}

type askArgs struct {
	Options askOptions `lua:"options" doc:"What to ask and how."`
}

type askOptions struct {
	Prompt  engine.Prompts `lua:"prompt,optional" doc:"The question."`
	Min     int            `lua:"min" min:"0" max:"128" default:"1" doc:"Fewest digits."`
	Max     int            `lua:"max" min:"1" max:"128" default:"128" doc:"Most digits; the entry ends with the last one."`
	Stop    engine.Digits  `lua:"stop,optional" doc:"Digits that end the entry; they are not part of it."`
	Cancel  engine.Digits  `lua:"cancel,optional" doc:"Digits that give up."`
	Wait    time.Duration  `lua:"wait" default:"5" doc:"Seconds to wait for the first digit."`
	Between time.Duration  `lua:"between" default:"3" doc:"Seconds to wait for each further digit."`
	Tries   int            `lua:"tries" min:"1" max:"100" default:"3" doc:"Attempts in all."`
	NoInput escalation     `lua:"no_input,optional" doc:"Said when nothing was pressed: one prompt, or a list by how often that happened."`
	Invalid escalation     `lua:"invalid,optional" doc:"Said when the entry was not valid: one prompt, or a list by how often that happened."`
	Hold    bool           `lua:"hold,optional" doc:"Prompts cannot be interrupted; digits pressed meanwhile count afterwards."`
	Flush   bool           `lua:"flush,optional" doc:"Digits pressed before the question do not count."`
	Secret  bool           `lua:"secret,optional" doc:"The digits stay out of journals, logs and transcripts."`
	Check   bind.Callback  `lua:"check,optional" doc:"Judges an entry: gets the digits, returns true, or false and why."`
}

type askResult struct {
	bind.Multi
	Digits *string `lua:"digits" doc:"What was entered; nil if nothing valid was."`
	Why    *string `lua:"why" doc:"If digits is nil: no_input, invalid or cancel."`
}

var callAsk = bind.Func{
	Name: "ask",
	Doc: "Asks for digits until they are valid, cancelled, or the attempts are used up. A digit pressed during the question " +
		"interrupts it and counts. Silence and invalid entries are counted apart, each with prompts of its own.",
	Example: `local account, why = call:ask {
  prompt = "enter-account", min = 5, max = 8, stop = "#", cancel = "*",
  no_input = { "please-type", "still-there" }, invalid = "not-an-account",
  check = function(d) return #d % 2 == 0, "odd number" end,
}
if not account then return call:continue { context = "operators", exten = "s" } end`,
	Impl: bind.Act(func(c *engine.Call, a askArgs) (askResult, error) {
		o := &a.Options
		answer, err := c.Ask(engine.AskRequest{
			Prompt: o.Prompt, Min: o.Min, Max: o.Max, Stop: o.Stop, Cancel: o.Cancel, Wait: o.Wait, Between: o.Between,
			Tries: o.Tries, NoInput: o.NoInput, Invalid: o.Invalid, Hold: o.Hold, Flush: o.Flush, Secret: o.Secret,
			Check: checker(o.Check),
		})
		if err != nil || answer.Why == engine.Match {
			return askResult{Digits: &answer.Digits}, err
		}
		why := string(answer.Why)
		return askResult{Why: &why}, nil
	}),
}

// checker makes a Lua function the engine's check; nil if there is none.
func checker(fn bind.Callback) func(string) (bool, string, error) {
	if !fn.Given() {
		return nil
	}
	return func(digits string) (bool, string, error) {
		results, err := invoke(fn, 2, lua.LString(digits))
		if err != nil {
			return false, "", err
		}
		why, _ := bind.Text(results[1])
		return lua.LVAsBool(results[0]), why, nil
	}
}

type menuArgs struct {
	Options menuOptions `lua:"options" doc:"What to offer and how."`
}

type menuOptions struct {
	Prompt  engine.Prompts `lua:"prompt,optional" doc:"What names the choices."`
	Choices choices        `lua:"choices" doc:"By what is pressed, also patterns such as \"3XX\": a function called with the digits, the name of a flow to run, or { continue = \"context,exten,priority\" }."`
	Match   string         `lua:"match" one:"longest first timer" default:"\"longest\"" doc:"If both 1 and 12 are choices: wait for more digits as long as for a first one, take the first that matches, or wait only the time between digits."`
	Wait    time.Duration  `lua:"wait" default:"5" doc:"Seconds to wait for the first digit."`
	Between time.Duration  `lua:"between" default:"3" doc:"Seconds to wait for each further digit."`
	Tries   int            `lua:"tries" min:"1" max:"100" default:"3" doc:"Attempts in all."`
	Stop    engine.Digits  `lua:"stop,optional" doc:"Digits that end the entry early, if no choice contains them."`
	NoInput escalation     `lua:"no_input,optional" doc:"Said when nothing was pressed: one prompt, or a list by how often that happened."`
	Invalid escalation     `lua:"invalid,optional" doc:"Said when there is no such choice: one prompt, or a list by how often that happened."`
	Hold    bool           `lua:"hold,optional" doc:"Prompts cannot be interrupted; digits pressed meanwhile count afterwards."`
	Flush   bool           `lua:"flush,optional" doc:"Digits pressed before the menu do not count."`
}

type menuResult struct {
	bind.Multi
	Choice *string `lua:"choice" doc:"What was pressed, after its function or flow has run; nil if there was no choice."`
	Why    *string `lua:"why" doc:"If choice is nil: no_input or invalid."`
}

var callMenu = bind.Func{
	Name: "menu",
	Doc:  "Offers choices and does what belongs to the one the caller picks.",
	Example: `call:menu {
  prompt = "main-menu", invalid = "invalid",
  choices = {
    ["1"]   = function() call:play("opening-hours") end,
    ["2"]   = "sales",
    ["0"]   = { continue = "operators,s,1" },
    ["3XX"] = function(ext) call:exec("Dial", "PJSIP/" .. ext) end,
  },
}`,
	Impl: bind.Act(func(c *engine.Call, a menuArgs) (menuResult, error) {
		o := &a.Options
		i, answer, err := c.Menu(engine.MenuRequest{
			Prompt: o.Prompt, Choices: o.Choices.patterns, Match: engine.MatchMode(o.Match), Wait: o.Wait, Between: o.Between,
			Tries: o.Tries, Stop: o.Stop, NoInput: o.NoInput, Invalid: o.Invalid, Hold: o.Hold, Flush: o.Flush,
		})
		if err != nil {
			return menuResult{}, err
		}
		if i < 0 {
			why := string(answer.Why)
			return menuResult{Why: &why}, nil
		}
		return menuResult{Choice: &answer.Digits}, o.Choices.actions[i].do(c, answer.Digits)
	}),
}

func (a action) do(c *engine.Call, digits string) error {
	switch {
	case a.fn.Given():
		_, err := invoke(a.fn, 0, lua.LString(digits))
		return err
	case a.location != nil:
		return c.Continue(*a.location)
	}
	return c.Run(a.flow)
}

type recordArgs struct {
	Options recordOptions `lua:"options" doc:"What to record and when to stop."`
}

type recordOptions struct {
	Name    string        `lua:"name" doc:"The file's name without extension, below Asterisk's sounds folder or absolute."`
	Format  string        `lua:"format" default:"\"wav\"" doc:"Asterisk's name of the file format."`
	Stop    engine.Digits `lua:"stop" default:"\"#\"" doc:"Digits that end the recording. \"\" means none does."`
	Max     time.Duration `lua:"max" default:"300" doc:"Longest recording in seconds."`
	Silence time.Duration `lua:"silence,optional" doc:"Seconds of silence that end it. Asterisk measures silence only while audio arrives."`
	Beep    bool          `lua:"beep,optional" doc:"A beep says that recording starts."`
}

type recordResult struct {
	Name     string        `lua:"name" doc:"The file's name without extension."`
	Duration time.Duration `lua:"duration" doc:"Its length in seconds."`
	Why      string        `lua:"why" doc:"What ended it: digit or timeout (max or silence)."`
	Digit    *string       `lua:"digit" doc:"The digit that ended it, or nil."`
}

var callRecord = bind.Func{
	Name:    "record",
	Doc:     "Records the caller. A hangup ends the flow, as everywhere; what was recorded until then is kept.",
	Example: `local message = call:record { name = "message-" .. call.id, max = 60, silence = 3, beep = true }`,
	Impl: bind.Act(func(c *engine.Call, a recordArgs) (recordResult, error) {
		o := a.Options
		r, err := c.Record(engine.RecordRequest{
			Name: o.Name, Format: o.Format, Stop: o.Stop, Max: o.Max, Silence: o.Silence, Beep: o.Beep,
		})
		return recordResult{r.Name, r.Duration, string(r.Why), digit(r.Digit)}, err
	}),
}
