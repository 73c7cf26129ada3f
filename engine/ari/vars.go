package ari

import (
	"context"
	"errors"
	"fmt"
	"net/url"

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
	return c.set(ctx, post(c.path("variable"), map[string]string{"variable": name, "value": value}))
}

// SetVars sets several variables, in one request where Asterisk takes that (20.20, 22.10, 23.4 and later).
func (c *channel) SetVars(ctx context.Context, vars []engine.Variable) error {
	if !c.server.oneByOne.Load() {
		all := make(map[string]string, len(vars))
		for _, v := range vars {
			all[v.Name] = v.Value
		}
		err := c.set(ctx, post(c.path("variables"), map[string]any{"variables": all}))
		if !isStatus(err, 404, 405) {
			return err
		}
		c.server.oneByOne.Store(true)
	}
	for _, v := range vars {
		if err := c.SetVar(ctx, v.Name, v.Value); err != nil {
			return err
		}
	}
	return nil
}

// set sends a request that sets something. Nothing of ours occupies the channel's thread between two steps, so
// it is answered at once.
func (c *channel) set(ctx context.Context, q *request) error {
	err := c.begin(ctx)
	if err == nil {
		_, err = c.do(ctx, q)
	}
	if c.told && (errors.Is(err, engine.ErrHangup) || errors.Is(err, engine.ErrOver)) {
		return nil
	}
	return c.news(err)
}
