package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ivrd/ivrd/test/redisserver"
)

// A call asks a real server; what it was told is part of the transcript, which goes the same way again when the server
// is gone.
func TestCallWithRedis(t *testing.T) {
	server, err := redisserver.Start("--requirepass", "hunter2")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	t.Setenv("REDIS_PASSWORD", "hunter2")
	dir := written(t, map[string]string{
		"ivrd.yaml": "flows: ./flows\nredis: { main: \"redis://:${REDIS_PASSWORD}@" + server.Addr + "/2\" }\nkv: kv.db\n",
		"flows/100.lua": `redis.call("HSET", "customer:7", "name", "Ann", "photo", "\255\216", "age", 33)
local c = redis.call("HGETALL", "customer:7")
local list = redis.call("HMGET", "customer:7", "age", "nothing")
local n, why = redis.call("INCR", "customer:7")
call:set("GOT", c.name .. #c.photo .. list[1] .. tostring(list[2]) .. tostring(n) .. #why)
call:set("AGE", type(redis.call("EVAL", "return redis.call('HGET', KEYS[1], 'age')", 1, "customer:7")))`,
	})
	config, saved := filepath.Join(dir, "ivrd.yaml"), filepath.Join(dir, "flows", "saved.call")
	var out bytes.Buffer
	if code := run(t.Context(), []string{"call", "100", "--fast", "-c", config, "--save", saved}, strings.NewReader(""), &out, &out); code != exitOK {
		t.Fatalf("the call ended with %d:\n%s", code, &out)
	}
	text, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	const want = `> redis HSET customer:7 name Ann photo "\xff\xd8" age 33
reply 3
> redis HGETALL customer:7
reply {"age":"33","name":"Ann","photo":{"base64":"/9g="}}
> redis HMGET customer:7 age nothing
reply ["33",null]
> redis INCR customer:7
fail redis main: WRONGTYPE Operation against a key holding the wrong kind of value
> set GOT Ann233falsenil77
> redis EVAL "return redis.call('HGET', KEYS[1], 'age')" 1 customer:7
reply "33"
> set AGE string
`
	if !strings.Contains(string(text), want) {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
	server.Kill()
	out.Reset()
	if code := run(t.Context(), []string{"test", "-c", config}, strings.NewReader(""), &out, &out); code != exitOK || !strings.Contains(out.String(), "1 passed") {
		t.Errorf("the transcript ended with %d:\n%s", code, &out)
	}
}

// written is a folder with those files.
func written(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Several ivrd remember the same, and hear the same of schedules, each with a configuration of its own.
func TestSharedMemory(t *testing.T) {
	server, err := redisserver.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	files := map[string]string{
		"ivrd.yaml": "flows: ./flows\nkv: " + server.URL + "\n",
		"flows/100.lua": `local open = hours.open("office")
call:set("CALLS", tostring(kv.incr("calls")) .. tostring(limit.per("x", 2, "1h")) .. tostring(open))`,
		"flows/hours.yaml": "office: { zone: UTC, mon-sun: open }\n",
	}
	for _, tt := range []struct {
		command []string
		want    string
	}{
		{[]string{"call", "100", "--fast"}, "> set CALLS 1truetrue"},
		{[]string{"hours", "close", "office", "--name", "fire drill"}, "fire drill"},
		{[]string{"call", "100", "--fast"}, "> set CALLS 2truefalse"},
		{[]string{"hours"}, "fire drill"},
		{[]string{"hours", "clear", "office"}, "office"},
		{[]string{"call", "100", "--fast"}, "> set CALLS 3falsetrue"},
	} {
		dir := written(t, files)
		var out bytes.Buffer
		args := append(tt.command, "-c", filepath.Join(dir, "ivrd.yaml"))
		if code := run(t.Context(), args, strings.NewReader(""), &out, &out); code != exitOK || !strings.Contains(out.String(), tt.want) {
			t.Errorf("%q ended with %d, want %s:\n%s", tt.command, code, tt.want, &out)
		}
		if all, err := os.ReadDir(dir); len(all) != 2 || err != nil {
			t.Errorf("%q left %v, %v", tt.command, all, err)
		}
	}
}
