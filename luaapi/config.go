package luaapi

import (
	"fmt"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// configModule is the designer's own settings.
var configModule = bind.Module{
	Name: "config",
	Doc: "Settings of your own, in `config.yaml` beside the flows: numbers to transfer to, amounts, names. They are saved like a flow, and " +
		"belong to the version of each flow that asks for them.",
	Funcs: []bind.Func{configGet},
}

type configGetArgs struct {
	Path    string     `lua:"path" doc:"The key, with those above it: \"operators.sales\"."`
	Default lua.LValue `lua:"default,optional" doc:"What it is if config.yaml does not say."`
}

var configGet = bind.Func{
	Name: "get",
	Doc: "A setting: text, a number, true or false, or a table of these. One that is not there and has no default is an error. Numbers that begin " +
		"with 0 or +, such as those of telephones, are text.",
	Example: `local operator = config.get("operators.sales", "300")
call:continue { context = "operators", exten = operator }`,
	Impl: bind.Pure(func(c *engine.Call, a configGetArgs) (lua.LValue, error) {
		text, hint, err := c.Setting(a.Path)
		switch missing := a.Default == nil || a.Default == lua.LNil; {
		case err == nil && text != "":
			return plainValue(text), nil
		case !missing:
			return a.Default, nil
		case err != nil:
			return nil, err
		}
		return nil, fmt.Errorf("there is no setting %s; %s", a.Path, hint)
	}),
}
