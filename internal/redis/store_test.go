package redis

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/test/kvtest"
	"github.com/ivrd/ivrd/test/redisserver"
)

func storeOf(t testing.TB, address string) *Store {
	t.Helper()
	s, err := NewStore(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Each test has a database of the server's to itself.
func TestStore(t *testing.T) {
	eachServer(t, func(t *testing.T, server *redisserver.Server) {
		databases := map[string]string{}
		kvtest.Run(t, func(t *testing.T, name string) kvtest.Store {
			if databases[name] == "" {
				databases[name] = strconv.Itoa(len(databases))
			}
			return storeOf(t, strings.TrimSuffix(server.URL, "0")+databases[name])
		})
	})
}

// The server forgets what has expired by itself, a little later; keys are named so that others can tell them from theirs.
func TestStoreKeys(t *testing.T) {
	server := started(t)
	s, watch := storeOf(t, server.URL), opened(t, Config{Name: "x", URL: server.URL})
	now := time.Now()
	for _, err := range []error{
		kvtest.Set(s, "sales/eu", "visits:5551234", "7", now.Add(time.Hour)), kvtest.Set(s, "", "ever", `"ü"`, time.Time{}), kvtest.Set(s, "sales", "old", "1", now.Add(-time.Hour)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got, want := must(t, watch, "GET", "ivrd:kv:sales/eu:visits:5551234"), strconv.Quote(strconv.FormatInt(now.Add(time.Hour).UnixMilli(), 10)+" 7"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := must(t, watch, "PTTL", "ivrd:kv:sales/eu:visits:5551234"); got < "3655000" || got > "3660000" {
		t.Errorf("it expires in %s ms", got)
	}
	if got := must(t, watch, "PTTL", "ivrd:kv:sales:old"); got < "55000" || got > "60000" {
		t.Errorf("what is old expires in %s ms", got)
	}
	if got := must(t, watch, "GET", "ivrd:kv::ever"); got != `"0 \"ü\""` {
		t.Errorf("got %s", got)
	}
	if got := must(t, watch, "TTL", "ivrd:kv::ever"); got != "-1" {
		t.Errorf("what is for ever expires in %s s", got)
	}
	must(t, watch, "SET", "ivrd:kv:sales:foreign", "hello")
	must(t, watch, "LPUSH", "ivrd:kv:sales:list", "hello")
	for key, want := range map[string]string{"foreign": "the key ivrd:kv:sales:foreign holds what ivrd has not put there", "list": "WRONGTYPE"} {
		_, _, err := s.Read(context.Background(), "sales", key)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", key, err)
		}
		if err := kvtest.Set(s, "sales", key, "1", time.Time{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("set %s: got %v", key, err)
		}
	}
}

// A server that is slow, gone or full ends in the reason in time, also when many want to change the same key.
func TestStoreFaults(t *testing.T) {
	server := started(t)
	s := storeOf(t, server.URL)
	if err := kvtest.Set(s, "sales", "a", "1", time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			ends(t, storeTimeout, "redis kv: n", func() error { return kvtest.Set(s, "sales", "a", "2", time.Time{}) })
		})
	}
	all.Wait()
	gone := errors.New("the caller hung up")
	ctx, hangUp := context.WithCancelCause(context.Background())
	time.AfterFunc(50*time.Millisecond, func() { hangUp(gone) })
	ends(t, 50*time.Millisecond, gone.Error(), func() error {
		_, _, err := s.Read(ctx, "sales", "a")
		return err
	})
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	kvtest.Holds(t, s, "sales", "a", "1")
	server.Kill()
	ends(t, 0, "redis kv: ", func() error { return kvtest.Set(s, "sales", "a", "3", time.Time{}) })
	if err := server.Again(); err != nil {
		t.Fatal(err)
	}
	if err := kvtest.Set(s, "sales", "a", "4", time.Time{}); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}

func TestFullServer(t *testing.T) {
	s := storeOf(t, started(t, "--maxmemory", "2mb", "--maxmemory-policy", "noeviction").URL)
	var err error
	n := 0
	for ; err == nil && n < 100; n++ {
		err = kvtest.Set(s, "sales", strconv.Itoa(n), strconv.Quote(strings.Repeat("x", 60<<10)), time.Time{})
	}
	if err == nil || !strings.Contains(err.Error(), "redis kv: OOM command not allowed") || n < 2 {
		t.Errorf("value %d: %v", n, err)
	}
	if got, _, err := s.Read(context.Background(), "sales", "0"); len(got) != 60<<10+2 || err != nil {
		t.Errorf("what was there is %d bytes, %v", len(got), err)
	}
	if err := kvtest.Set(s, "sales", "0", "", time.Time{}); err != nil {
		t.Errorf("delete: %v", err)
	}
}
