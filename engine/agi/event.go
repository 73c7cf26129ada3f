package agi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

var (
	_ engine.Notifier    = (*channel)(nil)
	_ engine.Emitter     = (*channel)(nil)
	_ engine.Snapshotter = (*channel)(nil)
)

// errStop ends a step because a function of the flow's wants it.
var errStop = errors.New("the flow wants it")

// Notify tells fn of digits, when Play, PlayControlled or ReadDigit see them or find them kept. Of all else AGI
// tells nothing.
func (c *channel) Notify(_ context.Context, kinds []engine.EventKind, fn func(engine.Event) bool) error {
	if c.tell = fn; !slices.Contains(kinds, engine.EventDigit) {
		c.tell = nil
	}
	return nil
}

// notice tells the flow of a digit. errStop means that it wants the step to end.
func (c *channel) notice(d engine.Digit) error {
	if c.tell != nil && c.tell(engine.Event{Kind: engine.EventDigit, Text: d.String()}) {
		return errStop
	}
	return nil
}

// tellKept tells the flow of digits that were pressed while no step waited.
func (c *channel) tellKept() (err error) {
	c.mu.Lock()
	untold := c.untold
	c.untold = nil
	c.mu.Unlock()
	for _, d := range untold {
		if stop := c.notice(d); stop != nil {
			err = stop
		}
	}
	return err
}

// maxHeaders is how many names and texts UserEvent takes.
const maxHeaders = 99

// Emit runs the application UserEvent. A line break in a text arrives as \n, since it would end the text.
func (c *channel) Emit(ctx context.Context, name string, data map[string]string) error {
	defer c.end()
	if err := c.begin(ctx); err != nil {
		return c.news(err)
	}
	if !isHeader(name) || len(data) > maxHeaders {
		return fmt.Errorf("event %q: a name takes letters, digits, - and _, and an event at most %d texts", name, maxHeaders)
	}
	var args strings.Builder
	args.WriteString(name)
	for _, key := range slices.Sorted(maps.Keys(data)) {
		if !isHeader(key) {
			return fmt.Errorf("event %s: %q cannot be the name of a text; use letters, digits, - and _", name, key)
		}
		args.WriteString("," + key + ": ")
		writeArgument(&args, lineBreaks.Replace(data[key]))
	}
	_, err := c.exec(ctx, "UserEvent", args.String())
	return c.news(err)
}

var lineBreaks = strings.NewReplacer("\r\n", `\n`, "\n", `\n`, "\r", `\n`)

func isHeader(s string) bool { return s != "" && isPlain(strings.ReplaceAll(s, "-", "_")) }

// snapshot are the parts of a Snapshot, in its order.
var snapshot = []string{
	"CHANNEL(name)", "CHANNEL(state)", "CALLERID(num)", "CALLERID(name)", "CONNECTEDLINE(num)", "CHANNEL(language)",
	"CHANNEL(accountcode)", "CONTEXT", "EXTEN", "PRIORITY",
}

// Snapshot describes the channel as Asterisk has it now.
func (c *channel) Snapshot(ctx context.Context) (engine.Snapshot, error) {
	defer c.end()
	if err := c.begin(ctx); err != nil {
		return engine.Snapshot{}, c.news(err)
	}
	v, err := c.values(ctx, snapshot...)
	if err != nil {
		return engine.Snapshot{}, c.news(err)
	}
	return engine.Snapshot{
		Name: v[0], State: strings.ToLower(v[1]), Number: v[2], CallerName: v[3], Connected: v[4], Language: v[5],
		Account: v[6], Context: v[7], Exten: v[8], Priority: v[9],
	}, c.news(nil)
}
