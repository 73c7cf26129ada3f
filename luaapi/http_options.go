package luaapi

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/web"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// httpAskOptions are those of a request that the flow waits for.
type httpAskOptions struct {
	httpOptions
	Filler httpFiller `lua:"filler,optional" doc:"What the caller hears while there is no answer yet."`
}

// httpOptions are those of every request.
type httpOptions struct {
	Timeout    time.Duration     `lua:"timeout,optional" doc:"Seconds for all of it, further attempts included; nothing means what ivrd.yaml says, else 10."`
	Connect    time.Duration     `lua:"connect,optional" doc:"Seconds to be connected; nothing means what ivrd.yaml says, else 3."`
	Retries    webCount          `lua:"retries,optional" doc:"Further attempts if there is no answer, or one with status 429, 502, 503 or 504. Of POST and PATCH there are none."`
	Repeatable bool              `lua:"repeatable,optional" doc:"It does no harm to send this POST or PATCH twice."`
	Query      webFields         `lua:"query,optional" doc:"Names and values that are added to the address, encoded."`
	Headers    map[string]string `lua:"headers,optional" doc:"Headers by name."`
	JSON       lua.LValue        `lua:"json,optional" doc:"What to send as JSON: any value without functions."`
	Form       webFields         `lua:"form,optional" doc:"Names and values to send as a form."`
	Multipart  webParts          `lua:"multipart,optional" doc:"Names and values to send as multipart/form-data; a file is { name = …, type = …, body = … }."`
	Body       string            `lua:"body,optional" doc:"What to send as it is."`
	Type       string            `lua:"type,optional" doc:"The media type of body, such as \"text/csv\"."`
	Bearer     string            `lua:"bearer,optional" doc:"A token that shows who we are."`
	Username   string            `lua:"username,optional" doc:"A name that shows who we are …"`
	Password   string            `lua:"password,optional" doc:"… and its password."`
	MaxBody    int               `lua:"max_body,optional" min:"1" max:"8388608" doc:"Longest answer in bytes; nothing means what ivrd.yaml says, else 1048576."`
	Redirects  webCount          `lua:"redirects,optional" doc:"How many redirects are followed; 0 gives the redirect itself as the answer."`
	Secret     bool              `lua:"secret,optional" doc:"Keeps query, body and answer off the record. A recorded call cannot be run again beyond it."`
}

// setHeader refuses what would be more than headers.
func (o *httpOptions) setHeader(r *web.Request) error {
	if o.Bearer != "" && o.Username != "" {
		return errors.New("bearer and username: one of them")
	}
	r.Header = http.Header{}
	for name, value := range o.Headers {
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
	}
	check := r.Header.Clone()
	check["Authorization"], check["Content-Type"] = []string{o.Bearer}, []string{o.Type}
	if err := web.CheckHeader(check); err != nil {
		return err
	}
	return web.CheckHeader(r.Header)
}

// setBody fills in the one body there is, and returns what the journal shows of it.
func (o *httpOptions) setBody(c *engine.Call, r *web.Request) (string, error) {
	var given []string
	for name, is := range map[string]bool{"json": o.JSON != nil && o.JSON != lua.LNil, "form": o.Form != nil,
		"multipart": o.Multipart != nil, "body": o.Body != ""} {
		if is {
			given = append(given, name)
		}
	}
	slices.Sort(given)
	switch {
	case len(given) > 1:
		return "", fmt.Errorf("%s: a request has one body", strings.Join(given, " and "))
	case len(given) == 0:
		return "", nil
	case o.Type != "" && given[0] != "body":
		return "", fmt.Errorf("type is that of body; %s has its own", given[0])
	}
	var err error
	shown := ""
	switch given[0] {
	case "json":
		r.Body, err = jsonBody(o.JSON)
		r.Type = "application/json"
	case "form":
		r.Body, r.Type = []byte(url.Values(o.Form).Encode()), "application/x-www-form-urlencoded"
	case "multipart":
		shown = o.Multipart.String()
		r.Body, r.Type, err = o.Multipart.encode()
	case "body":
		r.Body, r.Type = []byte(o.Body), o.Type
	}
	if shown == "" {
		shown = showBody(c, r.Body)
	}
	return shown, err
}

// showBody is a body as the journal has it: in short.
func showBody(c *engine.Call, body []byte) string {
	if !utf8.Valid(body) {
		return fmt.Sprintf("(%d bytes)", len(body))
	}
	short, cut := c.Short(string(body), 500)
	if cut {
		short += fmt.Sprintf(" (%d bytes)", len(body))
	}
	return short
}

func jsonBody(v lua.LValue) ([]byte, error) {
	text, err := encodeJSON(v)
	if err != nil {
		return nil, fmt.Errorf("json: %w", err)
	}
	return []byte(text), nil
}

// webFields are names with values, as queries and forms have them.
type webFields url.Values

