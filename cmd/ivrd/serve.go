package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/spf13/cobra"
)

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Answer calls from Asterisk",
		Long: `Answers calls until it is told to stop. SIGTERM lets calls in progress finish, up to the time that drain
in the configuration gives them; what is left then continues in the dialplan.`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if err := c.complete(); err != nil {
				return err
			}
			return serve(cmd.Context(), c, cmd.ErrOrStderr())
		},
	}
}

// A source is where new calls get their flows.
type source interface {
	Flows() engine.Flows
	Fallback() engine.Fallback
	Current() *flow.Set
	Close() error
}

// serve runs the daemon until ctx ends.
func serve(ctx context.Context, c config, log io.Writer) error {
	// The collector runs each time the heap has doubled, which for a daemon with few calls means every 4 MB.
	// These bytes, never touched and so never in memory, make it every 32 MB or more.
	ballast := make([]byte, 32<<20)
	defer runtime.KeepAlive(ballast)
	logger := newLogger(c.Log, log)
	out, err := c.openOutside(ctx, logger)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := out.ready(ctx, logger); err != nil {
		return err
	}
	e := &engine.Engine{Limits: c.Limits.engine(), Say: c.languages().Say, Log: logger}
	out.serve(e)
	calls, err := openBackends(ctx, c, e.Handle, logger)
	if err != nil {
		return err
	}
	recordings, err := openLibrary(c.Recordings, calls.ari, logger)
	if err != nil {
		return errors.Join(err, calls.close())
	}
	defer recordings.Close()
	recordings.serve(e)
	asked, err := listenHTTP(ctx, c.HTTP)
	if err != nil {
		return errors.Join(err, calls.close())
	}
	defer asked.Close()
	meter := newMeter(e, logger)
	asked.mux.Handle("GET /metrics", meter)
	prompts, err := servePrompts(asked)
	if err != nil {
		return errors.Join(err, calls.close())
	}
	defer prompts.Close()
	speech, err := c.openSpeech(prompts, logger)
	if err != nil {
		return errors.Join(err, calls.close())
	}
	defer speech.Close()
	e.Speak = speech.voice()
	flows, err := openFlows(c, logger, prompts, speech)
	if err != nil {
		return errors.Join(err, calls.close())
	}
	defer flows.Close()
	e.Flows, e.Fallback = flows.Flows, flows.Fallback
	follow := whenOver{meter.count}
	if c.Journal != "" {
		r, err := record(c.Journal, logger)
		if err != nil {
			return errors.Join(err, calls.close())
		}
		defer r.Close()
		follow = append(follow, r.queue)
	}
	e.Observe = func(engine.Info) engine.Observer { return follow }
	logger.Info("serving", slices.Concat([]any{"version", buildVersion()}, calls.where,
		[]any{"prompts", prompts.url, "flows", c.folder().String(), "count", len(flows.Current().Names())})...)
	err = errors.Join(calls.Serve(ctx), drain(c.Drain, e, calls, logger))
	logger.Info("stopped")
	return err
}

// listenError says what to do about an address that cannot be had.
func listenError(what, key string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("listen for %s: %w; is another ivrd running? %s in ivrd.yaml chooses another address", what, err, key)
	}
	return fmt.Errorf("listen for %s: %w; %s in ivrd.yaml says where", what, err, key)
}

// openFlows watches the flows folder and says in the log what came of each save.
func openFlows(c config, logger *slog.Logger, prompts *promptServer, speech *speech) (source, error) {
	told := &reloadLog{log: logger, names: c.names()}
	f := c.folder()
	if f.builtIn {
		logger.Warn("there is no ./flows: serving the built-in flows", "hint", "ivrd init flows makes a folder of your own; then start again")
		set, _, err := f.load(c)
		return fixed{set}, err // what is spoken in it is made when a call needs it
	}
	var started sync.Mutex // the first report waits until the problems at the start are told
	started.Lock()
	defer started.Unlock()
	gate, err := c.gate()
	if err != nil {
		return nil, err
	}
	o := c.flowOptions()
	o.Gate, o.Media, o.Spool = gate, prompts.media, prompts.spool
	if speech != nil {
		o.Speech = speech
	}
	o.OnReload = func(r flow.Report) {
		started.Lock()
		defer started.Unlock()
		told.reload(r)
	}
	flows, err := flow.Watch(f.dir, o)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", f.dir, err)
	}
	set := flows.Current()
	told.problems(set.Problems())
	if len(set.Names()) == 0 {
		logger.Warn("there are no flows yet: callers go on in the dialplan", "hint", "save one as "+filepath.Join(f.dir, "100.lua"))
	}
	return flows, nil
}

// fixed is a source that never changes.
type fixed struct{ set *flow.Set }

func (f fixed) Flows() engine.Flows       { return f.set }
func (f fixed) Fallback() engine.Fallback { return f.set.Fallback() }
func (f fixed) Current() *flow.Set        { return f.set }
func (f fixed) Close() error              { return nil }

// drain lets calls finish. Those that take too long continue in the dialplan.
func drain(patience time.Duration, e *engine.Engine, s backend, logger *slog.Logger) error {
	if n := e.Calls(); n > 0 {
		logger.Info("no new calls; waiting for those in progress", "calls", n, "at_most", patience)
	}
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	if ended := e.Drain(ctx); ended > 0 {
		logger.Warn("calls were continued in the dialplan", "calls", ended)
	}
	closing, stopClosing := context.WithTimeout(context.Background(), 5*time.Second)
	defer stopClosing()
	return s.Shutdown(closing)
}
