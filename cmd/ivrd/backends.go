package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/agi"
	"github.com/ivrd/ivrd/engine/ari"
)

// A backend takes calls from Asterisk.
type backend interface {
	Serve(ctx context.Context) error // until ctx ends; running calls go on
	Shutdown(ctx context.Context) error
}

// backends are all that the configuration asks for.
type backends struct {
	all   []backend
	doors []door
	ari   []engine.Librarian // the Asterisks behind entries of ari
	where []any              // what they are, for the log
}

// openBackends listens, so that a port that is taken is noticed at once.
func openBackends(ctx context.Context, c config, handle engine.Handler, logger *slog.Logger) (*backends, error) {
	b := &backends{}
	if err := b.openAGI(ctx, c.AGI, handle, logger); err != nil {
		return nil, err
	}
	if err := b.openARI(ctx, c.ARI, handle, logger); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *backends) openAGI(ctx context.Context, c agiConfig, handle engine.Handler, logger *slog.Logger) error {
	if c.Listen == "" {
		return nil
	}
	l, err := agi.Listen(ctx, c.Listen)
	if err != nil {
		return listenError("FastAGI", "agi.listen", err)
	}
	b.all = append(b.all, &fastAGI{&agi.Server{Handler: handle, Allow: c.Allow, Log: logger}, l})
	b.where = append(b.where, "agi", l.Addr().String(), "allow", fmt.Sprint(c.Allow))
	return nil
}

// fastAGI is a server with its listener.
type fastAGI struct {
	*agi.Server
	listener net.Listener
}

func (f *fastAGI) Serve(ctx context.Context) error { return f.Server.Serve(ctx, f.listener) }

// openARI makes a server of each entry. Entries that listen at the same address share it.
func (b *backends) openARI(ctx context.Context, entries []ariConfig, handle engine.Handler, logger *slog.Logger) error {
	behind := map[string]ari.Door{}
	for _, c := range entries {
		trust, err := c.trust()
		if err != nil {
			return usageError{err}
		}
		s := &ari.Server{
			Handler: handle, URL: c.URL, App: c.App, Username: c.Username, Password: c.Password, TLS: trust,
			Connections: c.Connections, Outage: c.Outage, Inbound: c.Listen != "", Log: logger,
		}
		if c.Outage == 0 {
			s.Outage = -1
		}
		b.all, b.ari = append(b.all, s), append(b.ari, s)
		if c.Listen == "" {
			b.where = append(b.where, "ari", c.URL, "app", c.App)
			continue
		}
		behind[c.Listen] = append(behind[c.Listen], s)
	}
	for _, c := range entries {
		servers := behind[c.Listen]
		if servers == nil {
			continue
		}
		delete(behind, c.Listen)
		if err := b.openDoor(ctx, c, servers); err != nil {
			return err
		}
	}
	return nil
}

// A door is where Asterisk's websockets come in.
type door struct {
	server *http.Server
	served chan error
}

func (b *backends) openDoor(ctx context.Context, c ariConfig, servers ari.Door) error {
	identity, err := c.identity()
	if err != nil {
		return usageError{err}
	}
	l, err := ari.Listen(ctx, c.Listen, identity)
	if err != nil {
		return listenError("ARI", "ari.listen", err)
	}
	d := door{servers.HTTPServer(), make(chan error, 1)}
	go func() { d.served <- d.server.Serve(l) }()
	b.doors = append(b.doors, d)
	for _, s := range servers {
		b.where = append(b.where, "ari", l.Addr().String(), "app", s.App)
	}
	return nil
}

// Serve takes calls until ctx ends or a backend fails.
func (b *backends) Serve(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error)
	for _, one := range b.all {
		go func() {
			err := one.Serve(ctx)
			if err != nil {
				stop()
			}
			failed <- err
		}()
	}
	<-ctx.Done()
	var errs []error
	for range b.all {
		errs = append(errs, <-failed)
	}
	return errors.Join(errs...)
}

// Shutdown waits for the calls in progress, and ends those that are left when ctx ends.
func (b *backends) Shutdown(ctx context.Context) error {
	ended := make(chan error)
	for _, one := range b.all {
		go func() { ended <- one.Shutdown(ctx) }()
	}
	var errs []error
	for range b.all {
		errs = append(errs, <-ended)
	}
	return errors.Join(append(errs, b.close())...)
}

// close lets nobody in any more.
func (b *backends) close() error {
	var errs []error
	for _, one := range b.all {
		if f, ok := one.(*fastAGI); ok {
			if err := f.listener.Close(); !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	for _, d := range b.doors {
		errs = append(errs, d.server.Close())
		<-d.served
	}
	return errors.Join(errs...)
}
