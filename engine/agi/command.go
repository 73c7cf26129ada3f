package agi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Exec runs a dialplan application and returns what it returned, as a rule "0".
func (c *channel) Exec(ctx context.Context, app, args string) (string, error) {
	defer c.end()
	if err := c.begin(ctx); err != nil {
		return "", c.news(err)
	}
	if app == "" {
		return "", errors.New("exec: an application needs a name")
	}
	result, err := c.exec(ctx, app, args)
	return result, c.news(err)
}

// exec waits without end: an application may last as long as the call. args is never left out, because
// Asterisk passes on a NULL then when AGIEXECFULL is set.
func (c *channel) exec(ctx context.Context, app, args string) (string, error) {
	r, err := c.do(ctx, 0, "EXEC", app, args)
	if err != nil {
		return "", err
	}
	result := string(r.result)
	switch result {
	case "-2":
		return "", fmt.Errorf("Asterisk has no application %s", app)
	case "-1":
		err = c.alive(ctx)
	case "1": // a 520 follows, as if EXEC had been wrong (res_agi.c, handle_exec returns what the application does)
		_, err = c.sync(context.WithoutCancel(ctx), "EXEC")
	}
	return result, err
}

// application runs one that leaves what came of it in variables. That the caller hung up meanwhile is no error:
// alive tells.
func (c *channel) application(ctx context.Context, app, args string) error {
	r, err := c.do(ctx, 0, "EXEC", app, args)
	if err != nil {
		return err
	}
	switch string(r.result) {
	case "-2":
		return fmt.Errorf("Asterisk has no application %s", app)
	case "1": // see exec
		_, err = c.sync(context.WithoutCancel(ctx), "EXEC")
	}
	return err
}

// channels are the names of those that Asterisk has and whose name begins with prefix.
func (c *channel) channels(ctx context.Context, prefix string) ([]string, error) {
	text, err := c.expand(ctx, "${CHANNELS(^"+pattern(prefix)+")}")
	if err != nil {
		return nil, err
	}
	names := strings.Fields(text)
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, prefix) }), nil
}

// pattern is a regular expression for s, and maybe for more.
func pattern(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune("\\^$*+?()[]{}|,\"'`", r) {
			return '.'
		}
		return r
	}, s)
}

// A command is an AGI command that Asterisk 22 has.
type command struct {
	name string
	free bool // the reply carries text that may have line breaks
}

var commands = []command{
	{"ANSWER", false}, {"CHANNEL STATUS", false}, {"CONTROL STREAM FILE", false},
	{"DATABASE DEL", false}, {"DATABASE DELTREE", false}, {"DATABASE GET", true}, {"DATABASE PUT", false},
	{"EXEC", false}, {"GET DATA", false}, {"GET FULL VARIABLE", true}, {"GET OPTION", false},
	{"GET VARIABLE", true}, {"GOSUB", false}, {"HANGUP", false}, {"NOOP", false},
	{"RECEIVE CHAR", false}, {"RECEIVE TEXT", true}, {"RECORD FILE", false},
	{"SAY ALPHA", false}, {"SAY DATE", false}, {"SAY DATETIME", false}, {"SAY DIGITS", false},
	{"SAY NUMBER", false}, {"SAY PHONETIC", false}, {"SAY TIME", false},
	{"SEND IMAGE", false}, {"SEND TEXT", false},
	{"SET AUTOHANGUP", false}, {"SET CALLERID", false}, {"SET CONTEXT", false}, {"SET EXTENSION", false},
	{"SET MUSIC", false}, {"SET PRIORITY", false}, {"SET VARIABLE", false},
	{"SPEECH ACTIVATE GRAMMAR", false}, {"SPEECH CREATE", false}, {"SPEECH DEACTIVATE GRAMMAR", false},
	{"SPEECH DESTROY", false}, {"SPEECH LOAD GRAMMAR", false}, {"SPEECH RECOGNIZE", true},
	{"SPEECH SET", false}, {"SPEECH UNLOAD GRAMMAR", false},
	{"STREAM FILE", false}, {"TDD MODE", false}, {"VERBOSE", false}, {"WAIT FOR DIGIT", false},
}

// Command sends any AGI command, word by word: a command's own words may come one by one or as one
// ("STREAM FILE"). It returns what follows result= and the text in parentheses; of a reply that says more
// than that, such as endpos=, all of it. Digits pressed meanwhile that the command does not report are lost.
func (c *channel) Command(ctx context.Context, words ...string) (result, text string, err error) {
	defer c.end()
	if err := c.begin(ctx); err != nil {
		return "", "", c.news(err)
	}
	cmd, args, err := parseCommand(words)
	if err != nil {
		return "", "", err
	}
	result, text, err = c.command(ctx, cmd, args)
	return result, text, c.news(err)
}

