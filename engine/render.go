package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// render is p as a channel can play it: recordings in place of what is said in a language, and what the flows
// folder knows of each. A channel that speaks gets values and texts as they are.
func (c *Call) render(ctx context.Context, p Prompts) (Prompts, error) {
	if _, speaks := c.ch.(Speaker); speaks {
		return c.speakAll(ctx, c.resolve(p))
	}
	said, err := c.sayAll(p)
	if err != nil {
		return nil, err
	}
	return c.speakAll(ctx, c.resolve(said))
}

// sayAll puts recordings in place of the values in p.
func (c *Call) sayAll(p Prompts) (Prompts, error) {
	if c.say == nil || !slices.ContainsFunc(p, Prompt.spoken) {
		return p, nil
	}
	var out Prompts
	for _, one := range p {
		if !one.spoken() {
			out = append(out, one)
			continue
		}
		said, err := c.say(one, c.language)
		switch {
		case errors.Is(err, ErrUnspoken):
			out = append(out, one)
		case err != nil:
			return nil, &PlayError{Prompt: one, Why: err.Error()}
		default:
			for _, part := range said {
				part.Hold, part.Barge = one.Hold, one.Barge
				out = append(out, part)
			}
		}
	}
	return out, nil
}

// CheckPrompt says what is wrong with a prompt that is said in the call's language, or spoken, before it is
// played.
func (c *Call) CheckPrompt(p Prompt) error {
	if p.Kind == SpeechPrompt && c.voice == nil {
		return errNoVoice
	}
	if c.say == nil || !p.spoken() {
		return nil
	}
	if _, err := c.say(p, c.language); err != nil && !errors.Is(err, ErrUnspoken) {
		return err
	}
	return nil
}

// media is what Asterisk is told to play for a recording by name; "" stays "".
func (c *Call) media(ctx context.Context, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	p, err := c.render(ctx, Prompts{{Text: name}})
	if err != nil {
		return "", err
	}
	return cmp.Or(p[0].Sound.Media, name), nil
}

// resolve fills in what the flows folder knows of the sounds in p.
func (c *Call) resolve(p Prompts) Prompts {
	var out Prompts
	for i, one := range p {
		if one.Kind != SoundPrompt || c.flow == nil {
			continue
		}
		sound, ok := c.flow.Sound(one.Text, c.language)
		if !ok {
			continue
		}
		if out == nil {
			out = append(out, p...)
		}
		out[i].Sound = sound
	}
	if out == nil {
		return p
	}
	return out
}

var errNoVoice = errors.New("there is no text-to-speech engine; a section tts in ivrd.yaml names one")

// speakAll has those texts in p made into sounds of which there is no recording.
func (c *Call) speakAll(ctx context.Context, p Prompts) (Prompts, error) {
	copied := false
	for i, one := range p {
		text, language := one.Sound.Text, one.Sound.Spoken
		if one.Kind == SpeechPrompt {
			text, language = one.Text, cmp.Or(one.In, c.language)
		} else if language == "" {
			continue
		}
		sound, err := c.speak(ctx, one, text, language)
		if failed := (*PlayError)(nil); errors.As(err, &failed) && one.Sound.Media != "" {
			continue // there is something that stands in for it
		}
		if err != nil {
			return nil, err
		}
		if !copied {
			p, copied = slices.Clone(p), true
		}
		p[i].Sound = sound
	}
	return p, nil
}

// soon is how long a caller may be kept waiting for a text without more ado.
const soon = 30 * time.Millisecond

// speak is the sound of a text. If that takes its time the caller waits in silence: keys are kept, and a hangup
// is noticed.
func (c *Call) speak(ctx context.Context, p Prompt, text, language string) (Sound, error) {
	if c.voice == nil {
		return Sound{}, &PlayError{Prompt: p, Why: errNoVoice.Error()}
	}
	if _, speaks := c.ch.(Speaker); speaks {
		if s, err := c.voice(ctx, text, language); err != nil {
			return s, &PlayError{Prompt: p, Why: err.Error()}
		}
		return p.Sound, nil
	}
	making, drop := context.WithCancel(ctx)
	waiting, ready := context.WithCancel(ctx)
	var sound Sound
	var err error
	made := make(chan struct{})
	go func() {
		defer close(made)
		defer ready()
		sound, err = c.voice(making, text, language)
	}()
	waitErr := c.hold(waiting)
	drop()
	<-made
	switch {
	case waitErr != nil:
		return Sound{}, waitErr
	case err != nil && ctx.Err() == nil:
		return Sound{}, &PlayError{Prompt: p, Why: err.Error()}
	}
	return sound, err
}

// hold lets the caller wait until ctx ends.
func (c *Call) hold(ctx context.Context) error {
	timer := time.NewTimer(soon)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-timer.C:
	}
	return c.quiet(ctx, forever)
}
