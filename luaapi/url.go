package luaapi

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// urlModule takes addresses apart and puts texts into them.
var urlModule = bind.Module{
	Name:  "url",
	Doc:   "Addresses of the web.",
	Funcs: []bind.Func{urlEncode, urlDecode, urlQuery, urlParse},
}

type urlTextArgs struct {
	Text string `lua:"text" doc:"The text."`
}

var urlEncode = bind.Func{
	Name:    "encode",
	Doc:     "A text as a part of a path or a query.",
	Example: `local address = "https://core.example/customers/" .. url.encode("Ana & Co")`,
	Impl:    bind.Pure(func(_ *engine.Call, a urlTextArgs) (string, error) { return url.PathEscape(a.Text), nil }),
}

var urlDecode = bind.Func{
	Name:    "decode",
	Doc:     "Reads what encode wrote; a + is a blank, as in queries.",
	Example: `local text, why = url.decode("Ana%20%26+Co")`,
	Impl: bind.Pure(func(_ *engine.Call, a urlTextArgs) (decodedResult, error) {
		text, err := url.QueryUnescape(a.Text)
		if err != nil {
			return decodedResult{}, &bind.Failure{Err: err}
		}
		return decodedResult{Text: text}, nil
	}),
}

type urlQueryArgs struct {
	Values lua.LValue `lua:"values" doc:"A table of names and their values."`
}

var urlQuery = bind.Func{
	Name:    "query",
	Doc:     "A table as a query, in the order of its names.",
	Example: `local address = "https://core.example/search?" .. url.query { name = "Ana", page = 2 }`,
	Impl: bind.Pure(func(_ *engine.Call, a urlQueryArgs) (string, error) {
		table, ok := a.Values.(*lua.LTable)
		if !ok {
			return "", fmt.Errorf("want a table of names and values, got %s", bind.Describe(a.Values))
		}
		values := url.Values{}
		var fault error
		table.ForEach(func(k, v lua.LValue) {
			name, isName := k.(lua.LString)
			switch v.(type) {
			case lua.LString, lua.LNumber, lua.LBool:
			default:
				isName = false
			}
			if !isName {
				fault = fmt.Errorf("want names with a text, a number or a boolean each, got %s = %s", bind.Describe(k), bind.Describe(v))
				return
			}
			values.Set(string(name), v.String())
		})
		return values.Encode(), fault
	}),
}

type urlParseResult struct {
	bind.Multi
	Parts *urlParts `lua:"parts" doc:"Its parts; nil and the reason if it is no address."`
}

type urlParts struct {
	Scheme   string    `lua:"scheme" doc:"Such as https."`
	User     string    `lua:"user" doc:"The user, without a password."`
	Host     string    `lua:"host" doc:"The host."`
	Port     string    `lua:"port" doc:"The port, \"\" if it has none."`
	Path     string    `lua:"path" doc:"The path, decoded."`
	Query    stringMap `lua:"query" doc:"What follows ?, by name; of several values the first."`
	Fragment string    `lua:"fragment" doc:"What follows #."`
}

// A stringMap is a table of texts by name.
type stringMap map[string]string

func fromStringMap(m stringMap) lua.LValue {
	t := &lua.LTable{Metatable: lua.LNil}
	for k, v := range m {
		t.RawSetString(k, lua.LString(v))
	}
	return t
}

var urlParse = bind.Func{
	Name:    "parse",
	Doc:     "Takes an address apart.",
	Example: `local parts, why = url.parse("https://core.example:8443/orders?id=7")`,
	Impl: bind.Pure(func(_ *engine.Call, a urlTextArgs) (urlParseResult, error) {
		u, err := url.Parse(strings.TrimSpace(a.Text))
		if err != nil {
			return urlParseResult{}, &bind.Failure{Err: err}
		}
		query, err := url.ParseQuery(u.RawQuery)
		if err != nil {
			return urlParseResult{}, &bind.Failure{Err: fmt.Errorf("its query: %w", err)}
		}
		parts := &urlParts{Scheme: u.Scheme, User: u.User.Username(), Host: u.Hostname(), Port: u.Port(), Path: u.Path, Query: stringMap{}, Fragment: u.Fragment}
		for name := range query {
			parts.Query[name] = query.Get(name)
		}
		return urlParseResult{Parts: parts}, nil
	}),
}