func (c *channel) command(ctx context.Context, cmd command, args []string) (result, text string, err error) {
	if cmd.name == "EXEC" {
		result, err = c.exec(ctx, args[0], args[1])
		return result, "", err
	}
	r, err := c.do(ctx, 0, cmd.name, args...)
	if err != nil {
		return "", "", err
	}
	result = string(r.result)
	if !cmd.free {
		return result, r.text(), nil
	}
	text, err = c.freeText(context.WithoutCancel(ctx), cmd.name, r.copied())
	return result, text, err
}

// freeText reads a reply whose end cannot be seen up to that of another command.
func (c *channel) freeText(ctx context.Context, name string, r reply) (string, error) {
	c.syncs++
	word := c.word() + strconv.Itoa(c.syncs)
	if err := c.send("GET FULL VARIABLE", word); err != nil {
		return "", err
	}
	c.watch(ctx)
	c.arm(c.patient)
	end := "200 result=1 (" + word + ")"
	for len(r.tail) < maxReply {
		line, err := c.line(ctx)
		switch {
		case err != nil:
			return "", c.broken(err, name)
		case string(line) == end:
			return r.text(), nil
		case string(line) == "HANGUP":
			c.hungUp = true
		default:
			r.tail = append(append(r.tail, '\n'), line...)
		}
	}
	return "", c.broken(fmt.Errorf("a reply of more than %d bytes", maxReply), name)
}

// parseCommand takes the words of a command apart from its arguments and refuses what would break the
// session, or Asterisk.
func parseCommand(words []string) (command, []string, error) {
	for n := min(3, len(words)); n > 0; n-- {
		for _, cmd := range commands {
			if cmd.is(words[:n]) {
				args, err := checkArgs(cmd.name, words[n:])
				return cmd, args, err
			}
		}
	}
	return unknownCommand(words)
}

// is reports whether words, with blanks between them, are the command's name.
func (c command) is(words []string) bool {
	rest := c.name
	for i, w := range words {
		if i > 0 {
			if rest == "" || rest[0] != ' ' {
				return false
			}
			rest = rest[1:]
		}
		if len(rest) < len(w) || !strings.EqualFold(rest[:len(w)], w) {
			return false
		}
		rest = rest[len(w):]
	}
	return rest == ""
}

// unknownCommand lets commands of modules we do not know pass, as far as they look like one.
func unknownCommand(words []string) (command, []string, error) {
	if len(words) == 0 || !isLetters(words[0]) {
		return command{}, nil, fmt.Errorf("agi %s: an AGI command begins with its name, such as \"STREAM FILE\"", strings.Join(words, " "))
	}
	name := strings.ToUpper(words[0])
	switch {
	case strings.HasPrefix(name, "FAILURE"), strings.HasPrefix(name, "ASYNCAGI"):
		return command{}, nil, fmt.Errorf("agi %s: that would end ivrd's session and no more", name)
	}
	return command{name: name, free: true}, words[1:], nil
}

func isLetters(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && s[i] != ' ' {
			return false
		}
	}
	return strings.TrimSpace(s) == s && s != ""
}

func checkArgs(name string, args []string) ([]string, error) {
	switch name {
	case "EXEC":
		switch len(args) {
		case 1:
			return append(args[:1:1], ""), nil
		case 2:
			return args, nil
		}
		return nil, errors.New("agi EXEC: takes an application and one text with its arguments, commas in between")
	case "GET OPTION": // without a timeout a channel without a dialplan crashes Asterisk
		if len(args) < 3 {
			return nil, errors.New("agi GET OPTION: takes a file, the digits and a timeout in milliseconds")
		}
	case "GET DATA":
		return checkGetData(args)
	}
	return args, nil
}

// checkGetData bounds the number of digits: Asterisk has room for 1023 and does not check.
func checkGetData(args []string) ([]string, error) {
	const most = 1023
	switch len(args) {
	case 0:
		return nil, errors.New("agi GET DATA: takes a file, a timeout in milliseconds and the most digits")
	case 1:
		return []string{args[0], "0", strconv.Itoa(most)}, nil
	case 2:
		return []string{args[0], args[1], strconv.Itoa(most)}, nil
	}
	if n, err := strconv.Atoi(args[2]); err != nil || n > most {
		return nil, fmt.Errorf("agi GET DATA: %q digits; %d is the most", args[2], most)
	}
	return args, nil
}
