-- What a Redis server gives: a text, a number, nothing, a list, a hash, bytes, and a failure; the key that is pressed
-- meanwhile is kept.
call:answer()
local number = call.caller.number
local name, why = redis.call("HGET", "customer:" .. number, "name")
if not name then
  call:play(why and "system-down" or "not-a-customer")
  return call:hangup()
end
call:set("NAME", name)
if redis.call("INCR", "calls:" .. number) > 3 then call:play("you-called-before") end
local cache = redis.open("cache")
for _, order in ipairs(cache:call("LRANGE", "open orders", 0, -1, { timeout = 2 })) do
  call:play { "order", say.digits(order) }
end
local account = cache:call("HGETALL", "account:" .. number)
if account.balance and cache:call("GET", "photo") == "\255\216" then
  call:play { "your-balance-is", say.number(account.balance) }
end
call:set("CALLER", cache:call("SET", "seen", "", "NX") and "new" or "known")
local key = call:ask { prompt = "enter-account", max = 1 }
call:set("KEY", key)
