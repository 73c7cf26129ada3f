package tts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxAnswer is how long a recording of one text may be, in bytes.
const maxAnswer = 64 << 20

// A Command is a program that speaks one text, with its arguments. {voice}, {language} and {text} in them stand
// for those of the request; without {text} the program gets the text on its standard input. {file} stands for
// the file that it writes; without one it writes to its standard output.
type Command []string

var _ Maker = Command{}

// Settings are the command line.
func (c Command) Settings() string { return fmt.Sprintf("command %q", []string(c)) }

// Make runs the program. It is ended, with all that it started, when ctx ends.
func (c Command) Make(ctx context.Context, r Request) ([]byte, error) {
	var file string
	if c.has(filePlace) {
		dir, err := os.MkdirTemp("", "ivrd-tts-")
		if err != nil {
			return nil, fmt.Errorf("folder for the text-to-speech engine: %w", err)
		}
		defer os.RemoveAll(dir)
		file = filepath.Join(dir, "text.wav")
	}
	cmd := exec.CommandContext(ctx, c[0], c.arguments(r, file)...)
	endWhole(cmd)
	cmd.WaitDelay = time.Second
	if !c.has(textPlace) {
		cmd.Stdin = strings.NewReader(r.Words + "\n")
	}
	out, complaint := &limited{most: maxAnswer}, &limited{most: 4 << 10, rest: true}
	cmd.Stdout, cmd.Stderr = out, complaint
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case out.over:
		return nil, c.failed(fmt.Errorf("more than %d MB of sound for one text", maxAnswer>>20), nil)
	case err != nil:
		return nil, c.failed(err, complaint.held)
	case file == "":
		return c.checked(out.held, complaint.held)
	}
	made, err := readSome(file)
	if err != nil {
		return nil, c.failed(fmt.Errorf("it wrote no %s: %w", filePlace, err), complaint.held)
	}
	return c.checked(made, complaint.held)
}

func (c Command) has(place string) bool {
	return slices.ContainsFunc(c, func(arg string) bool { return strings.Contains(arg, place) })
}

// arguments are those of one text. A text cannot be taken for an option.
func (c Command) arguments(r Request, file string) []string {
	var args []string
	for _, template := range c[1:] {
		arg := r.fill(strings.ReplaceAll(template, filePlace, file), asIs)
		if strings.HasPrefix(arg, "-") && !strings.HasPrefix(template, "-") {
			arg = " " + arg
		}
		args = append(args, arg)
	}
	return args
}

func (c Command) checked(made, complaint []byte) ([]byte, error) {
	if len(made) == 0 {
		return nil, c.failed(errors.New("it wrote no sound"), complaint)
	}
	return made, nil
}

func (c Command) failed(err error, complaint []byte) error {
	if text := brief(complaint); text != "" {
		return fmt.Errorf("%s: %w: %s", c[0], err, text)
	}
	return fmt.Errorf("%s: %w", c[0], err)
}

func readSome(file string) ([]byte, error) {
	r, err := os.Open(file)
	if err != nil {
		return nil, errors.Unwrap(err) // the name says nothing to anybody
	}
	defer r.Close()
	out := &limited{most: maxAnswer}
	_, err = io.Copy(out, r)
	return out.held, err
}

// limited holds so much of what is written to it; rest drops what comes after that, else it is an error. It embeds
// no buffer, whose ReadFrom would know no limit.
type limited struct {
	held []byte
	most int
	rest bool
	over bool // there was more
}

func (l *limited) Write(b []byte) (int, error) {
	room := l.most - len(l.held)
	if len(b) <= room {
		l.held = append(l.held, b...)
		return len(b), nil
	}
	l.held = append(l.held, b[:room]...)
	if l.over = true; l.rest {
		return len(b), nil
	}
	return room, fmt.Errorf("more than %d MB", l.most>>20)
}
