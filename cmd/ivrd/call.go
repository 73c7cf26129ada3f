package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/engine/transcript"
	"github.com/spf13/cobra"
)

func callCommand() *cobra.Command {
	var o callOptions
	cmd := &cobra.Command{
		Use:   "call EXTEN|NAME[?KEY=VALUE…]",
		Short: "A phone in the terminal: try a flow without Asterisk",
		Long: `Calls a flow on the simulator. What is played appears with its words where they are known; the keys
0-9, * and # press digits also while it plays, h hangs up. With --fast time does not pass: each time the flow
waits for a digit you type what the caller presses, and Enter; an empty line is silence. Exits with 1 if the
flow failed.`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			set, problems, err := c.folder().load(c)
			if err != nil {
				return err
			}
			c.folder().noteBuiltIn(cmd)
			for _, p := range problems {
				fmt.Fprintln(cmd.ErrOrStderr(), p.String())
			}
			if err := c.complete("requests", "services", "databases", "redis", "kv"); err != nil {
				fmt.Fprintln(cmd.ErrOrStderr(), "warning:", err)
			}
			return o.call(cmd, c, set, args[0])
		},
	}
	cmd.Flags().StringVar(&o.from, "from", "5551234", "the caller's `number`")
	cmd.Flags().StringVar(&o.language, "language", "en", "Asterisk's `code` of the channel's language")
	cmd.Flags().BoolVar(&o.fast, "fast", false, "virtual time")
	cmd.Flags().StringVar(&o.save, "save", "", "add the call to `file` as a transcript")
	return cmd
}

type callOptions struct {
	from, language, save string
	fast                 bool
}

// check refuses before the call what would lose it afterwards.
func (o callOptions) check() error {
	if o.save == "" {
		return nil
	}
	if filepath.Ext(o.save) != transcript.Extension {
		return usageError{fmt.Errorf("--save %s: ivrd test finds transcripts by their name; let it end in %s", o.save, transcript.Extension)}
	}
	if _, err := os.Stat(filepath.Dir(o.save)); err != nil {
		return usageError{fmt.Errorf("--save: %w", err)}
	}
	return nil
}

// info is the call that dialing target makes: what a phone can dial is an extension, anything else a name.
func (o callOptions) info(set *flow.Set, target string) engine.Info {
	info := engine.Info{
		Backend: "sim", ID: "sim-1", Channel: "Sim/phone", CallerID: o.from, Language: o.language,
		Context: "default", Exten: target, Dialed: target, Priority: 1,
	}
	if strings.Trim(target, "0123456789*#+") == "" {
		_, err := set.Route(info)
		if _, named := set.Flow(target); err == nil || !named {
			return info
		}
	}
	asked := transcript.Call{Ring: transcript.Ring{Path: target}} // reads ?x=1 as a transcript's ring does
	info.Path, info.Args = asked.Info().Path, asked.Info().Args
	info.Exten, info.Dialed = "s", ""
	return info
}

// call makes one call and shows it.
func (o callOptions) call(cmd *cobra.Command, c config, set *flow.Set, target string) (err error) {
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	out, err := c.openOutside(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer out.Close()
	keys, err := openKeyboard(ctx, cmd.InOrStdin(), o.fast)
	if err != nil {
		return err
	}
	defer keys.restore()
	p := &phone{screen: newScreen(cmd.OutOrStdout(), keys.raw), set: set, keys: keys}
	info := o.info(set, target)
	simulated := sim.Call{Info: info, Real: !o.fast, Start: time.Now(), Hear: p.hear, Exec: p.exec, Idle: p.idle}
	p.channel = sim.New(simulated)
	context.AfterFunc(cmd.Context(), func() { p.channel.Phone().HangUp(0) })
	p.greet(info, target)
	stop := p.follow(!o.fast)
	e := &engine.Engine{
		Say: c.languages().Say, Speak: c.rehearsed(), Flows: func() engine.Flows { return set }, Fallback: set.Fallback, Limits: c.Limits.engine(),
		Observe: func(engine.Info) engine.Observer { return p }, Log: slog.New(slog.DiscardHandler),
	}
	out.serve(e)
	e.Handle(context.WithoutCancel(ctx), p.channel)
	stop()
	if p.failed {
		err = errProblems
	}
	return errors.Join(err, o.saved(p))
}

// saved adds the call to the file of transcripts that --save names.
func (o callOptions) saved(p *phone) error {
	if o.save == "" {
		return nil
	}
	before, err := os.ReadFile(o.save)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("save transcript: %w", err)
	}
	text := p.record.String()
	if len(before) > 0 {
		text = strings.TrimRight(string(before), "\n") + "\n\n" + text
	}
	if err := os.WriteFile(o.save, []byte(text), 0o644); err != nil {
		return fmt.Errorf("save transcript: %w", err)
	}
	p.screen.line("added to " + o.save + "; ivrd test runs what is below the flows folder")
	if p.record.Unknown() {
		p.screen.line("keys that were secret stand there as ?; write digits in their place before it is run")
	}
	return nil
}
