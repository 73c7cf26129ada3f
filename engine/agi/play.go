package agi

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

const (
	// fetchTime is what Asterisk may take to get a sound over HTTP before it plays.
	fetchTime = 3 * time.Minute
	// sayTime is what one spoken digit or character may take.
	sayTime = 5 * time.Second
	// maxStuck is how often a sound may be interrupted without getting further.
	maxStuck = 64
	// noSuchSound is what a result of -1 means while the caller is there.
	noSuchSound = "Asterisk has no such sound, or cannot play it"
)

// Play plays prompts in order until their end or until a digit in stop is pressed. Of the digits kept it
// takes the first that is in stop, before anything is heard. Digits that are not in stop are kept: a
// sound goes on where it was, to within 20 ms, and silence and tones are not disturbed. What Asterisk says
// by itself (digits, numbers, characters) cannot be resumed: those pressed meanwhile that are not in stop
// are lost.
// If ctx ends the sound stops; a digit pressed at that very moment is kept.
//
// Asterisk counts a sound it does not have as a failure of the whole session: AGISTATUS will be FAILURE.
func (c *channel) Play(ctx context.Context, prompts []engine.Prompt, stop engine.Digits) (engine.Digit, error) {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return engine.NoDigit, c.news(err)
	}
	if err := c.tellKept(); err != nil {
		return engine.NoDigit, c.news(err)
	}
	if d := c.takeKept(stop); d != engine.NoDigit {
		return d, nil
	}
	for i := range prompts {
		d, err := c.playOne(ctx, &prompts[i], stop)
		if d != engine.NoDigit || err != nil {
			return d, c.news(err)
		}
	}
	return engine.NoDigit, nil
}

func (c *channel) playOne(ctx context.Context, p *engine.Prompt, stop engine.Digits) (engine.Digit, error) {
	switch p.Kind {
	case engine.SoundPrompt, engine.RecordingPrompt, engine.SpeechPrompt:
		return c.eitherSound(ctx, p, func(file string) (engine.Digit, error) { return c.sound(ctx, p, file, stop) })
	case engine.DigitsPrompt:
		return c.sayDigits(ctx, p, stop)
	case engine.NumberPrompt:
		if _, err := strconv.ParseInt(p.Text, 10, 32); err != nil {
			return engine.NoDigit, &engine.PlayError{Prompt: *p, Why: "not a whole number from -2147483648 to 2147483647, which is what SAY NUMBER takes"}
		}
		return c.say(ctx, p, "SAY NUMBER", p.Text, stop)
	case engine.CharactersPrompt:
		return c.say(ctx, p, "SAY ALPHA", p.Text, stop)
	case engine.SilencePrompt:
		return c.wait(ctx, p.For, stop)
	case engine.TonePrompt:
		return c.tone(ctx, p, stop)
	}
	return engine.NoDigit, &engine.PlayError{Prompt: *p, Why: "FastAGI has no such kind of prompt"}
}

// eitherSound plays one of Asterisk's sounds, else what a call has recorded under that name, which lies elsewhere.
func (c *channel) eitherSound(ctx context.Context, p *engine.Prompt, play func(file string) (engine.Digit, error)) (engine.Digit, error) {
	file, err := c.soundFile(ctx, p)
	if err != nil {
		return engine.NoDigit, err
	}
	d, err := play(file)
	var failed *engine.PlayError
	if !errors.As(err, &failed) || failed.Why != noSuchSound || p.Kind != engine.SoundPrompt || p.Sound.Media != "" || c.recorded[p.Text] {
		return d, err
	}
	if engine.CheckRecordingName(p.Text) != nil {
		return d, err
	}
	if found, lookErr := c.findRecording(ctx, engine.RecordingsRequest{Name: p.Text}); lookErr != nil || len(found) == 0 {
		return d, err
	}
	c.noteRecording(p.Text)
	return c.eitherSound(ctx, p, play)
}

// sound plays a recording. Every digit interrupts it, because Asterisk drops those that do not; after one
// that is not in stop it goes on.
func (c *channel) sound(ctx context.Context, p *engine.Prompt, media string, stop engine.Digits) (engine.Digit, error) {
	var patience time.Duration // without end, unless the length is known
	if p.Sound.Duration > 0 {
		patience = p.Sound.Duration + fetchTime + c.patient
	}
	var at int64
	for stuck := 0; stuck < maxStuck; stuck++ {
		r, err := c.stream(ctx, patience, media, at)
		d := r.digit()
		switch {
		case err != nil:
			c.keepUntold(d)
			return engine.NoDigit, err
		case r.failed():
			return engine.NoDigit, c.unplayable(ctx, p, noSuchSound)
		}
		if d, err := c.heard(d, stop); d != engine.NoDigit || err != nil || r.digit() == engine.NoDigit {
			return d, err
		}
		if pos, ok := r.endpos(); ok && pos > at {
			at, stuck = pos, 0
		}
	}
	return engine.NoDigit, &engine.PlayError{Prompt: *p, Why: "digits keep interrupting it and it does not get on"}
}

func (c *channel) stream(ctx context.Context, patience time.Duration, media string, at int64) (reply, error) {
	args := []string{media, string(engine.AnyDigit), ""}[:2]
	if at > 0 {
		args = append(args, strconv.FormatInt(at, 10))
	}
	return c.doOrStop(ctx, patience, "STREAM FILE", args...)
}

