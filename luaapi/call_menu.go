package luaapi

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/spell"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

type menuArgs struct {
	Options menuOptions `lua:"options" doc:"What to offer and how."`
}

type menuOptions struct {
	asking
	Choices choices `lua:"choices" doc:"What is done, by what is pressed, which may be patterns such as \"3XX\"."`
	Match   string  `lua:"match" one:"longest first timer" default:"\"longest\"" doc:"If both 1 and 12 are choices: wait for more digits as long as for a first one, take the first that matches, or wait only the time between digits."`
	Loop    bool    `lua:"loop,optional" doc:"The menu is offered again once a choice was done, until one leads out of it."`
	Rounds  int     `lua:"rounds" min:"1" max:"1000" default:"20" doc:"How often it is offered at most, whatever leads back to it."`
}

type menuResult struct {
	bind.Multi
	Choice *string `lua:"choice" doc:"What was pressed, once it is done; nil if there was no choice, or the last one led out of the menu."`
	Why    *string `lua:"why" doc:"If choice is nil: no_input, invalid, cancel, back, or rounds if it was offered too often."`
}

var callMenu = bind.Func{
	Name: "menu",
	Doc: "Offers choices and does what belongs to the one the caller picks: a function is called with the digits, a text is the name of a " +
		"flow to run, and a table says one of: play = prompts; menu = the options of a menu below this one; back, top or again = true, " +
		"to offer the menu above, the first one or this one (a function can return \"back\", \"top\" or \"again\"); continue = a place in the " +
		"dialplan; extension = a context, to go to the extension that was pressed, if the dialplan has it there.",
	Example: `call:menu {
  prompt = "main-menu", invalid = "invalid",
  choices = {
    ["1"]   = function() call:play("opening-hours") end,
    ["2"]   = "sales",
    ["3XX"] = { extension = "internal" },
    ["4"]   = { menu = { prompt = "sub-menu", choices = { ["1"] = { play = "directions" }, ["9"] = { back = true } } } },
    ["0"]   = { continue = "operators,s,1" },
  },
}`,
	Impl: bind.Act(func(c *engine.Call, a menuArgs) (menuResult, error) {
		choice, end, err := a.Options.offer(c, true)
		if err != nil || end == "" {
			return menuResult{Choice: &choice}, err
		}
		why := string(end)
		return menuResult{Why: &why}, nil
	}),
}

// leads says where a choice leads when it is done: "" is nowhere special, otherwise it is one of these or why
// there was no choice.
type leads string

const (
	leadsBack  leads = "back"
	leadsTop   leads = "top"
	leadsAgain leads = "again"
	tooOften   leads = "rounds"
)

// offer offers the menu until a choice leads out of it.
func (o *menuOptions) offer(c *engine.Call, first bool) (choice string, to leads, err error) {
	for range o.Rounds {
		i, answer, err := c.Menu(o.request(c))
		if err != nil {
			return "", "", err
		}
		if i < 0 {
			return "", leads(answer.Why), nil
		}
		to, err := o.Choices.actions[i].do(c, answer.Digits)
		switch {
		case err != nil:
			return "", "", err
		case to == leadsAgain, to == "" && o.Loop, to == leadsTop && first:
			continue
		}
		return answer.Digits, to, nil
	}
	return "", tooOften, nil
}

func (o *menuOptions) request(c *engine.Call) engine.MenuRequest {
	r := engine.MenuRequest{Asking: o.asking.request(), Choices: o.Choices.patterns}
	r.Match = engine.MatchMode(o.Match)
	r.Check = func(i int, digits string) (bool, error) {
		context := o.Choices.actions[i].extension
		if context == "" {
			return true, nil
		}
		there, err := c.Var("DIALPLAN_EXISTS(" + context + "," + digits + ",1)")
		return there == "1", err
	}
	return r
}

// choices are what a menu offers and what follows each.
type choices struct {
	patterns []engine.Pattern
	actions  []action
}

// An action is what a menu does for a choice: one of its fields is set.
type action struct {
	fn        bind.Callback
	flow      string
	play      engine.Prompts
	menu      *menuOptions
	location  *engine.Location
	extension string // a context
	leads     leads
}

