package luaapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// ariModule is Asterisk's REST interface itself.
var ariModule = bind.Module{
	Name: "ari",
	Doc: "Everything else that Asterisk can do over ARI. Requests are checked before they are sent, since some wrong ones crash Asterisk. " +
		"Their meaning is in Asterisk's own documentation of ARI.",
	Funcs: []bind.Func{ariRequest},
}

type ariRequestArgs struct {
	Method string     `lua:"method" one:"GET POST PUT DELETE" doc:"The method."`
	Path   string     `lua:"path" doc:"The path, such as \"/channels\"."`
	Params lua.LValue `lua:"params,optional" doc:"A table of parameters, by Asterisk's names for them."`
	Body   lua.LValue `lua:"body,optional" doc:"A table of what Asterisk documents as the body, such as { variables = { … } }."`
}

type ariRequestResult struct {
	bind.Multi
	Answer lua.LValue `lua:"answer" doc:"What Asterisk answered: a table, or true if it said nothing. nil and the reason if it refused."`
}

var ariRequest = bind.Func{
	Name:  "request",
	Needs: string(engine.StepARI),
	Doc:   "Sends any request to Asterisk's REST interface.",
	Example: `local device, why = ari.request("GET", "/deviceStates/PJSIP%2Falice")
if device then log.info("alice is", device.state) end`,
	Impl: bind.Act(func(c *engine.Call, a ariRequestArgs) (ariRequestResult, error) {
		params := map[string]any{}
		for _, table := range []lua.LValue{a.Params, a.Body} {
			if err := addParams(params, table); err != nil {
				return ariRequestResult{}, err
			}
		}
		answer, err := c.Request(a.Method, a.Path, params)
		if err != nil {
			return ariRequestResult{}, err
		}
		return ariAnswer(answer)
	}),
}

// addParams adds the fields of a table.
func addParams(to map[string]any, table lua.LValue) error {
	if table == nil || table == lua.LNil {
		return nil
	}
	v, err := fromLua(table, 0)
	if err != nil {
		return err
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("want a table with names, got %s", bind.Describe(table))
	}
	for name, value := range fields {
		to[name] = value
	}
	return nil
}

// ariAnswer reads a status and the body behind it.
func ariAnswer(text string) (ariRequestResult, error) {
	code, body, _ := strings.Cut(text, " ")
	status, _ := strconv.Atoi(code)
	var answer lua.LValue = lua.LTrue
	if strings.TrimSpace(body) != "" {
		d := json.NewDecoder(bytes.NewReader([]byte(body)))
		d.UseNumber()
		v, err := decodeJSON(d, 0)
		if err != nil {
			return ariRequestResult{}, &bind.Failure{Err: fmt.Errorf("the answer is no JSON: %w", err)}
		}
		answer = v
	}
	if status >= 200 && status < 300 {
		return ariRequestResult{Answer: answer}, nil
	}
	reason := code
	if t, ok := answer.(*lua.LTable); ok {
		if said, ok := bind.Text(t.RawGetString("message")); ok {
			reason += " " + said
		}
	}
	return ariRequestResult{}, &bind.Failure{Err: errors.New(reason)}
}

// deviceModule is what Asterisk knows of phones.
var deviceModule = bind.Module{
	Name:  "device",
	Doc:   "States of devices, as BLF lamps and queues see them.",
	Funcs: []bind.Func{deviceState, deviceSet},
}

type deviceStateArgs struct {
	Name string `lua:"name" doc:"The device, such as \"PJSIP/alice\" or \"Custom:night\"."`
}

var deviceState = bind.Func{
	Name:    "state",
	Doc:     "The state of a device: UNKNOWN, NOT_INUSE, INUSE, BUSY, INVALID, UNAVAILABLE, RINGING, RINGINUSE or ONHOLD.",
	Example: `if device.state("PJSIP/alice") == "NOT_INUSE" then log.info("alice is free") end`,
	Impl: bind.Act(func(c *engine.Call, a deviceStateArgs) (string, error) {
		if err := checkDevice(a.Name); err != nil {
			return "", err
		}
		return c.Var("DEVICE_STATE(" + a.Name + ")")
	}),
}

type deviceSetArgs struct {
	Name  string `lua:"name" doc:"A custom device, such as \"Custom:night\"."`
	State string `lua:"state" one:"UNKNOWN NOT_INUSE INUSE BUSY INVALID UNAVAILABLE RINGING RINGINUSE ONHOLD" doc:"Its new state."`
}

var deviceSet = bind.Func{
	Name:    "set",
	Doc:     "Sets the state of a custom device, for hints in extensions.conf such as `exten => 800,hint,Custom:night`.",
	Example: `device.set("Custom:night", "INUSE")`,
	Impl: bind.Act(func(c *engine.Call, a deviceSetArgs) (bind.None, error) {
		if err := checkDevice(a.Name); err != nil {
			return bind.None{}, err
		}
		if !strings.HasPrefix(a.Name, "Custom:") {
			return bind.None{}, fmt.Errorf("only custom devices can be set, such as \"Custom:%s\"", a.Name)
		}
		return bind.None{}, c.SetVar("DEVICE_STATE("+a.Name+")", a.State)
	}),
}

func checkDevice(name string) error {
	if name == "" || strings.ContainsAny(name, "(){}$, \t\r\n\"'\\") {
		return fmt.Errorf("%q is no device; use a name such as \"PJSIP/alice\"", name)
	}
	return nil
}
