package luaapi

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// callModule is the call itself: the caller's end of the line, and where the call goes.
var callModule = bind.Module{
	Name:   "call",
	Object: true,
	Doc:    "The call this flow runs for. Its functions are called with a colon; each ends the flow if the caller has hung up.",
	Fields: []bind.Field{callCaller, callDialed, callExten, callContext, callID, callArguments, callBackend, callFlow, callVersion},
	Funcs: slices.Concat([]bind.Func{callAnswer, callPlay, callWait, callHangup, callContinue, callRun, callOnEnd,
		callGet, callSet, callLanguage, callExec, callAGI}, callInput, callOthers, callMedia),
}

type none struct{}

var callCaller = bind.Field{
	Name: "caller",
	Doc:  "Who calls: `call.caller.number` and `call.caller.name`, each \"\" if withheld or unknown.",
	Impl: bind.Value(func(c *engine.Call) party { return party{c.Info().CallerID, c.Info().CallerName} }),
}

type party struct {
	Number string `lua:"number" doc:"The caller's number."`
	Name   string `lua:"name" doc:"The caller's name."`
}

var callDialed = bind.Field{
	Name: "dialed",
	Doc:  "The number the caller dialed, as the trunk gave it; \"\" if unknown.",
	Impl: bind.Value(func(c *engine.Call) string { return c.Info().Dialed }),
}

var callExten = bind.Field{
	Name: "exten",
	Doc:  "The extension in the dialplan that led here.",
	Impl: bind.Value(func(c *engine.Call) string { return c.Info().Exten }),
}

var callContext = bind.Field{
	Name: "context",
	Doc:  "The dialplan context that led here.",
	Impl: bind.Value(func(c *engine.Call) string { return c.Info().Context }),
}

var callID = bind.Field{
	Name: "id",
	Doc:  "Asterisk's unique id of the channel, the same as in its CDR and logs.",
	Impl: bind.Value(func(c *engine.Call) string { return c.Info().ID }),
}

var callArguments = bind.Field{
	Name: "args",
	Doc: "The arguments of the call: `call.args.queue` for agi://host/flow?queue=gold or an argument of the route, " +
		"`call.args[1]` for the first argument of AGI(url,first).",
	Impl: bind.Value(func(c *engine.Call) callArgs { return callArgs{c.Args(), c.Info().Argv} }),
}

var callBackend = bind.Field{
	Name: "backend",
	Doc:  "How the call came in: \"agi\", \"ari\" or \"sim\".",
	Impl: bind.Value(func(c *engine.Call) string { return c.Info().Backend }),
}

var callFlow = bind.Field{
	Name: "flow",
	Doc:  "The name of the flow that runs.",
	Impl: bind.Value(func(c *engine.Call) string { return c.Flow().Name() }),
}

var callVersion = bind.Field{
	Name: "version",
	Doc:  "The version of the flow that runs: a hash of its files.",
	Impl: bind.Value(func(c *engine.Call) string { return c.Flow().Version() }),
}

var callAnswer = bind.Func{
	Name:    "answer",
	Doc:     "Picks up. A call that is answered already stays so.",
	Example: `call:answer()`,
	Impl:    bind.Act(func(c *engine.Call, _ none) (bind.None, error) { return bind.None{}, c.Answer() }),
}

type playArgs struct {
	Prompt  engine.Prompts `lua:"prompt" doc:"What to play: a name, a list of names, or what say.number and the like return."`
	Options playOptions    `lua:"options,optional" doc:"How to play it."`
}

type playOptions struct {
	Stop  engine.Digits `lua:"stop,optional" doc:"Digits that stop it."`
	Barge bool          `lua:"barge,optional" doc:"Any digit stops it, and counts for the next ask or menu."`
	Keys  controlKeys   `lua:"keys,optional" needs:"control" doc:"Keys that steer a single recording: { forward = \"6\", rewind = \"4\", pause = \"5\", restart = \"1\" }."`
	Skip  time.Duration `lua:"skip" default:"3" doc:"With keys: how many seconds forward and rewind go."`
	From  time.Duration `lua:"from,optional" needs:"control" doc:"Where in a single recording to begin, in seconds."`
}

type controlKeys struct {
	Forward engine.Digits `lua:"forward,optional" doc:"Goes forward."`
	Rewind  engine.Digits `lua:"rewind,optional" doc:"Goes back."`
	Pause   engine.Digits `lua:"pause,optional" doc:"Stops, and goes on."`
	Restart engine.Digits `lua:"restart,optional" doc:"Begins anew."`
}

type playResult struct {
	bind.Multi
	Digit *string        `lua:"digit" doc:"The digit of stop that stopped it; nil if it played to its end."`
	At    *time.Duration `lua:"at" doc:"With keys or from: where in the recording it stopped, in seconds."`
}

