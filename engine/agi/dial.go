package agi

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Dialer = (*channel)(nil)

// Where ivrd's part of the dialplan is.
const (
	dialplanContext = "ivrd"
	askContext      = "ivrd-ask"
)

// errNoDialplan says for what it is missing.
func errNoDialplan(what string) error {
	return fmt.Errorf("%s: over FastAGI that takes ivrd's part of the dialplan: put what `ivrd dialplan` prints into extensions.conf", what)
}

// Dial runs the application Dial. Without ivrd's part of the dialplan there are no announcements, confirmations,
// limits and keys that end it, and Talk.Lasted of a caller who was answered before counts the ringing too.
func (c *channel) Dial(ctx context.Context, r engine.DialRequest) (engine.Talk, error) {
	defer c.end()
	if err := c.beginLive(ctx); err != nil {
		return engine.Talk{}, c.news(err)
	}
	d := &dialing{call: c, request: r}
	if err := d.check(ctx); err != nil {
		return engine.Talk{}, fmt.Errorf("dial: %w", err)
	}
	talk, err := d.run(ctx)
	if err == nil && c.moved { // and so dead to us, which is no hangup
		return talk, nil
	}
	return talk, c.news(err)
}

// A dialing is one Dial.
type dialing struct {
	call    *channel
	request engine.DialRequest
	silent  bool   // no ringing
	say     string // recordings of the announcement
	warning string // recording

	helped  bool     // ivrd's part of the dialplan is there
	own     caller   // who calls
	keys    features // that the channel had before
	context string   // likewise, for those who are handed on
	began   time.Time
}

// caller is who a channel says it is.
type caller struct{ channel, number, name, presentation, language string }

// features are what FEATUREMAP and FEATURE say of a channel: keys, and whether those it calls have the same.
type features struct{ disconnect, blind, attended, inherited string }

func (d *dialing) run(ctx context.Context) (engine.Talk, error) {
	if err := d.look(ctx); err != nil {
		return engine.Talk{}, err
	}
	if err := d.prepare(ctx); err != nil {
		return engine.Talk{}, err
	}
	d.began = time.Now()
	if err := d.call.application(ctx, "Dial", d.arguments()); err != nil {
		return engine.Talk{}, err
	}
	talk, err := d.result(ctx)
	if restoreErr := d.restore(ctx); err == nil {
		err = restoreErr
	}
	return talk, err
}

// check refuses what cannot be told to Asterisk.
func (d *dialing) check(ctx context.Context) (err error) {
	r := &d.request
	if len(r.Targets) == 0 {
		return errors.New("nobody to call")
	}
	for _, target := range r.Targets {
		if tech, resource, ok := strings.Cut(target, "/"); !ok || tech == "" || resource == "" {
			return fmt.Errorf("%q is nobody to call: write the technology in front, such as \"PJSIP/alice\"", target)
		}
		if err := checkPlain("target", target); err != nil {
			return err
		}
	}
	if d.say, err = d.call.recordings(ctx, "announcement", r.Announce); err != nil {
		return err
	}
	if d.warning, err = d.call.recordings(ctx, "warning", r.Warning); err != nil {
		return err
	}
	if strings.Contains(d.warning, "&") {
		return errors.New("warning: over FastAGI it can be one recording only")
	}
	return firstError(
		checkPlain("class of music", r.Music), checkPlain("context", r.Transfer.Context),
		checkCaller("the caller's number", r.Number), checkCaller("the caller's name", r.Name),
		checkDigits(r.End), checkDigits(r.Transfer.Blind), checkDigits(r.Transfer.Attended), checkDigits(string(r.Confirm)),
	)
}

// notInCaller cannot be part of a caller's number or name in an argument, where it is written as Name <number>.
const notInCaller = "()[]{}<>\"\\"

func checkCaller(what, s string) error {
	if without(s, notInCaller) != s {
		return fmt.Errorf("%s %q: over FastAGI it cannot have line breaks nor any of %s", what, s, notInCaller)
	}
	return nil
}

// look finds out what is there.
func (d *dialing) look(ctx context.Context) error {
	v, err := d.call.values(ctx, "DIALPLAN_EXISTS("+dialplanContext+",left,1)",
		"CHANNEL(name)", "CALLERID(num)", "CALLERID(name)", "CALLERID(pres)", "CHANNEL(language)",
		"FEATUREMAP(disconnect)", "FEATUREMAP(blindxfer)", "FEATUREMAP(atxfer)", "FEATURE(inherit)", "TRANSFER_CONTEXT")
	if err != nil {
		return err
	}
	d.helped = v[0] == "1"
	d.own = caller{v[1], v[2], v[3], v[4], v[5]}
	d.keys, d.context = features{v[6], v[7], v[8], v[9]}, v[10]
	r := &d.request
	if !d.helped && (r.Confirm != "" || d.say != "" || r.End != "" || r.Most > 0) {
		return errNoDialplan("an announcement, a confirmation, a key that ends it or a limit")
	}
	return nil
}

