package agi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

// Var reads a channel variable or dialplan function, however long and whatever is in it.
func (c *channel) Var(ctx context.Context, name string) (string, error) {
	defer c.end()
	if err := c.begin(ctx); err != nil {
		return "", c.news(err)
	}
	if err := checkName(name); err != nil {
		return "", err
	}
	value, err := c.expand(ctx, "${"+name+"}")
	return value, c.news(err)
}

// expand has Asterisk replace the ${} in expr. GET VARIABLE would cut the value at 1023 bytes, and neither
// command says where a value with line breaks ends; so a word that no value contains stands behind it.
func (c *channel) expand(ctx context.Context, expr string) (string, error) {
	const command = "GET FULL VARIABLE"
	r, err := c.do(ctx, c.patient, command, expr+c.word())
	if err != nil {
		return "", err
	}
	first, ok := bytes.CutPrefix(r.tail, []byte("("))
	if !ok {
		return "", fmt.Errorf("%s: Asterisk answered no value but %q", command, r.tail)
	}
	if value, ok := c.cutWord(first); ok {
		return string(value), nil
	}
	return c.lines(ctx, bytes.Clone(first), command)
}

// values reads variables and functions, all in one command.
func (c *channel) values(ctx context.Context, names ...string) ([]string, error) {
	between := c.word() + "/"
	text, err := c.expand(ctx, "${"+strings.Join(names, "}"+between+"${")+"}")
	if err != nil {
		return nil, err
	}
	values := strings.Split(text, between)
	if len(values) != len(names) {
		return nil, fmt.Errorf("%q: Asterisk answered %d values", names, len(values))
	}
	return values, nil
}

// lines reads on where a value has line breaks.
func (c *channel) lines(ctx context.Context, value []byte, command string) (string, error) {
	for len(value) < maxReply {
		line, err := c.line(ctx)
		if err == errWoken {
			c.owed = command
			return "", context.Cause(ctx)
		}
		if err != nil {
			return "", c.broken(err, command)
		}
		value = append(append(value, '\n'), line...)
		if whole, ok := c.cutWord(value); ok {
			return string(whole), nil
		}
	}
	return "", c.broken(fmt.Errorf("a value of more than %d bytes", maxReply), command)
}

// cutWord takes the word and the parenthesis off that end a value.
func (c *channel) cutWord(b []byte) ([]byte, bool) {
	n := len(b) - len(c.secret) - 1
	if n < 0 || b[len(b)-1] != ')' || string(b[n:len(b)-1]) != c.secret {
		return nil, false
	}
	return b[:n], true
}

// checkName refuses names that would end the ${} they are put in.
func checkName(name string) error {
	if name == "" {
		return errors.New("a variable's name is empty")
	}
	depth := 0
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth < 0 {
				return fmt.Errorf("variable %q: a closing brace too many", name)
			}
		}
	}
	if depth > 0 {
		return fmt.Errorf("variable %q: a brace is not closed", name)
	}
	return nil
}

// SetVar sets a channel variable or writes a dialplan function. Asterisk does not say whether a function
// took the value.
func (c *channel) SetVar(ctx context.Context, name, value string) error {
	defer c.end()
	if err := c.begin(ctx); err != nil {
		return c.news(err)
	}
	return c.news(c.set(ctx, name, value))
}

func (c *channel) set(ctx context.Context, name, value string) error {
	if name == "" {
		return errors.New("a variable's name is empty")
	}
	if strings.ContainsAny(value, "\r\n") && isPlain(name) {
		return c.setLines(ctx, name, value)
	}
	_, err := c.do(ctx, c.patient, "SET VARIABLE", name, value)
	return err
}

// setLines sets a value of several lines, which no AGI command can carry: the dialplan functions SET and
// URIDECODE can. Asterisk cuts what it expands at 4096 bytes (pbx_variables.c), so the value that comes back
// has to be the one that was sent.
func (c *channel) setLines(ctx context.Context, name, value string) error {
	got, err := c.expand(ctx, "${SET("+name+"=${URIDECODE("+url.PathEscape(value)+")})}")
	if err == nil && got != value {
		err = fmt.Errorf("variable %s: Asterisk took %d of the value's %d bytes; a value of several lines has to be short", name, len(got), len(value))
	}
	return err
}

// SetVars sets several variables, all in one command where it can.
func (c *channel) SetVars(ctx context.Context, vars []engine.Variable) error {
	defer c.end()
	if err := c.begin(ctx); err != nil {
		return c.news(err)
	}
	return c.news(c.setAll(ctx, vars))
}

// setAll is SetVars within a step.
func (c *channel) setAll(ctx context.Context, vars []engine.Variable) error {
	if names, values, ok := c.array(vars); ok {
		return c.set(ctx, names, values)
	}
	for _, v := range vars {
		if err := c.set(ctx, v.Name, v.Value); err != nil {
			return err
		}
	}
	return nil
}

// array writes vars for the function ARRAY, if all their names are plain and they fit on a line.
func (c *channel) array(vars []engine.Variable) (names, values string, ok bool) {
	const most = 90 // ARRAY takes 100
	if len(vars) < 2 || len(vars) > most {
		return "", "", false
	}
	size := 0
	for _, one := range vars {
		if !isPlain(one.Name) {
			return "", "", false
		}
		size += len(one.Name) + 4*len(one.Value) + 2
	}
	var n, v strings.Builder
	n.Grow(size)
	v.Grow(size)
	n.WriteString("ARRAY(")
	for i, one := range vars {
		if i > 0 {
			n.WriteByte(',')
			v.WriteByte(',')
		}
		n.WriteString(one.Name)
		writeArgument(&v, one.Value)
	}
	n.WriteByte(')')
	return n.String(), v.String(), size+len("SET VARIABLE ARRAY() ") < c.maxLine
}

// writeArgument writes s so that Asterisk's splitting of arguments leaves it as it is (main/app.c,
// __ast_app_separate_args), and so that it has no ${}, which EXEC replaces if AGIEXECFULL is set.
func writeArgument(b *strings.Builder, s string) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\', '"', ',', '(', ')', '[', ']', '{':
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
}

func isPlain(name string) bool {
	for i := 0; i < len(name); i++ {
		if c := name[i]; !isDigit(c) && c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return name != ""
}
