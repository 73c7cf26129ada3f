package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/agi"
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
	logger := newLogger(c.Log, log)
	listener, err := agi.Listen(ctx, c.AGI.Listen)
	if err != nil {
		return fmt.Errorf("listen for FastAGI: %w", err)
	}
	prompts, err := listenPrompts(ctx, c.HTTP)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	flows, err := openFlows(c, logger, prompts.media)
	if err != nil {
		return errors.Join(err, listener.Close(), prompts.Close())
	}
	defer flows.Close()
	prompts.serve(flows.Current, c.folder().fs())
	defer prompts.Close()

	e := &engine.Engine{Flows: flows.Flows, Fallback: flows.Fallback, Limits: c.Limits.engine(), Log: logger}
	s := &agi.Server{Handler: e.Handle, Allow: c.AGI.Allow, Log: logger}
	logger.Info("serving", "version", buildVersion(), "agi", listener.Addr().String(), "prompts", prompts.url,
		"flows", c.folder().String(), "names", len(flows.Current().Names()))
	err = s.Serve(ctx, listener)
	return errors.Join(err, drain(c.Drain, e, s, logger))
}

// openFlows watches the flows folder and says in the log what came of each save.
func openFlows(c config, logger *slog.Logger, media func(file, hash string) string) (source, error) {
	o := flow.Options{Media: media, OnReload: func(r flow.Report) { logReload(logger, r) }}
	if f := c.folder(); f.builtIn {
		set, problems, err := f.load(o)
		logProblems(logger, problems)
		return fixed{set}, err
	}
	flows, err := flow.Watch(c.Flows, o)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", c.Flows, err)
	}
	logProblems(logger, flows.Current().Problems())
	return flows, nil
}

// fixed is a source that never changes.
type fixed struct{ set *flow.Set }

func (f fixed) Flows() engine.Flows       { return f.set }
func (f fixed) Fallback() engine.Fallback { return f.set.Fallback() }
func (f fixed) Current() *flow.Set        { return f.set }
func (f fixed) Close() error              { return nil }

func logReload(logger *slog.Logger, r flow.Report) {
	for _, change := range r.Flows {
		logger.Info("flow changed", "flow", change.Flow, "from", change.From, "to", change.To, "took", r.Took.Round(time.Millisecond))
	}
	if r.Routes {
		logger.Info("routes changed", "took", r.Took.Round(time.Millisecond))
	}
	if len(r.Prompts) > 0 {
		logger.Info("prompts changed", "files", r.Prompts)
	}
	if r.Fixed > 0 && len(r.Problems) == 0 {
		logger.Info("all problems are fixed")
	}
	logProblems(logger, r.Problems)
}

func logProblems(logger *slog.Logger, problems []flow.Problem) {
	for _, p := range problems {
		attrs := []any{"where", p.Where(), "problem", p.Text}
		if p.Hint != "" {
			attrs = append(attrs, "hint", p.Hint)
		}
		if p.Source != "" {
			attrs = append(attrs, "line", p.Source)
		}
		for _, kept := range p.Keeps {
			attrs = append(attrs, "keeps", kept.String())
		}
		level := slog.LevelError
		if p.Warning {
			level = slog.LevelWarn
		}
		logger.Log(context.Background(), level, "broken save", attrs...)
	}
}

// drain lets calls finish. Those that take too long continue in the dialplan.
func drain(patience time.Duration, e *engine.Engine, s *agi.Server, logger *slog.Logger) error {
	if n := e.Calls(); n > 0 {
		logger.Info("no new calls; waiting for those in progress", "calls", n, "at most", patience)
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
