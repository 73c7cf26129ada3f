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

// measureHours times what a call waits for opening hours, with nothing overridden.
func measureHours(file string) error {
	const n = 2000
	set, problems := flow.Load(fstest.MapFS{
		"bench.lua":  {Data: fmt.Appendf(nil, "for i = 1, %d do hours.open('office') end", n)},
		"hours.yaml": {Data: []byte("office: { zone: America/Sao_Paulo, mon-fri: '09:00-12:00, 13:00-18:00', holidays: { 12-25: Natal } }")},
	}, flow.Options{})
	if len(problems) > 0 {
		return problems[0]
	}
	s := database.NewStore(file)
	defer s.Close()
	e := &engine.Engine{Flows: func() engine.Flows { return set }, KV: s, Log: slog.New(slog.DiscardHandler)}
	began := time.Now()
	e.Handle(context.Background(), sim.New(sim.Call{Info: engine.Info{Path: "bench"}}))
	fmt.Println("  hours from Lua:", (time.Since(began) / n).Round(100*time.Nanosecond))
	return nil
}
