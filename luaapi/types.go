package luaapi

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/say"
	"github.com/ivrd/ivrd/internal/spell"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// types are the engine's own types as Lua sees them.
var types = bind.Types{
	reflect.TypeFor[engine.Prompts](): {
		Name:   "ivrd.prompt|ivrd.prompt[]",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toPrompts(v) },
		Encode: func(_ *lua.LState, v any) (lua.LValue, error) {
			return &lua.LUserData{Value: v.(engine.Prompts), Metatable: lua.LNil}, nil
		},
	},
	reflect.TypeFor[escalation](): {
		Name:   "ivrd.prompt|(ivrd.prompt|ivrd.prompt[])[]",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toEscalation(v) },
	},
	reflect.TypeFor[engine.Digits](): {
		Name:   "ivrd.digits",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toDigits(v) },
		Encode: func(_ *lua.LState, v any) (lua.LValue, error) { return lua.LString(v.(engine.Digits)), nil },
	},
	reflect.TypeFor[engine.Cause](): {
		Name:   "ivrd.cause",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toCause(v) },
	},
	reflect.TypeFor[engine.Location](): {
		Name:   "ivrd.location",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toLocation(v) },
	},
	reflect.TypeFor[say.Decimal](): {
		Name:   "number|string",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toDecimal(v) },
	},
	reflect.TypeFor[instant](): {
		Name:   "number|string|table",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toInstant(v) },
	},
	reflect.TypeFor[dialTargets](): {
		Name:   "string|string[]",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toDialTargets(v) },
	},
	reflect.TypeFor[choices](): {Name: "table<ivrd.pattern, ivrd.choice>", Within: toChoices},
	reflect.TypeFor[patterns](): {
		Name:   "ivrd.pattern|ivrd.pattern[]",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toPatterns(v) },
	},
	reflect.TypeFor[checks](): {
		Name:   "fun(entry: any): boolean?, string?|(function|{ check?: function, pattern?: ivrd.pattern|ivrd.pattern[], invalid?: ivrd.prompt })[]",
		Within: toChecks,
	},
	reflect.TypeFor[confirmation](): {
		Name:   "function|ivrd.prompt|{ prompt: function|ivrd.prompt, yes?: ivrd.digits, no?: ivrd.digits }",
		Within: toConfirmation,
	},
	reflect.TypeFor[recordingName](): {
		Name:   "ivrd.recording",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toRecordingName(v) },
	},
	reflect.TypeFor[engine.StoredRecording]():   {Name: "ivrd.stored", Encode: fromStored},
	reflect.TypeFor[[]engine.StoredRecording](): {Name: "ivrd.stored[]?", Encode: fromStoredList},
	reflect.TypeFor[flowName](): {
		Name:   "ivrd.flow",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toFlowName(v) },
	},
	reflect.TypeFor[jsonText](): {
		Name:   "string",
		Decode: toJSONText,
	},
	reflect.TypeFor[period](): {
		Name:   "number|string",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toPeriod(v) },
	},
	reflect.TypeFor[stringMap](): {
		Name:   "table<string, string>",
		Encode: func(_ *lua.LState, v any) (lua.LValue, error) { return fromStringMap(v.(stringMap)), nil },
	},
	reflect.TypeFor[webFields](): {
		Name:   "table<string, string|number|boolean|(string|number|boolean)[]>",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toWebFields(v) },
	},
	reflect.TypeFor[webParts](): {
		Name:   "table<string, string|number|boolean|{ name?: string, type?: string, body: string }>",
		Within: toWebParts,
	},
	reflect.TypeFor[musicClass](): {
		Name:   "string|boolean",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toMusicClass(v) },
	},
	reflect.TypeFor[webCount](): {
		Name:   "integer",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toCount(v) },
	},
	reflect.TypeFor[*webResponse](): {Name: "ivrd.response?", Encode: encodeResponse},
	reflect.TypeFor[*webRequest]():  {Name: "ivrd.request", Encode: instance("request")},
	reflect.TypeFor[webService]():   {Name: "ivrd.service", Encode: instance("service")},
	reflect.TypeFor[sqlText](): {
		Name:   "ivrd.sql",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toSQL(v) },
	},
	reflect.TypeFor[blob](): {
		Name:   "ivrd.blob",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toBlob(v) },
		Encode: func(_ *lua.LState, v any) (lua.LValue, error) {
			return &lua.LUserData{Value: v.(blob), Metatable: lua.LNil}, nil
		},
	},
	reflect.TypeFor[rowList]():     {Name: "table<string, any>[]", Encode: fromRowList},
	reflect.TypeFor[row]():         {Name: "table<string, any>?", Encode: fromRow},
	reflect.TypeFor[columnValue](): {Name: "any", Encode: fromColumnValue},
	reflect.TypeFor[kvValue](): {
		Name:   "string|number|boolean|table",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toKVValue(v) },
	},
	reflect.TypeFor[lifetime](): {
		Name:   "number",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toLifetime(v) },
	},
	reflect.TypeFor[kvAnswer](): {Name: "any", Encode: fromKVAnswer},
	reflect.TypeFor[asked]():    {Name: "ivrd.database", Encode: instance(databaseName)},
	reflect.TypeFor[metricName](): {
		Name:   "string",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toMetricName(v) },
	},
	reflect.TypeFor[metricLabels](): {
		Name:   "table<string, string|number|boolean>",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toMetricLabels(v) },
	},
	reflect.TypeFor[*timer](): {Name: "ivrd.timer", Encode: instance(timerName)},
	reflect.TypeFor[redisCommand](): {
		Name:   "string",
		Decode: func(_ *lua.LState, v lua.LValue) (any, error) { return toRedisCommand(v) },
	},
	reflect.TypeFor[redisReply]():  {Name: "any", Encode: fromRedisReply},
	reflect.TypeFor[redisServer](): {Name: "ivrd.server", Encode: instance(redisServerName)},
	reflect.TypeFor[callArgs](): {
		Name:   "table<string|integer, string>",
		Encode: fromCallArgs,
	},
}

