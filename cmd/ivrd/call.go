package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/engine/transcript"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func callCommand() *cobra.Command {
	var o callOptions
	cmd := &cobra.Command{
		Use:   "call EXTEN|NAME",
		Short: "A phone in the terminal: try a flow without Asterisk",
		Long: `Calls a flow on the simulator. What is played appears with its words where they are known; the keys
0-9, * and # press digits also while it plays, h hangs up. With --fast time does not pass: each time the flow
waits for a digit you type what the caller presses, and Enter; an empty line is silence.`,
		Args: arguments(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			set, problems, err := c.folder().load(flow.Options{})
			if err != nil {
				return err
			}
			for _, p := range problems {
				fmt.Fprintln(cmd.ErrOrStderr(), p)
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

// info is the call that dialing target makes: a name if the flows have it and no digit in it, else an extension.
func (o callOptions) info(set *flow.Set, target string) engine.Info {
	info := engine.Info{
		Backend: "sim", ID: "sim-1", Channel: "Sim/phone", CallerID: o.from, Language: o.language,
		Context: "default", Exten: target, Dialed: target, Priority: 1,
	}
	name, query, _ := strings.Cut(target, "?")
	if _, err := set.Route(info); err != nil || query != "" {
		info.Exten, info.Dialed, info.Path = "s", "", name
		info.Args = transcriptArgs(target)
	}
	return info
}

// transcriptArgs reads ?x=1 as a transcript's ring does.
func transcriptArgs(target string) map[string]string {
	c := transcript.Call{Ring: transcript.Ring{Path: target}}
	return c.Info().Args
}

// call makes one call and shows it.
func (o callOptions) call(cmd *cobra.Command, c config, set *flow.Set, target string) error {
	p := &phone{out: cmd.OutOrStdout(), eol: "\n", set: set, fast: o.fast}
	simulated := sim.Call{Info: o.info(set, target), Real: !o.fast, Hear: p.hear, Exec: p.exec}
	keys := cmd.InOrStdin()
	if o.fast {
		lines := bufio.NewReader(keys)
		simulated.Idle = func(caller *sim.Phone, wait time.Duration) { p.prompt(lines, caller, wait) }
	}
	p.channel = sim.New(simulated)
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	if !o.fast {
		restore, err := p.raw(keys)
		if err != nil {
			return err
		}
		defer restore()
		go p.press(keys, p.channel.Phone())
		context.AfterFunc(ctx, func() { p.channel.Phone().HangUp(0) })
	}
	e := &engine.Engine{
		Flows: func() engine.Flows { return set }, Fallback: set.Fallback, Limits: c.Limits.engine(),
		Observe: func(engine.Info) engine.Observer { return p }, Log: slog.New(slog.DiscardHandler),
	}
	p.say("calling %s; keys press, h hangs up", target)
	e.Handle(context.WithoutCancel(ctx), p.channel)
	if o.save != "" {
		return saveTranscript(o.save, p.record)
	}
	return nil
}

// saveTranscript adds a call to a file of transcripts.
func saveTranscript(path string, c *transcript.Call) error {
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("save transcript: %w", err)
	}
	text := c.String()
	if len(before) > 0 {
		text = strings.TrimRight(string(before), "\n") + "\n\n" + text
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("save transcript: %w", err)
	}
	return nil
}

// A phone shows a simulated call in the terminal and presses its keys.
type phone struct {
	out     io.Writer
	eol     string // \r\n while the terminal passes on every key
	set     *flow.Set
	fast    bool
	channel *sim.Channel
	began   time.Time
	record  *transcript.Call
}

var _ engine.Observer = (*phone)(nil)

// say writes one line, stamped with the call's time.
func (p *phone) say(format string, args ...any) {
	now := p.channel.Now()
	if p.began.IsZero() {
		p.began = now
	}
	at := now.Sub(p.began)
	fmt.Fprintf(p.out, "%2d:%04.1f  %s%s", int(at.Minutes()), (at % time.Minute).Seconds(), fmt.Sprintf(format, args...), p.eol)
}

// Begin shows a step. What is played is shown piece by piece, as it begins.
func (p *phone) Begin(_ *engine.Call, s *engine.Step) *engine.Outcome {
	switch {
	case s.Kind == engine.StepPlay:
	case s.Kind == engine.StepLog:
		p.say("  log %s", s.Args)
	case s.Kind.Source() == engine.World:
		p.say("< %s", s)
	case s.Kind.Source() == engine.Ours:
		p.say("> %s", s)
	}
	return nil
}

// End shows what went wrong.
func (p *phone) End(_ *engine.Call, s *engine.Step) {
	switch {
	case s.Err != nil && !errors.Is(s.Err, engine.ErrHangup):
		p.say("  ! %v", s.Err)
	case s.Result != "" && s.Kind.Source() == engine.Ours:
		p.say("  = %s", s.Result)
	}
}

// Over shows how the call ended.
func (p *phone) Over(c *engine.Call) {
	end := c.Outcome()
	p.say("call over: %s", end.Status())
	var fault *engine.FlowError
	if errors.As(end.Err, &fault) && fault.Trace != "" {
		fmt.Fprintf(p.out, "%s%s", strings.ReplaceAll(fault.Trace, "\n", p.eol), p.eol)
	}
	p.record = transcript.Write(c)
}

// hear shows what the caller hears.
func (p *phone) hear(prompt engine.Prompt, d time.Duration) {
	text := ""
	if prompt.Sound.Text != "" {
		text = `  "` + prompt.Sound.Text + `"`
	}
	p.say("> play %s%s (%s)", prompt, text, engine.Seconds(d.Round(100*time.Millisecond)))
}

// exec takes a dialplan application for done: there is no Asterisk that could do it.
func (p *phone) exec(app, args string) (string, error) {
	p.say("  (%s is an application of Asterisk; the simulator takes it for done)", app)
	return "0", nil
}

// raw makes the terminal pass on every key as it is pressed.
func (p *phone) raw(in io.Reader) (restore func(), err error) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func() {}, nil
	}
	state, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return nil, fmt.Errorf("prepare the terminal: %w", err)
	}
	p.eol = "\r\n"
	return func() { _ = term.Restore(int(f.Fd()), state) }, nil
}

