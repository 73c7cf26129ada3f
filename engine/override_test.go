package engine_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
)

// office is a flow with one schedule, which is open but for what is said in its place.
type office struct{ *goFlow }

func (office) Hours(schedule string, at time.Time, overrides []engine.Override) (engine.Hours, error) {
	if schedule != "office" {
		return engine.Hours{}, errors.New("there is no schedule " + schedule)
	}
	for _, o := range overrides {
		if o.Holds(at) {
			return engine.Hours{Open: o.Open, Why: "override", Name: o.Name, Changes: o.Until}, nil
		}
	}
	return engine.Hours{Open: true, Why: "hours"}, nil
}

func (f office) Flow(string) (engine.Flow, bool)         { return f, true }
func (f office) Route(engine.Info) (engine.Route, error) { return engine.Route{Flow: f}, nil }

// inOffice runs a call in virtual time from a moment on, and returns what ivrd logged of it.
func inOffice(t *testing.T, kv engine.KV, at time.Time, run func(c *engine.Call) error) string {
	t.Helper()
	f := office{&goFlow{"night", run}}
	var log bytes.Buffer
	w := &witness{}
	e := &engine.Engine{Flows: func() engine.Flows { return f }, KV: kv, Observe: func(engine.Info) engine.Observer { return w },
		Log: slog.New(slog.NewTextHandler(&log, nil))}
	e.Handle(t.Context(), sim.New(sim.Call{Info: engine.Info{Exten: "100", CallerID: "77"}, Start: at}))
	if w.end.Err != nil {
		t.Fatal(w.end.Err)
	}
	return log.String()
}

