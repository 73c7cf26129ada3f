package luaapi

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/internal/web"
	"go.uber.org/goleak"
)

// A visit is a call of one flow, in real time, with requests that go out.
type visit struct {
	client *web.Client
	log    io.Writer
	phone  func(p *sim.Phone) // what the caller does; nil is nothing
	call   *engine.Call
	heard  []sim.Heard
}

func (*visit) Begin(*engine.Call, *engine.Step) *engine.Outcome { return nil }
func (*visit) End(*engine.Call, *engine.Step)                   {}
func (v *visit) Over(c *engine.Call)                            { v.call = c }

func (v *visit) run(t *testing.T, code string) {
	t.Helper()
	set := exampleSet{"example": newExample(t, "example", code)}
	log := slog.New(slog.DiscardHandler)
	if v.log != nil {
		log = slog.New(slog.NewTextHandler(v.log, nil))
	}
	e := &engine.Engine{
		Flows: func() engine.Flows { return set }, Systems: Systems{HTTP: v.client}, Log: log,
		Observe: func(engine.Info) engine.Observer { return v },
	}
	ch := sim.New(sim.Call{Info: engine.Info{CallerID: "5551234", ID: "1.1"}, Real: true})
	if v.phone != nil {
		v.phone(ch.Phone())
	}
	e.Handle(t.Context(), ch)
	v.heard = ch.Phone().Heard()
}

// journal is every step with what came of it.
func (v *visit) journal() string {
	var b strings.Builder
	for _, s := range v.call.Journal() {
		if s.Kind == engine.StepRing || s.Kind == engine.StepClock || s.Kind == engine.StepSeed {
			continue
		}
		fmt.Fprintln(&b, strings.TrimRight(fmt.Sprintf("%s => %s", s.String(), s.Result), " "), s.Err)
	}
	return b.String()
}

