package luaapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// callMedia is what concerns the caller's own channel beyond prompts.
var callMedia = []bind.Func{callRinging, callProgress, callMusic, callHold, callUnhold, callSendDigits, callSendText, callMonitor,
	callSnapshot, callOn, callEmit}

var (
	callRinging = signalFunc("ringing", engine.SignalRinging, "Before an answer: the caller hears ringing, as the network makes it.")

	callProgress = signalFunc("progress", engine.SignalProgress,
		"Before an answer: tells the network that audio follows, so that prompts are heard without answering (early media).")

	callHold = signalFunc("hold", engine.SignalHold, "Tells the caller's phone that it is on hold.")

	callUnhold = signalFunc("unhold", engine.SignalUnhold, "Tells the caller's phone that it is not on hold any more.")
)

func signalFunc(name string, kind engine.SignalKind, doc string) bind.Func {
	return bind.Func{
		Name: name, Doc: doc, Example: "call:" + name + "()", Needs: string(engine.StepSignal) + needsOf(kind),
		Impl: bind.Act(func(c *engine.Call, _ none) (bind.None, error) {
			return bind.None{}, c.Signal(engine.Signal{Kind: kind})
		}),
	}
}

// needsOf is what of signals a backend may lack.
func needsOf(kind engine.SignalKind) string { return " " + string(kind) }

type musicArgs struct {
	Class lua.LValue `lua:"class,optional" doc:"The class of music on hold; nothing is the default one. false ends the music."`
}

var callMusic = bind.Func{
	Name:  "music",
	Needs: string(engine.StepSignal),
	Doc:   "Plays music on hold while the flow does other things, until call:music(false) or the next prompt.",
	Example: `call:music("default")
log.info("thinking")
call:music(false)`,
	Impl: bind.Act(func(c *engine.Call, a musicArgs) (bind.None, error) {
		if a.Class == lua.LFalse {
			return bind.None{}, c.Signal(engine.Signal{Kind: engine.SignalNoMusic})
		}
		class, ok := "", a.Class == nil || a.Class == lua.LNil
		if !ok {
			if class, ok = bind.Text(a.Class); !ok {
				return bind.None{}, fmt.Errorf("want a class of music or false, got %s", bind.Describe(a.Class))
			}
		}
		return bind.None{}, c.Signal(engine.Signal{Kind: engine.SignalMusic, Class: class})
	}),
}

type sendDigitsArgs struct {
	Digits  string            `lua:"digits" doc:"Keys to press, and w to wait half a second."`
	Options sendDigitsOptions `lua:"options,optional" doc:"How fast."`
}

type sendDigitsOptions struct {
	Length time.Duration `lua:"length" default:"0.1" doc:"How long each key is down, in seconds."`
	Gap    time.Duration `lua:"gap" default:"0.1" doc:"How long between two keys."`
}

var callSendDigits = bind.Func{
	Name:    "send_digits",
	Needs:   string(engine.StepSendDigits),
	Doc:     "Presses keys towards the caller, for a machine that listens there.",
	Example: `call:send_digits("1w42#")`,
	Impl: bind.Act(func(c *engine.Call, a sendDigitsArgs) (bind.None, error) {
		return bind.None{}, c.SendDigits(a.Digits, a.Options.Length, a.Options.Gap)
	}),
}

type sendTextArgs struct {
	Text string `lua:"text" doc:"The text."`
}

var callSendText = bind.Func{
	Name:    "send_text",
	Needs:   string(engine.StepSendText),
	Doc:     "Sends text within the call, for phones that show it.",
	Example: `call:send_text("Your code is 4711")`,
	Impl:    bind.Act(func(c *engine.Call, a sendTextArgs) (bind.None, error) { return bind.None{}, c.SendText(a.Text) }),
}

type monitorArgs struct {
	Do      string         `lua:"action" one:"start stop pause resume mute unmute" needs:"monitor mute" doc:"What to do. pause leaves out what is said, mute replaces it by silence."`
	Options monitorOptions `lua:"options,optional" doc:"For start: what to record."`
}

type monitorOptions struct {
	Name      recordingName `lua:"name,optional" doc:"The recording's name."`
	Format    string        `lua:"format" default:"\"wav\"" doc:"Asterisk's name of the file format."`
	Direction string        `lua:"direction" one:"both in out" default:"\"both\"" doc:"Both voices, the caller's only (in), or what the caller hears (out)."`
	Keep      bool          `lua:"keep,optional" doc:"It does not expire: recordings.expire in ivrd.yaml is not for it."`
}