func hoursOf(t *testing.T, c *engine.Call, want string) {
	t.Helper()
	h, err := c.Hours("office", time.Time{})
	if err != nil {
		t.Error(err)
	}
	if got := h.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

var friday = time.Date(2026, 11, 27, 15, 0, 0, 0, time.UTC)

// What a call says holds for that call, for others, and ends by itself; who said it is on record.
func TestOverride(t *testing.T) {
	kv := engine.NewMemory()
	inOffice(t, kv, friday, func(c *engine.Call) error {
		hoursOf(t, c, "open hours")
		if err := c.Override(engine.Override{Schedule: "office", Name: "fire drill"}, 10*time.Second); err != nil {
			return err
		}
		hoursOf(t, c, "closed override until 2026-11-27T15:00:10Z fire drill")
		if err := c.Wait(10 * time.Second); err != nil {
			return err
		}
		hoursOf(t, c, "open hours")
		return nil
	})
	inOffice(t, kv, friday.Add(9*time.Second), func(c *engine.Call) error {
		hoursOf(t, c, "closed override until 2026-11-27T15:00:10Z fire drill")
		return nil
	})
	all, err := engine.Overrides(t.Context(), kv)
	want := engine.Override{Schedule: "office", Until: friday.Add(10 * time.Second), Name: "fire drill", Set: friday, By: "flow night, caller 77"}
	if err != nil || !slices.Equal(all, []engine.Override{want}) {
		t.Errorf("got %v, %v\nwant %v", all, err, want)
	}
	if text, _, _ := kv.Read(t.Context(), "night", "overrides"); text != "" {
		t.Errorf("the flow's own values have %s", text)
	}
}

// It lasts as long as was said, although nobody sees parts of a second.
func TestOverrideLastsItsTime(t *testing.T) {
	kv := engine.NewMemory()
	inOffice(t, kv, friday.Add(900*time.Millisecond), func(c *engine.Call) error {
		if err := c.Override(engine.Override{Schedule: "office"}, 500*time.Millisecond); err != nil {
			return err
		}
		hoursOf(t, c, "closed override until 2026-11-27T15:00:01Z")
		err := c.Wait(400 * time.Millisecond)
		hoursOf(t, c, "closed override until 2026-11-27T15:00:01Z")
		err = errors.Join(err, c.Wait(100*time.Millisecond))
		hoursOf(t, c, "open hours")
		return err
	})
}

// What was said last decides, for a schedule or for all; what ends gives way to what was said before.
func TestOverridesInOrder(t *testing.T) {
	kv := engine.NewMemory()
	say := func(at time.Time, o engine.Override) {
		t.Helper()
		o.Set = at
		if err := engine.SetOverrides(t.Context(), kv, at, o); err != nil {
			t.Fatal(err)
		}
	}
	now := func(at time.Time, want string) {
		t.Helper()
		inOffice(t, kv, at, func(c *engine.Call) error {
			hoursOf(t, c, want)
			return nil
		})
	}
	one, all := "office", engine.AllSchedules
	say(friday, engine.Override{Schedule: one, Name: "renovation", Until: friday.Add(time.Hour)})
	say(friday, engine.Override{Schedule: "other", Open: true})
	now(friday, "closed override until 2026-11-27T16:00:00Z renovation")
	say(friday, engine.Override{Schedule: all, Open: true, Until: friday.Add(time.Minute)})
	now(friday, "open override until 2026-11-27T15:01:00Z")
	now(friday.Add(time.Minute), "closed override until 2026-11-27T16:00:00Z renovation")
	now(friday.Add(time.Hour), "open hours")
	say(friday, engine.Override{Schedule: one, Name: "strike"}) // in place of the renovation
	now(friday, "closed override strike")
	now(friday.Add(time.Hour), "closed override strike")

	later := friday.Add(2 * time.Minute)
	cleared, err := engine.ClearOverrides(t.Context(), kv, later, all) // which is over
	if err != nil || len(cleared) != 0 {
		t.Errorf("cleared %v, %v", cleared, err)
	}
	cleared, err = engine.ClearOverrides(t.Context(), kv, later, one, "other")
	if err != nil || len(cleared) != 2 || cleared[0].Name != "strike" {
		t.Errorf("cleared %v, %v", cleared, err)
	}
	now(later, "open hours")
	if text, _, _ := kv.Read(t.Context(), ".hours", "overrides"); text != "" {
		t.Errorf("what is left is %s", text)
	}
}

func TestOverrideIsRefused(t *testing.T) {
	for _, test := range []struct {
		o    engine.Override
		want string
	}{
		{engine.Override{Schedule: "office", Until: friday}, "2026-11-27T15:00:00Z is over already; it is 2026-11-27T15:00:00Z"},
		{engine.Override{Schedule: "office", Until: time.UnixMilli(friday.UnixMilli() * 1000)}, "nothing ends in the year 58876; are these milliseconds, not seconds?"},
		{engine.Override{Schedule: "office", Name: "a\nb"}, `its name must be on one line, and "a\nb" is not`},
		{engine.Override{Schedule: "office", Name: strings.Repeat("x", 201)}, "its name has 200 bytes at most, this one has 201"},
		{engine.Override{Schedule: "offce"}, "there is no schedule offce"},
	} {
		inOffice(t, nil, friday, func(c *engine.Call) error {
			if err := c.Override(test.o, 0); err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			hoursOf(t, c, "open hours")
			return nil
		})
	}
}

// failing is a KV whose disk is gone, or that holds what it should not.
type failing struct {
	text string
	err  error
}

func (f failing) Read(context.Context, string, string) (string, time.Time, error) {
	return f.text, time.Time{}, f.err
}

func (f failing) Change(_ context.Context, _, _ string, change func(string, time.Time) (string, time.Time, error)) error {
	if f.err != nil {
		return f.err
	}
	_, _, err := change(f.text, time.Time{})
	return err
}

// Where overrides cannot be read callers get what the file says, and the operator a warning; what cannot be kept is
// told to the flow.
func TestOverridesCannotBeRead(t *testing.T) {
	for _, test := range []struct {
		kv   failing
		want string
	}{
		{failing{err: errors.New("kv: disk I/O error")}, "kv: disk I/O error"},
		{failing{text: "{"}, "the overrides of schedules cannot be read: unexpected end of JSON input"},
	} {
		log := inOffice(t, test.kv, friday, func(c *engine.Call) error {
			hoursOf(t, c, "open hours")
			hoursOf(t, c, "open hours") // the log says it once
			var outside *engine.OutsideError
			if err := c.Override(engine.Override{Schedule: "office"}, 0); !errors.As(err, &outside) || err.Error() != test.want {
				t.Errorf("override: got %v, want %s", err, test.want)
			}
			if _, err := c.ClearOverride("office"); !errors.As(err, &outside) {
				t.Errorf("clear: got %v", err)
			}
			return nil
		})
		if n := strings.Count(log, "whether office is overridden is not known, so its hours hold: "+test.want); n != 1 || !strings.Contains(log, "level=WARN") {
			t.Errorf("the log says\n%s", log)
		}
	}
}

// A silent is a server that never answers.
type silent struct{ engine.KV }

var _ engine.RemoteKV = silent{}

func (silent) Remote() {}

func (silent) Read(ctx context.Context, _, _ string) (string, time.Time, error) {
	<-ctx.Done()
	return "", time.Time{}, context.Cause(ctx)
}

func (silent) Change(ctx context.Context, _, _ string, _ func(string, time.Time) (string, time.Time, error)) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// A hangup ends the wait for what was said, where another system remembers it.
func TestHangupEndsHours(t *testing.T) {
	for name, ask := range map[string]func(c *engine.Call) error{
		"hours":    func(c *engine.Call) error { _, err := c.Hours("office", time.Time{}); return err },
		"override": func(c *engine.Call) error { return c.Override(engine.Override{Schedule: "office"}, 0) },
		"clear":    func(c *engine.Call) error { _, err := c.ClearOverride("office"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, ch := &witness{}, sim.New(sim.Call{Real: true})
				f := office{&goFlow{"night", ask}}
				e := &engine.Engine{Flows: func() engine.Flows { return f }, KV: silent{}, Observe: func(engine.Info) engine.Observer { return w },
					Log: slog.New(slog.DiscardHandler)}
				ch.Phone().HangUp(time.Second)
				began := time.Now()
				e.Handle(t.Context(), ch)
				if took := time.Since(began); took != time.Second || w.end.Why != engine.HungUp {
					t.Errorf("ended with %v after %s", w.end, took)
				}
			})
		})
	}
}