// logged is what the flow wrote to the log.
func (v *visit) logged() string {
	var lines []string
	for _, s := range v.call.Journal() {
		if s.Kind == engine.StepLog {
			_, text, _ := strings.Cut(s.Args, " ")
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n")
}

func newWeb(t *testing.T, c web.Config) *web.Client {
	t.Helper()
	c.Allow = append(c.Allow, "127.0.0.0/8")
	client, err := web.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// echo answers with what it was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind == "multipart/form-data" {
		r.Body = io.NopCloser(bytes.NewReader(body))
		_ = r.ParseMultipartForm(1 << 20)
		body = fmt.Appendf(nil, "%v", r.MultipartForm.Value)
		for field, files := range r.MultipartForm.File {
			f, _ := files[0].Open()
			text, _ := io.ReadAll(f)
			body = fmt.Appendf(body, " %s=%s %s %s", field, files[0].Filename, files[0].Header.Get("Content-Type"), text)
		}
	}
	w.Header().Set("X-Auth", r.Header.Get("Authorization"))
	w.Header().Set("X-Flow", r.Header.Get("X-Flow"))
	w.Header().Set("Content-Type", "text/plain")
	fmt.Fprintf(w, "%s %s|%s|%s", r.Method, r.URL, kind, body)
}

func TestHTTPRequests(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(s.Close)
	base, _ := url.Parse(s.URL + "/v1")
	client := newWeb(t, web.Config{Services: map[string]web.Service{"core": {URL: base, Bearer: "hush"}}})
	for _, tt := range []struct{ code, step, got string }{
		{`http.get(URL .. "/a")`, "GET URL/a", "GET /a||"},
		{`http.get(URL .. "/a?x=1", { query = { y = "2 3", n = 4, yes = true, l = { "a", "b" } } })`,
			"GET URL/a?l=a&l=b&n=4&x=1&y=2+3&yes=true", "GET /a?l=a&l=b&n=4&x=1&y=2+3&yes=true||"},
		{`http.post(URL, { json = { caller = "55", items = { 1, 2 } } })`, `POST URL {"caller":"55","items":[1,2]}`, `POST /|application/json|{"caller":"55","items":[1,2]}`},
		{`http.put(URL, { form = { a = "1 2", b = "ü&=" } })`, "PUT URL a=1+2&b=%C3%BC%26%3D", "PUT /|application/x-www-form-urlencoded|a=1+2&b=%C3%BC%26%3D"},
		{`http.patch(URL, { body = "a,b\n1,2", type = "text/csv" })`, "PATCH URL a,b\n1,2", "PATCH /|text/csv|a,b\n1,2"},
		{`http.delete(URL .. "/7")`, "DELETE URL/7", "DELETE /7||"},
		{`http.post(URL, { multipart = { who = "ann", wav = { name = 'a"b.wav', type = "audio/wav", body = "RIFF" } } })`,
			"POST URL multipart:wav,who", `POST /|multipart/form-data|map[who:[ann]] wav=a"b.wav audio/wav RIFF`},
		{`http.request { method = "OPTIONS", url = URL .. "/o" }`, "OPTIONS URL/o", "OPTIONS /o||"},
		{`http.service("core"):get("/accounts", { query = { x = 1 } })`, "GET core:/accounts?x=1", "GET /v1/accounts?x=1||"},
		{`http.service("core"):request { method = "POST", url = "/x", body = "y" }`, "POST core:/x y", "POST /v1/x||y"},
		{`http.service("core"):start({ url = "/x" }):wait()`, "GET core:/x", "GET /v1/x||"},
		{`http.get(URL, { bearer = "hush", headers = { ["X-Flow"] = "f" } })`, "GET URL", "GET /||"},
		{`http.get(URL, { username = "ivr", password = "hush" })`, "GET URL", "GET /||"},
		{`http.post(URL .. "?token=hush", { json = { password = "hush" }, secret = true })`, "POST URL ?", ""},
	} {
		t.Run(tt.code, func(t *testing.T) {
			v := visit{client: client, log: &bytes.Buffer{}}
			v.run(t, strings.ReplaceAll("local response = "+tt.code+"\nif "+fmt.Sprint(tt.got != "")+" then log.info(response.body) end", "URL", fmt.Sprintf("%q", s.URL)))
			if err := v.call.Outcome().Err; err != nil {
				t.Fatal(err)
			}
			step := v.call.Journal()[1]
			if want := "http " + strings.ReplaceAll(tt.step, "URL", s.URL); step.String() != want || v.logged() != tt.got {
				t.Errorf("got  %s: %s\nwant %s: %s", step.String(), v.logged(), want, tt.got)
			}
			if all := v.journal() + v.log.(*bytes.Buffer).String(); strings.Contains(strings.ReplaceAll(all, `X-Auth:"Bearer hush"`, ""), "hush") {
				t.Errorf("credentials are on record:\n%s", all)
			}
		})
	}
}

func TestHTTPResponse(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Total", "5")
		w.Header().Set("Set-Cookie", "session=hush")
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"id": 9007199254740993, "list": [1, null]}`)
	}))
	t.Cleanup(s.Close)
	v := visit{client: newWeb(t, web.Config{})}
	v.run(t, fmt.Sprintf(`
local response, why, text = http.get(%q)
local data = response:json()
assert(response.status == 404 and response.ok == false and why == nil and text == nil)
assert(response.headers["x-total"] == "5" and response.headers["set-cookie"] == nil and response.headers["date"] == nil)
assert(data.id == "9007199254740993" and data.list[2] == json.null)
local ok, err = pcall(function() return response.boddy end)
assert(not ok and err:find("a response has no boddy; did you mean body?", 1, true), err)
ok, err = pcall(function() response.body = "x" end)
assert(not ok and err:find("cannot be set", 1, true), err)
ok, err = pcall(function() return response.json() end)
assert(not ok and err:find("use a colon", 1, true), err)
`, s.URL))
	if err := v.call.Outcome().Err; err != nil {
		t.Error(err)
	}
	if got, want := v.call.Journal()[1].Result, `404 X-Total:"5" {"id": 9007199254740993, "list": [1, null]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHTTPWrongUse(t *testing.T) {
	v := visit{client: newWeb(t, web.Config{Services: map[string]web.Service{"core": {URL: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}}}})}
	for code, want := range map[string]string{
		`http.get()`:            "url is missing",
		`http.get("/accounts")`: `"/accounts" is no address such as "https://core.example/accounts"`,
		`http.get("https://a.example", { timout = 4 })`:                                         "no option timout; did you mean timeout?",
		`http.get("https://a.example", { timeout = "x" })`:                                      "timeout: seconds: want a number",
		`http.get("https://a.example", { filler = { promt = "x" } })`:                           "no option promt; did you mean prompt?",
		`http.get("https://a.example", { retries = 1.5 })`:                                      "retries: want a whole number from 0 to 10",
		`http.get("https://a.example", { headers = { ["X-A"] = "a\r\nX-Admin: 1" } })`:          "header X-A cannot hold a line break",
		`http.get("https://a.example", { headers = { ["X-A\r\nB"] = "a" } })`:                   "cannot be the name of a header",
		`http.get("https://a.example", { headers = { host = "b.example" } })`:                   "header Host is ivrd's own to set",
		`http.get("https://a.example", { bearer = "a\nb" })`:                                    "header Authorization cannot hold a line break",
		`http.post("https://a.example", { body = "x", type = "a\r\nb" })`:                       "header Content-Type cannot hold a line break",
		`http.get("https://a.example/\r\nX: 1")`:                                                "is no address",
		`http.get("https://u:p@a.example/")`:                                                    "cannot hold a password",
		`http.post("https://a.example", { json = {}, form = {} })`:                              "form and json: a request has one body",
		`http.post("https://a.example", { json = print })`:                                      "json: a function has no JSON",
		`http.post("https://a.example", { json = {}, type = "x" })`:                             "type is that of body",
		`http.post("https://a.example", { form = { a = print } })`:                              "a: want a string, a number, true or false",
		`http.post("https://a.example", { multipart = { a = { nam = "x", body = "y" } } })`:     "no option nam; did you mean name?",
		`http.post("https://a.example", { multipart = { a = { name = "x\r\n", body = "" } } })`: "cannot hold line breaks",
		`http.request { method = "GTE", url = "https://a.example" }`:                            "did you mean GET?",
		`http.service("cor")`:                                             `there is no service "cor"; did you mean core?`,
		`http.service("core"):get("accounts")`:                            "is no path of a service",
		`http.service("core"):get("/../admin")`:                           `cannot hold ".."`,
		`http.service("core").get("/x")`:                                  "use a colon",
		`for i = 1, 30 do http.start { url = "http://127.0.0.1:1/" } end`: "under way already",
	} {
		t.Run(code, func(t *testing.T) {
			v.run(t, code)
			if err := v.call.Outcome().Err; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

// In a transcript nothing goes out.
func TestHTTPWithoutClient(t *testing.T) {
	v := visit{}
	v.run(t, `pcall(http.get, "https://core.example/accounts") http.get("https://core.example/accounts")`)
	want := `below > http GET https://core.example/accounts write what comes back, such as: reply 200 {"ok": true}`
	if err := v.call.Outcome().Err; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

func TestHTTPFailures(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(s.Close)
	v := visit{client: newWeb(t, web.Config{})}
	v.run(t, fmt.Sprintf(`
local function try(...) local response, why, text = http.get(...) log.info(tostring(response), why, type(text)) end
try(%q, { timeout = 0.05 })
try("http://10.0.0.1/")
try("http://169.254.169.254/latest")
try("http://127.0.0.1:1/")`, s.URL))
	if got, want := v.logged(), "nil timeout string\nnil forbidden string\nnil forbidden string\nnil refused string"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A secret entry is in no URL, header, body or answer on record.
func TestHTTPMasksSecrets(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", r.URL, body)
	}))
	t.Cleanup(s.Close)
	v := visit{client: newWeb(t, web.Config{}), log: &bytes.Buffer{}, phone: func(p *sim.Phone) { p.Press(0, "93*57") }}
	v.run(t, fmt.Sprintf(`
local pin = call:ask { digits = 5, secret = true, wait = 1 }
local response = http.post(%q .. pin .. "?pin=" .. pin, { query = { p = pin }, json = { pin = pin }, bearer = pin, headers = { ["X-Pin"] = pin } })
log.info("got", response.body)
log.info(("x"):rep(996), pin)
http.post(%[1]q, { form = { pin = pin } })
http.get("http://10.0.0.1/" .. pin)
error("pin " .. pin)`, s.URL+"/"))
	all := v.journal() + v.log.(*bytes.Buffer).String()
	if strings.Contains(all, "93*57") || strings.Contains(all, " 93*") || strings.Contains(all, "93%2A57") || !strings.Contains(all, "&pin=?????") {
		t.Errorf("on record:\n%s", all)
	}
	if !strings.Contains(v.call.Outcome().Err.Error(), "pin ?????") {
		t.Errorf("the flow ended by %v", v.call.Outcome().Err)
	}
}

// A hangup ends a request that is under way, at once.
func TestHTTPHangup(t *testing.T) {
	for name, code := range map[string]string{
		"silence": `http.get(URL)`,
		"filler":  `http.get(URL, { filler = { after = 0, prompt = "one-moment" } })`,
		"started": `http.start { url = URL } call:wait(10)`,
		"waiting": `local r = http.start { url = URL } r:wait()`,
		"pcall":   `while true do pcall(http.get, URL) end`,
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			arrived, left := make(chan struct{}, 10), make(chan time.Time, 10)
			s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				arrived <- struct{}{}
				<-r.Context().Done()
				left <- time.Now()
			}))
			client := newWeb(t, web.Config{})
			var hungUp time.Time
			v := visit{client: client, phone: func(p *sim.Phone) {
				go func() {
					<-arrived
					hungUp = time.Now()
					p.HangUp(0)
				}()
			}}
			v.run(t, strings.ReplaceAll("call:on_end(function(why) log.info(why) end)\n"+code, "URL", fmt.Sprintf("%q", s.URL)))
			if took := time.Since(hungUp); v.logged() != "hangup" || took > 200*time.Millisecond {
				t.Errorf("ended by %q, %s after the hangup", v.logged(), took)
			}
			if took := (<-left).Sub(hungUp); took > 200*time.Millisecond {
				t.Errorf("the request was let go %s after the hangup", took)
			}
			s.Close()
			client.Close()
		})
	}
}

