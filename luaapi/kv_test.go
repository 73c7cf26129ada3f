package luaapi

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/internal/database"
	"github.com/ivrd/ivrd/internal/redis"
)

// kvCall runs a flow that remembers something, and returns what it printed.
func kvCall(t *testing.T, on engine.KV, source string) (printed string, err error) {
	t.Helper()
	printed, _, err = callWith(t, &engine.Engine{KV: on}, source)
	return printed, err
}

// apart is a server in which a test has its own scopes.
type apart struct {
	*redis.Store
	test string
}

func (a apart) Read(ctx context.Context, scope, key string) (string, time.Time, error) {
	return a.Store.Read(ctx, a.test+scope, key)
}

func (a apart) Change(ctx context.Context, scope, key string, by func(string, time.Time) (string, time.Time, error)) error {
	return a.Store.Change(ctx, a.test+scope, key, by)
}

var _ engine.RemoteKV = apart{}

func TestRememberInLua(t *testing.T) {
	t.Run("memory", func(t *testing.T) { rememberInLua(t, func() engine.KV { return nil }) })
	t.Run("sqlite", func(t *testing.T) {
		rememberInLua(t, func() engine.KV {
			s := database.NewStore(filepath.Join(t.TempDir(), "kv.db"))
			t.Cleanup(func() { s.Close() })
			return s
		})
	})
	for _, program := range redisPrograms(t) {
		t.Run(filepath.Base(program), func(t *testing.T) {
			s, err := redis.NewStore(startedRedis(t, program).URL)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			n := 0
			rememberInLua(t, func() engine.KV {
				n++
				return apart{s, strconv.Itoa(n)}
			})
		})
	}
}

// A hangup ends the wait for a server that is slow; one that nobody ends is over in time, and the flow is told.
func TestRememberSlowly(t *testing.T) {
	server := startedRedis(t, redisPrograms(t)[0])
	s, err := redis.NewStore(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if printed, err := kvCall(t, s, `print(kv.set("a", 1))`); printed != "true" || err != nil {
		t.Fatal(printed, err)
	}
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	printed, err := kvCall(t, s, `print(kv.get("a"))`)
	if took := time.Since(began); printed != "nil redis kv: no answer within 2s" || err != nil || took > 5*time.Second {
		t.Errorf("got %s, %v after %s", printed, err, took)
	}
	ch := sim.New(sim.Call{Real: true})
	p := program(t, "flow.lua", `pcall(kv.incr, "n") print("went on")`)
	flow := testFlow(func(c *engine.Call) error {
		ch.Phone().HangUp(50 * time.Millisecond)
		printed, err := runIn(c, p)
		if !errors.Is(err, engine.ErrHangup) || printed != "" {
			t.Errorf("the flow ended with %v and %q", err, printed)
		}
		return err
	})
	began = time.Now()
	e := engine.Engine{Flows: func() engine.Flows { return flow }, KV: s, Log: slog.New(slog.DiscardHandler)}
	e.Handle(context.Background(), ch)
	if took := time.Since(began); took > time.Second {
		t.Errorf("the hangup took %s", took)
	}
}

func rememberInLua(t *testing.T, fresh func() engine.KV) {
	for _, tt := range []struct{ source, want string }{
		{`print(kv.set("a", "text"), kv.get("a"), kv.get("b"))`, "true text nil"},
		{`kv.set("a", "5551234") print(type(kv.get("a"))) kv.set("a", 5551234) print(type(kv.get("a")))`, "string\nnumber"},
		{`for _, v in ipairs { "", "null", "true", "{", "\"x\"", " a ", "1e5", "ü\n" } do kv.set("a", v) print(kv.get("a") == v) end`, strings.TrimSpace(strings.Repeat("true\n", 8))},
		{`kv.set("a", { list = { 1, 2 }, on = false }) local a = kv.get("a") print(#a.list, a.on)`, "2 false"},
		{`kv.set("a", false) print(kv.get("a") == false)`, "true"},
		{`print(kv.incr("n"), kv.incr("n", 5), kv.incr("n", -7), kv.get("n"))`, "1 6 -1 -1"},
		{`kv.set("a", "x") print(kv.incr("a"))`, `nil a holds "x", which cannot be counted`},
		{`print(kv.delete("a"), kv.set("a", 1), kv.delete("a"), kv.get("a"))`, "false true true nil"},
		{`print(kv.compare_and_set("a", nil, 1), kv.compare_and_set("a", nil, 2), kv.compare_and_set("a", 1, 3), kv.get("a"), kv.compare_and_set("a", 3, nil), kv.get("a"))`,
			"true false true 3 true nil"},
		{`kv.set("a", 1) kv.shared.set("a", 2) print(kv.get("a"), kv.shared.get("a"), kv.shared.incr("a"))`, "1 2 3"},
		{`print(kv.expire("a", 5))`, "false"},
	} {
		printed, err := kvCall(t, fresh(), tt.source)
		if printed != tt.want || err != nil {
			t.Errorf("%s\ngot  %q, %v\nwant %q", tt.source, printed, err, tt.want)
		}
	}
	for _, tt := range []struct{ source, want string }{
		{`kv.set("a b", 1)`, `"a b" cannot be a key`}, {`kv.get("")`, "a key cannot be empty"}, {`kv.get(("k"):rep(201))`, "a key has 200 bytes at most, this one has 201"},
		{`kv.set("a", ("x"):rep(70000))`, "a value has 64 KB at most, this one has 69"}, {`kv.set("a")`, "kv.set: value is missing"},
		{`kv.set("a", print)`, "has no JSON"}, {`kv.set("a", 1, { expire = -1 })`, "0 is never"}, {`kv.shared.gett("a")`, "there is no gett here; did you mean get?"},
		{`kv.shared.get = 1`, "shared"}, {`kv.incr("a", 1.5)`, "want a whole number"},
	} {
		if _, err := kvCall(t, fresh(), tt.source); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\ngot  %v\nwant %q", tt.source, err, tt.want)
		}
	}
}
