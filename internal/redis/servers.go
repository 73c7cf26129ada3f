package redis

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// Servers are pools of connections by name.
type Servers struct{ byName map[string]*pool }

// Open prepares the servers; connections are made when they are needed.
func Open(all []Config) (*Servers, error) {
	logging.Disable() // what goes wrong is in the errors
	s := &Servers{byName: map[string]*pool{}}
	for _, c := range all {
		p, err := newPool(c)
		if err != nil {
			return nil, fmt.Errorf("redis %s: %w", c.Name, err)
		}
		s.byName[c.Name] = p
	}
	return s, nil
}

// Close closes all connections, each once its command is over.
func (s *Servers) Close() {
	for _, p := range s.byName {
		p.close()
	}
}

// Names are those of all servers, in order.
func (s *Servers) Names() []string { return slices.Sorted(maps.Keys(s.byName)) }

// Check says what is wrong with the name of a server.
func (s *Servers) Check(name string) error {
	_, err := s.pool(name)
	return err
}

func (s *Servers) pool(name string) (*pool, error) {
	p := s.byName[name]
	switch {
	case p != nil:
		return p, nil
	case len(s.byName) == 0:
		return nil, fmt.Errorf("there is no redis %s; redis in ivrd.yaml is the place for it", name)
	}
	return nil, fmt.Errorf("there is no redis %s; redis in ivrd.yaml has %s", name, strings.Join(s.Names(), ", "))
}

// Call sends a command, its name and its arguments, and gives the answer as JSON. most is how long it may take, 0
// what is configured. Commands that CheckCommand refuses are not sent.
func (s *Servers) Call(ctx context.Context, name string, command []string, most time.Duration) (string, error) {
	if err := CheckCommand(command); err != nil {
		return "", err
	}
	p, err := s.pool(name)
	if err != nil {
		return "", err
	}
	words := make([]any, len(command))
	for i, w := range command {
		words[i] = w
	}
	reply, err := p.call(ctx, redis.NewCmd(ctx, words...), most)
	if err != nil {
		return "", err
	}
	text, err := replyText(reply)
	if err != nil {
		return "", fmt.Errorf("redis %s: %w", name, &oneLine{err})
	}
	return text, nil
}
