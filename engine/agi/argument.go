package agi

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// special are the characters that end an argument of a dialplan application, or an option, or begin an expression
// (main/app.c, __ast_app_separate_args and parse_options; app_dial.c splits at &).
const special = ",&()[]{}\"\\"

// checkPlain refuses what an application would not take as one word. what says what it is.
func checkPlain(what, s string) error {
	for _, r := range s {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(special, r) {
			return fmt.Errorf("%s %q: %q cannot be part of it over FastAGI", what, s, r)
		}
	}
	return nil
}

// checkDigits refuses what is no sequence of keys.
func checkDigits(keys string) error {
	_, err := engine.ParseDigits(keys)
	return err
}

// firstError is the first of several.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// recordings are those of a list of prompts as applications take them, with & in between. Silence is left out.
func (c *channel) recordings(ctx context.Context, what string, prompts engine.Prompts) (string, error) {
	var names []string
	for _, p := range prompts {
		if p.Kind == engine.SilencePrompt {
			continue
		}
		if !p.FromFile() {
			return "", fmt.Errorf("%s: %w", what, &engine.PlayError{Prompt: p, Why: "only recordings can be played there over FastAGI"})
		}
		name, err := c.soundFile(ctx, &p)
		if err == nil {
			err = checkPlain(what, name)
		}
		if err != nil {
			return "", err
		}
		names = append(names, name)
	}
	return strings.Join(names, "&"), nil
}

// seconds writes d as applications take a number of seconds.
func seconds(d time.Duration) string {
	return strings.TrimSuffix(engine.Seconds(d.Round(time.Millisecond)), "s")
}

// without is s without the characters of a set.
func without(s, set string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(set, r) {
			return -1
		}
		return r
	}, s)
}