// aliases are the type names above, for the reference and the stubs.
var aliases = []bind.Alias{
	{Name: "ivrd.prompt", Type: "string|userdata", Doc: "A recording's name, or what say.number and the like return. In a list, { \"terms\", hold = true } cannot be interrupted, and { \"news\", barge = \"12\" } by no other keys, which are forgotten then."},
	{Name: "ivrd.digits", Type: "string", Doc: "Keys of a phone: 0-9, *, # and A-D."},
	{Name: "ivrd.pattern", Type: "string", Doc: "Digits, or a pattern as in extensions.conf, such as \"3XX\"."},
	{Name: "ivrd.choice", Type: "ivrd.flow|fun(digits: string): string?|{ play?: ivrd.prompt|ivrd.prompt[], menu?: table, back?: true, top?: true, " +
		"again?: true, continue?: ivrd.location, extension?: string }", Doc: "What a menu does for a choice; see call:menu."},
	{Name: "ivrd.flow", Type: "string", Doc: "A flow's name: its file below the flows folder, without .lua."},
	{Name: "ivrd.recording", Type: "string", Doc: "A recording's name: that of its file below Asterisk's folder for recordings, without extension. It may have folders in it, as in \"messages/42\"."},
	{Name: "ivrd.stored", Type: "{ name: string, format?: string, seconds?: number, bytes?: integer, made?: integer }",
		Doc: "A recording: its name, Asterisk's name of its format, its length, its size and when it was made, in seconds since 1970. What is not known is nil."},
	{Name: "ivrd.sql", Type: "string", Doc: "SQL with ? for each value. Values are never part of it."},
	{Name: "ivrd.blob", Type: "string|userdata", Doc: "Bytes: a string, or what db.blob returns."},
	{Name: "ivrd.cause", Type: "string|integer", Doc: "Why to hang up: a name such as \"busy\", or a Q.850 number."},
	{Name: "ivrd.location", Type: "string|{ context?: string, exten?: string, priority?: string }",
		Doc: "A place in the dialplan: \"context,exten,priority\" as in Goto, or a table of these."},
}

// A flowName is the name of a flow.
type flowName string

func toFlowName(v lua.LValue) (flowName, error) {
	s, ok := bind.Text(v)
	if !ok || s == "" {
		return "", fmt.Errorf("want the name of a flow, got %s", bind.Describe(v))
	}
	return flowName(s), nil
}

// An escalation is prompts by attempt: the first for the first failure, the last for all further ones.
type escalation []engine.Prompts

// toPrompts reads a prompt or a list of prompts.
func toPrompts(v lua.LValue) (engine.Prompts, error) {
	switch v := v.(type) {
	case lua.LString:
		p, err := engine.NewSound(string(v))
		return engine.Prompts{p}, err
	case *lua.LUserData:
		if ps, ok := v.Value.(engine.Prompts); ok {
			return ps, nil
		}
	case *lua.LTable:
		return toPromptList(v)
	case lua.LNumber:
		return nil, fmt.Errorf("the number %s is no prompt; use say.number(%s) or say.digits(\"%s\")", v, v, v)
	}
	return nil, fmt.Errorf("want a prompt or a list of prompts, got %s", bind.Describe(v))
}

