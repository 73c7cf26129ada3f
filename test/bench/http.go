package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing/fstest"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/internal/web"
	"github.com/ivrd/ivrd/luaapi"
)

// requestFlow asks again and again, and reads the answer.
const requestFlow = `
for i = 1, %d do
  local response = http.get("%s/accounts/5551234")
  if response:json().balance ~= 1250.4 then error("wrong balance") end
end`

// measureHTTP times a request with a JSON answer, from Lua and from plain Go, in turn and against the same server.
func measureHTTP(ctx context.Context, rounds int) error {
	const requests = 2000
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"balance": 1250.4, "currency": "BRL", "holder": "Ann Example"}`)
	}))
	defer server.Close()
	set, problems := flow.Load(fstest.MapFS{"100.lua": {Data: fmt.Appendf(nil, requestFlow, requests, server.URL)}}, flow.Options{})
	if len(problems) > 0 {
		return errors.New(problems[0].Text)
	}
	client, err := web.New(web.Config{Allow: []string{"127.0.0.0/8"}})
	if err != nil {
		return err
	}
	defer client.Close()
	var plain, fromLua []time.Duration
	for range rounds {
		began := time.Now()
		for range requests {
			if err := plainRequest(ctx, server.URL+"/accounts/5551234"); err != nil {
				return err
			}
		}
		plain = append(plain, time.Since(began)/requests)
		began = time.Now()
		if err := luaRequests(ctx, set, client); err != nil {
			return err
		}
		fromLua = append(fromLua, time.Since(began)/requests)
	}
	http.DefaultClient.CloseIdleConnections()
	same := func(d time.Duration) time.Duration { return d }
	one, other := medianOf(plain, same), medianOf(fromLua, same)
	fmt.Printf("http\n  %s a request from plain Go, %s from Lua: ratio %.2f (JSON answer read, one after the other; median of %d rounds of %d)\n",
		one, other, float64(other)/float64(one), rounds, requests)
	return nil
}

// plainRequest is what a careful Go program does.
func plainRequest(ctx context.Context, address string) error {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	var account struct{ Balance float64 }
	if err := json.Unmarshal(body, &account); err != nil || account.Balance != 1250.4 {
		return fmt.Errorf("wrong balance: %w", err)
	}
	return nil
}

// luaRequests is a call in real time, with journal and limits.
func luaRequests(ctx context.Context, set *flow.Set, client *web.Client) error {
	over := &ending{}
	e := &engine.Engine{
		Flows: func() engine.Flows { return set }, Systems: luaapi.Systems{HTTP: client}, Log: slog.New(slog.DiscardHandler),
		Observe: func(engine.Info) engine.Observer { return over },
	}
	e.Handle(ctx, sim.New(sim.Call{Info: engine.Info{Exten: "100"}, Real: true}))
	return over.end.Err
}

// An ending keeps how a call ended.
type ending struct{ end engine.End }

func (*ending) Begin(*engine.Call, *engine.Step) *engine.Outcome { return nil }
func (*ending) End(*engine.Call, *engine.Step)                   {}
func (e *ending) Over(c *engine.Call)                            { e.end = c.Outcome() }
