package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Config is one database.
type Config struct {
	Name        string
	URL         string        // sqlite:FILE, postgres://…, mysql://… or mariadb://…
	Connections int           // at once, at most; 0 means 10
	Timeout     time.Duration // longest a query may take, the wait for a connection included; 0 means 5 s
	Wait        time.Duration // longest wait for a connection when all are busy; 0 means 1 s
	Connect     time.Duration // longest a connection may take to come about; 0 means 3 s
}

func (c Config) filled() Config {
	if c.Connections == 0 {
		c.Connections = 10
	}
	for _, d := range []struct {
		field *time.Duration
		usual time.Duration
	}{{&c.Timeout, 5 * time.Second}, {&c.Wait, time.Second}, {&c.Connect, 3 * time.Second}} {
		if *d.field == 0 {
			*d.field = d.usual
		}
	}
	return c
}

// bound keeps db to what c says.
func (c Config) bound(db *sql.DB) {
	db.SetMaxOpenConns(c.Connections)
	db.SetMaxIdleConns(c.Connections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(30 * time.Minute) // servers and what lies between hang up on older ones
}

// LongestTimeout is the longest a query can be given.
const LongestTimeout = time.Minute

// Pools are databases by name.
type Pools struct{ byName map[string]*pool }

// Open prepares the databases; connections are made when they are needed.
func Open(all []Config) (*Pools, error) {
	p := &Pools{byName: map[string]*pool{}}
	for _, c := range all {
		one, err := openPool(c.filled())
		if err != nil {
			return nil, errors.Join(fmt.Errorf("database %s: %w", c.Name, err), p.Close())
		}
		p.byName[c.Name] = one
	}
	return p, nil
}

// Close closes all connections once their queries are over.
func (p *Pools) Close() error {
	var errs []error
	for _, one := range p.byName {
		errs = append(errs, one.close())
	}
	return errors.Join(errs...)
}

// Names are those of all databases, in order.
func (p *Pools) Names() []string {
	var names []string
	for name := range p.byName {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Check says what is wrong with a query that no database need be asked for: there is no such database, the number
// of values is not that of the placeholders, there are several statements.
func (p *Pools) Check(name, sql string, values []any) error {
	one, err := p.pool(name)
	if err != nil {
		return err
	}
	_, err = one.parsed(sql, len(values))
	return err
}

func (p *Pools) pool(name string) (*pool, error) {
	one := p.byName[name]
	if one == nil {
		return nil, fmt.Errorf("there is no database %s; databases in ivrd.yaml has %s", name, strings.Join(p.Names(), ", "))
	}
	return one, nil
}

// Query runs a statement and gives its rows. most is how long it may take, 0 what is configured.
func (p *Pools) Query(ctx context.Context, name, sql string, values []any, most time.Duration) (rows string, err error) {
	one, err := p.pool(name)
	if err != nil {
		return "", err
	}
	st, err := one.parsed(sql, len(values))
	if err != nil {
		return "", err
	}
	l := one.write
	if st.reads {
		l = one.read
	}
	err = one.within(ctx, l, most, func(ctx context.Context) error {
		rows, err = one.query(ctx, l, nil, st, values)
		return err
	})
	return rows, err
}

// Exec runs a statement and gives how many rows it changed.
func (p *Pools) Exec(ctx context.Context, name, sql string, values []any, most time.Duration) (changed int64, err error) {
	one, err := p.pool(name)
	if err != nil {
		return 0, err
	}
	st, err := one.parsed(sql, len(values))
	if err != nil {
		return 0, err
	}
	err = one.within(ctx, one.write, most, func(ctx context.Context) error {
		changed, err = one.exec(ctx, one.write, nil, st, values)
		return err
	})
	return changed, err
}