func (a *action) do(c *engine.Call, digits string) (leads, error) {
	switch {
	case a.fn.Given():
		results, err := invoke(a.fn, 1, lua.LString(digits))
		if err != nil {
			return "", err
		}
		text, _ := results[0].(lua.LString)
		if to := leads(text); to == leadsBack || to == leadsTop || to == leadsAgain {
			return to, nil
		}
		return "", nil
	case a.menu != nil:
		_, to, err := a.menu.offer(c, false)
		if to == leadsBack {
			to = leadsAgain
		}
		return to, err
	case a.location != nil:
		return "", c.Continue(*a.location)
	case a.extension != "":
		return "", c.Continue(engine.Location{Context: a.extension, Exten: digits, Priority: "1"})
	case a.leads != "":
		return a.leads, nil
	case a.flow != "":
		return "", c.Run(a.flow)
	}
	return "", c.PlayUntilKey(a.play)
}

func toChoices(types bind.Types, L *lua.LState, v lua.LValue) (any, error) {
	t, ok := v.(*lua.LTable)
	if !ok {
		return nil, fmt.Errorf("want a table such as { [\"1\"] = function() … end }, got %s", bind.Describe(v))
	}
	keys := map[string]lua.LValue{}
	var fault error
	t.ForEach(func(k, v lua.LValue) {
		key, ok := bind.Text(k)
		if !ok {
			fault = fmt.Errorf("a choice is a string such as \"1\" or \"3XX\", got %s", bind.Describe(k))
			return
		}
		keys[key] = v
	})
	if fault == nil && len(keys) == 0 {
		fault = fmt.Errorf("there are no choices")
	}
	if fault != nil {
		return nil, fault
	}
	return buildChoices(types, L, keys)
}

func buildChoices(types bind.Types, L *lua.LState, keys map[string]lua.LValue) (choices, error) {
	var out choices
	names := make([]string, 0, len(keys))
	for key := range keys {
		names = append(names, key)
	}
	slices.Sort(names)
	for _, key := range names {
		p, err := engine.ParsePattern(strings.TrimPrefix(key, "_"))
		if err != nil {
			return out, err
		}
		a, err := toAction(types, L, keys[key])
		if err != nil {
			return out, fmt.Errorf("choice %s: %w", key, err)
		}
		out.patterns, out.actions = append(out.patterns, p), append(out.actions, a)
	}
	return out, nil
}

func toAction(types bind.Types, L *lua.LState, v lua.LValue) (action, error) {
	switch v := v.(type) {
	case *lua.LFunction:
		return action{fn: bind.NewCallback(L, v)}, nil
	case lua.LString:
		return action{flow: string(v)}, nil
	case *lua.LTable:
		return toTableAction(types, L, v)
	}
	return action{}, fmt.Errorf("want a function, a flow's name or a table such as { continue = \"context,exten,priority\" }, got %s", bind.Describe(v))
}

// tableActions are the keys of a table that is a choice.
var tableActions = []string{"again", "back", "continue", "extension", "menu", "play", "top"}

func toTableAction(types bind.Types, L *lua.LState, t *lua.LTable) (a action, err error) {
	var key string
	var value lua.LValue
	n := 0
	t.ForEach(func(k, v lua.LValue) { key, value, n = k.String(), v, n+1 })
	if n != 1 {
		return a, fmt.Errorf("want a table with one of %s, got one with %d keys", strings.Join(tableActions, ", "), n)
	}
	switch key {
	case "continue":
		l, err := toLocation(value)
		return action{location: &l}, err
	case "play":
		a.play, err = toPrompts(value)
	case "menu":
		a.menu = &menuOptions{}
		err = types.Options(L, "menu", value, a.menu)
	case "extension":
		context, ok := bind.Text(value)
		if !ok || context == "" {
			return a, fmt.Errorf("extension: want a context, got %s", bind.Describe(value))
		}
		a.extension = context
		err = engine.Location{Context: context}.Check()
	case string(leadsAgain), string(leadsBack), string(leadsTop):
		if value != lua.LTrue {
			return a, fmt.Errorf("%s: want true, got %s", key, bind.Describe(value))
		}
		a.leads = leads(key)
	default:
		err = fmt.Errorf("a choice has no %s%s", key, spell.Suffix(key, tableActions))
	}
	return a, err
}
