package main

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/database"
	"github.com/ivrd/ivrd/internal/redis"
	"gopkg.in/yaml.v3"
)

// A databaseConfig is one database, or one Redis server; its address alone will do. What is 0 is as the packages have it.
type databaseConfig struct {
	URL         string        `yaml:"url"`
	Connections int           `yaml:"connections,omitempty"` // at once, at most
	Timeout     time.Duration `yaml:"timeout,omitempty"`     // longest a query or a command may take
	Wait        time.Duration `yaml:"wait,omitempty"`        // for a connection when all are busy
	Connect     time.Duration `yaml:"connect,omitempty"`     // for a new connection
}

// short is what a single value stands for.
func (c *databaseConfig) short() *string { return &c.URL }

// plainName is how databases, Redis servers and secrets are called.
var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// databaseVerbs are what a step says of a database, so that none can be called like that.
var databaseVerbs = []string{string(engine.QueryRows), string(engine.QueryOne), string(engine.QueryValue), string(engine.QueryExec),
	"begin", "commit", "rollback"}

// A databaseSection is a section of databases.
type databaseSection struct {
	name, what string
	reserved   []string // names that none can have
	checkURL   func(address string) error
}

var (
	sqlSection   = databaseSection{"databases", "database", databaseVerbs, database.CheckURL}
	redisSection = databaseSection{"redis", "Redis server", nil, redis.CheckURL}
)

// check judges the databases of a section, which stand at n; nil are the defaults.
func (s databaseSection) check(f *configFile, all map[string]databaseConfig, n *yaml.Node) {
	if n == nil {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		c := all[key.Value]
		if !plainName.MatchString(key.Value) || slices.Contains(s.reserved, key.Value) {
			f.add(key, "use small letters, such as crm", "%s: %q cannot be the name of a %s", s.name, key.Value, s.what)
		}
		where := orNode(at(value, "url"), value)
		if err := s.checkURL(c.URL); err != nil {
			text, hint := err.Error(), ""
			if strings.HasPrefix(text, "write it") {
				text, hint = "this is no address of a "+s.what, text
			}
			f.add(where, hint, "%s.%s: %s", s.name, key.Value, text)
		}
		if c.Connections < 0 || c.Timeout < 0 || c.Wait < 0 || c.Connect < 0 {
			f.add(value, "leave it out for the default", "%s.%s: nothing can be negative", s.name, key.Value)
		}
	}
}

// embedded reports whether the main database is SQLite, which has its tables from migrations.
func (c *config) embedded() bool {
	_, ok := database.Embedded(c.Databases[engine.MainDatabase].URL)
	return ok
}

// besideDatabases has the files of embedded databases where the configuration file at path means them.
func (c *config) besideDatabases(path string) {
	for name, d := range c.Databases {
		if file, ok := database.Embedded(d.URL); ok {
			d.URL = "sqlite:" + beside(path, file) + strings.TrimPrefix(d.URL, "sqlite:"+file)
			c.Databases[name] = d
		}
	}
}
