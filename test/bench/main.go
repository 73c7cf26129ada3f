// Command bench measures ivrd beside a bare Go FastAGI handler that does the same session without Lua,
// journal or limits, and prints ratios. Both run as processes of their own, in turn, and are driven by
// the same peer, which answers as Asterisk would but at once. ivrd is the daemon as it is installed.
//
//	go run ./test/bench
//
// The reference session is ANSWER, SET VARIABLE, a prompt with one digit, GET VARIABLE, STREAM FILE,
// SAY NUMBER, VERBOSE and HANGUP. ivrd sends two commands more: it says the number with two recordings, and
// leaves IVRD_STATUS on the channel.
//
// The same over ARI needs a real Asterisk, so it is a benchmark of this package; see BenchmarkARI:
//
//	go test -run '^$' -bench ARI -benchtime 1x ./test/bench
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	bareServer := flag.Bool("bare", false, "serve the bare FastAGI handler (used by the benchmark itself)")
	bareARI := flag.String("bare-ari", "", "be the bare ARI client of the Asterisk at this address (likewise)")
	rounds := flag.Int("rounds", 11, "rounds; the median counts")
	sessions := flag.Int("sessions", 3_000, "sessions a round")
	atOnce := flag.Int("at-once", 50, "sessions at once")
	held := flag.Int("held", 5_000, "calls held to measure memory")
	queries := flag.Bool("queries", false, "compare queries of databases only")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := func() error { return measure(ctx, *rounds, *sessions, *atOnce, *held) }
	if *bareServer {
		run = func() error { return serveBare(ctx) }
	}
	if *queries {
		run = func() error { return compareQueries(*rounds) }
	}
	if *bareARI != "" {
		run = func() error { return serveBareARI(ctx, *bareARI) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure runs everything and prints it.
func measure(ctx context.Context, rounds, sessions, atOnce, held int) error {
	d, err := buildDaemon(ctx, map[string]string{"reference.lua": reference})
	if err != nil {
		return err
	}
	defer d.remove()
	if err := compareSessions(ctx, d, rounds, sessions, atOnce); err != nil {
		return err
	}
	if err := compareMemory(ctx, d, held); err != nil {
		return err
	}
	if err := measureReload(ctx); err != nil {
		return err
	}
	if err := measureJournal(); err != nil {
		return err
	}
	if err := measureHTTP(ctx, rounds); err != nil {
		return err
	}
	return compareQueries(rounds)
}