var callPlay = bind.Func{
	Name: "play",
	Doc: "Plays a prompt, or several in order. Digits pressed meanwhile count for the next ask or menu. " +
		"A prompt that Asterisk does not have is an error.",
	Example: `call:play("hello-world")
call:play({ "you-have", say.number(3), "new-messages" }, { stop = "#" })
local key, at = call:play("message", { stop = "#", keys = { forward = "6", rewind = "4", pause = "5" } })`,
	Impl: bind.Act(func(c *engine.Call, a playArgs) (playResult, error) {
		if a.Options.Keys != (controlKeys{}) || a.Options.From > 0 {
			return playControlled(c, a)
		}
		if a.Options.Barge {
			return playResult{}, c.PlayUntilKey(a.Prompt)
		}
		d, err := c.Play(a.Prompt, a.Options.Stop)
		return playResult{Digit: digit(d)}, err
	}),
}

// playControlled plays one recording that the caller can steer.
func playControlled(c *engine.Call, a playArgs) (playResult, error) {
	o := &a.Options
	if len(a.Prompt) != 1 || !a.Prompt[0].FromFile() {
		return playResult{}, fmt.Errorf("keys and from are for a single recording")
	}
	keys := engine.ControlKeys{Skip: o.Skip, From: o.From}
	for _, k := range []struct {
		name string
		from engine.Digits
		to   *engine.Digit
	}{{"forward", o.Keys.Forward, &keys.Forward}, {"rewind", o.Keys.Rewind, &keys.Rewind}, {"pause", o.Keys.Pause, &keys.Pause}, {"restart", o.Keys.Restart, &keys.Restart}} {
		if len(k.from) > 1 {
			return playResult{}, fmt.Errorf("keys: %s takes one key, got %q", k.name, k.from)
		}
		if k.from != "" {
			*k.to = engine.Digit(k.from[0])
		}
	}
	d, at, err := c.PlayControlled(a.Prompt[0], keys, o.Stop)
	return playResult{Digit: digit(d), At: &at}, err
}

// digit is d for Lua: nil if there is none.
func digit(d engine.Digit) *string {
	if d == engine.NoDigit {
		return nil
	}
	s := d.String()
	return &s
}

type waitArgs struct {
	Seconds time.Duration `lua:"seconds" doc:"How long, such as 1.5."`
}

var callWait = bind.Func{
	Name:    "wait",
	Doc:     "Lets time pass in silence. Digits pressed meanwhile count for the next ask or menu.",
	Example: `call:wait(1.5)`,
	Impl:    bind.Act(func(c *engine.Call, a waitArgs) (bind.None, error) { return bind.None{}, c.Wait(a.Seconds) }),
}

type hangupArgs struct {
	Cause engine.Cause `lua:"cause" default:"\"normal\"" doc:"Why: a name such as \"busy\", \"congestion\", \"rejected\", or the number of a Q.850 cause."`
}

var callHangup = bind.Func{
	Name:    "hangup",
	Ends:    true,
	Doc:     "Hangs up and ends the flow; only its on_end functions still run. Before an answer, the cause decides what the caller hears.",
	Example: `call:hangup()`,
	Impl: bind.Act(func(c *engine.Call, a hangupArgs) (bind.None, error) {
		return bind.None{}, c.Hangup(a.Cause)
	}),
}

type continueArgs struct {
	To engine.Location `lua:"to,optional" doc:"Where: \"context,exten,priority\" as in Goto, or a table of these. Nothing means the priority after the one that called ivrd."`
}

var callContinue = bind.Func{
	Name:    "continue",
	Ends:    true,
	Doc:     "Gives the call back to the dialplan and ends the flow; only its on_end functions still run.",
	Example: `call:continue { context = "operators", exten = "s" }`,
	Impl: bind.Act(func(c *engine.Call, a continueArgs) (bind.None, error) {
		return bind.None{}, c.Continue(a.To)
	}),
}

type runArgs struct {
	Flow flowName `lua:"flow" doc:"The flow to run."`
}

var callRun = bind.Func{
	Name: "run",
	Doc:  "Runs another flow for this call and comes back when it has run off its end. It has globals of its own; if it ends the call, this flow ends too.",
	Example: `call:run("opening")     -- what opening.lua does
call:play("thank-you")`,
	Impl: bind.Act(func(c *engine.Call, a runArgs) (bind.None, error) { return bind.None{}, c.Run(string(a.Flow)) }),
}

type onEndArgs struct {
	Fn bind.Callback `lua:"fn" doc:"Called with why the flow ended: completed, continued, hangup, error, limit or drain."`
}