// What a flow started and never waits for ends with it.
func TestHTTPAbandoned(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	left := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		close(left)
	}))
	client := newWeb(t, web.Config{})
	v := visit{client: client}
	v.run(t, fmt.Sprintf("call:answer() http.start { url = %q } call:wait(0.1)", s.URL))
	if v.call.Outcome().Why != engine.Completed {
		t.Errorf("got %v", v.call.Outcome())
	}
	<-left
	s.Close()
	client.Close()
	if got := v.journal(); !strings.Contains(got, "the flow did not wait for it") {
		t.Errorf("the journal says\n%s", got)
	}
}

func TestHTTPInOnEnd(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(s.Close)
	v := visit{client: newWeb(t, web.Config{}), phone: func(p *sim.Phone) { p.HangUp(0) }}
	v.run(t, fmt.Sprintf(`
call:on_end(function(why) log.info(http.post(%q, { body = why, filler = { after = 0, prompt = "x" } }).body) end)
call:wait(5)`, s.URL))
	if got := v.logged(); got != "POST /||hangup" {
		t.Errorf("got %q", got)
	}
}

// 100 callers at once on a host that hardly answers: each hears the filler, then the apology, and nothing is left.
func TestHTTPSlowHost(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var atOnce atomic.Int32
	began := time.Now()
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if time.Since(began) < 900*time.Millisecond { // before the first gives up
			atOnce.Add(1)
		}
		<-r.Context().Done()
	}))
	well := httptest.NewServer(http.HandlerFunc(echo))
	client := newWeb(t, web.Config{Connections: 10})
	code := fmt.Sprintf(`
call:answer()
local response, why = http.get(%q, { timeout = 1, filler = { after = 0.2, prompt = "one-moment" } })
assert(not response and why == "timeout", why)
call:play("system-down")
assert(http.get(%q).ok)`, s.URL, well.URL)
	const callers = 100
	visits := make([]visit, callers)
	var all sync.WaitGroup
	for i := range visits {
		visits[i].client = client
		all.Go(func() { visits[i].run(t, code) })
	}
	all.Wait()
	for i := range visits {
		v := &visits[i]
		var heard []string
		for _, h := range v.heard {
			if h.Prompt.Kind == engine.SoundPrompt {
				heard = append(heard, h.Prompt.Text)
			}
		}
		if got := strings.Join(heard, " "); v.call.Outcome().Err != nil || got != "one-moment system-down" {
			t.Errorf("caller %d heard %q: %v", i, got, v.call.Outcome())
		}
	}
	if n := atOnce.Load(); n > 10 {
		t.Errorf("the host was asked %d times at once, 10 are allowed", n)
	}
	// By now the host is left alone: the next caller hears the apology at once.
	v := visit{client: client}
	v.run(t, strings.Replace(code, `why == "timeout"`, `why == "breaker"`, 1))
	if err := v.call.Outcome().Err; err != nil || v.call.Journal()[2].Took > 100*time.Millisecond {
		t.Errorf("%v\n%s", err, v.journal())
	}
	s.Close()
	well.Close()
	client.Close()
}

