package enginetest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/engine/transcript"
	"github.com/ivrd/ivrd/internal/web"
	"github.com/ivrd/ivrd/luaapi"
)

// A call with real requests, written from its journal, goes the same way again, without them.
func TestRequestsRunAgain(t *testing.T) {
	const ask = `call:on_end(function(why) call:set("WHY", why) end)
local response, why = http.get("%s", { timeout = 5, filler = { after = 0.05, prompt = "one-moment" } })
call:set("GOT", response and response.body .. response.headers["x-total"] or why)`
	for name, tt := range map[string]struct {
		flow string
		hear func(p *sim.Phone, answer chan<- struct{}) // what happens when the filler is heard
		want string
	}{
		"an answer during the filler": {ask, func(_ *sim.Phone, answer chan<- struct{}) { answer <- struct{}{} }, "> play one-moment\n> set GOT hello\\n5"},
		"a hangup during the filler":  {ask, func(p *sim.Phone, _ chan<- struct{}) { p.HangUp(0) }, "> play one-moment\nhang up\n> set WHY hangup"},
		"no answer": {strings.Replace(ask, "timeout = 5", "timeout = 0.2", 1), func(*sim.Phone, chan<- struct{}) {},
			"> play one-moment\n> set GOT timeout"},
		"not allowed": {strings.Replace(ask, "%s", "http://10.0.0.1/%.0s", 1), nil, "> set GOT forbidden"},
		"started": {`local r = http.start { url = "%s" }
call:play("one-moment")
call:set("GOT", r:wait().body)`, func(_ *sim.Phone, answer chan<- struct{}) { answer <- struct{}{} }, "> play one-moment\n> set GOT hello"},
		"abandoned": {`http.start { url = "%s" }
call:play("one-moment")`, func(*sim.Phone, chan<- struct{}) {}, "> play one-moment"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := make(chan struct{}, 100)
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-answer:
					w.Header().Set("X-Total", "5")
					fmt.Fprint(w, "hello\n")
				case <-r.Context().Done():
				}
			}))
			defer s.Close()
			client, err := web.New(web.Config{Allow: []string{"127.0.0.1"}})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			set, problems := flow.Load(fstest.MapFS{"100.lua": {Data: fmt.Appendf(nil, tt.flow, s.URL)}}, flow.Options{})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			written := recorded(set, luaapi.Systems{HTTP: client}, func(p *sim.Phone) { tt.hear(p, answer) })
			if !strings.Contains(written, tt.want) {
				t.Errorf("no %q in\n%s", tt.want, written)
			}
			f, err := transcript.Parse("again.call", written)
			if err != nil {
				t.Fatalf("%v in\n%s", err, written)
			}
			stage := simStage(set, false, func(*transcript.Call, *sim.Channel) {})
			for _, r := range stage.Run(context.Background(), f) {
				if r.Diff != nil {
					t.Errorf("%s\nwritten:\n%s", r.Diff, written)
				}
			}
		})
	}
}

// recorded is a call in real time, as its journal tells of it.
func recorded(set *flow.Set, systems luaapi.Systems, hear func(p *sim.Phone)) string {
	var call *engine.Call
	e := newEngine(set)
	e.Systems = systems
	e.Observe = func(engine.Info) engine.Observer { return last{&call} }
	var ch *sim.Channel
	ch = sim.New(sim.Call{Info: engine.Info{Exten: "100", CallerID: "555", Context: "default", Language: "en"}, Real: true,
		Hear: func(p engine.Prompt, _ time.Duration) {
			if p.Text == "one-moment" {
				hear(ch.Phone())
			}
		}})
	e.Handle(context.Background(), ch)
	return transcript.Write(call).String()
}

// last keeps the call.
type last struct{ call **engine.Call }

func (last) Begin(*engine.Call, *engine.Step) *engine.Outcome { return nil }
func (last) End(*engine.Call, *engine.Step)                   {}
func (l last) Over(c *engine.Call)                            { *l.call = c }
