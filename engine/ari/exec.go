package ari

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

const (
	dialplanContext = "ivrd"
	backArgument    = "ivrd:back" // what a call comes back with
)

// jumps are applications that do not come back to the line they were called from.
var jumps = []string{"goto", "gotoif", "gotoiftime", "stasis"}

// Exec runs a dialplan application: the call leaves for ivrd's part of the dialplan, which runs it and brings
// the call back. It returns "0", or "-1" if the application failed. Digits pressed meanwhile are the
// application's.
func (c *channel) Exec(ctx context.Context, app, args string) (string, error) {
	if err := c.begin(ctx); err != nil {
		return "", c.news(err)
	}
	if app == "" || strings.ContainsAny(app, "(${}\"") {
		return "", fmt.Errorf("exec: %q is no application", app)
	}
	if slices.Contains(jumps, strings.ToLower(app)) {
		return "", fmt.Errorf("exec %s: the call would not come back from it; use call:continue", app)
	}
	result, err := c.exec(ctx, app, args)
	return result, c.news(err)
}

func (c *channel) exec(ctx context.Context, app, args string) (string, error) {
	there, err := c.variable(ctx, "DIALPLAN_EXISTS("+dialplanContext+",exec,1)")
	if err != nil {
		return "", err
	}
	if there != "1" {
		return "", fmt.Errorf("exec %s: over ARI that takes ivrd's part of the dialplan: put what `ivrd dialplan` prints into extensions.conf", app)
	}
	if err := c.depart(ctx, app, args); err != nil {
		return "", err
	}
	if err := c.comeBack(ctx); err != nil {
		return "", err
	}
	return c.execResult(ctx, app)
}

// depart sends the call off to run an application.
func (c *channel) depart(ctx context.Context, app, args string) error {
	s := c.server
	err := c.SetVars(ctx, []engine.Variable{
		{Name: "IVRD_APP", Value: app},
		{Name: "IVRD_ARGS", Value: "${IVRD_ARGV}"}, // TryExec expands its arguments once more, and these are not to be
		{Name: "IVRD_ARGV", Value: args},
		{Name: "IVRD_STASIS", Value: s.appNow()},
		{Name: "IVRD_CONTEXT", Value: c.info.Context},
		{Name: "IVRD_BACK", Value: c.info.Context + "," + c.info.Exten + "," + strconv.Itoa(c.info.Priority+1)},
	})
	if err == nil {
		err = c.subscribe(ctx, "POST")
	}
	if err == nil {
		c.away.Store(true) // before it goes: it may come back at once
		_, err = c.do(ctx, post(c.path("continue"), map[string]any{"context": dialplanContext, "extension": "exec", "priority": 1}))
	}
	if err != nil {
		c.away.Store(false)
	}
	return err
}

// subscribe has events of the channel come also while it is out of our application, or ends that (DELETE).
func (c *channel) subscribe(ctx context.Context, method string) error {
	source := map[string]any{"eventSource": []string{"channel:" + c.now()}}
	_, err := c.do(ctx, &request{method: method, path: pathOf("applications", c.server.appNow(), "subscription"), body: source})
	return err
}

// comeBack waits until the call is back.
func (c *channel) comeBack(ctx context.Context) error {
	for c.away.Load() {
		if _, err := c.next(ctx, nil); err != nil {
			return err
		}
		if err := c.state(); err != nil {
			return err
		}
	}
	err := c.subscribe(ctx, "DELETE")
	if isStatus(err, 404, 409, 422) {
		return nil
	}
	return err
}

// execResult is what became of the application.
func (c *channel) execResult(ctx context.Context, app string) (string, error) {
	status, err := c.variable(ctx, "TRYSTATUS")
	switch {
	case err != nil:
		return "", err
	case status == "NOAPP":
		return "", fmt.Errorf("Asterisk has no application %s", app)
	case status == "FAILED":
		return "-1", nil
	}
	return "0", nil
}

// stray is a call that comes back from an application to an ivrd that does not know it: the one that sent it was
// restarted. It goes on behind its Stasis().
func (s *Server) stray(e *event) bool {
	if e.Channel == nil || !slices.Contains(e.Args, backArgument) {
		return false
	}
	id := e.Channel.ID
	s.work.Go(func() {
		ctx, stop := context.WithTimeout(s.life, answerTime)
		defer stop()
		err := s.giveBack(ctx, id)
		s.logger().Warn("a call whose flow is gone came back from an application", "app", s.App, "call", id, "error", err)
	})
	return true
}

// giveBack has a channel that no flow serves go on in the dialplan.
func (s *Server) giveBack(ctx context.Context, id string) error {
	status := setting(engine.Variable{Name: "IVRD_STATUS", Value: string(engine.Lost)})
	q := &request{method: "GET", path: pathOf("channels", id, "variable"), body: map[string]string{"variable": status}}
	if _, err := s.do(ctx, q, nil); err != nil {
		return err
	}
	_, err := s.do(ctx, post(pathOf("channels", id, "continue"), nil), nil)
	return err
}