// heard tells of a digit, and gives it back if it is in stop; another one is kept.
func (c *channel) heard(d engine.Digit, stop engine.Digits) (engine.Digit, error) {
	if d == engine.NoDigit {
		return engine.NoDigit, nil
	}
	err := c.notice(d)
	if stop.Has(d) {
		return d, nil
	}
	c.keep(d)
	return engine.NoDigit, err
}

// unplayable is what a result of -1 means: the caller hung up, or else what why says.
func (c *channel) unplayable(ctx context.Context, p *engine.Prompt, why string) error {
	if err := c.alive(ctx); err != nil {
		return err
	}
	return &engine.PlayError{Prompt: *p, Why: why}
}

// say runs one of the SAY commands.
func (c *channel) say(ctx context.Context, p *engine.Prompt, command, text string, stop engine.Digits) (engine.Digit, error) {
	patience := time.Duration(len(text)+10)*sayTime + c.patient
	r, err := c.do(ctx, patience, command, text, string(stop))
	var refused *CommandError
	switch {
	case errors.As(err, &refused):
		return engine.NoDigit, &engine.PlayError{Prompt: *p, Why: refused.Error()}
	case err != nil:
		return engine.NoDigit, err
	case r.failed():
		return engine.NoDigit, c.unplayable(ctx, p, "Asterisk lacks a sound for it")
	}
	return c.heard(r.digit(), stop)
}

// sayDigits says keys one by one. SAY DIGITS wants its text to begin with a number, and skips letters.
func (c *channel) sayDigits(ctx context.Context, p *engine.Prompt, stop engine.Digits) (engine.Digit, error) {
	if _, err := engine.ParseDigits(p.Text); err != nil {
		return engine.NoDigit, &engine.PlayError{Prompt: *p, Why: err.Error()}
	}
	for text := p.Text; text != ""; {
		var d engine.Digit
		var err error
		if isDigit(text[0]) {
			run := len(text) - len(strings.TrimLeft(text, "0123456789*#"))
			d, err = c.say(ctx, p, "SAY DIGITS", text[:run], stop)
			text = text[run:]
		} else {
			d, err = c.sound(ctx, p, keySound(text[0]), stop)
			text = text[1:]
		}
		if d != engine.NoDigit || err != nil {
			return d, err
		}
	}
	return engine.NoDigit, nil
}

// keySound is Asterisk's own recording of a key that is no number.
func keySound(key byte) string {
	switch key {
	case '*':
		return "digits/star"
	case '#':
		return "digits/pound"
	}
	return "letters/" + strings.ToLower(string(rune(key)))
}

// tone plays a tone, which goes on in the background until it is stopped.
func (c *channel) tone(ctx context.Context, p *engine.Prompt, stop engine.Digits) (engine.Digit, error) {
	r, err := c.do(ctx, c.patient, "EXEC", "Playtones", p.Text)
	if err != nil {
		return engine.NoDigit, err
	}
	if r.failed() {
		return engine.NoDigit, c.unplayable(ctx, p, "Asterisk knows no such tone")
	}
	d, err := c.wait(ctx, p.For, stop)
	if c.hungUp || c.lost != nil {
		return d, err
	}
	if _, stopErr := c.do(context.WithoutCancel(ctx), c.patient, "EXEC", "StopPlaytones", ""); err == nil {
		err = stopErr
	}
	return d, err
}

// wait lets d pass. Digits that are not in stop are kept.
func (c *channel) wait(ctx context.Context, d time.Duration, stop engine.Digits) (engine.Digit, error) {
	for end := time.Now().Add(d); d > 0; d = time.Until(end) {
		key, err := c.waitDigit(ctx, d)
		if err != nil {
			return engine.NoDigit, err
		}
		if key, err = c.heard(key, stop); key != engine.NoDigit || err != nil {
			return key, err
		}
	}
	return engine.NoDigit, nil
}

// waitDigit waits for one digit. If ctx ends, one pressed at that moment is kept.
func (c *channel) waitDigit(ctx context.Context, d time.Duration) (engine.Digit, error) {
	r, err := c.doOrStop(ctx, d+c.patient, "WAIT FOR DIGIT", milliseconds(d))
	key := r.digit()
	switch {
	case err != nil:
		c.keepUntold(key)
		return engine.NoDigit, err
	case r.failed():
		c.hungUp = true
		return engine.NoDigit, engine.ErrHangup
	}
	return key, nil
}

// milliseconds writes d, rounded up so that a wait is never shorter than asked, within what Asterisk's
// int can hold.
func milliseconds(d time.Duration) string {
	ms := int64((d + time.Millisecond - 1) / time.Millisecond)
	return strconv.FormatInt(min(max(ms, 0), 1<<31-1), 10)
}

// ReadDigit takes the first digit kept, or waits for one. A wait of 0 sends nothing.
func (c *channel) ReadDigit(ctx context.Context, wait time.Duration) (engine.Digit, error) {
	if err := c.tellKept(); err != nil {
		return engine.NoDigit, c.news(err)
	}
	if d := c.takeKept(engine.AnyDigit); d != engine.NoDigit {
		return d, nil
	}
	if wait <= 0 {
		return engine.NoDigit, c.news(c.quick(ctx))
	}
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return engine.NoDigit, c.news(err)
	}
	if err := c.tellKept(); err != nil { // of the listener's last
		return engine.NoDigit, c.news(err)
	}
	if d := c.takeKept(engine.AnyDigit); d != engine.NoDigit {
		return d, nil
	}
	d, err := c.waitDigit(ctx, wait)
	if err == nil {
		d, err = c.heard(d, engine.AnyDigit)
	}
	return d, c.news(err)
}
