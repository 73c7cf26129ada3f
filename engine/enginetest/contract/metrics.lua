-- What a flow counts and times. How long something took is on record, and no part of the step.
call:on_end(function(why) metrics.count("ends", 1, { why = why }) end)
call:answer()
metrics.count("visits")
metrics.count("sold", 12.5, { method = "card", vip = true, step = 3, note = "said \"yes\"", empty = "" })
local timer = metrics.timer("lookup", { queue = "sales" })
call:wait(0.5)
local seconds = timer:stop()
call:set("SLOW", tostring(seconds > 60) .. " " .. tostring(seconds >= 0.4))
if seconds > 60 then call:play("sorry") end
metrics.time("delivery", 86400)
metrics.timer("never_stopped")
local pin = call:ask { prompt = "enter-pin", digits = 4, wait = 1, secret = true }
metrics.count("entries", 1, { pin = pin, text = "pin " .. pin, other = "9" .. pin })
