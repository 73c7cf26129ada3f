package engine

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Answer picks up.
func (c *Call) Answer() error {
	_, err := c.channelStep(StepAnswer, "", func(ctx context.Context) (string, error) {
		return "", c.ch.Answer(ctx)
	})
	return err
}

// Play plays p until its end or a digit in stop, which it returns and journals.
func (c *Call) Play(p Prompts, stop Digits) (Digit, error) {
	d, err := c.play(p, stop)
	if d != NoDigit {
		c.note(StepPress, d.String())
	}
	return d, err
}

// play is Play without a record of the digit, for callers that journal a whole entry.
func (c *Call) play(p Prompts, stop Digits) (Digit, error) {
	if len(p) == 0 {
		return NoDigit, nil
	}
	var d Digit
	_, err := c.channelStep(StepPlay, p.String(), func(ctx context.Context) (string, error) {
		list, err := c.render(ctx, p)
		if err != nil {
			return "", err
		}
		d, err = c.playRuns(ctx, list, stop)
		return "", err
	})
	return d, err
}

// playRuns plays p in runs: what the same digits may interrupt.
func (c *Call) playRuns(ctx context.Context, p Prompts, stop Digits) (Digit, error) {
	for len(p) > 0 {
		n := 1
		for n < len(p) && p[n].Hold == p[0].Hold && p[n].Barge == p[0].Barge {
			n++
		}
		keys := p[0].interrupt(stop)
		if d := c.keptDigit(keys); d != NoDigit {
			return d, nil
		}
		d, err := c.ch.Play(ctx, p[:n], keys)
		if err == nil && p[0].Barge != "" {
			err = c.flush()
		}
		if d != NoDigit || err != nil {
			return d, err
		}
		p = p[n:]
	}
	return NoDigit, nil
}

// interrupt are those digits in stop that interrupt p.
func (p Prompt) interrupt(stop Digits) Digits {
	switch {
	case p.Hold:
		return ""
	case p.Barge == "":
		return stop
	}
	var keys Digits
	for _, d := range p.Barge {
		if stop.Has(Digit(d)) {
			keys += Digits(d)
		}
	}
	return keys
}

// PlayUntilKey plays p until its end or any digit, which counts for the next entry.
func (c *Call) PlayUntilKey(p Prompts) error {
	d, err := c.play(p, AnyDigit)
	if d != NoDigit {
		c.kept = append(c.kept, d)
	}
	return err
}

// keptDigit takes the first kept digit that is in want.
func (c *Call) keptDigit(want Digits) Digit {
	for i, d := range c.kept {
		if want.Has(d) {
			c.kept = slices.Delete(c.kept, i, i+1)
			return d
		}
	}
	return NoDigit
}

// Wait lets d pass. Digits pressed meanwhile are kept.
func (c *Call) Wait(d time.Duration) error {
	_, err := c.channelStep(StepWait, Seconds(d), func(ctx context.Context) (string, error) {
		_, err := c.ch.Play(ctx, []Prompt{Silence(d)}, "")
		return "", err
	})
	return err
}

// Record records the caller.
func (c *Call) Record(r RecordRequest) (Recording, error) {
	if err := CheckRecordingName(r.Name); err != nil {
		return Recording{}, err
	}
	result, err := c.channelStep(StepRecord, r.Name, func(ctx context.Context) (string, error) {
		c.expires(r.Name, r.Format, r.Keep)
		rec, err := c.ch.Record(ctx, r)
		if err == nil {
			err = c.written(ctx, r, rec)
		}
		return rec.String(), err
	})
	rec := parseRecording(r.Name, result)
	if rec.Digit != NoDigit {
		c.note(StepPress, rec.Digit.String())
	}
	return rec, err
}

// Var reads a channel variable or dialplan function.
func (c *Call) Var(name string) (string, error) {
	return c.Do(StepGet, name, func(ctx context.Context) (string, error) {
		return c.ch.Var(ctx, name)
	})
}

// SetVar sets a channel variable or writes a dialplan function.
func (c *Call) SetVar(name, value string) error {
	_, err := c.Do(StepSet, name+" "+value, func(ctx context.Context) (string, error) {
		return "", c.ch.SetVar(ctx, name, value)
	})
	return err
}

// SetLanguage chooses the language of all later prompts, by Asterisk's code.
func (c *Call) SetLanguage(code string) error {
	_, err := c.channelStep(StepLanguage, code, func(ctx context.Context) (string, error) {
		return "", c.ch.SetVar(ctx, "CHANNEL(language)", code)
	})
	if err == nil {
		c.language = code
	}
	return err
}

// Exec runs a dialplan application, with args as they stand in extensions.conf.
func (c *Call) Exec(app, args string) (string, error) {
	return c.channelStep(StepExec, strings.TrimSpace(app+" "+args), func(ctx context.Context) (string, error) {
		x, ok := c.ch.(Executor)
		if !ok {
			return "", &CapabilityError{StepExec, c.info.Backend}
		}
		return x.Exec(ctx, app, args)
	})
}

// Command sends an AGI command, word by word, and returns its result and the text behind it.
func (c *Call) Command(words ...string) (result, text string, err error) {
	reply, err := c.channelStep(StepAGI, strings.Join(words, " "), func(ctx context.Context) (string, error) {
		x, ok := c.ch.(Commander)
		if !ok {
			return "", &CapabilityError{StepAGI, c.info.Backend}
		}
		result, text, err := x.Command(ctx, words...)
		return strings.TrimSpace(result + " " + text), err
	})
	result, text, _ = strings.Cut(reply, " ")
	return result, text, err
}
