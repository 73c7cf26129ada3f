package luaapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/web"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// responseClass is what a request gives.
var responseClass = bind.Module{
	Name: "response", Class: true,
	Doc: "The answer to a request of http.",
	Fields: []bind.Field{
		{Name: "status", Doc: "The status, such as 200.", Impl: bind.ValueOf(func(r *webResponse) int { return r.status })},
		{Name: "ok", Doc: "Whether the status is 200 to 299.", Impl: bind.ValueOf(func(r *webResponse) bool { return r.status/100 == 2 })},
		{Name: "body", Doc: "The body as text.", Impl: bind.ValueOf(func(r *webResponse) string { return r.body })},
		{Name: "headers", Doc: "Headers by their names in lower case, such as headers[\"x-total\"]. Those that concern only browsers, caches " +
			"and the connection are left out, and so are cookies.", Impl: bind.ValueOf(func(r *webResponse) map[string]string { return r.headers })},
	},
	Funcs: []bind.Func{responseJSON},
}

var responseJSON = bind.Func{
	Name: "json",
	Doc:  "The body, read as JSON; nil and the reason if it is none.",
	Example: `local response = http.get("https://core.example/accounts/7")
if response and response.ok then log.info("balance", response:json().balance) end`,
	Impl: bind.PureMethod(func(_ *engine.Call, r *webResponse, _ none) (jsonDecodeResult, error) {
		d := json.NewDecoder(bytes.NewReader([]byte(r.body)))
		d.UseNumber()
		v, err := decodeJSON(d, 0)
		if err != nil {
			return jsonDecodeResult{}, &bind.Failure{Err: fmt.Errorf("not JSON, at byte %d: %w", d.InputOffset(), err)}
		}
		return jsonDecodeResult{Value: v}, nil
	}),
}

// requestClass is what http.start gives.
var requestClass = bind.Module{
	Name: "request", Class: true,
	Doc:   "A request under way, of http.start.",
	Funcs: []bind.Func{requestWait},
}

type requestWaitArgs struct {
	Options requestWaitOptions `lua:"options,optional" doc:"What the caller hears meanwhile."`
}

type requestWaitOptions struct {
	Filler httpFiller `lua:"filler,optional" doc:"What the caller hears while there is no answer yet."`
}

var requestWait = bind.Func{
	Name: "wait",
	Doc:  "The answer, as soon as it is there.",
	Example: `local request = http.start { url = "https://core.example/accounts/7" }
call:play("welcome")
local response, why = request:wait { filler = { after = 1, music = true } }`,
	Impl: bind.Method(func(c *engine.Call, r *webRequest, a requestWaitArgs) (httpResult, error) {
		return r.wait(c, a.Options.Filler)
	}),
}

// A webService is a service by its name.
type webService string

// serviceClass is what http.service gives.
var serviceClass = bind.Module{
	Name: "service", Class: true,
	Doc: "A service of ivrd.yaml. Its functions are those of http, with a path in place of the address.",
	Funcs: []bind.Func{
		serviceFunc("get"), serviceFunc("post"), serviceFunc("put"), serviceFunc("patch"), serviceFunc("delete"), serviceFunc("head"),
		serviceRequest, serviceStart,
	},
}

type servicePathArgs struct {
	Path    string         `lua:"path" doc:"The path below the service's address, such as \"/accounts\"."`
	Options httpAskOptions `lua:"options,optional" doc:"What to send, and how long to wait."`
}

func serviceFunc(name string) bind.Func {
	method := strings.ToUpper(name)
	return bind.Func{
		Name: name, Doc: "Sends a " + method + " request to the service and waits for the answer.", Like: "http.get",
		Example: "local service = http.service(\"core\")\nlocal response, why = service:" + name + `("/accounts/7")`,
		Impl: bind.Method(func(c *engine.Call, s webService, a servicePathArgs) (httpResult, error) {
			return ask(c, httpMessage{string(s), method, a.Path, a.Options.httpOptions}, a.Options.Filler)
		}),
	}
}

var serviceRequest = bind.Func{
	Name: "request",
	Like: "http.get",
	Doc:  "Sends a request with any method to the service and waits for the answer.",
	Example: `local service = http.service("core")
local response = service:request { method = "OPTIONS", url = "/accounts" }`,
	Impl: bind.Method(func(c *engine.Call, s webService, a httpRequestArgs) (httpResult, error) {
		o := a.Options
		return ask(c, httpMessage{string(s), o.Method, o.URL, o.httpOptions}, o.Filler)
	}),
}

