package ari

import (
	"context"
	"errors"
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
	helps, err := c.dialplanHelps(ctx)
	if err != nil {
		return "", err
	}
	if !helps {
		return "", errNoDialplan("exec " + app)
	}
	if err := c.depart(ctx, app, args); err != nil {
		return "", err
	}
	if err := c.comeBack(ctx); err != nil {
		return "", err
	}
	return c.execResult(ctx, app)
}

func errNoDialplan(what string) error {
	return fmt.Errorf("%s: over ARI that takes ivrd's part of the dialplan: put what `ivrd dialplan` prints into extensions.conf", what)
}

// dialplanHelps reports whether Asterisk has ivrd's part of the dialplan.
func (c *channel) dialplanHelps(ctx context.Context) (bool, error) {
	there, err := c.variable(ctx, "DIALPLAN_EXISTS("+dialplanContext+",exec,1)")
	return there == "1", err
}

// depart sends the call off to run an application.
func (c *channel) depart(ctx context.Context, app, args string) error {
	s := c.server
	c.runs++
	run := strconv.Itoa(c.runs)
	err := c.SetVars(ctx, []engine.Variable{
		{Name: "IVRD_RUN", Value: run},
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
		err = c.sendOff(ctx, run)
	}
	if err != nil {
		c.away.Store(false)
	}
	return err
}

// sendOff has the call go where the application is run. If the connection breaks before the answer comes, nobody
// knows whether it went: its dialplan tells.
func (c *channel) sendOff(ctx context.Context, run string) error {
	place := map[string]any{"context": dialplanContext, "extension": "exec", "priority": 1}
	for {
		_, err := c.do(ctx, &request{method: "POST", path: c.path("continue"), body: place, once: true})
		if !errors.Is(err, errCut) {
			return err
		}
		ran, err := c.variable(ctx, "IVRD_RAN")
		if err != nil || ran == run {
			return err
		}
	}
}

// subscribe has events of the channel come also while it is out of our application, or ends that (DELETE).
func (c *channel) subscribe(ctx context.Context, method string) error {
	_, err := c.do(ctx, c.server.subscription(method, "channel:"+c.now()))
	return err
}

// comeBack waits until the call is back.
func (c *channel) comeBack(ctx context.Context) error {
	for c.away.Load() {
		if err := c.state(); err != nil {
			return err
		}
		if _, err := c.next(ctx, nil); err != nil {
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

// stray is a call that comes back from an application to an ivrd that does not know it. Either another one, whose
// application this one has taken over, still runs its flow: then it is sent there. Or the one that sent it was
// restarted: then it goes on behind its Stasis().
func (s *Server) stray(e *event) bool {
	if e.Channel == nil || !slices.Contains(e.Args, backArgument) {
		return false
	}
	id := e.Channel.ID
	s.work.Go(func() {
		l, err := s.connected(s.life, nil)
		if err != nil {
			return
		}
		if keeper := s.keeper(l, id); keeper != "" {
			_, err = l.do(s.life, post(pathOf("channels", id, "move"), map[string]any{"app": keeper, "appArgs": backArgument}))
		} else {
			if err = giveBack(s.life, l, id, engine.Lost); isStatus(err, 404) {
				return // its caller has hung up, which is how its flow ended
			}
			s.logger().Warn("a call whose flow is gone came back from an application", "app", s.App, "call", id, "error", err)
		}
	})
	return true
}

// keeper is the application of another ivrd that serves a channel, "" if none does.
func (s *Server) keeper(l *link, id string) string {
	all, err := s.applications(l)
	if err != nil {
		return ""
	}
	for _, a := range all {
		if strings.HasPrefix(a.Name, s.App+handedSign) && slices.Contains(a.Channels, id) && s.answers(l, a.Name) {
			return a.Name
		}
	}
	return ""
}
