package enginetest

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/ivrd/ivrd/dialplan"
	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/agi"
	"github.com/ivrd/ivrd/engine/archive"
	"github.com/ivrd/ivrd/test/asterisk"
)

func TestAGI(t *testing.T) { runContract(t, new(agiBackend)) }

type agiBackend struct{ listener net.Listener }

func (b *agiBackend) entrance(t *testing.T) entrance {
	l, err := agi.Listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.listener = l
	return entrance{app: "AGI(agi://" + l.Addr().String() + ")", dialplan: dialplan.Conf}
}

// library is the folder: FastAGI can neither list nor delete.
func (b *agiBackend) library(lab *asterisk.Lab) func(engine.Info) engine.Librarian {
	folder := archive.Folder{Dir: lab.Path(lab.Dir() + "/spool/recording")}
	return func(engine.Info) engine.Librarian { return folder }
}

func (b *agiBackend) serve(t *testing.T, _ *asterisk.Lab, h engine.Handler) {
	s := &agi.Server{Handler: h, Log: slog.New(slog.DiscardHandler)}
	serveUntilEnd(t, func(ctx context.Context) error { return s.Serve(ctx, b.listener) }, s.Shutdown)
}

// serveUntilEnd runs a server and shuts it down with the test, which must work.
func serveUntilEnd(t *testing.T, serve, shutdown func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		deadline, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		if err := shutdown(deadline); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}
