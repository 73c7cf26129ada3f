package redis

import (
	"context"
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// A Store keeps small values by scope and key in a server, for all processes that use it. Room is the server's to
// give.
type Store struct {
	pool  *pool
	seed  maphash.Seed
	turns [64]chan struct{} // by key: calls of one process do not get in each other's way
}

const (
	storeTimeout = 2 * time.Second // longest a caller waits for a value
	storePrefix  = "ivrd:kv:"
	// storeGrace is how much longer the server keeps a value than it is good for, so that it does no harm if its
	// clock is a little ahead, or that of a call far behind, as virtual ones are.
	storeGrace = time.Minute
)

// NewStore is one in the server at an address. Nothing is connected until it is needed.
func NewStore(address string) (*Store, error) {
	servers, err := Open([]Config{{Name: "kv", URL: address, Timeout: storeTimeout, Connect: time.Second}})
	if err != nil {
		return nil, err
	}
	s := &Store{pool: servers.byName["kv"], seed: maphash.MakeSeed()}
	for i := range s.turns {
		s.turns[i] = make(chan struct{}, 1)
	}
	return s, nil
}

// Close closes the connections.
func (s *Store) Close() error {
	s.pool.close()
	return nil
}

// Remote says that a call may have to wait for it.
func (s *Store) Remote() {}

// storeKey is where the server has a value. A scope has no colon of its own in it.
func storeKey(scope, key string) string {
	return storePrefix + strings.NewReplacer("%", "%25", ":", "%3A").Replace(scope) + ":" + key
}

// storedText is a value as the server has it: until when, in milliseconds since 1970, 0 being for ever, and the value.
func storedText(value string, expires time.Time) string {
	switch {
	case value == "":
		return ""
	case expires.IsZero():
		return "0 " + value
	}
	return strconv.FormatInt(expires.UnixMilli(), 10) + " " + value
}

func fromStored(key, text string) (value string, expires time.Time, err error) {
	if text == "" {
		return "", time.Time{}, nil
	}
	until, value, ok := strings.Cut(text, " ")
	ms, err := strconv.ParseInt(until, 10, 64)
	if !ok || err != nil {
		return "", time.Time{}, fmt.Errorf("redis kv: the key %s holds what ivrd has not put there", key)
	}
	if ms != 0 {
		expires = time.UnixMilli(ms)
	}
	return value, expires, nil
}

// Read gives what key holds, "" if nothing, and until when; the zero time is for ever.
func (s *Store) Read(ctx context.Context, scope, key string) (value string, expires time.Time, err error) {
	at := storeKey(scope, key)
	text, err := s.get(ctx, at)
	if err != nil {
		return "", time.Time{}, err
	}
	return fromStored(at, text)
}

func (s *Store) get(ctx context.Context, at string) (string, error) {
	reply, err := s.pool.call(ctx, redis.NewCmd(ctx, "GET", at), 0)
	if err != nil {
		return "", err
	}
	text, _ := reply.(string)
	return text, nil
}

// Change replaces what key holds by what by makes of it, "" being nothing. Nobody else changes it meanwhile: if somebody
// has, by is asked again.
func (s *Store) Change(ctx context.Context, scope, key string, by func(value string, expires time.Time) (string, time.Time, error)) error {
	at := storeKey(scope, key)
	ctx, stop := context.WithTimeoutCause(ctx, storeTimeout, errTooSlow)
	defer stop()
	turn := s.turns[maphash.String(s.seed, at)%uint64(len(s.turns))]
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return explain(ctx, s.pool.Name, storeTimeout, ctx.Err())
	}
	text, err := s.get(ctx, at)
	for done := false; !done && err == nil; {
		var old, value string
		var until, expires time.Time
		if old, until, err = fromStored(at, text); err != nil {
			return err
		}
		if value, expires, err = by(old, until); err != nil || value == old && expires.Equal(until) {
			return err
		}
		done, text, err = s.swap(ctx, at, text, storedText(value, expires), expires)
	}
	return err
}

// swapScript sets a key if it holds what it is thought to hold, and gives what it holds if it does not.
const swapScript = `local now = redis.call('GET', KEYS[1]) or ''
if now ~= ARGV[1] then return {0, now} end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) return {1} end
redis.call('SET', KEYS[1], ARGV[2])
if ARGV[3] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[3]) end
return {1}`

func (s *Store) swap(ctx context.Context, at, old, text string, expires time.Time) (did bool, now string, err error) {
	until := ""
	if !expires.IsZero() {
		until = strconv.FormatInt(max(expires.UnixMilli(), time.Now().UnixMilli())+storeGrace.Milliseconds(), 10)
	}
	reply, err := s.pool.call(ctx, redis.NewCmd(ctx, "EVAL", swapScript, 1, at, old, text, until), 0)
	if err != nil {
		return false, "", err
	}
	list, _ := reply.([]any)
	if len(list) == 2 {
		now, _ = list[1].(string)
		return false, now, nil
	}
	return true, "", nil
}
