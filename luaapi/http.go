package luaapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/web"
	"github.com/ivrd/ivrd/luaapi/bind"
)

// httpModule is HTTP requests to other systems.
var httpModule = bind.Module{
	Name: "http",
	Doc: "HTTP requests to other systems. Where they may go, and services with a name, are in ivrd.yaml. " +
		"An answer is there whatever its status; nil and one word why there is none: `timeout`, `refused` (no connection, or it broke), " +
		"`unknown` (no such host), `tls`, `forbidden` (ivrd.yaml does not allow the host), `breaker` (the host failed so often that it is " +
		"left alone for a while), `busy`, `too_big`, `redirect`, `cancelled` (in on_end functions: the caller hung up meanwhile) or `failed`. The caller's hangup ends a request.",
	Funcs: []bind.Func{
		httpFunc("get", `local response, why = http.get("https://core.example/accounts/" .. call.caller.number, {
  timeout = 4, retries = 1, filler = { after = 1.5, prompt = "one-moment" },
})
if not (response and response.ok) then return call:play("system-down") end
call:play { "your-balance-is", say.money(response:json().balance, "BRL") }`),
		httpFunc("post", `local response = http.post("https://core.example/orders", { json = { caller = call.caller.number, item = 7 } })`),
		httpFunc("put", `http.put("https://core.example/callbacks/5551234", { form = { at = "14:30" } })`),
		httpFunc("patch", `http.patch("https://core.example/customers/7", { json = { language = "pt_BR" } })`),
		httpFunc("delete", `http.delete("https://core.example/callbacks/5551234")`),
		httpFunc("head", `local response = http.head("https://core.example/accounts/7")
if response and response.status == 404 then call:play("no-such-account") end`),
		httpRequest, httpStart, httpService,
	},
}

// httpResult is what a request gives.
type httpResult struct {
	bind.Multi
	Response *webResponse `lua:"response" doc:"The answer; nil if there is none."`
	Why      *string      `lua:"why" doc:"One word why there is none."`
	Text     *string      `lua:"text" doc:"The same in more words, for the log."`
}

type httpURLArgs struct {
	URL     string         `lua:"url" doc:"The address, with http:// or https://."`
	Options httpAskOptions `lua:"options,optional" doc:"What to send, and how long to wait."`
}

func httpFunc(name, example string) bind.Func {
	method, like := strings.ToUpper(name), "http.get"
	if name == "get" {
		like = ""
	}
	return bind.Func{
		Name: name, Doc: "Sends a " + method + " request and waits for the answer.", Example: example, Like: like,
		Impl: bind.Act(func(c *engine.Call, a httpURLArgs) (httpResult, error) {
			return ask(c, httpMessage{Method: method, URL: a.URL, options: a.Options.httpOptions}, a.Options.Filler)
		}),
	}
}

type httpRequestArgs struct {
	Options httpRequestOptions `lua:"options" doc:"The request."`
}

type httpRequestOptions struct {
	httpTarget
	httpAskOptions
}

type httpTarget struct {
	Method string `lua:"method" one:"GET POST PUT PATCH DELETE HEAD OPTIONS" default:"\"GET\"" doc:"The method."`
	URL    string `lua:"url" doc:"The address; of a service, a path."`
}

var httpRequest = bind.Func{
	Name:    "request",
	Like:    "http.get",
	Doc:     "Sends a request with any method and waits for the answer.",
	Example: `local response = http.request { method = "OPTIONS", url = "https://core.example/accounts" }`,
	Impl: bind.Act(func(c *engine.Call, a httpRequestArgs) (httpResult, error) {
		o := a.Options
		return ask(c, httpMessage{Method: o.Method, URL: o.URL, options: o.httpOptions}, o.Filler)
	}),
}

type httpStartArgs struct {
	Options httpStartOptions `lua:"options" doc:"The request."`
}

type httpStartOptions struct {
	httpTarget
	httpOptions
}

var httpStart = bind.Func{
	Name: "start",
	Like: "http.get",
	Doc: "Sends a request and does not wait: the flow goes on, and takes the answer with request:wait, which has the filler. What it never waits for is cancelled " +
		"when the flow ends.",
	Example: `local request = http.start { url = "https://core.example/accounts/" .. call.caller.number }
call:play("welcome")
local response, why = request:wait()`,
	Impl: bind.Act(func(c *engine.Call, a httpStartArgs) (*webRequest, error) {
		o := a.Options
		return start(c, httpMessage{Method: o.Method, URL: o.URL, options: o.httpOptions})
	}),
}

type httpServiceArgs struct {
	Name string `lua:"name" doc:"The name that ivrd.yaml gives it below services."`
}

var httpService = bind.Func{
	Name: "service",
	Doc:  "A service of ivrd.yaml, which has its address, credentials and limits there.",
	Example: `local service = http.service("core")
local response, why = service:get("/accounts/" .. call.caller.number)`,
	Impl: bind.Pure(func(c *engine.Call, a httpServiceArgs) (webService, error) {
		return webService(a.Name), systemsOf(c).checkService(a.Name)
	}),
}

