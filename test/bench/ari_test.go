package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/asterisk"
)

// ivrdApp is the application whose calls ivrd answers.
const ivrdApp = "ivrd"

// extensions bring a call for NAME@CLIENT to that client, which runs the flow of that name.
const extensions = `[ivrd]
exten => _[a-z].,1,Set(BALANCE=42)
 same => n,Stasis(ivrd,${EXTEN})

[bare]
exten => _[a-z].,1,Set(BALANCE=42)
 same => n,Stasis(bare,${EXTEN})
`

// ariFlows are what ivrd does; bareCall does the same.
var ariFlows = map[string]string{
	"reference.lua": `call:answer()
call:set("ACCOUNT", "4711")
local digit = call:ask { prompt = "main-menu", max = 1 }
local balance = call:get("BALANCE")
call:play("your-balance-is")
call:play(say.number(balance))
call:hangup("normal")
`,
	"brief.lua": `call:answer()
call:hangup("normal")
`,
	"keys.lua": `call:answer()
while true do call:ask { prompt = "main-menu", max = 1 } end
`,
	"held.lua": `call:answer()
call:ask { prompt = "short", max = 1, wait = 3600 }
`,
}

// An exchange is an Asterisk of its own, with the programs that are measured in front of it.
type exchange struct {
	lab      *asterisk.Lab
	asterisk process
	daemon   *daemon
}

// BenchmarkARI measures ivrd beside a bare ARI client that does the same without Lua, journal or limits, both in
// front of a real Asterisk, which calls itself. Each part has an Asterisk of its own.
//
//	go test -run '^$' -bench ARI -benchtime 1x ./test/bench
func BenchmarkARI(b *testing.B) {
	d := newDaemon(b)
	for _, part := range []struct {
		name string
		run  func(*testing.B, *exchange, io.Writer)
	}{
		{"sessions", ariSessions},
		{"latency", ariLatency},
		{"rate", ariRate},
		{"memory", ariMemory},
	} {
		var table bytes.Buffer // shown below the benchmark's own line, not in it
		b.Run(part.name, func(b *testing.B) {
			part.run(b, newExchange(b, d), &table)
			b.ReportMetric(0, "ns/op")
		})
		if table.Len() > 0 {
			fmt.Println(&table)
		}
	}
}

// newDaemon builds ivrd and the bare client, for as long as the test lasts.
func newDaemon(t testing.TB) *daemon {
	d, err := buildDaemon(t.Context(), ariFlows)
	must(t, err)
	t.Cleanup(d.remove)
	return d
}

func newExchange(t testing.TB, d *daemon) *exchange {
	lab := asterisk.Start(t, asterisk.Options{
		Dialplan: extensions,
		Prompts: map[string]time.Duration{
			"main-menu": 10 * time.Second, "your-balance-is": 100 * time.Millisecond, "short": 100 * time.Millisecond,
			"digits/40": 100 * time.Millisecond, "digits/2": 100 * time.Millisecond,
		},
		Config: map[string]string{"logger.conf": "[logfiles]\nfull => warning,error\n"}, // as in production
	})
	id, err := os.ReadFile(filepath.Join(lab.Path(lab.Dir()), "asterisk.pid"))
	must(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(id)))
	must(t, err)
	return &exchange{lab, process(pid), d}
}

// url is where Asterisk's ARI is, with user and password.
func (x *exchange) url() string { return withUser(x.lab.HTTPAddr()) }

func withUser(address string) string {
	return fmt.Sprintf("http://%s:%s@%s/ari", asterisk.User, asterisk.Secret, address)
}

// load connects the callers until the test is over.
func (x *exchange) load(t testing.TB) *load {
	l, err := newLoad(t.Context(), x.url())
	must(t, err)
	return l
}

const ariConfig = `flows: flows
agi:  { listen: "" }
ari:  [ { url: "http://%s/ari", app: ivrd, username: %q, password: %q } ]
http: { listen: "127.0.0.1:0" }
log:  { format: json }
`

// ivrd runs the daemon until the test is over. address is Asterisk's, or that of something in front of it.
func (x *exchange) ivrd(t testing.TB, address string) *server {
	config := fmt.Sprintf(ariConfig, address, asterisk.User, asterisk.Secret)
	s, err := x.daemon.serve(context.Background(), config, func(line []byte) bool {
		var said struct{ Msg string }
		return json.Unmarshal(line, &said) == nil && said.Msg == "connected to Asterisk"
	})
	must(t, err)
	t.Cleanup(s.stop)
	return s
}

// bare runs the bare client until the test is over.
func (x *exchange) bare(t testing.TB, address string) *server {
	cmd := exec.Command(x.daemon.path("bench"), "-bare-ari", withUser(address))
	s, err := startServer(cmd, func(line []byte) bool { return string(line) == "ready\n" })
	must(t, err)
	t.Cleanup(s.stop)
	return s
}

// A client is a program that is measured.
type client struct {
	name string // also of its application and its context in the dialplan
	*server
}

// clients runs both, until the test is over.
func (x *exchange) clients(t testing.TB, address string) (bare, ivrd client) {
	return client{bareApp, x.bare(t, address)}, client{ivrdApp, x.ivrd(t, address)}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
