package ari

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var (
	_ engine.Signaler    = (*channel)(nil)
	_ engine.DigitSender = (*channel)(nil)
	_ engine.TextSender  = (*channel)(nil)
	_ engine.Emitter     = (*channel)(nil)
	_ engine.Snapshotter = (*channel)(nil)
	_ engine.Transferer  = (*channel)(nil)
	_ engine.Bridger     = (*channel)(nil)
)

// Signal tells the caller's side something. What hold sounds like is Asterisk's matter: music, unless the endpoint
// has moh_passthrough, which tells the phone.
func (c *channel) Signal(ctx context.Context, s engine.Signal) error {
	if err := c.begin(ctx); err != nil {
		return c.news(err)
	}
	return c.news(c.signal(ctx, s))
}

func (c *channel) signal(ctx context.Context, s engine.Signal) error {
	var err error
	switch s.Kind {
	case engine.SignalRinging:
		_, err = c.do(ctx, post(c.path("ring"), nil))
	case engine.SignalProgress:
		err = c.progress(ctx)
	case engine.SignalHold:
		_, err = c.do(ctx, post(c.path("hold"), nil))
		c.music = c.music || err == nil
	case engine.SignalUnhold:
		_, err = c.do(ctx, remove(c.path("hold")))
		c.endMusic(ctx)
	case engine.SignalMusic:
		err = c.startMusic(ctx, s.Class)
	case engine.SignalNoMusic:
		c.endMusic(ctx)
	default:
		err = fmt.Errorf("signal: there is no %s", s.Kind)
	}
	return err
}

// progress is a request in Asterisk 20.16, 21.11, 22.6 and later, else an application.
func (c *channel) progress(ctx context.Context) error {
	_, err := c.do(ctx, post(c.path("progress"), nil))
	if isStatus(err, 404, 405) {
		_, err = c.exec(ctx, "Progress", "")
	}
	return err
}

// pauseOfW is how long a w among digits waits (main/app.c, ast_dtmf_stream).
const pauseOfW = 500 * time.Millisecond

// SendDigits presses keys towards the caller and returns when they are sent.
func (c *channel) SendDigits(ctx context.Context, digits string, length, gap time.Duration) error {
	err := c.begin(ctx)
	if err == nil {
		err = c.sendDigits(ctx, digits, length, gap)
	}
	return c.news(err)
}

func (c *channel) sendDigits(ctx context.Context, digits string, length, gap time.Duration) error {
	body := map[string]any{"dtmf": digits, "duration": length.Milliseconds(), "between": gap.Milliseconds()}
	if _, err := c.do(ctx, post(c.path("dtmf"), body)); err != nil {
		return err
	}
	pauses := strings.Count(digits, "w")
	takes := time.Duration(len(digits)-pauses)*(length+gap) + time.Duration(pauses)*pauseOfW
	if err := c.finishes(ctx, takes, nil); err != errTime {
		return err
	}
	if !c.up {
		return nil
	}
	done := post(c.path("answer"), nil) // does nothing any more, when the channel comes to it
	done.waits = true
	_, err := c.do(ctx, done)
	return err
}

// SendText runs the application SendText, since ARI itself sends text to endpoints only, not within calls.
func (c *channel) SendText(ctx context.Context, text string) error {
	err := c.begin(ctx)
	if err == nil {
		err = c.sendText(ctx, text)
	}
	return c.news(err)
}