// prepare tells the channel what the application reads there.
func (d *dialing) prepare(ctx context.Context) error {
	r, c := &d.request, d.call
	vars := []engine.Variable{{Name: "IVRD_SINCE"}, {Name: "IVRD_LEFT"}, {Name: "IVRD_REFUSED"}}
	set := func(name, value string) { vars = append(vars, engine.Variable{Name: name, Value: value}) }
	if d.helped {
		set("__IVRD_CALLER", d.own.channel)
	}
	if d.asks() {
		set("__IVRD_LANGUAGE", d.own.language)
		set("__IVRD_SAY", d.say)
		set("__IVRD_CONFIRM", string(r.Confirm))
		set("__IVRD_WAIT", seconds(r.Wait))
		set("__IVRD_MOST", strconv.Itoa(engine.MostAsked))
		set("__IVRD_RINGS", seconds(r.Timeout))
		set("__IVRD_RING", "r") // and so half a key that is pressed just then does not get through
		if d.early() {
			set("__IVRD_RING", "")
		}
		for i, target := range r.Targets {
			set(fmt.Sprint("__IVRD_TARGET_", i), target)
		}
	}
	if d.warns() {
		set("LIMIT_PLAYAUDIO_CALLER", "yes")
		set("LIMIT_PLAYAUDIO_CALLEE", "no")
		set("LIMIT_WARNING_FILE", orText(d.warning, "beep"))
	}
	if d.handsOn() {
		set("__TRANSFER_CONTEXT", orText(r.Transfer.Context, c.info.Context))
	}
	if err := c.setAll(ctx, vars); err != nil {
		return err
	}
	return d.setFeatures(ctx, features{r.End, r.Transfer.Blind, r.Transfer.Attended, "yes"})
}

// setFeatures sets those that this Dial changes.
func (d *dialing) setFeatures(ctx context.Context, to features) error {
	var vars []engine.Variable
	if d.request.End != "" {
		vars = append(vars, engine.Variable{Name: "FEATUREMAP(disconnect)", Value: to.disconnect})
	}
	if d.handsOn() {
		vars = append(vars, engine.Variable{Name: "FEATUREMAP(blindxfer)", Value: to.blind},
			engine.Variable{Name: "FEATUREMAP(atxfer)", Value: to.attended}, engine.Variable{Name: "FEATURE(inherit)", Value: to.inherited})
	}
	return d.call.setAll(ctx, vars)
}

// restore leaves the channel as it was, as far as later calls would notice.
func (d *dialing) restore(ctx context.Context) error {
	var vars []engine.Variable
	if d.warns() {
		vars = append(vars, engine.Variable{Name: "LIMIT_PLAYAUDIO_CALLER"}, engine.Variable{Name: "LIMIT_PLAYAUDIO_CALLEE"}, engine.Variable{Name: "LIMIT_WARNING_FILE"})
	}
	if d.handsOn() {
		vars = append(vars, engine.Variable{Name: "__TRANSFER_CONTEXT", Value: d.context})
	}
	return firstError(d.call.setAll(ctx, vars), d.setFeatures(ctx, d.keys))
}

// asks reports whether something happens between a party's answer and the conversation. Dial would have the caller
// wait for that (its option U), and hang up on the others. So each target is called by a Local channel of its own,
// which answers when its party has taken the call.
func (d *dialing) asks() bool { return d.say != "" || d.request.Confirm != "" }

// early reports whether the caller is to hear what the target plays before it answers.
func (d *dialing) early() bool { return d.request.Early && len(d.request.Targets) == 1 }

func (d *dialing) warns() bool {
	r := &d.request
	return r.Most > 0 && r.Warn > 0 && r.Warn < r.Most
}

func (d *dialing) handsOn() bool {
	t := &d.request.Transfer
	return (t.Caller || t.Called) && (t.Blind != "" || t.Attended != "")
}

func (d *dialing) arguments() string {
	if !d.asks() {
		return strings.Join(d.request.Targets, "&") + "," + seconds(d.request.Timeout) + "," + d.options()
	}
	var locals []string
	for i := range d.request.Targets {
		locals = append(locals, fmt.Sprintf("Local/%d@%s/n", i, askContext))
	}
	return strings.Join(locals, "&") + ",," + d.options() // each rings for Timeout only
}

// options are those of Dial (app_dial.c). Without m, r or R a caller hears what the target's network makes of it,
// which may be nothing.
func (d *dialing) options() string {
	r := &d.request
	opts := "g"
	switch {
	case d.silent:
	case d.early():
		opts += "R"
	case r.Music != "":
		opts += "m(" + r.Music + ")"
	default:
		opts += "r"
	}
	opts += d.caller() + d.limit()
	if d.handsOn() && r.Transfer.Caller {
		opts += "T"
	}
	if d.handsOn() && r.Transfer.Called {
		opts += "t"
	}
	if r.End != "" {
		opts += "HF(" + dialplanContext + "^left^1)"
	}
	if d.helped {
		opts += "U(" + dialplanContext + ")"
	}
	return opts
}

// caller has the targets see another caller. Of who really calls, which may be anything, only what fits is left.
func (d *dialing) caller() string {
	r := &d.request
	if r.Number == "" && r.Name == "" {
		return ""
	}
	id := "f(" + orText(r.Name, without(d.own.name, notInCaller)) + " <" + orText(r.Number, without(d.own.number, notInCaller)) + ">)"
	if r.Number == "" && d.own.presentation != "" {
		id += "u(" + d.own.presentation + ")" // who withholds the number goes on to
	}
	return id
}

func (d *dialing) limit() string {
	r := &d.request
	if r.Most <= 0 {
		return ""
	}
	limit := "L(" + milliseconds(r.Most)
	if d.warns() {
		limit += ":" + milliseconds(r.Warn) + ":" + milliseconds(r.Repeat)
	}
	return limit + ")"
}

// A stamp is a time by Asterisk's own clock.
const stampNow = "STRFTIME(,,%s.%3q)"

// between is the time between two stamps; 0 if one is none.
func between(from, to string) time.Duration {
	a, err := strconv.ParseFloat(from, 64)
	b, err2 := strconv.ParseFloat(to, 64)
	if err != nil || err2 != nil || b < a {
		return 0
	}
	return time.Duration((b - a) * float64(time.Second)).Round(time.Millisecond)
}
