package ari

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/test/asterisk"
)

// lossy is a station whose connection can be cut.
func lossy(t *testing.T, s *Server) *station {
	st := newStation(t)
	st.proxy = asterisk.NewProxy(t, st.HTTPAddr())
	s.URL = "http://" + st.proxy.Addr() + "/ari"
	st.serve(t, s)
	return st
}

// TestConnectionBack has conversations go on while the connection to Asterisk is lost, and calls see afterwards to
// what happened meanwhile.
func TestConnectionBack(t *testing.T) {
	t.Parallel()
	st := lossy(t, new(Server))
	t.Run("with", func(t *testing.T) {
		keys := engine.ConferenceKeys{Leave: "#"}
		a := st.joins(t, engine.ConferenceRequest{Keys: keys, Quiet: true}, engine.StayKey)
		b := st.joins(t, engine.ConferenceRequest{Keys: keys, Quiet: true}, engine.StayKey)
		gone := st.joins(t, engine.ConferenceRequest{Quiet: true}, "")
		st.says(t, a, "a", b, gone)
		st.says(t, b, "b", a, gone)
		waits := st.parked(t, engine.ParkRequest{Slot: "back"}, metOther)
		waits.hears(music)
		picks := st.call(t, func(ctx context.Context, c *channel) {
			if _, err := c.Pickup(ctx, "back"); !errors.Is(err, engine.ErrHangup) {
				t.Errorf("pickup: %v", err)
			}
		})
		st.says(t, picks, "picks", waits)

		st.proxy.Cut()
		st.says(t, a, "a", b, gone)
		st.says(t, waits, "waits", picks)
		st.kick(t, b)
		noErr(t, "hang up", gone.HangUp())
		noErr(t, "hang up", picks.HangUp())
		st.proxy.Mend()
		waits.ends("leave")
		st.says(t, b, "b", a)
		st.says(t, a, "a", b)
		b.press("#")
		b.ends("short")
		a.hears(music)
		a.press("#")
		a.ends("short")
	})
	st.wantNothingLeft(t)
}

// kick has Asterisk itself throw a caller out of a bridge.
func (st *station) kick(t *testing.T, v *visit) {
	t.Helper()
	out, err := st.CLI("core show channels concise")
	noErr(t, "channels", err)
	for line := range strings.Lines(out) {
		fields := strings.Split(line, "!")
		if len(fields) > 12 && fields[7] == v.id {
			_, err = st.CLI("bridge kick " + fields[12] + " " + fields[0])
			noErr(t, "kick", err)
			return
		}
	}
	t.Errorf("no channel of %s among %s", v.id, out)
}

// TestConnectionGone gives conversations up when the connection has been lost for too long, and leaves nothing
// behind.
func TestConnectionGone(t *testing.T) {
	t.Parallel()
	st := lossy(t, &Server{Outage: time.Second})
	t.Run("with", func(t *testing.T) {
		lost := func(what string, do func(ctx context.Context, c *channel) error) *visit {
			return st.call(t, func(ctx context.Context, c *channel) {
				if err := do(ctx, c); !errors.Is(err, engine.ErrLost) {
					t.Errorf("%s ended with %v", what, err)
				}
			})
		}
		conference := func(ctx context.Context, c *channel) error {
			_, err := c.Conference(ctx, engine.ConferenceRequest{Room: "gone", Record: "gone", Quiet: true})
			return err
		}
		a, b := lost("conference", conference), lost("conference", conference)
		st.says(t, a, "a", b)
		waits := lost("park", func(ctx context.Context, c *channel) error {
			_, err := c.Park(ctx, engine.ParkRequest{Slot: "gone"})
			return err
		})
		waits.hears(music)
		bot := newBot(t)
		speaks := lost("media", func(ctx context.Context, c *channel) error {
			noErr(t, "monitor", c.Monitor(ctx, engine.MonitorRequest{Do: engine.MonitorStart, Name: "gone-monitor"}))
			_, err := c.ConnectMedia(ctx, engine.MediaRequest{Address: bot.Addr().String()})
			return err
		})
		bot.take(t)
		st.says(t, speaks, "echo", speaks)
		target := make(chan string, 1)
		spied := lost("wait", func(ctx context.Context, c *channel) error {
			noErr(t, "answer", c.Answer(ctx))
			target <- c.now()
			_, err := c.ReadDigit(ctx, time.Minute)
			return err
		})
		boss := lost("spy", func(ctx context.Context, c *channel) error {
			return c.Spy(ctx, engine.SpyRequest{Channel: <-target})
		})
		st.says(t, spied, "spied", boss)
		st.proxy.Cut()
		for _, v := range []*visit{a, b, waits, speaks, spied, boss} {
			v.over()
		}
		st.proxy.Mend()
		for _, v := range []*visit{waits, spied} {
			status, err := st.WaitGlobal(within(t), "AFTER_"+v.id)
			if status != "xlost" || err != nil {
				t.Errorf("behind Stasis() the status of %s is %q, %v", v.id, status, err)
			}
		}
	})
	st.wantNothingLeft(t)
}
