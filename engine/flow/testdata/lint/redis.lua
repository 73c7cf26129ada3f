-- Commands to Redis.
local number = call.caller.number
local greeting, why = redis.call("GET", "greeting:" .. number)
if not greeting then log.warn(why) end
redis.call("select", 3) --> redis.call: command: SELECT is not for flows: it would change the connection, which other calls get next; a server and its database are named in ivrd.yaml
redis.call("BLPOP", "orders", 0) --> redis.call: command: BLPOP is not for flows: it would keep a connection from other calls; ask without waiting, and again later
redis.call("GET greeting") --> redis.call: command: "GET greeting" is several words; give each by itself, as in "HGET", "customer:7", "name"
redis.call(number and "FLUSHALL" or "GET") --> redis.call: command: FLUSHALL is not for flows: it is for whoever runs the server
redis.call() --> redis.call: command is missing: The command's name, such as "HGET".
redis.cal("GET", "x") --> redis has no cal; did you mean call?
local cache = redis.open("cache")
cache:call("GET", "x")
cache:call("MULTI") --> redis.call: command: MULTI is not for flows: calls share connections; what must be done together goes into a script, with EVAL
redis.open("cache"):call("MONITOR") --> redis.call: command: MONITOR is not for flows: a flow hears of nothing that it did not ask for; it can PUBLISH, and read lists and streams
local own = { call = function(_, name) return name end }
log.info(own:call("select"))
