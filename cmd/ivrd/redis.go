package main

import (
	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/internal/redis"
)

var _ engine.RedisServers = (*redis.Servers)(nil)

// redisServers are those of the configuration. Nothing is connected until a flow asks.
func (c config) redisServers() (*redis.Servers, error) {
	var all []redis.Config
	for _, name := range sortedNames(c.Redis) {
		r := c.Redis[name]
		all = append(all, redis.Config{
			Name: name, URL: r.URL, Connections: r.Connections, Timeout: r.Timeout, Wait: r.Wait, Connect: r.Connect,
		})
	}
	return redis.Open(all)
}