// FuzzResponse: what was written is read back.
func FuzzResponse(f *testing.F) {
	f.Add(200, "X-Total", "5", `{"a": 1}`)
	f.Add(404, "Content-Type", "text/plain", `Foo:"x" body`)
	f.Add(500, "X-A", "a \"b\"\n", "body: x")
	f.Add(204, "", "", "")
	f.Fuzz(func(t *testing.T, status int, name, value, body string) {
		h := http.Header{}
		if name != "" {
			h[name] = []string{value}
		}
		if status < 100 || status > 999 || name != "" && web.CheckHeader(h) != nil {
			return
		}
		name = http.CanonicalHeaderKey(name)
		h = http.Header{}
		if name != "" {
			h[name] = []string{value}
		}
		text := writeResponse(&web.Response{Status: status, Header: h, Body: []byte(body)})
		r, err := readResponse(text)
		if err != nil || r.status != status || r.body != body {
			t.Fatalf("%q was read as %+v, %v", text, r, err)
		}
		if got, ok := r.headers[strings.ToLower(name)]; name != "" && strings.Contains(text, name+":") && strings.HasPrefix(text, fmt.Sprint(status)+" "+name) && ok && got != value {
			t.Errorf("%q: header %q is %q, want %q", text, name, got, value)
		}
	})
}

var _ engine.Observer = (*visit)(nil)
