package luaapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/redis"
	"github.com/ivrd/ivrd/luaapi/bind"
	lua "github.com/yuin/gopher-lua"
)

// redisModule is the main Redis server, and the way to the others.
var redisModule = bind.Module{
	Name: "redis",
	Doc: "Redis and Valkey servers, by their names in ivrd.yaml: redis.call asks the one called main, redis.open gives the others. " +
		"Any command will do, except those that change the connection, wait for something, or are for whoever runs the server. " +
		"What goes wrong outside gives nil and the reason, a command that the server does not accept included.",
	Funcs: []bind.Func{redisCall("", "redis.", false), redisOpen},
}

const redisServerName = "server"

// redisServerClass is what redis.open returns.
var redisServerClass = bind.Module{
	Name: redisServerName, Class: true,
	Doc:   "A Redis server that redis.open gave. Its function is that of redis, called with a colon.",
	Funcs: []bind.Func{redisCall("local cache = redis.open(\"cache\")\n", "cache:", true)},
}

// A redisServer is one by its name.
type redisServer string

type redisCallArgs struct {
	Command redisCommand `lua:"command" doc:"The command's name, such as \"HGET\"."`
	Args    []lua.LValue `lua:"args,rest" doc:"Its arguments, strings and numbers, and a table of options last: { timeout = seconds, secret = true }."`
}

// A redisCommand is the name of a command that flows may use, in capitals.
type redisCommand string

// A redisReply is an answer as the journal has it.
type redisReply string

type redisResult struct {
	bind.Multi
	Reply redisReply `lua:"reply" doc:"The answer; nil if there is nothing, nil and the reason if it failed."`
}

// redisCall asks a server. The example calls it with call in front, behind the Lua before it.
func redisCall(before, call string, method bool) bind.Func {
	impl := bind.Act(func(c *engine.Call, a redisCallArgs) (redisResult, error) { return a.ask(c, engine.MainRedis) })
	if method {
		impl = bind.Method(func(c *engine.Call, on redisServer, a redisCallArgs) (redisResult, error) {
			return a.ask(c, string(on))
		})
	}
	return bind.Func{
		Name: "call",
		Doc: "Sends a command. Its words are sent as they are, whatever a caller has put into them. Strings are strings, whole numbers numbers; beyond 2^53 " +
			"they are strings. Lists are tables, in which nothing is false, and hashes tables by field. A plain OK is \"OK\". The option secret = true " +
			"keeps the arguments, and what is in the answer, off the record.",
		Example: before + `local name, why = ` + call + `call("HGET", "customer:7", "name")
if name then log.info("this is", name) elseif why then log.warn(why) end`,
		Impl: impl,
	}
}

// ask sends the command for a flow.
func (a redisCallArgs) ask(c *engine.Call, server string) (redisResult, error) {
	cmd := engine.RedisCommand{Server: server, Words: []string{string(a.Command)}}
	given := a.Args
	if n := len(given); n > 0 {
		if t, ok := given[n-1].(*lua.LTable); ok {
			o, err := toQueryOptions(t)
			if err != nil {
				return redisResult{}, err
			}
			cmd.Most, cmd.Secret, given = o.Timeout, o.Secret, given[:n-1]
		}
	}
	for i, v := range given {
		word, err := redisWord(v)
		if err != nil {
			return redisResult{}, fmt.Errorf("argument %d of %s: %w", i+1, a.Command, err)
		}
		cmd.Words = append(cmd.Words, word)
	}
	if err := redis.CheckCommand(cmd.Words); err != nil {
		return redisResult{}, err
	}
	text, err := c.Redis(cmd)
	return redisResult{Reply: redisReply(text)}, outside(err)
}

func toRedisCommand(v lua.LValue) (redisCommand, error) {
	s, ok := v.(lua.LString)
	if !ok {
		return "", fmt.Errorf("want the name of a command such as \"HGET\", got %s", bind.Describe(v))
	}
	return redisCommand(strings.ToUpper(string(s))), redis.CheckCommand([]string{string(s)})
}

// redisWord is a value as a server gets it, which knows nothing but strings.
func redisWord(v lua.LValue) (string, error) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), nil
	case lua.LNumber:
		f := float64(v)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return "", fmt.Errorf("%s is no number for Redis", v)
		}
		text, err := json.Marshal(f)
		return string(text), err
	case lua.LBool:
		return "", fmt.Errorf("Redis has no %s; write 1 or 0, or a string", v)
	case *lua.LNilType:
		return "", errors.New("it is nil, which Redis cannot keep; a key that is to hold nothing is deleted with DEL")
	case *lua.LTable:
		return "", errors.New("a table cannot be an argument, and options come last; json.encode makes a text of it, unpack arguments of a list")
	}
	return "", fmt.Errorf("want a string or a number, got %s", bind.Describe(v))
}

type redisOpenArgs struct {
	Name string `lua:"name" doc:"Its name under redis in ivrd.yaml."`
}

var redisOpen = bind.Func{
	Name: "open",
	Doc:  "A server by name. It is asked with cache:call.",
	Example: `local cache = redis.open("cache")
local greeting = cache:call("GET", "greeting") or "welcome"`,
	Impl: bind.Pure(func(c *engine.Call, a redisOpenArgs) (redisServer, error) {
		return redisServer(a.Name), c.CheckRedis(a.Name)
	}),
}
