//go:build unix

package tts

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// script is a command in the shell's words; $0 is a recording, $1 what the request has for its places.
func script(t *testing.T, text string, args ...string) Command {
	at := filepath.Join(t.TempDir(), "tone.wav")
	if err := os.WriteFile(at, wav(1600), 0o644); err != nil {
		t.Fatal(err)
	}
	return append(Command{"sh", "-c", text, at}, args...)
}

func TestCommand(t *testing.T) {
	for _, tt := range []struct {
		name, script string
		args         []string
	}{
		{"text on the input", `[ "$(cat)" = 'Olá; "João" $HOME' ] && cat "$0"`, nil},
		{"text as an argument", `[ "$2" = '--text=Olá; "João" $HOME' ] && cat "$0"`, []string{"x", "--text={text}"}},
		{"voice and language", `[ "$1/$2" = ana/pt_BR ] && cat "$0"`, []string{"{voice}", "{language}"}},
		{"into a file", `cp "$0" "$1"`, []string{"{file}"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := script(t, tt.script, tt.args...).Make(t.Context(), olá)
			if err != nil || !bytes.Equal(got, wav(1600)) {
				t.Errorf("got %d bytes, %v", len(got), err)
			}
		})
	}
}

func TestCommandFails(t *testing.T) {
	for _, tt := range []struct {
		script, want string
		args         []string
	}{
		{"echo; echo no such voice >&2; exit 3", "sh: exit status 3: no such voice", nil},
		{"exit 0", "sh: it wrote no sound", nil},
		{"echo oh >&2", "sh: it wrote no {file}: no such file or directory: oh", []string{"{file}"}},
	} {
		_, err := script(t, tt.script, tt.args...).Make(t.Context(), olá)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.script, err, tt.want)
		}
	}
	if _, err := (Command{"no-such-program"}).Make(t.Context(), olá); err == nil || !strings.Contains(err.Error(), "no-such-program") {
		t.Errorf("got %v", err)
	}
}

// A text is never an option of the program.
func TestTextIsNoOption(t *testing.T) {
	c := Command{"speak", "-v", "{voice}", "{text}", "-t{text}"}
	got := c.arguments(Request{Text{"en", "-f /etc/passwd"}, "amy"}, "")
	if want := []string{"-v", "amy", " -f /etc/passwd", "-t-f /etc/passwd"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The end of ctx is that of the program and of all it started.
func TestCommandEnds(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	made := make(chan error, 1)
	go func() {
		_, err := script(t, `sleep 1000 >"$1" & echo begun >"$1"; wait`, fifo).Make(ctx, olá)
		made <- err
	}()
	open, err := os.Open(fifo) // as soon as somebody writes to it
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	begun := make([]byte, 6)
	if _, err := io.ReadFull(open, begun); err != nil {
		t.Fatal(err)
	}
	cancel()
	if rest, err := io.ReadAll(open); len(rest) > 0 || err != nil { // until nobody has it open any more
		t.Errorf("got %q, %v", rest, err)
	}
	if err := <-made; err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

// An engine that writes without end is stopped.
func TestCommandWithoutEnd(t *testing.T) {
	if _, err := script(t, `cat /dev/zero`).Make(t.Context(), olá); err == nil || !strings.Contains(err.Error(), "more than 64 MB") {
		t.Errorf("got %v", err)
	}
}
