package luaapi

import (
	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
)

// secretsModule is what a flow may know and no record shows.
var secretsModule = bind.Module{
	Name: "secrets",
	Doc: "Keys and passwords, by their names in ivrd.yaml, which says where each is: in the environment or in a file. " +
		"In the journal, the log and transcripts the name stands wherever the secret would be seen.",
	Funcs: []bind.Func{secretsGet},
}

type secretsGetArgs struct {
	Name string `lua:"name" doc:"The name that ivrd.yaml gives it below secrets."`
}

var secretsGet = bind.Func{
	Name: "get",
	Doc: "A secret. In a transcript, which knows none, it is its own name. A file is read when a call asks for the first time, so that it can be replaced " +
		"while ivrd runs.",
	Example: `local signed = crypto.hmac("sha256", secrets.get("partner_key"), call.caller.number)
local response, why = http.get("https://partner.example/customers", { query = { caller = call.caller.number, signature = signed } })`,
	Impl: bind.Act(func(c *engine.Call, a secretsGetArgs) (string, error) { return c.Secret(a.Name) }),
}
