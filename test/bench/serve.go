package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/agi"
	"github.com/ivrd/ivrd/engine/flow"
	"testing/fstest"
)

// reference is the session as a flow.
const reference = `call:answer()
call:set("ACCOUNT", "4711")
local digit = call:ask { prompt = "main-menu", max = 1 }
local balance = call:get("BALANCE")
call:play("your-balance-is")
call:play(say.number(balance))
call:agi("VERBOSE", "done", 1)
call:hangup()
`

// serve runs one side of the comparison: it prints its address and serves until ctx ends.
func serve(ctx context.Context, role string) error {
	l, err := agi.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	switch role {
	case "bare":
		return serveBare(ctx, l)
	case "ivrd":
		return serveIvrd(ctx, l)
	}
	return fmt.Errorf("no role %q; use bare or ivrd", role)
}

func serveBare(ctx context.Context, l net.Listener) error {
	context.AfterFunc(ctx, func() { l.Close() })
	for {
		conn, err := l.Accept()
		if err != nil {
			return nil
		}
		go func() {
			if err := bare(conn); err != nil {
				fmt.Println("bare:", err)
			}
		}()
	}
}

func serveIvrd(ctx context.Context, l net.Listener) error {
	set, problems := flow.Load(fstest.MapFS{"reference.lua": {Data: []byte(reference)}}, flow.Options{})
	if len(problems) > 0 {
		return problems[0]
	}
	e := &engine.Engine{Flows: func() engine.Flows { return set }}
	s := &agi.Server{Handler: e.Handle}
	return s.Serve(ctx, l)
}

// measureReload times loading 1,000 flows and one changed file of them.
func measureReload(ctx context.Context) error {
	dir, err := manyFlows(1000)
	if err != nil {
		return err
	}
	defer dir.remove()
	began := time.Now()
	reports := make(chan time.Time, 10)
	flows, err := flow.Watch(dir.path, flow.Options{OnReload: func(flow.Report) { reports <- time.Now() }})
	if err != nil {
		return err
	}
	defer flows.Close()
	loaded := time.Since(began)
	fmt.Printf("reload\n  1,000 flows loaded in %s\n", loaded.Round(time.Millisecond))
	var took []time.Duration
	for i := range 9 {
		saved := time.Now()
		if err := dir.change(i); err != nil {
			return err
		}
		select {
		case at := <-reports:
			took = append(took, at.Sub(saved))
		case <-time.After(10 * time.Second):
			return fmt.Errorf("a changed file was not noticed in 10 s")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	fmt.Printf("  one changed file of them live after %s (median of %d)\n\n", medianOf(took).Round(time.Millisecond), len(took))
	return nil
}
