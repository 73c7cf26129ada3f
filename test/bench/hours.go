package main

import (
	"context"
	"fmt"
	"log/slog"
	"testing/fstest"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/internal/database"
)

// measureHours times what a call waits for opening hours, first with nothing said at run time.
func measureHours(file string) error {
	set, problems := flow.Load(fstest.MapFS{
		"bench.lua":  {Data: fmt.Appendf(nil, "for i = 1, %d do hours.open('office') end", looks)},
		"hours.yaml": {Data: []byte("office: { zone: America/Sao_Paulo, mon-fri: '09:00-12:00, 13:00-18:00', holidays: { 12-25: Natal } }")},
	}, flow.Options{})
	if len(problems) > 0 {
		return problems[0]
	}
	s := database.NewStore(file)
	defer s.Close()
	e := &engine.Engine{Flows: func() engine.Flows { return set }, KV: s, Log: slog.New(slog.DiscardHandler)}
	plain := lookingAtHours(e)
	now := time.Now()
	closed := engine.Override{Schedule: "office", Until: now.Add(time.Hour), Name: "fire drill", Set: now, By: "bench"}
	if err := engine.SetOverrides(context.Background(), s, now, closed); err != nil {
		return err
	}
	fmt.Println("  hours from Lua:", plain, "a look,", lookingAtHours(e), "overridden")
	return nil
}

// looks is how often the flow looks.
const looks = 2000

func lookingAtHours(e *engine.Engine) time.Duration {
	began := time.Now()
	e.Handle(context.Background(), sim.New(sim.Call{Info: engine.Info{Path: "bench"}}))
	return (time.Since(began) / looks).Round(100 * time.Nanosecond)
}
