package ari

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

// Var reads a channel variable or dialplan function. Asterisk refuses functions that reach outside of the call,
// such as SHELL, unless asterisk.conf says live_dangerously.
func (c *channel) Var(ctx context.Context, name string) (string, error) {
	if name == "" {
		return "", errors.New("a variable's name is empty")
	}
	if err := c.begin(ctx); err != nil {
		return "", c.news(err)
	}
	value, err := c.variable(ctx, name)
	if isStatus(err, 500) {
		err = fmt.Errorf("Asterisk does not let %s be read over ARI: no such function, or live_dangerously is off", name)
	}
	return value, c.news(err)
}

// variable reads a variable at any time. One that is not set is "".
func (c *channel) variable(ctx context.Context, name string) (string, error) {
	q := get(c.path("variable") + "?variable=" + url.QueryEscape(name))
	r, err := c.server.do(ctx, q, c.dead)
	if isStatus(err, 404) {
		if !c.there(ctx) {
			c.hungUp = true
			return "", engine.ErrHangup
		}
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var v struct {
		Value string `json:"value"`
	}
	return v.Value, r.decode(q, &v)
}

// SetVar sets a channel variable or writes a dialplan function. After a hangup there is nothing left to set it
// on, which is no fault.
func (c *channel) SetVar(ctx context.Context, name, value string) error {
	if name == "" {
		return errors.New("a variable's name is empty")
	}
	return c.SetVars(ctx, []engine.Variable{{Name: name, Value: value}})
}

// SetVars sets several variables, in one request where Asterisk takes that (20.20, 22.10, 23.4 and later).
//
// It has Asterisk read the function SET, which sets a variable as it is read. The request that is meant for
// setting waits for the channel's thread and, in Asterisk 22.10, takes DB, SHELL, CURL and others like them away
// from all of the dialplan that the call runs afterwards (asterisk#2038).
func (c *channel) SetVars(ctx context.Context, vars []engine.Variable) error {
	err := c.begin(ctx)
	if err == nil {
		err = c.set(ctx, vars)
	}
	if c.told && (errors.Is(err, engine.ErrHangup) || errors.Is(err, engine.ErrOver)) {
		return nil
	}
	return c.news(err)
}

func (c *channel) set(ctx context.Context, vars []engine.Variable) error {
	var reads []string
	for _, v := range vars {
		if !readable(v) {
			if err := c.write(ctx, v); err != nil {
				return err
			}
			continue
		}
		reads = append(reads, setting(v))
	}
	if len(reads) > 1 && !c.server.oneByOne.Load() {
		_, err := c.do(ctx, &request{method: "GET", path: c.path("variables"), body: map[string]any{"variables": reads}})
		if !isStatus(err, 404, 405) {
			return err
		}
		c.server.oneByOne.Store(true)
	}
	for _, read := range reads {
		_, err := c.do(ctx, &request{method: "GET", path: c.path("variable"), body: map[string]string{"variable": read}})
		if err != nil {
			return err
		}
	}
	return nil
}

// setting is the function that sets v when it is read.
func setting(v engine.Variable) string { return "SET(" + v.Name + "=" + v.Value + ")" }

// readable reports whether reading SET sets v as it is: the function takes blanks off both ends of a value, and a
// name to end with the first equals sign.
func readable(v engine.Variable) bool {
	return strings.TrimSpace(v.Value) == v.Value && !strings.ContainsAny(v.Name, "= \t\r\n")
}

// write sets a variable as ARI means it.
func (c *channel) write(ctx context.Context, v engine.Variable) error {
	if err := c.settle(ctx); err != nil {
		return err
	}
	q := post(c.path("variable"), map[string]string{"variable": v.Name, "value": v.Value})
	q.waits = true
	_, err := c.do(ctx, q)
	return err
}
