package redis

import (
	"context"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/test/redisserver"
)

// What comes back, in each form that a server has.
func TestReplies(t *testing.T) {
	eachServer(t, func(t *testing.T, server *redisserver.Server) {
		s := opened(t, Config{Name: "x", URL: server.URL})
		for _, tt := range []struct {
			command []string
			want    string
		}{
			{[]string{"SET", "text", "Ünïcode \"x\"\r\n$5\r\n"}, `"OK"`},
			{[]string{"GET", "text"}, `"Ünïcode \"x\"\r\n$5\r\n"`},
			{[]string{"get", "nothing"}, "null"},
			{[]string{"SET", "text", "x", "NX"}, "null"},
			{[]string{"SET", "bytes", "\x00\xff<&>"}, `"OK"`},
			{[]string{"GET", "bytes"}, `{"base64":"AP88Jj4="}`},
			{[]string{"STRLEN", "bytes"}, "5"},
			{[]string{"INCRBY", "n", "9007199254740992"}, "9007199254740992"},
			{[]string{"INCR", "n"}, `"9007199254740993"`},
			{[]string{"GET", "n"}, `"9007199254740993"`},
			{[]string{"HSET", "h", "name", "Ann", "base64", "x", "\xff", "\xfe", "age", "33"}, "4"},
			{[]string{"HGETALL", "h"}, `{"age":"33","base64:/w==":{"base64":"/g=="},"base64:YmFzZTY0":"x","name":"Ann"}`},
			{[]string{"HGETALL", "nothing"}, "{}"},
			{[]string{"HMGET", "h", "name", "nothing", "age"}, `["Ann",null,"33"]`},
			{[]string{"RPUSH", "l", "a", "b"}, "2"},
			{[]string{"LRANGE", "l", "0", "-1"}, `["a","b"]`},
			{[]string{"SADD", "s", "a"}, "1"},
			{[]string{"SMEMBERS", "s"}, `["a"]`},
			{[]string{"ZADD", "z", "1.5", "a", "inf", "b"}, "2"},
			{[]string{"ZSCORE", "z", "a"}, "1.5"},
			{[]string{"ZSCORE", "z", "b"}, `"inf"`},
			{[]string{"ZRANGE", "z", "0", "-1", "WITHSCORES"}, `[["a",1.5],["b","inf"]]`},
			{[]string{"TYPE", "z"}, `"zset"`},
			{[]string{"EVAL", "redis.setresp(3) return {true, false, {double=0.1}, {map={k='v'}}, {big_number='123456789012345678901'}}", "0"},
				`[true,false,0.1,{"k":"v"},"123456789012345678901"]`},
			{[]string{"EVAL", "return {1, {KEYS[1], {}}, 1.9}", "1", "k"}, `[1,["k",[]],1]`},
			{[]string{"XADD", "x", "1-1", "k", "v"}, `"1-1"`},
			{[]string{"XREAD", "COUNT", "1", "STREAMS", "x", "0"}, `{"x":[["1-1",["k","v"]]]}`},
			{[]string{"PING", ""}, `""`},
		} {
			if got, err := call(s, tt.command...); got != tt.want || err != nil {
				t.Errorf("%q: got %s, %v\nwant %s", tt.command, got, err, tt.want)
			}
		}
		for _, tt := range []struct {
			command []string
			want    string
		}{
			{[]string{"INCR", "text"}, "redis x: ERR value is not an integer or out of range"},
			{[]string{"LPUSH", "text", "a"}, "redis x: WRONGTYPE Operation against a key holding the wrong kind of value"},
			{[]string{"GET"}, "redis x: ERR wrong number of arguments for 'get' command"},
			{[]string{"GOT", "x"}, "redis x: ERR unknown command 'GOT', with args beginning with: 'x'"},
			{[]string{"EVAL", "return {1, redis.error_reply('ERR my own')}", "0"}, "redis x: ERR my own"},
			{[]string{"EVAL", "local t = {} for i = 1, 60 do t = {t} end return t", "0"}, "redis x: the answer nests deeper than 50"},
			{[]string{"EVAL", "return string.rep('x', 300000)", "0"}, "redis x: more than 256 KB; ask for less, as with a range or COUNT"},
			{[]string{"EVAL", "local t = {} for i = 1, 7000 do t[i] = string.rep('x', 50) end return t", "0"}, "redis x: more than 256 KB"},
		} {
			if got, err := call(s, tt.command...); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("%q: got %s, %v\nwant %s", tt.command, got, err, tt.want)
			}
			if got := must(t, s, "GET", "text"); !strings.HasPrefix(got, `"Ünï`) {
				t.Errorf("after %q: got %s", tt.command, got)
			}
		}
	})
}

