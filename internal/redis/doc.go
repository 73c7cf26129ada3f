// Package redis asks Redis and Valkey servers.
//
// Servers are pools of connections by name. A command is its words, each of which goes out as it is and is never
// read as anything else; what comes back is JSON, in which nothing is rounded: whole numbers beyond 2^53 are texts,
// and bytes that are no text are {"base64": "…"}.
//
//	servers, err := redis.Open([]redis.Config{{Name: "main", URL: "redis://127.0.0.1:6379/0"}})
//	reply, err := servers.Call(ctx, "main", []string{"HGET", "customer:7", "name"}, 0)
//
// Every command is over in the time it is given, whatever the server does, and when its context ends. A Store keeps
// small values in a server, for all who use it. The package knows nothing of calls.
package redis