// An httpMessage is a request as a flow says it.
type httpMessage struct {
	Service     string
	Method, URL string
	options     httpOptions
}

// ask sends a request and waits for the answer.
func ask(c *engine.Call, m httpMessage, filler httpFiller) (httpResult, error) {
	r, err := start(c, m)
	if err != nil {
		return httpResult{}, err
	}
	return r.wait(c, filler)
}

// start sends a request.
func start(c *engine.Call, m httpMessage) (*webRequest, error) {
	r, shown, err := m.request(c)
	if err != nil {
		return nil, err
	}
	client := systemsOf(c).HTTP
	p, err := c.Start(engine.StepHTTP, shown, func(ctx context.Context) (string, error) {
		if client == nil {
			return "", &nothingGoesOut{shown}
		}
		res, err := client.Do(ctx, r)
		if err != nil {
			return "", err
		}
		return writeResponse(res), nil
	})
	if err != nil {
		return nil, err
	}
	if m.options.Secret {
		p.Shown = statusOnly
	}
	return &webRequest{p}, nil
}

// statusOnly is an answer without what it holds.
func statusOnly(answer string) string {
	status, more, _ := strings.Cut(answer, " ")
	if more == "" {
		return status
	}
	return status + " ?"
}

// nothingGoesOut is a request in a transcript that does not say what comes of it.
type nothingGoesOut struct{ request string }

func (e *nothingGoesOut) Error() string {
	return fmt.Sprintf("nothing goes out of a transcript; below > http %s write what comes back, such as: reply 200 {\"ok\": true}, or: fail timeout", e.request)
}

// request is m as it is sent, and as the journal shows it: without credentials.
func (m *httpMessage) request(c *engine.Call) (*web.Request, string, error) {
	o := &m.options
	r := &web.Request{
		Service: m.Service, Method: m.Method, URL: m.URL, Query: url.Values(o.Query), Bearer: o.Bearer, Username: o.Username,
		Password: o.Password, Timeout: o.Timeout, Connect: o.Connect, Retries: o.Retries, Repeatable: o.Repeatable,
		MaxBody: int64(o.MaxBody), Redirects: o.Redirects,
	}
	if err := o.setHeader(r); err != nil {
		return nil, "", err
	}
	body, err := o.setBody(c, r)
	if err != nil {
		return nil, "", err
	}
	address, err := m.address(r)
	if err != nil {
		return nil, "", err
	}
	if o.Secret {
		address, _, _ = strings.Cut(address, "?")
		body = strings.Repeat("?", min(len(body), 1))
	}
	return r, strings.TrimSpace(m.Method + " " + address + " " + body), nil
}

// anywhere stands for the base of a service, which transcripts do not depend on.
var anywhere = &url.URL{Scheme: "https", Host: "service"}

// address is where r goes, as the journal shows it: core:/accounts for a service.
func (m *httpMessage) address(r *web.Request) (string, error) {
	if m.Service == "" {
		u, err := r.Address(nil)
		if err != nil {
			return "", err
		}
		return u.String(), nil
	}
	u, err := r.Address(anywhere)
	if err != nil {
		return "", err
	}
	return m.Service + ":" + u.RequestURI(), nil
}

// A webRequest is a request under way.
type webRequest struct{ pending *engine.Pending }

// wait is the answer, once it is there.
func (r *webRequest) wait(c *engine.Call, filler httpFiller) (httpResult, error) {
	text, err := r.pending.Wait(filler.engine())
	if err == nil {
		res, err := readResponse(text)
		return httpResult{Response: res}, err
	}
	var wrong *web.UsageError
	var stub *nothingGoesOut
	if c.Context().Err() != nil || errors.As(err, &wrong) || errors.As(err, &stub) {
		return httpResult{}, err
	}
	why, text := reasonOf(err.Error())
	if errors.Is(err, engine.ErrHangup) { // and an on_end function asks
		why, text = string(web.Cancelled), err.Error()
	}
	return httpResult{Why: &why, Text: &text}, nil
}

// reasonOf takes the word and the text of a failure apart.
func reasonOf(text string) (why, rest string) {
	why, rest, _ = strings.Cut(text, " ")
	if slices.Contains(web.Reasons, web.Reason(why)) {
		return why, rest
	}
	return string(web.Failed), text
}

// httpFiller is what the caller hears meanwhile.
type httpFiller struct {
	After  time.Duration  `lua:"after" default:"1.5" doc:"Seconds of silence before it."`
	Prompt engine.Prompts `lua:"prompt,optional" doc:"What is played, again and again, until the answer is there."`
	Pause  time.Duration  `lua:"pause" default:"3" doc:"Seconds between two times."`
	Music  musicClass     `lua:"music,optional" doc:"true, or a class of music on hold; after the prompt, which is played once then."`
}

func (f httpFiller) engine() engine.Filler {
	return engine.Filler{After: f.After, Prompts: f.Prompt, Pause: f.Pause, Music: f.Music.on, Class: f.Music.class}
}
