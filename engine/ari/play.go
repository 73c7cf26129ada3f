package ari

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

const (
	// fetchTime is what Asterisk may take to get a sound over HTTP before it plays.
	fetchTime = 3 * time.Minute
	// lookEvery is how often a playback of unknown length is asked for: some end without an event.
	lookEvery = time.Minute
)

// Play plays prompts in order until their end or until a digit in stop is pressed. Of the digits kept it takes
// the first that is in stop, before anything is heard. Digits that are not in stop are kept and disturb
// nothing. If ctx ends the sound stops.
//
// Each prompt is a playback of its own, since of a list Asterisk does not say what it could not play.
func (c *channel) Play(ctx context.Context, prompts []engine.Prompt, stop engine.Digits) (engine.Digit, error) {
	if err := c.begin(ctx); err != nil {
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
		return c.sound(ctx, p, stop)
	case engine.SilencePrompt:
		return c.pass(ctx, p.For, stop)
	case engine.TonePrompt:
		return c.tone(ctx, p, stop)
	}
	return c.play(ctx, p, mediaOf(p), stop)
}

// mediaOf is a prompt as Asterisk's ARI is told to play it. Digits, numbers and characters are such as the engine
// could not name recordings of: Asterisk says them, and cannot be stopped.
func mediaOf(p *engine.Prompt) string {
	switch p.Kind {
	case engine.SoundPrompt, engine.SpeechPrompt:
		return "sound:" + cmp.Or(p.Sound.Media, p.Text)
	case engine.SilencePrompt: // recordings of silence, of 1 to 10 seconds, come with Asterisk
		return "sound:silence/" + strconv.Itoa(min(max(seconds(p.For), 1), 10))
	}
	return string(p.Kind) + ":" + p.Text
}

// media is mediaOf for a call that may have made the recording itself, which Asterisk keeps among recordings.
func (c *channel) media(p *engine.Prompt) string {
	if p.Kind == engine.SoundPrompt && p.Sound.Media == "" && c.recorded[p.Text] {
		return "recording:" + p.Text
	}
	return mediaOf(p)
}

// checkStored looks for a recording that is to be played back: Asterisk takes any name, and says nothing of one that
// does not exist.
func (c *channel) checkStored(ctx context.Context, p *engine.Prompt) error {
	if !strings.HasPrefix(c.media(p), "recording:") {
		return nil
	}
	found, err := c.server.storedRecording(ctx, p.Text, c.dead)
	if err == nil && found == nil {
		err = &engine.PlayError{Prompt: *p, Why: "there is no such recording"}
	}
	return err
}

// playTo begins to play a prompt to any channel or bridge and returns the playback's id.
func (c *channel) playTo(ctx context.Context, kind, id string, p *engine.Prompt) (string, error) {
	playing := c.server.names.next()
	if id == c.now() {
		playing = c.playName()
	}
	if err := c.checkStored(ctx, p); err != nil {
		return playing, err
	}
	_, err := c.do(ctx, post(pathOf(kind, id, "play", playing), map[string]any{"media": []string{c.media(p)}}))
	return playing, err
}

// sound plays a recording.
func (c *channel) sound(ctx context.Context, p *engine.Prompt, stop engine.Digits) (engine.Digit, error) {
	return c.eitherSound(ctx, p, func(uri string) (engine.Digit, error) { return c.play(ctx, p, uri, stop) })
}

// eitherSound plays one of Asterisk's sounds, else one that was recorded over ARI, which Asterisk keeps in another
// folder than FastAGI's.
func (c *channel) eitherSound(ctx context.Context, p *engine.Prompt, play func(uri string) (engine.Digit, error)) (engine.Digit, error) {
	if err := c.checkStored(ctx, p); err != nil {
		return engine.NoDigit, err
	}
	d, err := play(c.media(p))
	var failed *engine.PlayError
	if !errors.As(err, &failed) || p.Kind != engine.SoundPrompt || p.Sound.Media != "" || c.recorded[p.Text] {
		return d, err
	}
	if _, missing := c.do(ctx, get(pathOf("recordings", "stored", p.Text))); missing != nil {
		return d, err
	}
	return play("recording:" + p.Text)
}

// play plays one media URI to its end, or until a digit in stop.
func (c *channel) play(ctx context.Context, p *engine.Prompt, uri string, stop engine.Digits) (engine.Digit, error) {
	run := playback{channel: c, id: c.playName(), uri: uri}
	if err := run.start(ctx); err != nil {
		return engine.NoDigit, err
	}
	d, err := run.wait(ctx, p.Sound.Duration, stop)
	switch {
	case err != nil || d != engine.NoDigit:
		run.stop(ctx)
		return d, err
	case run.state == "failed":
		return engine.NoDigit, run.failure(ctx, p)
	}
	return engine.NoDigit, nil
}

