package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ivrd/ivrd/engine"
	ivrdredis "github.com/ivrd/ivrd/internal/redis"
	"github.com/ivrd/ivrd/luaapi"
	"github.com/ivrd/ivrd/test/redisserver"
)

// compareRedis times one field of a hash, asked from Lua and from plain Go, in turn, on each server there is.
func compareRedis(rounds, commands int) error {
	programs, err := redisserver.Programs()
	if err != nil {
		return err
	}
	for _, program := range programs {
		server, err := redisserver.Run(program)
		if err != nil {
			return err
		}
		err = compareCommands(rounds, commands, filepath.Base(program), server.URL)
		if err := errors.Join(err, server.Stop()); err != nil {
			return err
		}
	}
	return nil
}

func compareCommands(rounds, commands int, name, url string) error {
	servers, err := ivrdredis.Open([]ivrdredis.Config{{Name: engine.MainRedis, URL: url}})
	if err != nil {
		return err
	}
	defer servers.Close()
	options, err := redis.ParseURL(url)
	if err != nil {
		return err
	}
	plain := redis.NewClient(options)
	defer plain.Close()
	if err := plain.HSet(context.Background(), "customer:7", "name", "Ann").Err(); err != nil {
		return err
	}
	code, err := luaapi.Compile("bench.lua", fmt.Appendf(nil, `for i = 1, %d do
  local name, why = redis.call("HGET", "customer:7", "name")
  if name ~= "Ann" then error(why) end
end`, commands))
	if err != nil {
		return err
	}
	var lua, bare []time.Duration
	for range rounds {
		took, err := askFromLua(&engine.Engine{Redis: servers}, code, commands)
		if err != nil {
			return err
		}
		lua = append(lua, took)
		if took, err = commandsFromGo(plain, commands); err != nil {
			return err
		}
		bare = append(bare, took)
	}
	tellRatio(name, "with go-redis", lua, bare, commands)
	s, err := ivrdredis.NewStore(url)
	if err != nil {
		return err
	}
	return errors.Join(measureKV(name, s), s.Close())
}

// commandsFromGo is what a handler in Go would do, with a time limit for each command.
func commandsFromGo(plain *redis.Client, commands int) (time.Duration, error) {
	parent, stop := context.WithCancel(context.Background())
	defer stop()
	began := time.Now()
	for range commands {
		ctx, stop := context.WithTimeout(parent, 5*time.Second)
		err := plain.HGet(ctx, "customer:7", "name").Err()
		stop()
		if err != nil {
			return 0, err
		}
	}
	return time.Since(began) / time.Duration(commands), nil
}
