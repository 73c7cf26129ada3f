package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/database"
)

// databases are those of the configuration, as the engine asks them.
type databases struct{ *database.Pools }

var _ engine.Databases = databases{}

func (d databases) Begin(ctx context.Context, name string, most time.Duration) (engine.Transaction, error) {
	tx, err := d.Pools.Begin(ctx, name, most)
	if err != nil {
		return nil, err
	}
	return tx, nil
}

// preparedDatabases are those of the configuration. Nothing is connected until a query is asked.
func (c config) preparedDatabases() (databases, error) {
	var all []database.Config
	for _, name := range sortedNames(c.Databases) {
		d := c.Databases[name]
		all = append(all, database.Config{
			Name: name, URL: d.URL, Connections: d.Connections, Timeout: d.Timeout, Wait: d.Wait, Connect: d.Connect,
		})
	}
	pools, err := database.Open(all)
	return databases{pools}, err
}

// openDatabases are the same, and the embedded one has the tables it is to have. It tells which migrations it applied.
func (c config) openDatabases(ctx context.Context) (d databases, applied []string, err error) {
	if d, err = c.preparedDatabases(); err != nil {
		return d, nil, err
	}
	if applied, err = c.migrate(ctx, d); err != nil {
		return d, applied, errors.Join(fmt.Errorf("%s: %w", c.Migrations, err), d.Close())
	}
	return d, applied, nil
}

// usualMigrations is the folder that counts where the configuration names none.
const usualMigrations = "./migrations"

func (c config) migrate(ctx context.Context, d databases) ([]string, error) {
	folder := c.Migrations
	if folder == "" {
		return nil, nil
	}
	all, err := database.Migrations(os.DirFS(folder))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	return d.Migrate(ctx, engine.MainDatabase, all)
}

// unasked are databases that a transcript speaks for. What can be said of a query without asking it is said.
func (c config) unasked() (engine.Unasked, error) {
	d, err := c.preparedDatabases()
	if err != nil {
		return engine.Unasked{}, err
	}
	return engine.Unasked{CheckQuery: d.Check}, d.Close()
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