func toPromptList(t *lua.LTable) (engine.Prompts, error) {
	n, err := listLen(t, "prompts", "hold", "barge")
	if err != nil {
		return nil, err
	}
	hold, barge, err := toInterruption(t)
	if err != nil {
		return nil, err
	}
	out := make(engine.Prompts, 0, n)
	for i := 1; i <= n; i++ {
		ps, err := toPrompts(t.RawGetInt(i))
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		for _, p := range ps {
			p.Hold = p.Hold || hold
			if p.Barge == "" {
				p.Barge = barge
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// toInterruption reads by what a list of prompts can be interrupted.
func toInterruption(t *lua.LTable) (hold bool, barge engine.Digits, err error) {
	if v := t.RawGetString("hold"); v != lua.LNil {
		b, ok := v.(lua.LBool)
		if !ok {
			return false, "", fmt.Errorf("hold: want true or false, got %s", bind.Describe(v))
		}
		hold = bool(b)
	}
	if v := t.RawGetString("barge"); v != lua.LNil {
		if barge, err = toDigits(v); err != nil {
			return false, "", fmt.Errorf("barge: %w", err)
		}
		if barge == "" || hold {
			return false, "", fmt.Errorf("barge: want the keys that interrupt; hold = true by itself means none")
		}
	}
	return hold, barge, nil
}

// listLen is the length of t, which must hold nothing but items 1 to n and what is named.
func listLen(t *lua.LTable, of string, named ...string) (int, error) {
	n, fault := t.Len(), error(nil)
	t.ForEach(func(k, _ lua.LValue) {
		if i, ok := k.(lua.LNumber); (!ok || int(i) < 1 || int(i) > n) && !slices.Contains(named, k.String()) {
			fault = fmt.Errorf("a list of %s has no %q", of, k.String())
		}
	})
	return n, fault
}

func toEscalation(v lua.LValue) (escalation, error) {
	t, ok := v.(*lua.LTable)
	if !ok {
		ps, err := toPrompts(v)
		return escalation{ps}, err
	}
	n, err := listLen(t, "prompts by attempt")
	if err != nil {
		return nil, err
	}
	out := make(escalation, 0, n)
	for i := 1; i <= n; i++ {
		ps, err := toPrompts(t.RawGetInt(i))
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		out = append(out, ps)
	}
	return out, nil
}

func toDigits(v lua.LValue) (engine.Digits, error) {
	s, ok := bind.Text(v)
	if !ok {
		return "", fmt.Errorf("want digits such as \"12*#\", got %s", bind.Describe(v))
	}
	return engine.ParseDigits(s)
}

func toCause(v lua.LValue) (engine.Cause, error) {
	s, ok := bind.Text(v)
	if !ok {
		return 0, fmt.Errorf("want a hangup cause such as \"busy\" or 17, got %s", bind.Describe(v))
	}
	return engine.ParseCause(s)
}

// toLocation reads "context,exten,priority" with parts missing from the left, as Goto does, or a table.
func toLocation(v lua.LValue) (engine.Location, error) {
	if s, ok := bind.Text(v); ok {
		return engine.ParseLocation(s)
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		return engine.Location{}, fmt.Errorf("want { context = …, exten = …, priority = … } or \"context,exten,priority\", got %s", bind.Describe(v))
	}
	var l engine.Location
	parts := map[string]*string{"context": &l.Context, "exten": &l.Exten, "priority": &l.Priority}
	var fault error
	t.ForEach(func(k, v lua.LValue) {
		text, isText := bind.Text(v)
		part, known := parts[k.String()]
		switch {
		case !known:
			fault = fmt.Errorf("no option %s%s", k, spell.Suffix(k.String(), []string{"context", "exten", "priority"}))
		case !isText:
			fault = fmt.Errorf("%s: want a string, got %s", k, bind.Describe(v))
		default:
			*part = text
		}
	})
	if fault != nil {
		return l, fault
	}
	return l, l.Check()
}

// toJSONText reads JSON to be decoded and accounts for what it will become.
func toJSONText(L *lua.LState, v lua.LValue) (any, error) {
	s, ok := v.(lua.LString)
	if !ok {
		return nil, fmt.Errorf("want a string, got %s", bind.Describe(v))
	}
	runtimeOf(L).charge(jsonGrowth * len(s))
	return jsonText(s), nil
}

// callArgs are the arguments of a call: by name from the query and the route, by number from AGI(url,…).
type callArgs struct {
	named      map[string]string
	positional []string
}

func fromCallArgs(L *lua.LState, v any) (lua.LValue, error) {
	args := v.(callArgs)
	t := L.CreateTable(len(args.positional), len(args.named))
	for i, s := range args.positional {
		t.RawSetInt(i+1, lua.LString(s))
	}
	for k, s := range args.named {
		t.RawSetString(k, lua.LString(s))
	}
	return t, nil
}
