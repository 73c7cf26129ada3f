package ari

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Requester = (*channel)(nil)

// Request sends any request that Asterisk declares. What Asterisk refuses is an answer like any other. One that
// changes something is not repeated when the connection broke before the answer came. All of them go the way of
// those that wait for a channel, since flows ask for anything.
func (c *channel) Request(ctx context.Context, method, path string, params map[string]any) (int, string, error) {
	if err := checkRequest(method, path, params); err != nil {
		return 0, "", err
	}
	q := &request{method: method, path: strings.Join(segments(path), "/"), once: method != "GET", waits: true}
	if len(params) > 0 {
		q.body = declared(method, path, params)
	}
	r, err := c.server.do(ctx, q, c.dead)
	var refused *StatusError
	if err != nil && !errors.As(err, &refused) {
		return 0, "", fmt.Errorf("%s %s: %w", method, path, err)
	}
	return r.status, string(r.body), nil
}

// declared is checked parameters in the types that Asterisk declares: of JSON it takes no text for a number and no
// number for a text, but goes on as if there were none.
func declared(method, path string, params map[string]any) map[string]any {
	e, err := findEndpoint(method, path)
	if err != nil {
		return params
	}
	body := make(map[string]any, len(params))
	for name, value := range params {
		body[name] = e.param(name).typed(value)
	}
	return body
}

func (p *param) typed(value any) any {
	if list, ok := value.([]any); ok && p.kind != "array" {
		typed := make([]any, len(list))
		for i, v := range list {
			typed[i] = p.typed(v)
		}
		return typed
	}
	switch p.kind {
	case "string":
		text, _ := plain(value) // it has been checked
		return text
	case "bool":
		return fmt.Sprint(value) == "true"
	case "int":
		n, _ := strconv.ParseFloat(fmt.Sprint(value), 64)
		return int64(n)
	case "object":
		return texts(value)
	}
	return value
}

// texts is an object of variables, whose values Asterisk wants to be texts.
func texts(value any) any {
	fields, ok := value.(map[string]any)
	if !ok {
		return value
	}
	out := make(map[string]any, len(fields))
	for name, v := range fields {
		if text, ok := plain(v); ok {
			v = text
		}
		out[name] = v
	}
	return out
}