var serviceStart = bind.Func{
	Name: "start",
	Like: "http.get",
	Doc:  "Sends a request to the service and does not wait; see http.start.",
	Example: `local service = http.service("core")
local request = service:start { url = "/accounts/7" }
local response = request:wait()`,
	Impl: bind.Method(func(c *engine.Call, s webService, a httpStartArgs) (*webRequest, error) {
		o := a.Options
		return start(c, httpMessage{string(s), o.Method, o.URL, o.httpOptions})
	}),
}

// A webResponse is an answer as Lua sees it.
type webResponse struct {
	status  int
	headers map[string]string
	body    string
}

func (r *webResponse) weight() int { return len(r.body) }

// noise are headers that a flow has no use for, and that would fill transcripts.
var noise = []string{
	"Accept-Ranges", "Age", "Alt-Svc", "Cache-Control", "Connection", "Content-Encoding", "Content-Length", "Content-Security-Policy",
	"Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Date", "Expires", "Keep-Alive", "Nel", "Pragma", "Referrer-Policy",
	"Report-To", "Server", "Server-Timing", "Set-Cookie", "Strict-Transport-Security", "Transfer-Encoding", "Vary", "Via",
	"X-Content-Type-Options", "X-Frame-Options", "X-Powered-By", "X-Xss-Protection",
}

// writeResponse is an answer as the journal has it: the status, headers as Name:"value", and the body.
//
//	200 {"balance": 1250.4}
//	200 X-Total:"5" [1, 2, 3]
func writeResponse(r *web.Response) string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(r.Status))
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		value := strings.Join(r.Header[name], ", ")
		if slices.Contains(noise, name) || strings.HasPrefix(name, "Access-Control-") ||
			name == "Content-Type" && strings.HasPrefix(value, "application/json") {
			continue
		}
		fmt.Fprintf(&b, " %s:%s", name, strconv.Quote(value))
	}
	if len(r.Body) > 0 {
		b.WriteByte(' ')
		if headerWord.Match(r.Body) || bytes.HasPrefix(r.Body, []byte(bodyMark)) {
			b.WriteString(bodyMark)
		}
		b.Write(r.Body)
	}
	return b.String()
}

// headerWord is a header in front of the body.
var headerWord = regexp.MustCompile(`^([A-Za-z0-9!#$%&'*+.^_|~\x60-]+):("(?:[^"\\]|\\.)*")(?: |$)`)

// bodyMark stands before a body that would be taken for a header.
const bodyMark = "body: "

// readResponse reads what writeResponse wrote, or a designer in a transcript.
func readResponse(text string) (*webResponse, error) {
	code, rest, _ := strings.Cut(text, " ")
	status, err := strconv.Atoi(code)
	if err != nil || status < 100 || status > 999 {
		return nil, fmt.Errorf("reply %s: an answer begins with its status, such as: reply 200 {\"ok\": true}", text)
	}
	r := &webResponse{status: status, headers: map[string]string{}}
	for m := headerWord.FindStringSubmatch(rest); m != nil; m = headerWord.FindStringSubmatch(rest) {
		value, err := strconv.Unquote(m[2])
		if err != nil {
			break
		}
		r.headers[strings.ToLower(m[1])] = value
		rest = rest[len(m[0]):]
	}
	r.body = strings.TrimPrefix(rest, bodyMark)
	if _, known := r.headers["content-type"]; !known && json.Valid([]byte(r.body)) {
		r.headers["content-type"] = "application/json"
	}
	return r, nil
}

// encodeResponse is nil where there is no answer.
func encodeResponse(L *lua.LState, v any) (lua.LValue, error) {
	if v.(*webResponse) == nil {
		return lua.LNil, nil
	}
	return instance("response")(L, v)
}

// instance makes a value of a class.
func instance(class string) func(L *lua.LState, v any) (lua.LValue, error) {
	return func(L *lua.LState, v any) (lua.LValue, error) {
		if holds, ok := v.(interface{ weight() int }); ok {
			runtimeOf(L).charge(holds.weight())
		}
		return &lua.LUserData{Value: v, Metatable: theShelf.classes[class]}, nil
	}
}