func (c *channel) sendText(ctx context.Context, text string) error {
	const body = "SENDTEXT_BODY" // takes any text, as the application's argument does not, but decodes backslashes
	if err := c.set(ctx, []engine.Variable{{Name: body, Value: strings.ReplaceAll(text, `\`, `\\`)}}); err != nil {
		return err
	}
	_, err := c.exec(ctx, "SendText", "")
	if err != nil {
		return err
	}
	status, err := c.variable(ctx, "SENDTEXTSTATUS")
	if err == nil {
		err = c.set(ctx, []engine.Variable{{Name: body}})
	}
	switch {
	case err != nil:
		return err
	case status == "UNSUPPORTED":
		return errors.New("text: the caller's network has no means for that")
	case status != "SUCCESS":
		return errors.New("text: Asterisk could not send it")
	}
	return nil
}

// Emit sends an event to every other program that listens over ARI. AMI hears each of these; if there is no other
// program, one that is meant for ourselves.
func (c *channel) Emit(ctx context.Context, name string, data map[string]string) error {
	if name == "" {
		return errors.New("an event's name is empty")
	}
	apps, err := c.otherApplications(ctx)
	if err != nil {
		return err
	}
	sent := false
	for _, app := range apps {
		err := c.emit(ctx, app, name, data)
		if err != nil && !isStatus(err, 404) { // a program that has just gone
			return err
		}
		sent = sent || err == nil
	}
	if sent {
		return nil
	}
	c.notices.own = append(c.notices.own, engine.Event{Text: name, Data: userData(data)})
	return c.emit(ctx, c.server.appNow(), name, data)
}

// otherApplications are those that are not ours.
func (c *channel) otherApplications(ctx context.Context) ([]string, error) {
	q := get("applications")
	r, err := c.server.do(ctx, q, c.dead)
	if err != nil {
		return nil, err
	}
	var all []application
	if err := r.decode(q, &all); err != nil {
		return nil, err
	}
	var names []string
	for _, a := range all {
		if a.Name != c.server.App && !strings.HasPrefix(a.Name, c.server.App+handedSign) {
			names = append(names, a.Name)
		}
	}
	return names, nil
}

// emit sends an event to one application, with the call as its source unless that is gone.
func (c *channel) emit(ctx context.Context, app, name string, data map[string]string) error {
	body := map[string]any{"application": app, "source": []string{"channel:" + c.now()}}
	if len(data) > 0 {
		body["variables"] = data
	}
	_, err := c.server.do(ctx, post(pathOf("events", "user", name), body), c.dead)
	if isStatus(err, 422) {
		delete(body, "source")
		_, err = c.server.do(ctx, post(pathOf("events", "user", name), body), c.dead)
	}
	return err
}

// userData is what goes with a user event, as JSON; "" if nothing does.
func userData[V any](data map[string]V) string {
	if len(data) == 0 {
		return ""
	}
	text, _ := json.Marshal(data) // of names and what JSON was before
	return string(text)
}

// userEvent is a user event as a flow hears of it: Asterisk puts its name among its data. It is none if the flow
// has sent it itself.
func (c *channel) userEvent(e *event) engine.Event {
	var data map[string]any
	_ = json.Unmarshal(e.UserEvent, &data) // what is no object has nothing to say
	maps.DeleteFunc(data, func(name string, _ any) bool { return name == "eventname" })
	heard := engine.Event{Text: e.EventName, Data: userData(data)}
	if i := slices.Index(c.notices.own, heard); i >= 0 {
		c.notices.own = slices.Delete(c.notices.own, i, i+1)
		return engine.Event{}
	}
	heard.Kind = engine.EventUserEvent
	return heard
}

// Snapshot describes the channel as Asterisk has it now.
func (c *channel) Snapshot(ctx context.Context) (engine.Snapshot, error) {
	if err := c.begin(ctx); err != nil {
		return engine.Snapshot{}, c.news(err)
	}
	q := get(c.path())
	r, err := c.do(ctx, q)
	var ch channelInfo
	if err == nil {
		err = r.decode(q, &ch)
	}
	if err != nil {
		return engine.Snapshot{}, c.news(err)
	}
	return engine.Snapshot{
		Name: ch.Name, State: strings.ToLower(ch.State), Number: ch.Caller.Number, CallerName: ch.Caller.Name,
		Connected: ch.Connected.Number, Language: ch.Language, Account: ch.Account,
		Context: ch.Dialplan.Context, Exten: ch.Dialplan.Exten, Priority: strconv.Itoa(ch.Dialplan.Priority),
	}, nil
}

// leaveTime is how long a caller may take to leave after Asterisk has asked the caller's phone to call another.
const leaveTime = 5 * time.Second

// Transfer runs the application Transfer, which tells what came of it. Without ivrd's part of the dialplan the
// request of the same meaning has to do: it tells nothing, so that a caller who stays has not been handed on.
func (c *channel) Transfer(ctx context.Context, target string) error {
	err := c.begin(ctx)
	if err == nil {
		err = c.transfer(ctx, target)
	}
	return c.news(err)
}

func (c *channel) transfer(ctx context.Context, target string) error {
	if target == "" {
		return errors.New("transfer: to nobody")
	}
	c.endMusic(ctx)
	helps, err := c.dialplanHelps(ctx)
	switch {
	case err != nil:
		return err
	case !helps:
		return c.redirect(ctx, target)
	}
	if _, err := c.exec(ctx, "Transfer", target); err != nil {
		return unlessGone(err)
	}
	status, err := c.variable(ctx, "TRANSFERSTATUS")
	if err != nil {
		return unlessGone(err)
	}
	protocol, err := c.variable(ctx, "TRANSFERSTATUSPROTOCOL")
	switch {
	case status == "SUCCESS":
		return nil
	case err != nil:
		return err
	case status == "UNSUPPORTED":
		return errors.New("transfer: the caller's network has no means for that")
	}
	return fmt.Errorf("transfer to %s: the caller's side did not agree (%s)", target, cmp.Or(protocol, "no reason given"))
}

// unlessGone is no error if the caller has gone: that was wanted.
func unlessGone(err error) error {
	if errors.Is(err, engine.ErrHangup) {
		return nil
	}
	return err
}

// redirect asks the caller's phone to call another, and waits until the caller has gone.
func (c *channel) redirect(ctx context.Context, target string) error {
	tech, _, _ := strings.Cut(c.info.Channel, "/")
	if !strings.Contains(target, "/") {
		target = tech + "/" + target
	}
	_, err := c.do(ctx, post(c.path("redirect"), map[string]any{"endpoint": target}))
	if isStatus(err, 422) {
		return errors.New("transfer: the caller's network has no means for that")
	}
	if err == nil {
		err = c.finishes(ctx, leaveTime, nil)
	}
	if err == errTime {
		return fmt.Errorf("transfer to %s: the caller has not gone", target)
	}
	return unlessGone(err)
}

// Bridge runs the application Bridge. When the two are apart again, the other channel goes on in its own dialplan,
// at the next priority.
func (c *channel) Bridge(ctx context.Context, target string) error {
	err := c.begin(ctx)
	if err == nil {
		err = c.bridgeWith(ctx, target)
	}
	return c.news(err)
}

func (c *channel) bridgeWith(ctx context.Context, target string) error {
	c.endMusic(ctx)
	if _, err := c.exec(ctx, "Bridge", target); err != nil {
		return err
	}
	result, err := c.variable(ctx, "BRIDGERESULT")
	switch {
	case err != nil:
		return err
	case result == "NONEXISTENT":
		return fmt.Errorf("bridge: Asterisk has no channel %s", target)
	case result == "LOOP":
		return errors.New("bridge: a caller cannot be connected with itself")
	case result != "SUCCESS":
		return fmt.Errorf("bridge: Asterisk could not connect the caller with %s", target)
	}
	return nil
}
