package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/tts"
)

// A voice is what engine.Engine has texts spoken with.
type voice func(ctx context.Context, text, language string) (engine.Sound, error)

// A speech has texts spoken by the configured engine, for the flows folder and for calls. nil speaks nothing.
type speech struct {
	*tts.Speaker
	prompts *promptServer // nil where nobody hears anything
}

var _ flow.Speech = (*speech)(nil)

// openSpeech is the engine that the configuration names.
func (c config) openSpeech(prompts *promptServer, logger *slog.Logger) (*speech, error) {
	if !c.TTS.on() {
		return nil, nil
	}
	if err := c.TTS.findProgram(); err != nil {
		logger.Error("text-to-speech", "error", err) // it may come, and calls do without it
	}
	dir, err := c.Prompts.cacheFolder()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	switch {
	case err != nil && c.Prompts.Cache != "":
		return nil, usageError{fmt.Errorf("prompts.cache: %w", err)}
	case err != nil:
		logger.Warn("texts are spoken anew at each start", "error", err, "hint", "prompts.cache in ivrd.yaml names a folder for them")
		dir = prompts.spool
	}
	s := &speech{c.TTS.speaker(), prompts}
	s.Store, s.Log = keep(dir, "speech"), logger
	prompts.spoken.Store(s.Store)
	return s, nil
}

// voices are those that there would be, for commands that only look.
func (c config) voices() flow.Speech {
	if !c.TTS.on() {
		return nil
	}
	return &speech{Speaker: c.TTS.speaker()}
}

// Prepare has the texts of a set spoken.
func (s *speech) Prepare(ctx context.Context, texts []flow.Text) {
	if s.prompts == nil {
		return
	}
	wanted := make([]tts.Text, len(texts))
	for i, t := range texts {
		wanted[i] = tts.Text(t)
	}
	s.Speaker.Prepare(ctx, wanted)
}

// Close stops the engine.
func (s *speech) Close() error {
	if s == nil {
		return nil
	}
	return s.Speaker.Close()
}

func (s *speech) voice() voice {
	if s == nil {
		return nil
	}
	return func(ctx context.Context, text, language string) (engine.Sound, error) {
		f, err := s.Speak(ctx, tts.Text{Language: language, Words: text})
		if err != nil {
			return engine.Sound{}, hinted(err)
		}
		return engine.Sound{Media: s.prompts.speechMedia(f), Text: text, Duration: f.Duration}, nil
	}
}

// rehearsed is the voice of simulated calls: nobody hears it, and it fails where the real one has no voice.
func (c config) rehearsed() voice {
	if !c.TTS.on() {
		return nil
	}
	s := c.TTS.speaker()
	return func(_ context.Context, text, language string) (engine.Sound, error) {
		if err := s.Check(language); err != nil {
			return engine.Sound{}, hinted(err)
		}
		return engine.Sound{Text: text}, nil
	}
}

func hinted(err error) error {
	if errors.Is(err, tts.ErrNoVoice) {
		return fmt.Errorf("%w; tts.voices in ivrd.yaml names them", err)
	}
	return err
}