// Whatever a caller enters is one word of a command, and never another command.
func TestInjection(t *testing.T) {
	s := opened(t, Config{Name: "x", URL: started(t).URL})
	must(t, s, "SET", "victim", "here")
	for _, attack := range []string{
		"\r\nDEL victim\r\n", "x\r\n*2\r\n$3\r\nDEL\r\n$6\r\nvictim\r\n", "$6\r\nvictim", "\nFLUSHALL\n", "'; DEL victim", "\" DEL victim", "", " ",
		"*1\r\n$8\r\nFLUSHALL\r\n", "\x00", "\xff\xfe", "-ERR no", "+OK", ":1", "*", "?", "[a-z]", "victim victim",
	} {
		must(t, s, "SET", "key:"+attack, attack)
		want, err := replyText(attack)
		if got := must(t, s, "GET", "key:"+attack); got != want || err != nil {
			t.Errorf("%q came back as %s, %v", attack, got, err)
		}
		if got := must(t, s, "EXISTS", attack); got != "0" {
			t.Errorf("%q is the name of %s keys", attack, got)
		}
		if got := must(t, s, "GET", "victim"); got != `"here"` {
			t.Fatalf("after %q: got %s", attack, got)
		}
	}
}

// Commands that change the connection, wait or run the server never reach it.
func TestRefusedCommands(t *testing.T) {
	s := opened(t, Config{Name: "x", URL: "redis://127.0.0.1:1"})
	for _, tt := range []struct {
		command []string
		want    string
	}{
		{nil, "a command has a name"}, {[]string{""}, "a command has a name"},
		{[]string{"SELECT", "3"}, "SELECT is not for flows: it would change the connection, which other calls get next; a server and its database are named in ivrd.yaml"},
		{[]string{"auth", "x"}, "AUTH is not for flows: "}, {[]string{"Multi"}, "MULTI is not for flows: calls share connections; what must be done together goes into a script, with EVAL"},
		{[]string{"BLPOP", "a", "0"}, "BLPOP is not for flows: it would keep a connection from other calls"},
		{[]string{"SUBSCRIBE", "a"}, "SUBSCRIBE is not for flows: "}, {[]string{"MONITOR"}, "MONITOR is not for flows: "},
		{[]string{"FLUSHALL"}, "FLUSHALL is not for flows: it is for whoever runs the server"}, {[]string{"config", "get", "*"}, "CONFIG is not for flows: "},
		{[]string{"script", "kill"}, "SCRIPT KILL is not for flows: "},
		{[]string{"XREAD", "count", "1", "block", "0", "STREAMS", "x", "$"}, "XREAD with BLOCK is not for flows: "},
		{[]string{"XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "x", ">"}, "XREADGROUP with BLOCK is not for flows: "},
		{[]string{"HGET customer:7 name"}, `"HGET customer:7 name" is several words; give each by itself, as in "HGET", "customer:7", "name"`},
		{[]string{" SELECT", "3"}, `" SELECT" is several words`}, {[]string{"SELECT\n"}, `is several words`}, {[]string{"CONFIG\tGET"}, "is several words"},
	} {
		if _, err := call(s, tt.command...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v\nwant %s", tt.command, err, tt.want)
		}
	}
	for _, command := range [][]string{{"GET", "SELECT"}, {"EVAL", "return 1", "0"}, {"EVALSHA", "x", "0"}, {"SCRIPT", "LOAD", "x"}, {"FCALL", "f", "0"},
		{"XREAD", "STREAMS", "BLOCK", "0"}, {"PUBLISH", "a", "b"}, {"JSON.GET", "a"}} {
		if err := CheckCommand(command); err != nil {
			t.Errorf("%q: %v", command, err)
		}
	}
}

func TestServerNames(t *testing.T) {
	s := opened(t, Config{Name: "x", URL: "redis://127.0.0.1:1"}, Config{Name: "cache", URL: "redis://127.0.0.1:1"})
	if err := s.Check("shop"); err == nil || err.Error() != "there is no redis shop; redis in ivrd.yaml has cache, x" {
		t.Errorf("got %v", err)
	}
	if err := opened(t).Check("main"); err == nil || err.Error() != "there is no redis main; redis in ivrd.yaml is the place for it" {
		t.Errorf("got %v", err)
	}
	if _, err := s.Call(context.Background(), "shop", []string{"PING"}, 0); err == nil {
		t.Error("a server that is not there answers")
	}
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"redis://127.0.0.1", ""}, {"redis://ivrd:secret@[::1]:6380/3", ""}, {"rediss://host/0?skip_verify=true", ""}, {"unix:///run/redis.sock?db=2&client_name=ivrd", ""},
		{"127.0.0.1:6379", "write it like"}, {"http://127.0.0.1", "write it like"}, {"", "write it like"},
		{"redis://host/x", "invalid database number"}, {"redis://host:port", "invalid port"}, {"redis://host?pool_size=3", "there is no option pool_size; an address has db"},
		{"unix://", "empty unix socket path"}, {"redis://host?ca=/x", "ca is for rediss://"}, {"rediss://host?ca=/nowhere/x.pem", "/nowhere/x.pem: no such file"},
	} {
		err := CheckURL(tt.url)
		if tt.want == "" && err == nil || tt.want != "" && err != nil && strings.Contains(err.Error(), tt.want) {
			continue
		}
		t.Errorf("%s: got %v, want %q", tt.url, err, tt.want)
	}
}
