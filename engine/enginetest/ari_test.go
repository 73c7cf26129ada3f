package enginetest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/ivrd/ivrd/dialplan"
	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/ari"
	"github.com/ivrd/ivrd/test/asterisk"
)

// TestARI has ivrd connect to Asterisk.
func TestARI(t *testing.T) { runContract(t, new(ariBackend)) }

// TestARIOutbound has Asterisk connect to ivrd, which cannot reach any port of Asterisk's.
func TestARIOutbound(t *testing.T) { runContract(t, &ariBackend{outbound: true}) }

const ariApp = "ivrd"

type ariBackend struct {
	outbound bool // as Asterisk sees it
	listener net.Listener
}

func (b *ariBackend) entrance(t *testing.T) entrance {
	in := entrance{app: "Stasis(" + ariApp + ")", dialplan: dialplan.Conf}
	if !b.outbound {
		return in
	}
	l, err := ari.Listen(context.Background(), "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	b.listener = l
	in.config = asterisk.Outbound("ws://"+l.Addr().String(), ariApp, ariApp+"~2", ariApp+"~3")
	return in
}

func (b *ariBackend) library(*asterisk.Lab) func(engine.Info) engine.Librarian {
	return nil
}

func (b *ariBackend) serve(t *testing.T, lab *asterisk.Lab, h engine.Handler) {
	s := &ari.Server{Handler: h, App: ariApp, Username: asterisk.User, Password: asterisk.Secret, Log: slog.New(slog.DiscardHandler)}
	if b.outbound {
		s.Inbound = true
		door := &http.Server{Handler: ari.Door{s}}
		go door.Serve(b.listener)
		t.Cleanup(func() { door.Close() })
	} else {
		s.URL = lab.ARIURL()
	}
	serveUntilEnd(t, s.Serve, s.Shutdown)
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if err := s.WaitConnected(ctx); err != nil {
		t.Fatal(err)
	}
}
