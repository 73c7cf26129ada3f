package ari

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var libraryTests = []labTest{
	{"recordings are listed, found, played back and deleted", libraryWhole},
}

func libraryWhole(t *testing.T, st *station) {
	v := st.call(t, func(ctx context.Context, c *channel) {
		noErr(t, "answer", c.Answer(ctx))
		record := func(name, format string) {
			_, err := c.Record(ctx, engine.RecordRequest{Name: name, Format: format, Max: 600 * time.Millisecond})
			noErr(t, "record", err)
		}
		record("library/1", "")
		record("library/2", "wav49")
		wants := func(do engine.RecordingsAction, name, format, want string) {
			t.Helper()
			found, err := c.Recordings(ctx, engine.RecordingsRequest{Do: do, Name: name, Format: format})
			var got []string
			for _, r := range found {
				got = append(got, r.String())
			}
			if text := strings.Join(got, ", "); text != want || err != nil {
				t.Errorf("%s %s: %s, %v; want %s", do, name, text, err, want)
			}
		}
		wants(engine.RecordingsList, "library/", "", "library/2 wav49, library/1 wav")
		wants(engine.RecordingsList, "library/x", "", "")
		wants(engine.RecordingsFind, "library/2", "", "library/2 wav49")
		wants(engine.RecordingsFind, "library/2", "wav", "")
		wants(engine.RecordingsDelete, "library/2", "wav", "")

		stored := engine.Prompt{Kind: engine.RecordingPrompt, Text: "library/1"}
		_, err := c.Play(ctx, []engine.Prompt{stored}, "")
		noErr(t, "play", err)
		_, _, err = c.PlayControlled(ctx, stored, steering, "")
		noErr(t, "play", err)
		wants(engine.RecordingsDelete, "library/1", "", "library/1 wav")
		wants(engine.RecordingsDelete, "library/1", "", "")
		wants(engine.RecordingsDelete, "library/2", "wav49", "library/2 wav49")

		began := time.Now()
		for _, gone := range []engine.Prompt{stored, {Text: "library/1"}} {
			var failed *engine.PlayError
			_, err = c.Play(ctx, []engine.Prompt{gone}, "")
			if !errors.As(err, &failed) {
				t.Errorf("%s, which is deleted: %v", gone, err)
			}
			_, _, err = c.PlayControlled(ctx, gone, steering, "")
			if !errors.As(err, &failed) {
				t.Errorf("%s, which is deleted: %v", gone, err)
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("that took %v", took)
		}
	})
	go func() {
		if v.WaitMedia(t.Context()) == nil {
			_ = v.Speak(t.Context(), st.Tones.Tone("mine"), 2*time.Second)
		}
	}()
	v.hears("mine")
	v.over()
}