var callOnEnd = bind.Func{
	Name: "on_end",
	Doc: "Has a function run when this flow is over, however it ended. It cannot reach the caller any more. " +
		"All such functions together have a few seconds (limits.end_time).",
	Example: `call:on_end(function(why) log.info("visit over", why) end)`,
	Impl: bind.Pure(func(c *engine.Call, a onEndArgs) (bind.None, error) {
		rt := runtimeOf(a.Fn.State())
		rt.onEnd = append(rt.onEnd, a.Fn.Function())
		return bind.None{}, nil
	}),
}

type getArgs struct {
	Name string `lua:"name" doc:"A variable's name, or a dialplan function such as \"CHANNEL(language)\"."`
}

var callGet = bind.Func{
	Name:    "get",
	Doc:     "Reads a channel variable or a dialplan function. It is nil if unset or empty.",
	Example: `local vip = call:get("VIP") or "no"`,
	Impl: bind.Act(func(c *engine.Call, a getArgs) (*string, error) {
		s, err := c.Var(a.Name)
		if s == "" {
			return nil, err
		}
		return &s, err
	}),
}

type setArgs struct {
	Name  string `lua:"name" doc:"A variable's name, or a dialplan function such as \"CDR(userfield)\"."`
	Value string `lua:"value" doc:"The value. \"\" makes it empty."`
}

var callSet = bind.Func{
	Name:    "set",
	Doc:     "Sets a channel variable or writes a dialplan function.",
	Example: `call:set("ACCOUNT", "4711")`,
	Impl: bind.Act(func(c *engine.Call, a setArgs) (bind.None, error) {
		return bind.None{}, c.SetVar(a.Name, a.Value)
	}),
}

type languageArgs struct {
	Code string `lua:"code,optional" doc:"Asterisk's code of a language, such as \"en\" or \"pt_BR\"."`
}

var callLanguage = bind.Func{
	Name:    "language",
	Doc:     "Chooses the language of all later prompts, and says which one is chosen.",
	Example: `call:language("pt_BR")`,
	Impl: bind.Act(func(c *engine.Call, a languageArgs) (string, error) {
		if a.Code == "" {
			return c.Language(), nil
		}
		if strings.ContainsAny(a.Code, " ,/\\\"'()") {
			return "", fmt.Errorf("%q is no language code; use one such as \"en\" or \"pt_BR\"", a.Code)
		}
		err := c.SetLanguage(a.Code)
		return c.Language(), err
	}),
}

type execArgs struct {
	App  string       `lua:"app" doc:"A dialplan application, such as \"Queue\"."`
	Args []lua.LValue `lua:"args,rest" doc:"Its arguments; what the dialplan puts between commas."`
}

var callExec = bind.Func{
	Name:    "exec",
	Needs:   string(engine.StepExec),
	Doc:     "Runs any dialplan application and waits for its end. Many applications leave their result in a channel variable.",
	Example: `call:exec("Queue", "sales", "t")`,
	Impl: bind.Act(func(c *engine.Call, a execArgs) (string, error) {
		words, err := texts(a.Args)
		if err != nil {
			return "", err
		}
		return c.Exec(a.App, strings.Join(words, ","))
	}),
}

type agiArgs struct {
	Command string       `lua:"command" doc:"An AGI command, such as \"DATABASE GET\"."`
	Args    []lua.LValue `lua:"args,rest" doc:"Its arguments, one by one; ivrd quotes them."`
}

type agiResult struct {
	bind.Multi
	Result string `lua:"result" doc:"The reply's result, such as \"1\"."`
	Text   string `lua:"text" doc:"What stands in parentheses behind it, \"\" if nothing does."`
}

var callAGI = bind.Func{
	Name:    "agi",
	Needs:   string(engine.StepAGI),
	Doc:     "Sends any AGI command.",
	Example: `local found, value = call:agi("DATABASE GET", "vip", call.caller.number)`,
	Impl: bind.Act(func(c *engine.Call, a agiArgs) (agiResult, error) {
		words, err := texts(a.Args)
		if err != nil {
			return agiResult{}, err
		}
		result, text, err := c.Command(slices.Concat(strings.Fields(a.Command), words)...)
		return agiResult{Result: result, Text: text}, err
	}),
}

// texts reads a list of arguments that all must be strings or numbers.
func texts(values []lua.LValue) ([]string, error) {
	out := make([]string, len(values))
	for i, v := range values {
		s, ok := bind.Text(v)
		if !ok {
			return nil, fmt.Errorf("argument %d: want a string, got %s", i+1, bind.Describe(v))
		}
		out[i] = s
	}
	return out, nil
}
