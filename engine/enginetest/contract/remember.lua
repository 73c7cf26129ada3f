-- What a flow remembers: without a line below a step it is what the flow itself put there.
call:answer()
local key = "visits:" .. call.caller.number
call:set("BEFORE", kv.get(key) or "none")
local visits, why = kv.incr(key, 1, { expire = 60 })
if not visits then
  call:play("system-down")
  log.warn(why)
  return call:hangup()
end
if visits > 3 then call:play("welcome-back") end
call:set("AFTER", kv.get(key))
kv.shared.set("last", { number = call.caller.number, vip = false })
call:set("SHARED", kv.shared.get("last").number .. " " .. tostring(kv.get("last")))
call:set("SWAPPED", tostring(kv.compare_and_set("door", nil, "open")) .. " " .. tostring(kv.compare_and_set("door", "shut", "open")))
kv.expire("door", 0.5)
call:wait(1)
call:set("DOOR", tostring(kv.get("door")) .. " " .. tostring(kv.delete(key)))