// press turns keys into digits until the input ends. Without a terminal the end of the input is no
// hangup: the flow goes on in silence.
func (p *phone) press(in io.Reader, caller *sim.Phone) {
	const interrupt, endOfFile = 3, 4 // Ctrl-C and Ctrl-D in a raw terminal
	keys := bufio.NewReader(in)
	for {
		b, err := keys.ReadByte()
		switch {
		case err != nil:
			return
		case b == 'h', b == interrupt, b == endOfFile:
			caller.HangUp(0)
			return
		case engine.AnyDigit.Has(engine.Digit(b)):
			caller.Press(0, string(b))
		}
	}
}

// prompt asks what the caller does while the flow waits for a digit in virtual time.
func (p *phone) prompt(in *bufio.Reader, caller *sim.Phone, wait time.Duration) {
	fmt.Fprintf(p.out, "         keys (Enter alone waits %s, h hangs up): ", engine.Seconds(wait))
	line, err := in.ReadString('\n')
	line = strings.TrimSpace(line)
	if err != nil && line == "" {
		fmt.Fprintln(p.out, "h")
		caller.HangUp(0)
		return
	}
	if keys, hangUp := strings.CutSuffix(line, "h"); hangUp {
		caller.HangUp(caller.Press(0, digitsOf(keys)))
		return
	}
	caller.Press(0, digitsOf(line))
}

// digitsOf is line without what is no key.
func digitsOf(line string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && engine.AnyDigit.Has(engine.Digit(r)) {
			return r
		}
		return -1
	}, line)
}
