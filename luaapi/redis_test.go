package luaapi

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/sim"
	"github.com/ivrd/ivrd/internal/redis"
	"github.com/ivrd/ivrd/test/redisserver"
	"go.uber.org/goleak"
)

// startedRedis is a server of the test's own.
func startedRedis(t testing.TB, program string) *redisserver.Server {
	t.Helper()
	server, err := redisserver.Run(program)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func redisPrograms(t testing.TB) []string {
	t.Helper()
	programs, err := redisserver.Programs()
	if err != nil {
		t.Fatal(err)
	}
	return programs
}

// exampleRedis is main and cache on a server, with a few keys.
func exampleRedis(t testing.TB, server *redisserver.Server) *redis.Servers {
	t.Helper()
	s, err := redis.Open([]redis.Config{{Name: engine.MainRedis, URL: server.URL}, {Name: "cache", URL: strings.TrimSuffix(server.URL, "0") + "1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for _, name := range s.Names() {
		for _, command := range [][]string{{"HSET", "customer:7", "name", "Ann"}, {"SET", "greeting", "hello"}} {
			if _, err := s.Call(context.Background(), name, command, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

// The examples run on each kind of server, and nothing that they ask fails.
func TestRedisExamples(t *testing.T) {
	for _, program := range redisPrograms(t) {
		t.Run(filepath.Base(program), func(t *testing.T) {
			on, n := exampleRedis(t, startedRedis(t, program)), 0
			for _, m := range API().Modules {
				if m.Name != redisModule.Name && m.Name != redisServerName {
					continue
				}
				for _, f := range m.Funcs {
					n++
					if _, journal, err := redisCallIn(t, on, f.Example); err != nil || strings.Contains(journal, "=> fail") {
						t.Errorf("%s\n%s\n%v\n%s", f.Call, f.Example, err, journal)
					}
				}
			}
			if n < 3 {
				t.Errorf("only %d examples", n)
			}
		})
	}
}

// redisCallIn runs a flow and returns what it printed, and its journal as text.
func redisCallIn(t testing.TB, on engine.RedisServers, source string) (printed, journal string, err error) {
	t.Helper()
	return callWith(t, &engine.Engine{Redis: on}, source)
}

func TestRedisInLua(t *testing.T) {
	on := exampleRedis(t, startedRedis(t, redisPrograms(t)[0]))
	for _, tt := range []struct{ source, want string }{
		{`print(redis.call("HGET", "customer:7", "name"), redis.call("hget", "customer:7", "age"))`, "Ann nil"},
		{`print(redis.call("SET", "a", "x"), redis.call("GET", "a"), redis.call("SET", "a", "y", "NX"))`, "OK x nil"},
		{`redis.call("SET", "a", "5551234") print(type(redis.call("GET", "a")), redis.call("STRLEN", "a"))`, "string 7"},
		{`for _, v in ipairs { "", " ", "null", "true", "5", "[1]", '"', "a\r\nb", "\0\255'", '{"base64":"eA=="}', "ü" } do redis.call("SET", "a", v) print(redis.call("GET", "a") == v) end`,
			strings.TrimSpace(strings.Repeat("true\n", 11))},
		{`redis.call("SET", "n", 9007199254740992) print(redis.call("INCR", "n"), type(redis.call("GET", "n")))`, "9007199254740993 string"},
		{`redis.call("SET", "n", 12.5) print(redis.call("GET", "n"), redis.call("INCRBYFLOAT", "n", 0.1)) redis.call("SET", "n", -3) print(redis.call("DECR", "n"))`, "12.5 12.6\n-4"},
		{`redis.call("RPUSH", "l", "a", "b", "c") local l = redis.call("LRANGE", "l", 0, -1) print(#l, l[1], l[3])`, "3 a c"},
		{`local l = redis.call("MGET", "greeting", "nothing", "greeting") print(#l, l[1], l[2], l[3])`, "3 hello false hello"},
		{`print(#redis.call("LRANGE", "nothing", 0, -1), next(redis.call("HGETALL", "nothing")))`, "0 nil"},
		{`redis.call("HSET", "h", "name", "Ann", "base64", "x", "\255", "\254", "2", 3) local h = redis.call("HGETALL", "h")
print(h.name, h.base64, h["\255"] == "\254", h["2"], h.nothing)`, "Ann x true 3 nil"},
		{`redis.call("ZADD", "z", 1.5, "a") print(redis.call("ZSCORE", "z", "a") + 1, redis.call("ZRANGE", "z", 0, -1, "WITHSCORES")[1][2])`, "2.5 1.5"},
		{`print(redis.call("EVAL", "return redis.call('INCRBY', KEYS[1], ARGV[1])", 1, "sum", 5), redis.call("EVAL", "return {false, {1}}", 0)[2][1])`, "5 1"},
		{`print(redis.call("INCR", "greeting"))`, "nil redis main: ERR value is not an integer or out of range"},
		{`print(redis.call("LPUSH", "greeting", "x"))`, "nil redis main: WRONGTYPE Operation against a key holding the wrong kind of value"},
		{`print(redis.call("GOT", "greeting"))`, "nil redis main: ERR unknown command 'GOT', with args beginning with: 'greeting'"},
		{`print(redis.call("EVAL", "while true do end", 0, { timeout = 0.05 }))`, "nil redis main: no answer within 50ms"},
	} {
		printed, _, err := redisCallIn(t, on, tt.source)
		if printed != tt.want || err != nil {
			t.Errorf("%s\ngot  %q, %v\nwant %q", tt.source, printed, err, tt.want)
		}
	}
}

// What a caller enters stays within its word.
func TestRedisInjection(t *testing.T) {
	on := exampleRedis(t, startedRedis(t, redisPrograms(t)[0]))
	printed, journal, err := redisCallIn(t, on, `local entered = "x\r\nDEL greeting\r\n"
print(redis.call("SET", entered, entered), redis.call("GET", entered) == entered, redis.call("GET", "greeting"), redis.open("cache"):call("GET", entered))`)
	const word = `"x\r\nDEL greeting\r\n"`
	if want := "redis SET " + word + " " + word + ` => "OK"` + "\nredis GET " + word + " => " + word + "\nredis GET greeting => \"hello\"\nredis cache GET " + word + " => null\n"; journal != want {
		t.Errorf("got\n%s\nwant\n%s", journal, want)
	}
	if printed != "OK true hello nil" || err != nil {
		t.Errorf("got %s, %v", printed, err)
	}
}

func TestWrongUseOfRedis(t *testing.T) {
	on := exampleRedis(t, startedRedis(t, redisPrograms(t)[0]))
	for _, tt := range []struct{ source, want string }{
		{`redis.call()`, "redis.call: command is missing"}, {`redis.call(5)`, `redis.call: command: want the name of a command such as "HGET", got`},
		{`redis.call("GET x")`, `redis.call: command: "GET x" is several words; give each by itself`},
		{`redis.call("select", 1)`, "SELECT is not for flows: it would change the connection"},
		{`redis.call("XREAD", "BLOCK", 0, "STREAMS", "x", "$")`, "XREAD with BLOCK is not for flows"}, {`redis.call("SCRIPT", "FLUSH")`, "SCRIPT FLUSH is not for flows"},
		{`redis.call("SET", "a", true)`, "redis.call: argument 2 of SET: Redis has no true; write 1 or 0"},
		{`redis.call("SET", "a", nil)`, "redis.call: argument 2 of SET: it is nil, which Redis cannot keep"},
		{`redis.call("SET", "a", {}, "NX")`, "argument 2 of SET: a table cannot be an argument"}, {`redis.call("SET", "a", {1, 2})`, "redis.call: options"},
		{`redis.call("SET", "a", 0/0)`, "argument 2 of SET: NaN is no number for Redis"}, {`redis.call("SET", "a", print)`, "argument 2 of SET: want a string or a number, got a function"},
		{`redis.call("GET", "a", { timeot = 1 })`, "no option timeot; did you mean timeout?"}, {`redis.call("GET", "a", { timeout = 600 })`, "60 seconds are the most"},
		{`redis.open("shop")`, "redis.open: there is no redis shop; redis in ivrd.yaml has cache, main"},
		{`redis.open("cache"):cal("GET", "a")`, "a server has no cal; did you mean call?"}, {`redis.open("cache").call("GET", "a")`, "server"},
		{`redis.cal("GET", "a")`, "cal"},
	} {
		_, journal, err := redisCallIn(t, on, tt.source)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(journal, "redis ") {
			t.Errorf("%s\ngot  %v\nwant %q\n%s", tt.source, err, tt.want, journal)
		}
	}
	if _, _, err := redisCallIn(t, nil, `redis.call("FLUSHALL")`); err == nil || !strings.Contains(err.Error(), "FLUSHALL is not for flows") {
		t.Errorf("in a transcript: got %v", err)
	}
}

// A call cannot fill the memory with answers, and long words are cut in its journal.
func TestRedisIsBounded(t *testing.T) {
	on := exampleRedis(t, startedRedis(t, redisPrograms(t)[0]))
	_, journal, err := redisCallIn(t, on, `redis.call("SET", "long", ("x"):rep(100000)) for i = 1, 1000 do pcall(redis.call, "GET", "long") end`)
	if limit, ok := errors.AsType[*engine.LimitError](err); !ok || limit.What != "answers" {
		t.Errorf("the flow ended with %v", err)
	}
	if want := "redis SET long " + strings.Repeat("x", 200) + "… => \"OK\"\n"; !strings.HasPrefix(journal, want) {
		t.Errorf("the journal begins with %.300s", journal)
	}
	_, _, err = redisCallIn(t, on, `local all = {} for i = 1, 200 do all[i] = redis.call("EVAL", "local t = {} for i = 1, 9000 do t[i] = i end return t", 0) end`)
	if limit, ok := errors.AsType[*engine.LimitError](err); !ok || limit.What != "memory" && limit.What != "answers" {
		t.Errorf("the flow ended with %v", err)
	}
}

// What is secret is not on record, also where the server repeats it; the form of what came back is.
func TestSecretRedis(t *testing.T) {
	on := exampleRedis(t, startedRedis(t, redisPrograms(t)[0]))
	printed, journal, err := redisCallIn(t, on, `local o = { secret = true }
redis.call("HSET", "card:7", "number", "4929123456781234", "photo", "\255", o)
local card = redis.call("HGETALL", "card:7", o)
print(card.number, redis.call("HMGET", "card:7", "number", "none", o)[1], redis.call("GET", "none", o), redis.call("STRLEN", "none", o))
redis.call("GOT", "4929123456781234", "a b", o)`)
	if printed != "4929123456781234 4929123456781234 nil 0" || err != nil {
		t.Errorf("got %s, %v", printed, err)
	}
	const want = `redis HSET ? ? ? ? ? => "?"
redis HGETALL ? => {"number":"?","photo":"?"}
redis HMGET ? ? ? => ["?",null]
redis GET ? => null
redis STRLEN ? => "?"
redis GOT ? ? => fail redis main: ERR unknown command 'GOT', with args beginning with: '?' '?'
`
	if journal != want {
		t.Errorf("got\n%s\nwant\n%s", journal, want)
	}
}

// Calls at once, of which half ask a server that is dead, one that is stopped, and one with too few connections: each
// caller hears the apology in time, the other half does not notice, and nothing is left behind.
func TestDeadRedisHarmsNobody(t *testing.T) {
	programs := redisPrograms(t)
	good, stopped := startedRedis(t, programs[0]), startedRedis(t, programs[0])
	exampleRedis(t, good).Close()
	before := goleak.IgnoreCurrent()
	on, err := redis.Open([]redis.Config{
		{Name: "good", URL: good.URL, Wait: 5 * time.Second},
		{Name: "gone", URL: "redis://127.0.0.1:1"},
		{Name: "slow", URL: stopped.URL, Connections: 200, Timeout: time.Second, Connect: 500 * time.Millisecond},
		{Name: "few", URL: stopped.URL, Connections: 2, Timeout: time.Second, Wait: 200 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"slow", "few"} { // a connection that is there already
		if _, err := on.Call(context.Background(), name, []string{"PING"}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := stopped.Pause(); err != nil {
		t.Fatal(err)
	}
	names := []string{"gone", "good", "slow", "good", "few", "good"}
	var all sync.WaitGroup
	for i := range 50 * len(names) {
		name := names[i%len(names)]
		p := program(t, "flow.lua", `local reply, why = redis.open("`+name+`"):call("GET", "greeting") print(reply or "we are sorry: " .. why)`)
		all.Go(func() {
			began := time.Now()
			flow := testFlow(func(c *engine.Call) error {
				said, err := runIn(c, p)
				if sorry := strings.HasPrefix(said, "we are sorry: redis "+name+": "); err != nil || sorry == (name == "good") || !sorry && said != "hello\n" {
					t.Errorf("%s: %q, %v", name, said, err)
				}
				return err
			})
			e := engine.Engine{Flows: func() engine.Flows { return flow }, Redis: on, Log: slog.New(slog.DiscardHandler)}
			e.Handle(context.Background(), sim.New(sim.Call{Real: true}))
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("%s: took %s", name, took)
			}
		})
	}
	all.Wait()
	on.Close()
	goleak.VerifyNone(t, before)
}

// A hangup ends a command, and the flow with it.
func TestHangupEndsRedis(t *testing.T) {
	server := startedRedis(t, redisPrograms(t)[0])
	on := exampleRedis(t, server)
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	p := program(t, "flow.lua", `pcall(redis.call, "GET", "greeting", { timeout = 30 }) print("went on")`)
	ch := sim.New(sim.Call{Real: true})
	began := time.Now()
	flow := testFlow(func(c *engine.Call) error {
		ch.Phone().HangUp(50 * time.Millisecond)
		printed, err := runIn(c, p)
		if !errors.Is(err, engine.ErrHangup) || printed != "" {
			t.Errorf("the flow ended with %v and %q", err, printed)
		}
		return err
	})
	e := engine.Engine{Flows: func() engine.Flows { return flow }, Redis: on, Log: slog.New(slog.DiscardHandler)}
	e.Handle(context.Background(), ch)
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	if reply, err := on.Call(context.Background(), "main", []string{"GET", "greeting"}, 0); reply != `"hello"` || err != nil {
		t.Errorf("afterwards: %s, %v", reply, err)
	}
}