// playName is the name of the next playback.
func (c *channel) playName() string {
	c.plays++
	return playNames(c.now())[c.plays%playbacks]
}

// A playback is one that Asterisk plays for us.
type playback struct {
	channel *channel
	id, uri string
	options map[string]any // parameters besides
	begun   bool           // Asterisk has it
	state   string         // once it is over: done or failed
}

// start has Asterisk play. If the connection breaks before the answer comes, nobody knows whether Asterisk plays:
// that is asked first, since it would play a second time.
func (p *playback) start(ctx context.Context) error {
	c := p.channel
	c.endMusic(ctx)
	body := map[string]any{"media": []string{p.uri}}
	maps.Copy(body, p.options)
	for {
		_, err := c.do(ctx, &request{method: "POST", path: c.path("play", p.id), body: body, once: true})
		if !errors.Is(err, errCut) {
			p.begun = p.begun || err == nil
			return err
		}
		if _, err = c.do(ctx, get(pathOf("playbacks", p.id))); !isStatus(err, 404) {
			p.begun = p.begun || err == nil
			return err
		}
	}
}

// wait waits for the end. What is longer than it can be, or of unknown length, is looked at from time to time.
func (p *playback) wait(ctx context.Context, length time.Duration, stop engine.Digits) (engine.Digit, error) {
	look := lookEvery
	if length > 0 {
		look = length + fetchTime
	}
	for {
		again := false
		d, err := p.channel.await(ctx, look, stop, func(e *event) bool {
			again = e.Type == eventRegained
			return p.hear(e) || again
		})
		if err != nil && err != errTime {
			return d, err
		}
		if d != engine.NoDigit || p.state != "" {
			return d, nil
		}
		if err := p.look(ctx); err != nil || p.state != "" {
			return engine.NoDigit, err
		}
	}
}

// hear reports whether an event says that the playback is over.
func (p *playback) hear(e *event) bool {
	if e.Playback == nil || e.Playback.ID != p.id {
		return false
	}
	p.begun = true
	if e.Type == "PlaybackFinished" {
		p.state = e.Playback.State
		return true
	}
	return false
}

// look asks for the playback: its end may have been missed. One that never began begins.
func (p *playback) look(ctx context.Context) error {
	_, err := p.channel.do(ctx, get(pathOf("playbacks", p.id)))
	switch {
	case !isStatus(err, 404):
		return err
	case !p.begun:
		return p.start(ctx)
	}
	p.state = "done"
	return nil
}

// stop ends the playback, whatever ended the waiting.
func (p *playback) stop(ctx context.Context) {
	c := p.channel
	if c.state() != nil {
		return // it ends with the call
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	_, err := c.server.do(bounded, remove(pathOf("playbacks", p.id)), c.dead)
	if err == nil || isStatus(err, 500) { // Asterisk cannot stop spoken digits, numbers and characters
		c.stopping = p.id
	}
}

// settle waits for the end of a playback that was told to stop. What needs the channel's thread would wait for it
// as well, and hold up the requests of other calls.
func (c *channel) settle(ctx context.Context) error {
	for c.stopping != "" {
		again := false
		_, err := c.await(ctx, lookEvery, "", func(e *event) bool {
			again = e.Type == eventRegained
			return again || c.stopping == ""
		})
		if err != nil && err != errTime {
			return err
		}
		if c.stopping == "" {
			break
		}
		_, err = c.do(ctx, get(pathOf("playbacks", c.stopping)))
		switch {
		case isStatus(err, 404):
			c.stopping = ""
		case err != nil:
			return err
		}
	}
	return nil
}

// failure is why it could not be played: the caller hung up, or Asterisk has no such sound.
func (p *playback) failure(ctx context.Context, prompt *engine.Prompt) error {
	c := p.channel
	if !c.there(ctx) {
		c.hungUp = true
		return engine.ErrHangup
	}
	if err := c.state(); err != nil {
		return err
	}
	return &engine.PlayError{Prompt: *prompt, Why: "Asterisk has no such sound, or cannot play it"}
}

// tone plays a tone, which goes on until it is stopped.
func (c *channel) tone(ctx context.Context, p *engine.Prompt, stop engine.Digits) (engine.Digit, error) {
	run := playback{channel: c, id: c.playName(), uri: "tone:" + p.Text}
	if err := run.start(ctx); err != nil {
		return engine.NoDigit, err
	}
	d, err := c.await(ctx, p.For, stop, run.hear)
	if run.state == "failed" {
		return d, run.failure(ctx, p)
	}
	run.stop(ctx)
	if err == errTime {
		err = nil
	}
	return d, err
}
