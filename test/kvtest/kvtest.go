// Package kvtest is what every engine.KV must do, as tests.
package kvtest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
)

// A Store is a KV that can be closed.
type Store interface {
	engine.KV
	Close() error
}

// Set puts value under key.
func Set(s engine.KV, scope, key, value string, expires time.Time) error {
	return s.Change(context.Background(), scope, key, func(string, time.Time) (string, time.Time, error) { return value, expires, nil })
}

// Holds checks what is under key.
func Holds(t *testing.T, s engine.KV, scope, key, want string) {
	t.Helper()
	if got, _, err := s.Read(context.Background(), scope, key); got != want || err != nil {
		t.Errorf("%s %s holds %q, %v; want %q", scope, key, got, err, want)
	}
}

// Run runs all tests that need no more than stores of the same values, each of which has its own to begin with.
func Run(t *testing.T, open func(t *testing.T, name string) Store) {
	t.Run("survives", func(t *testing.T) { survives(t, func() Store { return open(t, "survives") }) })
	t.Run("counts", func(t *testing.T) { counts(t, open(t, "counts"), open(t, "counts")) })
	t.Run("refuses", func(t *testing.T) { refuses(t, open(t, "refuses")) })
}

// survives: what is set is there for those who come later, and each scope and key by itself.
func survives(t *testing.T, open func() Store) {
	until := time.UnixMilli(4000000000123)
	s := open()
	for _, err := range []error{
		Set(s, "", "a", `"shared"`, time.Time{}), Set(s, "sales", "a", `{"n":1}`, until), Set(s, "sales", "b", "1", time.Time{}),
		Set(s, "sales", "b", "", time.Time{}), Set(s, "sales", "c", "1", until), Set(s, "sales", "c", `"\u0000ü"`, time.Time{}),
		Set(s, "a", "b:c", "1", time.Time{}), Set(s, "a:b", "c", "2", time.Time{}), Set(s, "a%3Ab", "c", "3", time.Time{}), s.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s = open()
	defer s.Close()
	Holds(t, s, "", "a", `"shared"`)
	Holds(t, s, "sales", "b", "")
	Holds(t, s, "other", "a", "")
	Holds(t, s, "a", "b:c", "1")
	Holds(t, s, "a:b", "c", "2")
	Holds(t, s, "a%3Ab", "c", "3")
	if got, expires, err := s.Read(context.Background(), "sales", "a"); got != `{"n":1}` || !expires.Equal(until) || err != nil {
		t.Errorf("got %s until %s, %v", got, expires, err)
	}
	if got, expires, err := s.Read(context.Background(), "sales", "c"); got != `"\u0000ü"` || !expires.IsZero() || err != nil {
		t.Errorf("got %s until %s, %v", got, expires, err)
	}
}

// counts: two processes that count get every number once: here two stores of the same values, with many calls each.
func counts(t *testing.T, a, b Store) {
	defer a.Close()
	defer b.Close()
	var all sync.WaitGroup
	const each, times = 10, 20
	var mu sync.Mutex
	seen := map[int]bool{}
	for _, s := range []Store{a, b} {
		for range each {
			all.Go(func() {
				for range times {
					var mine int
					err := s.Change(context.Background(), "sales", "n", func(old string, _ time.Time) (string, time.Time, error) {
						n, _ := strconv.Atoi(old)
						mine = n + 1
						return strconv.Itoa(mine), time.Time{}, nil
					})
					mu.Lock()
					if err != nil || seen[mine] {
						t.Errorf("got %d, again: %t, %v", mine, seen[mine], err)
					}
					seen[mine] = true
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	Holds(t, a, "sales", "n", strconv.Itoa(2*each*times))
}

// refuses: what a change does not want to do is not done, and why is told as it is.
func refuses(t *testing.T, s Store) {
	defer s.Close()
	if err := Set(s, "sales", "a", "1", time.Time{}); err != nil {
		t.Fatal(err)
	}
	refused := errors.New("not today")
	err := s.Change(context.Background(), "sales", "a", func(string, time.Time) (string, time.Time, error) { return "2", time.Time{}, refused })
	if err != refused {
		t.Errorf("got %v", err)
	}
	Holds(t, s, "sales", "a", "1")
}