func toWebFields(v lua.LValue) (webFields, error) {
	t, ok := v.(*lua.LTable)
	if !ok {
		return nil, fmt.Errorf("want a table such as { name = value }, got %s", bind.Describe(v))
	}
	out := webFields{}
	var fault error
	t.ForEach(func(k, v lua.LValue) {
		name, ok := k.(lua.LString)
		if !ok {
			fault = fmt.Errorf("values have names, got one without (%s)", bind.Describe(v))
			return
		}
		values, err := fieldValues(v)
		if err != nil {
			fault = fmt.Errorf("%s: %w", name, err)
		}
		out[string(name)] = values
	})
	return out, fault
}

// fieldValues are the values of one name: one, or a list of them.
func fieldValues(v lua.LValue) ([]string, error) {
	if t, ok := v.(*lua.LTable); ok {
		n, err := listLen(t, "values")
		if err != nil {
			return nil, err
		}
		out := make([]string, 0, n)
		for i := 1; i <= n; i++ {
			text, err := fieldValue(t.RawGetInt(i))
			if err != nil {
				return nil, err
			}
			out = append(out, text)
		}
		return out, nil
	}
	text, err := fieldValue(v)
	return []string{text}, err
}

func fieldValue(v lua.LValue) (string, error) {
	if b, ok := v.(lua.LBool); ok {
		return b.String(), nil
	}
	text, ok := bind.Text(v)
	if !ok {
		return "", fmt.Errorf("want a string, a number, true or false, got %s", bind.Describe(v))
	}
	return text, nil
}

// webParts are the parts of a multipart body, in the order of their names.
type webParts []webPart

type webPart struct {
	field string
	webFile
}

type webFile struct {
	Name string `lua:"name,optional" doc:"The file's name."`
	Type string `lua:"type" default:"\"application/octet-stream\"" doc:"Its media type."`
	Body string `lua:"body" doc:"What is in it."`
}

func toWebParts(types bind.Types, L *lua.LState, v lua.LValue) (any, error) {
	t, ok := v.(*lua.LTable)
	if !ok {
		return webParts(nil), fmt.Errorf("want a table such as { name = value }, got %s", bind.Describe(v))
	}
	out := webParts{}
	var fault error
	t.ForEach(func(k, v lua.LValue) {
		name, ok := k.(lua.LString)
		if !ok {
			fault = fmt.Errorf("parts have names, got one without (%s)", bind.Describe(v))
			return
		}
		p := webPart{field: string(name)}
		if _, isFile := v.(*lua.LTable); isFile {
			if err := types.Options(L, p.field, v, &p.webFile); err != nil {
				fault = err
			}
		} else if text, err := fieldValue(v); err != nil {
			fault = fmt.Errorf("%s: %w", p.field, err)
		} else {
			p.Body = text
		}
		if strings.ContainsAny(p.field+p.Name+p.Type, "\r\n\x00") {
			fault = fmt.Errorf("%s: a part's names cannot hold line breaks", p.field)
		}
		out = append(out, p)
	})
	slices.SortFunc(out, func(a, b webPart) int { return strings.Compare(a.field, b.field) })
	return out, fault
}

// String is the parts as the journal has them.
func (p webParts) String() string {
	names := make([]string, len(p))
	for i, one := range p {
		names[i] = one.field
	}
	return "multipart:" + strings.Join(names, ",")
}

func (p webParts) encode() (body []byte, mediaType string, err error) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, one := range p {
		h := textproto.MIMEHeader{}
		if one.Name == "" {
			h.Set("Content-Disposition", `form-data; name="`+quoteParam(one.field)+`"`)
		} else {
			h.Set("Content-Disposition", multipart.FileContentDisposition(one.field, one.Name))
			h.Set("Content-Type", one.Type)
		}
		part, err := w.CreatePart(h)
		if err != nil {
			return nil, "", err
		}
		if _, err := part.Write([]byte(one.Body)); err != nil {
			return nil, "", err
		}
	}
	err = w.Close() // writes the end
	return out.Bytes(), w.FormDataContentType(), err
}

var paramQuoter = strings.NewReplacer(`\`, `\\`, `"`, "%22")

func quoteParam(s string) string { return paramQuoter.Replace(s) }

// A musicClass is true, for the default class, or a class of music on hold.
type musicClass struct {
	on    bool
	class string
}

func toMusicClass(v lua.LValue) (musicClass, error) {
	if b, ok := v.(lua.LBool); ok {
		return musicClass{on: bool(b)}, nil
	}
	if text, ok := bind.Text(v); ok && text != "" {
		return musicClass{true, text}, nil
	}
	return musicClass{}, fmt.Errorf("want true or a class of music, got %s", bind.Describe(v))
}

// A webCount is a small number, nil if it is not given.
type webCount *int

func toCount(v lua.LValue) (webCount, error) {
	const most = 10
	n, ok := v.(lua.LNumber)
	if !ok || n != lua.LNumber(int(n)) || n < 0 || n > most {
		return nil, fmt.Errorf("want a whole number from 0 to %d, got %s", most, bind.Describe(v))
	}
	count := int(n)
	return &count, nil
}