var callMonitor = bind.Func{
	Name:  "monitor",
	Needs: string(engine.StepMonitor),
	Doc:   "Records the call in the background, while the flow and its conversations go on, until it is stopped or the call is over.",
	Example: `call:monitor("start", { name = "calls/" .. call.id })
call:play("tell-us-your-card-number")
call:monitor("pause")`,
	Impl: bind.Act(func(c *engine.Call, a monitorArgs) (bind.None, error) {
		if a.Do == "start" && a.Options.Name == "" {
			return bind.None{}, fmt.Errorf("start needs a name: call:monitor(\"start\", { name = … })")
		}
		return bind.None{}, c.Monitor(engine.MonitorRequest{
			Do: engine.MonitorAction(a.Do), Name: string(a.Options.Name), Format: a.Options.Format, Direction: a.Options.Direction,
			Keep: a.Options.Keep,
		})
	}),
}

type snapshotResult struct {
	Name       string `lua:"name" doc:"The channel's name."`
	State      string `lua:"state" doc:"down, ring, ringing, up, busy and the like."`
	Number     string `lua:"number" doc:"The caller's number."`
	CallerName string `lua:"caller_name" doc:"The caller's name."`
	Connected  string `lua:"connected" doc:"The number of the party it is connected with."`
	Language   string `lua:"language" doc:"The channel's language."`
	Account    string `lua:"account" doc:"The account code."`
	Context    string `lua:"context" doc:"Where in the dialplan it is …"`
	Exten      string `lua:"exten" doc:"…"`
	Priority   string `lua:"priority" doc:"…"`
}

var callSnapshot = bind.Func{
	Name:    "snapshot",
	Needs:   string(engine.StepSnapshot),
	Doc:     "The caller's channel as Asterisk has it now. What is unknown is \"\".",
	Example: `log.info("the channel is", call:snapshot().state)`,
	Impl: bind.Act(func(c *engine.Call, _ none) (snapshotResult, error) {
		s, err := c.Snapshot()
		return snapshotResult(s), err
	}),
}

type onArgs struct {
	Event string        `lua:"event" one:"digit hold unhold talking quiet text user_event" needs:"on" doc:"What to wait for: a key, hold and its end, speech and its end, a text message, an event that another program sent."`
	Fn    bind.Callback `lua:"fn" doc:"Called with the event's text and, for user_event, a table of its data. If it returns true, the step that waits ends."`
}

var callOn = bind.Func{
	Name: "on",
	Doc: "Has a function called when something happens while a step of the flow waits: during a prompt, a question, a conversation. " +
		"The function cannot reach the caller itself, but can end the step. digit gets the key, quiet for how many seconds the caller " +
		"spoke, text the message, user_event the event's name.",
	Example: `call:on("hold", function() log.info("put on hold") end)
call:on("digit", function(key) return key == "#" end)`,
	Impl: bind.Act(func(c *engine.Call, a onArgs) (bind.None, error) {
		fn := a.Fn
		return bind.None{}, c.On(engine.EventKind(a.Event), func(e engine.Event) (bool, error) {
			data := lua.LValue(lua.LNil)
			if e.Data != "" {
				d := json.NewDecoder(bytes.NewReader([]byte(e.Data)))
				d.UseNumber()
				if v, err := decodeJSON(d, 0); err == nil {
					data = v
				}
			}
			results, err := invoke(fn, 1, lua.LString(e.Text), data)
			if err != nil {
				return true, err
			}
			return lua.LVAsBool(results[0]), nil
		})
	}),
}

type emitArgs struct {
	Name string            `lua:"name" doc:"The event's name."`
	Data map[string]string `lua:"data,optional" doc:"Names and texts that go with it."`
}

var callEmit = bind.Func{
	Name:    "emit",
	Needs:   string(engine.StepEmit),
	Doc:     "Sends an event to other programs that listen to Asterisk: a UserEvent.",
	Example: `call:emit("OrderPlaced", { order = "4711" })`,
	Impl: bind.Act(func(c *engine.Call, a emitArgs) (bind.None, error) {
		return bind.None{}, c.Emit(a.Name, a.Data)
	}),
}
