package main

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/engine/transcript"
)

// A phone shows a simulated call, in the words of transcripts, and presses the caller's keys.
type phone struct {
	screen  *screen
	keys    *keyboard
	set     *flow.Set
	channel *sim.Channel
	began   time.Time
	record  *transcript.Call
	failed  bool
	heard   bool // something of the step played now

	mu      sync.Mutex // guards what follows, which the line about now is made of
	doing   string
	since   time.Time
	most    time.Duration // how long that takes
	pressed string        // since the last entry
}

var _ engine.Observer = (*phone)(nil)

// greet says who is called, and how to go on.
func (p *phone) greet(info engine.Info, target string) {
	p.began = p.channel.Now()
	head := fmt.Sprintf("calling %s from %s", target, info.CallerID)
	if route, err := p.set.Route(info); err == nil {
		head += fmt.Sprintf(": flow %s, version %s", route.Flow.Name(), route.Flow.Version())
	}
	p.screen.line(head)
	switch {
	case p.keys.raw:
		p.screen.line("keys 0-9 * # press digits, h hangs up\n")
	case p.keys.typed != nil:
		p.screen.line("time stands still while you type: digits and Enter press them, Enter alone is silence, h hangs up\n")
	}
}

// refreshTime is how often the line about what is going on is drawn anew.
const refreshTime = 100 * time.Millisecond

// follow begins to read single keys and to show what is going on, until stop.
func (p *phone) follow(real bool) (stop func()) {
	if !real {
		return func() {}
	}
	go p.keys.press(p.channel.Phone(), p.press)
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(refreshTime)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.refresh()
			case <-over:
				p.screen.live("")
				return
			}
		}
	}()
	return func() {
		close(over)
		<-ended
	}
}

// press notes a key.
func (p *phone) press(d engine.Digit) {
	p.mu.Lock()
	p.pressed += d.String()
	p.mu.Unlock()
	p.refresh()
}

// now says what goes on from now on, for at most so long.
func (p *phone) now(doing string, most time.Duration) {
	p.mu.Lock()
	p.doing, p.since, p.most = doing, time.Now(), most
	p.mu.Unlock()
	p.refresh()
}

func (p *phone) refresh() {
	p.mu.Lock()
	var text string
	if p.doing != "" {
		took := time.Since(p.since)
		if p.most > 0 {
			took = min(took, p.most)
		}
		text = fmt.Sprintf("         %s %.1f", p.doing, took.Seconds())
		if p.most > 0 {
			text += fmt.Sprintf(" of %.1f s", p.most.Seconds())
		}
	}
	if p.pressed != "" {
		text += "   pressed " + p.pressed
	}
	p.mu.Unlock()
	p.screen.live(text)
}

// say writes lines, the first stamped with the call's time.
func (p *phone) say(format string, args ...any) {
	at := p.channel.Now().Sub(p.began)
	text := fmt.Sprintf("%2d:%04.1f  ", int(at.Minutes()), (at%time.Minute).Seconds()) + fmt.Sprintf(format, args...)
	p.screen.line(strings.ReplaceAll(text, "\n", "\n             "))
}

// Begin shows a step. What is played is shown piece by piece, as it begins.
func (p *phone) Begin(c *engine.Call, s *engine.Step) *engine.Outcome {
	switch {
	case s.Kind == engine.StepPlay:
		p.heard = false
	case s.Kind == engine.StepLog:
		level, text, _ := strings.Cut(s.Args, " ")
		p.say("  log.%s  %s", strings.ToLower(level), text)
	case s.Kind == engine.StepEnd:
		p.say("> %s%s", s, p.whereFailed(c))
	case s.Kind == engine.StepContinue:
		p.say("> %s   (back to the dialplan)", s)
	case s.Kind.Source() == engine.World:
		p.entry()
		p.say("%s", s)
	case s.Kind.Source() == engine.Ours:
		p.say("> %s", s)
		if s.Kind == engine.StepRecord {
			p.now("recording", 0)
		}
	}
	return nil
}

// entry forgets the keys that have been taken.
func (p *phone) entry() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pressed = ""
}

// whereFailed is the line of the flow that failed, and how it got there.
func (p *phone) whereFailed(c *engine.Call) string {
	var fault *engine.FlowError
	if !errors.As(c.Outcome().Err, &fault) {
		return ""
	}
	var text string
	if fault.Source != "" {
		text = fmt.Sprintf("\n%d | %s", fault.Line, fault.Source)
	}
	if strings.Contains(fault.Trace, "\n") { // one line says nothing new
		text += "\n" + fault.Trace
	}
	return text
}

// End shows what came of a step.
func (p *phone) End(_ *engine.Call, s *engine.Step) {
	p.mu.Lock()
	p.doing = ""
	p.mu.Unlock()
	if s.Kind.Source() != engine.Ours {
		return
	}
	switch {
	case s.Kind == engine.StepPlay && s.Err == nil && !p.heard:
		p.say("> %s   (skipped: a key was pressed before)", s)
	case s.Err != nil && !errors.Is(s.Err, engine.ErrHangup):
		p.say("fail %v", s.Err)
	case s.Kind == engine.StepDB && strings.HasPrefix(s.Result, "{"):
		for row := range strings.SplitSeq(s.Result, "\n") {
			p.say("row %s", row)
		}
	case s.Result != "":
		p.say("reply %s", shorten(s.Result))
	}
}

// shorten cuts what would fill the screen.
func shorten(s string) string {
	const most = 500
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + fmt.Sprintf("… (%d bytes)", len(s))
}

// Over shows how the call ended.
func (p *phone) Over(c *engine.Call) {
	p.failed = c.Outcome().Err != nil
	p.record = transcript.Write(c)
	p.say("call over: %s", c.Outcome().Status())
}

// hear shows what the caller hears.
func (p *phone) hear(prompt engine.Prompt, d time.Duration) {
	p.heard = true
	if prompt.Kind == engine.SilencePrompt {
		if d > time.Hour {
			d = 0 // until another system answers
		}
		p.now("silence", d) // what a wait is made of
		return
	}
	words := ""
	if prompt.Sound.Text != "" {
		words = `  "` + prompt.Sound.Text + `"`
	}
	p.say("> play %s%s", prompt, words)
	p.now("playing", d)
}

// exec takes a dialplan application for done: there is no Asterisk that could do it.
func (p *phone) exec(app, _ string) (string, error) {
	p.say("(%s is an application of Asterisk; the simulator takes it for done)", app)
	return "0", nil
}

// idle is told that the flow waits for a key. In virtual time it asks what the caller does.
func (p *phone) idle(caller *sim.Phone, wait time.Duration) {
	if p.keys.typed == nil {
		p.now("waiting for a key", wait)
		return
	}
	p.screen.ask(fmt.Sprintf("         keys (Enter alone waits %s): ", engine.Seconds(wait)))
	var line string
	var more bool
	select {
	case line, more = <-p.keys.typed:
	case <-p.keys.done:
	}
	if !more {
		line = "h"
	}
	if p.keys.echo || !more {
		p.screen.line(line)
	}
	if keys, hangUp := strings.CutSuffix(line, "h"); hangUp {
		caller.HangUp(caller.Press(0, digitsOf(keys)))
		return
	}
	caller.Press(0, digitsOf(line))
}
